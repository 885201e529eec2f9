"""How far a product has come, and how far the need wants it brought: 小试 → 中试 → 量产, 样机, 检测验证."""

from __future__ import annotations

import re

from matcher.errors import InvalidInput
from matcher.records import Stage, StageRequirement
from matcher.understanding.negations import is_refused
from matcher.understanding.spans import Spans

#: What a form's stage field may say, from the words that the calls for needs use.
FIELD_STAGES: dict[str, tuple[Stage | None, Stage | None] | None] = {
    "小试→中试": ("lab", "pilot"),
    "中试→量产": ("pilot", "production"),
    "小试→量产": ("lab", "production"),
    "样机验证": (None, "prototype"),
    "检测验证": (None, "verification"),
    "概念验证": (None, "lab"),
    "小试": (None, "lab"),
    "中试": (None, "pilot"),
    "量产": (None, "production"),
    "样机": (None, "prototype"),
    "未知": None,
}

_DONE = "(?:已经?|都|均|刚|初步)?(?:完成|做完|做出来|做好|成功|通过|结束|跑通|打通|定型|搞定)"
_NOW_WORDS: tuple[tuple[Stage, str], ...] = (
    (
        "pilot",
        rf"(?:已(?:经)?|完成了?|通过了?)中试(?!线|平台|基地)|中试(?:阶段|产品|样品)?{_DONE}|从中试|中试(?:转|到|向|走向)",
    ),
    (
        "prototype",
        rf"prototypes? (?:is |are )?(?:ready|available|built|done|finished)|(?:工程|原理|功能|桌面|两代|首台|"
        rf"一代|二代)?(?:样机|样件|原型机){_DONE}|"
        r"(?:已有|有了?|完成|做出|研制出|做了)\S{0,8}?(?:样机|原型机)",
    ),
    (
        "lab",
        r"bench|kilo[- ]lab|(?:in|from) (?:the |our )?lab\b|小试|小瓶|摇瓶|烧杯|毫?克级|小罐|小锅|手工刮|"
        r"小样(?:做|没|效)|bench[- ]scale|lab[- ]scale|"
        r"(?<![名重点业省级A-Z要找请托])实验室(?:里|阶段|小样|规模|级|样品|小批|每次|一次|结果|没问题|数据|验证|条件下|效果|能|做|走向|用)",
    ),
)
#: In order of how surely the words tell what is wanted: of the stages read in the needs for training, 86 % are right.
_WANTED_WORDS: tuple[tuple[Stage, str], ...] = (
    (
        "production",
        "批量化|规模化(?:生产|制备|制造)|(?:批量|大规模|连续化?)生产|扩产|扩大产能|量产|代工|委托生产|CDMO|CMO|"
        "小批量?(?:生产|组装|装配|代工|贴片)|试产(?!线|工艺)|月产|"
        r"(?:mass|volume|commercial|large[- ]scale) (?:production|manufactur\w+)|commerciali[sz]ation|"
        r"contract manufactur\w*|trial production|tape[- ]?out\b|\bfoundry\b",
    ),
    (
        "pilot",
        "放大|中试|扩试|扩大试验|(?:到|至|做|上)(?:百?公斤|千克|百?吨)级|(?:百?公斤|千克|吨)级|百公斤|半工业|"
        "试验线|试烧|试做|pilot|scale[- ]?up|(?:kg|kilogram|ton(?:ne)?)[- ](?:scale|level)",
    ),
    (
        "verification",
        r"(?:检测|测试|检验|校准|检定|评价)报告|第三方|摸底|型式试验|型检|检定|标定|送检|取证|失效分析|测评|"
        r"样机[^,。;、\s]{0,6}(?:测试|试验|检测|评估|考核|鉴定)|CNAS|CMA(?![A-Z])|\btesting\b|certification|"
        r"test reports?|characteri[sz]ation|third[- ]party|failure analysis|\bcalibration\b|\btype tests?\b|"
        r"(?:检测|测试|检验)(?:(?:机构|资质|服务|单位)|(?=[,。;!?\n]|$))",
    ),
    ("prototype", "(?:工程|功能|首版|整机)?样机|样件|试模|手板|原型|打样|prototyp"),
    ("lab", "概念验证|proof of concept"),
    ("production", "产业化"),
)
_NOTHING = Spans(())
_Patterns = tuple[tuple[Stage, re.Pattern[str]], ...]
_NOW: _Patterns = tuple((stage, re.compile(words, re.IGNORECASE)) for stage, words in _NOW_WORDS)
_WANTED: _Patterns = tuple((stage, re.compile(words, re.IGNORECASE)) for stage, words in _WANTED_WORDS)


def read_stages(text: str, *, wished: bool = False, waived: Spans = _NOTHING) -> list[StageRequirement]:
    """Return at most one stage requirement of a normalised text: the stage now, the stage wanted, or both.

    Its span is that of the words for the stage wanted, or of the stage now where nothing more is said.
    With `wished`, a stage that the words beside it refuse (不做量产) is passed over; so is one that is read from
    words of `waived`, where certificates stand that nobody asks for (不要求CNAS).
    """
    now = _first(_NOW, text, wished=wished)
    wanted = _first(_WANTED, text, after=now, wished=wished, waived=waived)
    found = wanted or now
    if found is None:
        return []
    start, end = found[1].span()
    return [
        StageRequirement(
            text=text[start:end],
            start=start,
            end=end,
            now=now[0] if now else None,
            wanted=wanted[0] if wanted else None,
        )
    ]


def read_stage_field(value: str) -> StageRequirement | None:
    """Return what a form's stage field says; None for blank and 未知.

    Raises:
        InvalidInput: (field `stage`) words that are no stage.
    """
    words = re.sub(r"\s*(?:→|->|=>|-|~|到|至)\s*", "→", value.strip())
    if words in ("", "未知"):
        return None
    stages = FIELD_STAGES.get(words)
    if stages is None:
        known = "、".join(name for name in FIELD_STAGES)
        raise InvalidInput(f"不认识的阶段“{value}”", hint=f"可填:{known}", field="stage")
    return StageRequirement(text=value.strip(), now=stages[0], wanted=stages[1])


_Found = tuple[Stage, re.Match[str]]


def _first(
    patterns: _Patterns, text: str, after: _Found | None = None, *, wished: bool, waived: Spans = _NOTHING
) -> _Found | None:
    """Return the first stage in order whose words stand in the text, not inside the words of the stage now."""
    for stage, pattern in patterns:
        for match in pattern.finditer(text):
            if waived.cover(*match.span()) or (wished and is_refused(text, *match.span())):
                continue
            if after is None or not (match.start() < after[1].end() and after[1].start() < match.end()):
                return stage, match
    return None
