"""One `Settings` for the whole service, read from the environment or a `.env` file, and where each value came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from matcher.errors import InvalidInput, NotFound
from matcher.feedback.swaps import SHARE_MAX

Source = Literal["default", "environment", ".env", "argument"]

PREFIX = "PILOTMATCH_"
#: 32 characters of a URL-safe alphabet carry 192 bits when drawn at random: beyond guessing.
SECRET_LENGTH = 32
#: A random secret of that length practically never has fewer different characters; "aaaa…" and "1234…" do.
SECRET_VARIETY = 12
SECRET_HINT = '用 python -c "import secrets; print(secrets.token_urlsafe(32))" 生成一个,写入 PILOTMATCH_SECRET'
#: More threads than any one machine has; a larger number is a slip of the keyboard.
THREADS_MAX = 1024
#: Nobody types a password every three seconds; a guesser is held to some 30,000 a day, beside the lock of the account.
SIGN_IN_RATE = 20
#: More than a machine of two cores answers to one client; it stops a loop run wild, not a busy office.
MATCH_RATE = 3000
RATE_MAX = 1_000_000
#: Seconds. Who has waited for so long for a page has gone or asked again; a proxy's patience is a minute.
DEADLINE, DEADLINE_MAX = 10.0, 300.0
#: Two years, what browsers' preload lists ask for.
HSTS_MAX = 63_072_000
#: Half a year holds a season of a city's needs, and enquiries take weeks to become contracts.
FEEDBACK_DAYS, FEEDBACK_DAYS_MAX = 180, 3650
MASK = "******"

#: The folder of shipped data beside the packages in the source tree.
SHIPPED_DATA = Path(__file__).resolve().parent.parent / "datasets"

_URL_PASSWORD = re.compile(r"(?<=://)([^/@:]*):([^/]+)@")
_QUERY_PASSWORD = re.compile(r"(?i)([?&](?:password|passwd|pwd|token|secret)=)[^&]*")


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting as `pilotmatch settings` prints it: `value` has secrets masked, `source` tells who gave it."""

    name: str
    value: str
    source: Source


class Settings(BaseSettings):
    """What an operator of the service can set; every field is the environment name without `PILOTMATCH_`.

    The environment wins over the `.env` file in the working directory; an empty value counts as not set.

    Attributes:
        data: folder for database, indexes and models; made when first written to.
        database: SQLAlchemy URL; None is SQLite in `data`.
        encoder: a hub name or folder of an encoder; None is the bundled one, which needs no network.
        encoders: others that profiles may name, with commas: hub names, or `name=folder`; see `encoder_named`.
        index: where the listings' vectors are searched, `milvus://host:19530/name` or `milvus-lite:///folder/x.db` (for
            options see `embeddings.milvus_address`); None keeps them in memory.
        env: `production` refuses unsafe defaults.
        secret: signs sessions.
        smtp_url: where e-mail is handed in, `smtps://user:password@host:465?from=address`; None sends none.
        public_url: the address that people reach this site by, for links in messages.
        digest_at: the time of day of daily and weekly digests, China Standard Time.
        sign_up: whether requesters may open accounts themselves.
        sign_in_rate, match_rate: requests a minute from one address; 0 sets no limit.
        at_once, queue: matches that one process works at side by side, and how many more may wait in line; None is what
            the machine's cores allow.
        deadline: seconds after which a match that has not begun is refused (503) instead.
        feedback_days: how long is kept what was shown and what was done with it; 0 keeps nothing.
        swap_share: share of answers in which two neighbours may change places by chance; 0 is off.
        proxies: addresses or networks, with commas, whose `X-Forwarded-For` is believed.
        hsts: seconds for which browsers shall insist on HTTPS (Strict-Transport-Security); 0 says nothing.
        oidc_issuer, oidc_client_id, oidc_client_secret: single sign-on by OpenID Connect; all three, or none.
        oidc_role: of accounts that single sign-on opens.
        profile: how to rank: `default`, or `fast`, which does without the re-ranker. A service ranks by what its
            database has published; this is what its first start publishes.
        threads: for the encoder and the re-ranker; None takes all cores.
        datasets: folder of the shipped data; see `dataset`.

    Raises:
        InvalidInput: a value can't be used; one line that names the variable.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data: Path = Path("var")
    database: str | None = Field(default=None, repr=False)
    encoder: str | None = None
    encoders: str | None = None
    index: str | None = Field(default=None, repr=False)
    env: Literal["development", "production"] = "development"
    secret: SecretStr | None = None
    smtp_url: str | None = Field(default=None, repr=False)
    public_url: str | None = None
    digest_at: str = "08:00"
    sign_up: bool = True
    sign_in_rate: int = Field(default=SIGN_IN_RATE, ge=0, le=RATE_MAX)
    match_rate: int = Field(default=MATCH_RATE, ge=0, le=RATE_MAX)
    at_once: int | None = Field(default=None, ge=1, le=THREADS_MAX)
    queue: int | None = Field(default=None, ge=0, le=RATE_MAX)
    deadline: float = Field(default=DEADLINE, gt=0, le=DEADLINE_MAX)
    feedback_days: int = Field(default=FEEDBACK_DAYS, ge=0, le=FEEDBACK_DAYS_MAX)
    swap_share: float = Field(default=0.0, ge=0, le=SHARE_MAX)
    proxies: str | None = None
    hsts: int = Field(default=0, ge=0, le=HSTS_MAX)
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_role: Literal["requester", "broker"] = "requester"
    profile: Literal["default", "fast"] = "default"
    threads: int | None = Field(default=None, ge=1, le=THREADS_MAX)
    datasets: Path = SHIPPED_DATA

    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _one_line(error) from None
        except UnicodeDecodeError:
            raise InvalidInput(".env 文件不是 UTF-8 编码", hint="请将 .env 另存为 UTF-8") from None
        self._sources.update(_sources_of(type(self), values))
        self._refuse_unsafe_secret()
        self._refuse_half_sign_on()

    @field_validator("data", "datasets")
    @classmethod
    def _folder(cls, path: Path, info: ValidationInfo) -> Path:
        path = path.expanduser()
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} 不是文件夹")
        if info.field_name == "datasets" and not path.exists():
            raise ValueError(f"文件夹 {path} 不存在")
        return path

    @field_validator("database")
    @classmethod
    def _url(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"[A-Za-z][\w+.-]*://", url):
            raise ValueError(
                "应为数据库地址,如 sqlite:///var/pilotmatch.db 或 postgresql+psycopg://用户:口令@主机/库名"
            )
        return url

    @field_validator("encoders")
    @classmethod
    def _named_encoders(cls, value: str | None) -> str | None:
        for one in (value or "").split(","):
            name, is_named, place = (part.strip() for part in one.partition("="))
            if value and (not name or (is_named and not place)):
                raise ValueError("应为编码器的名称,用逗号分开;文件夹写作 名称=路径,如 bge=/srv/models/bge-small-zh")
        return value

    @field_validator("index")
    @classmethod
    def _vector_server(cls, url: str | None) -> str | None:
        if url is not None:
            from embeddings.milvus_address import Address  # not at the top: most commands need no vectors

            Address.parse(url)
        return url

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"smtps?://[^\s/]+\?(?:[^\s#]*&)?from=[^\s&#]+@[^\s&#]+", url):
            raise ValueError("应如 smtps://用户:口令@主机:465?from=地址(smtp:// 表示 STARTTLS 或内网明文)")
        return url

    @field_validator("public_url")
    @classmethod
    def _site(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[\w.\-\[\]:]+(?:/[\w.\-/]*)?", url, re.ASCII):
            raise ValueError("应为本站对外的网址,如 https://pilot.example.gov.cn")
        return url and url.rstrip("/")

    @field_validator("digest_at")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
            raise ValueError("应为一天中的时刻,如 08:00")
        return value

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        for one in (value or "").split(","):
            try:
                ip_network(one.strip() or "127.0.0.1", strict=False)
            except ValueError:
                raise ValueError("应为代理的 IP 地址或网段,用逗号分开,如 127.0.0.1,10.0.0.0/8") from None
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, url: str | None) -> str | None:
        # Discovery and keys come from there: over plain HTTP anybody on the way could sign in as anybody.
        if url is not None and not re.fullmatch(r"https://\S+|http://(?:127\.0\.0\.1|localhost)(?:[:/]\S*)?", url):
            raise ValueError("应为 https:// 开头的签发者地址(本机可用 http://127.0.0.1)")
        return url

    def _refuse_half_sign_on(self) -> None:
        names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
        missing = [PREFIX + name.upper() for name in names if getattr(self, name) is None]
        if 0 < len(missing) < len(names):
            hint = "单点登录需要签发者、客户端编号与客户端密钥三项,或都不设置"
            raise InvalidInput(f"缺少 {'、'.join(missing)}", hint=hint, field=missing[0])

    def _refuse_unsafe_secret(self) -> None:
        if self.env != "production":
            return
        if self.secret is None:
            raise InvalidInput("生产环境必须设置 PILOTMATCH_SECRET", hint=SECRET_HINT, field="PILOTMATCH_SECRET")
        secret = self.secret.get_secret_value()
        if len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_VARIETY:
            message = f"生产环境的 PILOTMATCH_SECRET 太弱(至少 {SECRET_LENGTH} 个随机字符)"
            raise InvalidInput(message, hint=SECRET_HINT, field="PILOTMATCH_SECRET")

    def encoder_named(self, source: str | None) -> str | None:
        """What to load for an encoder that a profile names: a folder, a hub's name or "bundled"; None is the default.

        Args:
            source: None is the encoder of these settings.

        Raises:
            InvalidInput: no such name is allowed; whoever may write profiles shall not load whatever lies on the disk.
        """
        if source is None:
            return self.encoder
        entries = [one.partition("=") for one in (self.encoders or "").split(",") if one.strip()]
        allowed = {"bundled": "bundled"} | {name.strip(): (place or name).strip() for name, _, place in entries}
        if source not in allowed:
            hint = f"可用:{'、'.join(allowed)};其他的由运维人员加进 {PREFIX}ENCODERS"
            raise InvalidInput(f"方案不能使用编码器 {source[:60]}", hint=hint, field="encoder_source")
        return allowed[source]

    def dataset(self, name: str) -> Path:
        """The path of a shipped data file such as `listings.jsonl`.

        Raises:
            NotFound: there is no such file; the hint names the variable that says where the data lie.
        """
        path = self.datasets / name
        if not path.is_file():
            hint = f"随源代码发布的数据在 datasets 文件夹;请用 {PREFIX}DATASETS 指明它的位置"
            raise NotFound(f"找不到数据文件 {path}", hint=hint, field=f"{PREFIX}DATASETS")
        return path

    def origins(self) -> tuple[Origin, ...]:
        """Every setting with its value (secrets and passwords masked) and where it came from, in the order above."""
        return tuple(
            Origin(PREFIX + name.upper(), masked(getattr(self, name)), self._sources.get(name, "default"))
            for name in type(self).model_fields
        )


def masked(value: object) -> str:
    """`value` as text that may be shown: "" for None, `MASK` for a secret, passwords in addresses masked."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK
    without_user = _URL_PASSWORD.sub(rf"\1:{MASK}@", str(value))
    return _QUERY_PASSWORD.sub(rf"\1{MASK}", without_user)


def _sources_of(cls: type[Settings], values: dict[str, Any]) -> dict[str, Source]:
    """Who gave each field, in the order in which pydantic-settings lets the later one win."""
    env_file = values.get("_env_file", cls.model_config.get("env_file"))
    found: dict[str, Source] = dict.fromkeys(DotEnvSettingsSource(cls, env_file=env_file)(), ".env")
    found |= dict.fromkeys(EnvSettingsSource(cls)(), "environment")
    return found | dict.fromkeys((name for name in values if not name.startswith("_")), "argument")


def _one_line(error: ValidationError) -> InvalidInput:
    """The first fault in Chinese with the variable it stands in; the value itself is not repeated, it may be secret."""
    fault = error.errors(include_url=False, include_input=False)[0]
    name = PREFIX + str(fault["loc"][0]).upper() if fault["loc"] else PREFIX + "*"
    context = fault.get("ctx", {})
    said = {
        "value_error": str(context.get("error", "")),
        "literal_error": f"只能是 {str(context.get('expected', '')).replace(' or ', ' 或 ')}",
        "int_parsing": "应为整数",
        "float_parsing": "应为数字",
        "bool_parsing": "应为 true 或 false",
        "greater_than": f"应大于 {context.get('gt')}",
        "greater_than_equal": f"不能小于 {context.get('ge')}",
        "less_than_equal": f"不能大于 {context.get('le')}",
    }.get(str(fault["type"]), "值的格式不对")
    return InvalidInput(f"{name} 的值不能用:{said}", hint="请改正环境变量或 .env 文件中的这一项", field=name)
