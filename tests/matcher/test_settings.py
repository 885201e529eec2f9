"""Settings: defaults, precedence, origins, masks and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from matcher.errors import InvalidInput, NotFound
from matcher.settings import MASK, Origin, Settings, masked

STRONG = "k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours and no .env file, whatever the developer's shell holds."""
    for field in Settings.model_fields:
        monkeypatch.delenv(f"PILOTMATCH_{field.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def source_of(settings: Settings, field: str) -> Origin:
    return next(origin for origin in settings.origins() if origin.name == f"PILOTMATCH_{field.upper()}")


class TestValues:
    def test_everything_has_a_default_that_works_in_development(self) -> None:
        settings = Settings()
        assert settings.data == Path("var")
        assert settings.env == "development"
        assert (settings.database, settings.encoder, settings.index, settings.secret, settings.threads) == (None,) * 5

    def test_profiles_may_name_encoders_that_are_allowed(self) -> None:
        settings = Settings(encoder="own/model", encoders="bge=/srv/models/bge, hub/model-zh")
        assert settings.encoder_named(None) == "own/model"
        assert settings.encoder_named("bge") == "/srv/models/bge"
        assert settings.encoder_named("hub/model-zh") == "hub/model-zh"
        assert settings.encoder_named("bundled") == "bundled"
        for other in ("/srv/models/bge", "own/model", "", "../bge"):
            with pytest.raises(InvalidInput, match="不能使用编码器") as caught:
                settings.encoder_named(other)
            assert "bundled、bge、hub/model-zh" in str(caught.value.hint)
        assert Settings().encoder_named(None) is None

    def test_the_shipped_catalogue_is_found_from_any_working_directory(self) -> None:
        assert Settings().dataset("listings.jsonl").is_file()

    def test_the_environment_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PILOTMATCH_DATA", "/srv/pilotmatch")
        monkeypatch.setenv("PILOTMATCH_THREADS", "3")
        settings = Settings()
        assert (settings.data, settings.threads) == (Path("/srv/pilotmatch"), 3)

    def test_an_empty_variable_counts_as_not_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PILOTMATCH_DATABASE", "")
        monkeypatch.setenv("PILOTMATCH_THREADS", "")
        settings = Settings()
        assert settings.database is None
        assert source_of(settings, "threads").source == "default"

    def test_home_is_expanded(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("PILOTMATCH_DATA", "~/pilot")
        assert Settings().data == tmp_path / "pilot"

    def test_settings_are_frozen(self) -> None:
        with pytest.raises(ValidationError):
            Settings().env = "production"

    def test_variables_of_other_programs_in_env_file_are_ignored(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("OTHER=1\nPILOTMATCH_ENCODER=BAAI/bge-small-zh-v1.5\n", encoding="utf-8")
        assert Settings().encoder == "BAAI/bge-small-zh-v1.5"


class TestOrigins:
    def test_every_field_is_listed_once_and_default_at_first(self) -> None:
        origins = Settings().origins()
        assert [origin.name for origin in origins] == [f"PILOTMATCH_{name.upper()}" for name in Settings.model_fields]
        assert {origin.source for origin in origins} == {"default"}

    def test_argument_wins_over_environment_wins_over_env_file(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text(
            "PILOTMATCH_THREADS=1\nPILOTMATCH_ENCODER=from-file\nPILOTMATCH_INDEX=milvus://file:1\n", encoding="utf-8"
        )
        monkeypatch.setenv("PILOTMATCH_THREADS", "2")
        monkeypatch.setenv("PILOTMATCH_ENCODER", "from-environment")
        settings = Settings(threads=3)
        assert source_of(settings, "threads") == Origin("PILOTMATCH_THREADS", "3", "argument")
        assert source_of(settings, "encoder") == Origin("PILOTMATCH_ENCODER", "from-environment", "environment")
        assert source_of(settings, "index") == Origin("PILOTMATCH_INDEX", "milvus://file:1", ".env")
        assert source_of(settings, "data") == Origin("PILOTMATCH_DATA", "var", "default")

    def test_another_env_file_can_be_named(self, tmp_path: Path) -> None:
        other = tmp_path / "other.env"
        other.write_text("PILOTMATCH_THREADS=7\n", encoding="utf-8")
        assert source_of(Settings(_env_file=other), "threads") == Origin("PILOTMATCH_THREADS", "7", ".env")

    def test_secrets_never_show(self) -> None:
        settings = Settings(secret=STRONG, database="postgresql+psycopg://bureau:s3same@db/pilot?password=s3same")
        shown = f"{settings!r} {settings} {settings.origins()}"
        assert STRONG not in shown
        assert "s3same" not in shown
        assert "bureau" in source_of(settings, "database").value
        assert source_of(settings, "secret").value == MASK


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///var/pilotmatch.db", "sqlite:///var/pilotmatch.db"),
        ("postgresql://u:p@host/db", f"postgresql://u:{MASK}@host/db"),
        ("postgresql://u:p@ss@host/db", f"postgresql://u:{MASK}@host/db"),
        ("postgresql://host/db?user=u&password=p", f"postgresql://host/db?user=u&password={MASK}"),
        ("http://:p@milvus:19530?TOKEN=abc&x=1", f"http://:{MASK}@milvus:19530?TOKEN={MASK}&x=1"),
    ],
)
def test_masked_addresses(url: str, shown: str) -> None:
    assert masked(url) == shown


@given(st.text(st.characters(categories=["L", "N"]), min_size=20, max_size=30))
@hypothesis_settings(max_examples=50, deadline=None)
def test_no_password_of_an_address_survives_masking(password: str) -> None:
    assert password not in masked(f"postgresql://user:{password}@host/db?token={password}")


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("threads", "0", "不能小于 1"),
            ("index", "http://milvus:19530", "milvus://"),
            ("index", "milvus://h/x?index=best", "flat、hnsw、ivf"),
            ("encoders", "bge=", "名称=路径"),
            ("encoders", "a,,b", "名称=路径"),
            ("encoders", "=/srv/models/bge", "名称=路径"),
            ("threads", "4096", "不能大于 1024"),
            ("threads", "many", "应为整数"),
            ("threads", "1.5", "应为整数"),
            ("env", "prod", "'development' 或 'production'"),
            ("database", "pilotmatch.db", "数据库地址"),
            ("datasets", "/no/such/folder", "不存在"),
        ],
    )
    def test_a_broken_value_is_one_line_that_names_the_variable(
        self, monkeypatch: pytest.MonkeyPatch, field: str, value: str, said: str
    ) -> None:
        name = f"PILOTMATCH_{field.upper()}"
        monkeypatch.setenv(name, value)
        with pytest.raises(InvalidInput) as caught:
            Settings()
        assert caught.value.field == name
        assert name in str(caught.value)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_file_in_the_place_of_the_data_folder(self, tmp_path: Path) -> None:
        (tmp_path / "var").write_text("")
        with pytest.raises(InvalidInput, match="不是文件夹"):
            Settings(data="var")

    def test_an_env_file_in_another_encoding(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_bytes("PILOTMATCH_ENCODER=编码器".encode("gb18030"))
        with pytest.raises(InvalidInput, match="UTF-8"):
            Settings()

    @pytest.mark.parametrize("secret", ["short", STRONG[:-1], "a" * 40, "12345678" * 5])
    def test_production_refuses_a_weak_secret_without_repeating_it(self, secret: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            Settings(env="production", secret=secret)
        assert caught.value.field == "PILOTMATCH_SECRET"
        assert secret not in str(caught.value)

    def test_production_refuses_a_missing_secret_and_says_how_to_make_one(self) -> None:
        with pytest.raises(InvalidInput, match="token_urlsafe"):
            Settings(env="production")

    def test_production_takes_a_strong_secret(self) -> None:
        assert Settings(env="production", secret=STRONG).env == "production"

    def test_development_takes_any_secret(self) -> None:
        assert Settings(secret="x").secret is not None

    def test_a_data_file_that_is_missing_names_the_variable(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"listings\.jsonl") as caught:
            Settings(datasets=tmp_path).dataset("listings.jsonl")
        assert "PILOTMATCH_DATASETS" in str(caught.value)


class TestSending:
    @pytest.mark.parametrize(
        "url",
        [
            "smtps://user:pass@mail.example.cn:465?from=no-reply@example.cn",
            "smtp://127.0.0.1:25?timeout=3&from=a@b.cn",
            "smtp://user%40example.cn:p%2Fw@mail.example.cn:587?from=a@b.cn",
        ],
    )
    def test_a_mail_server(self, url: str) -> None:
        assert Settings(smtp_url=url).smtp_url == url

    @pytest.mark.parametrize(
        "url",
        [
            "mail.example.cn", "http://mail.example.cn?from=a@b.cn", "smtp://mail.example.cn", "smtp://?from=a@b.cn",
            "smtp://host?from=nobody", "smtp://host?from=a@b.cn\r\nBcc:c@d.cn", "smtp://ho st?from=a@b.cn",
        ],
    )  # fmt: skip
    def test_a_mail_server_that_can_t_be_used(self, url: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            Settings(smtp_url=url)
        assert refused.value.field == "PILOTMATCH_SMTP_URL"

    def test_the_password_of_the_mail_server_is_masked(self) -> None:
        shown = source_of(Settings(smtp_url="smtps://user:hush@host?from=a@b.cn"), "smtp_url").value
        assert "hush" not in shown
        assert MASK in shown

    def test_the_site_s_address_loses_its_last_slash(self) -> None:
        assert Settings(public_url="https://pilot.example.gov.cn/zs/").public_url == "https://pilot.example.gov.cn/zs"

    @pytest.mark.parametrize(
        "url", ["pilot.example", "javascript:x", "https://a b", "https://a/?q=1", "https://a\r\nX: y"]
    )
    def test_a_site_that_is_none(self, url: str) -> None:
        with pytest.raises(InvalidInput, match="PILOTMATCH_PUBLIC_URL"):
            Settings(public_url=url)

    @pytest.mark.parametrize("value", ["8:00", "24:00", "08:60", "八点", "08:00\n"])
    def test_a_time_of_day_that_is_none(self, value: str) -> None:
        with pytest.raises(InvalidInput, match="PILOTMATCH_DIGEST_AT"):
            Settings(digest_at=value)
