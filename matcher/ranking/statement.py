"""What a profile's ranking uses, in words and weights: what the public may know of it, and what nobody may hide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from matcher.ranking.documents import Document
from matcher.ranking.features import DESCRIPTIONS, FEATURES, FIT_TYPES
from matcher.ranking.rules import Scope, What
from matcher.ranking.staleness import largest

_TYPES: Final = {
    "kind": "供给类别", "place": "地点", "quantity": "技术参数", "certificate": "资质证书", "industry": "行业",
    "stage": "阶段",
}  # fmt: skip
#: In the order of `FEATURES`; administrators read the same of all but the conditions, whose types have names here.
WORDS: Final[dict[str, str]] = (
    DESCRIPTIONS
    | {f"{kind}_meets": f"{_TYPES[kind]}要求中已满足的比例" for kind in FIT_TYPES}
    | {f"{kind}_misses": f"{_TYPES[kind]}要求中未满足的比例(降分)" for kind in FIT_TYPES}
)
THRESHOLDS: Final[dict[str, str]] = {
    "strong": "判为“强匹配”的最低概率",
    "possible": "判为“可能匹配”的最低概率",
    "good": "认为“有合适供给”的最低概率",
    "partial": "认为“部分合适”的最低概率",
}
NOT_USED: Final = (
    "上列各项之外的任何信息都不参与排序",
    "付费、广告、会员等级、单位性质和与本平台的关系不参与排序",
    "查看者是谁、以往看过或点过什么不参与排序",
)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A feature or threshold by its name, in words, with its number."""

    name: str
    words: str
    value: float


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule that has not expired, without its owner; a hidden listing is not named either."""

    what: What
    listing_id: str | None
    reason: str
    expires: str
    when: Scope


@dataclass(frozen=True, slots=True)
class Statement:
    """What a ranking uses.

    Attributes:
        weights: each feature; a score is the sum of weight times feature. beyond: what else decides, as sentences.
        rules: those in force. synonyms, dictionary: how many groups and words were changed by hand.
    """

    weights: tuple[Weighted, ...]
    thresholds: tuple[Weighted, ...]
    beyond: tuple[str, ...]
    not_used: tuple[str, ...]
    rules: tuple[RuleInForce, ...]
    synonyms: int
    dictionary: int
    encoder: str


def statement(document: Document, today: date) -> Statement:
    """What the ranking by a document uses on a day."""
    profile = document.profile
    limits = profile.thresholds
    return Statement(
        weights=tuple(Weighted(name, WORDS[name], profile.weights[name]) for name in FEATURES),
        thresholds=tuple(Weighted(name, words, getattr(limits, name)) for name, words in THRESHOLDS.items()),
        beyond=_beyond(document),
        not_used=NOT_USED,
        rules=tuple(
            RuleInForce(
                rule.what, rule.listing_id if rule.what == "pin" else None, rule.reason, rule.expires, rule.when
            )
            for rule in document.rules
            if rule.holds_on(today)
        ),
        synonyms=len(document.added) + len(document.removed) + len(document.narrower),
        dictionary=len(document.dictionary),
        encoder=profile.encoder,
    )


def _beyond(document: Document) -> tuple[str, ...]:
    reads = document.profile.reads
    return (
        "得分是各项特征乘以权重之和;得分相同时按条目编号排列",
        "不满足硬性条件的条目不进入名次,只在“差一点”中列出",
        f"到期未核实的条目按月降分,至多降 {largest(document.profile):.2f} 分,并向读者注明",
        *(
            ("中文需求由编码器的少数几层来读(它们学着给出与全部各层相近的结果),条目和外文需求由全部各层来读",)
            * document.profile.few_layers
        ),
        *((f"初排前 {reads} 名由重排模型再读一遍",) if reads else ()),
        "置顶与屏蔽规则先于得分,但不能越过查询者的筛选和硬性条件;置顶会注明理由",
    )
