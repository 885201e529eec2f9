"""What a need says it does not want (不需要发酵、酶解,需要冻干;电镀不要), so that its name is not read as a wish."""

from __future__ import annotations

import re
from typing import Final

from matcher.understanding.exclusions import exclusion, may_exclude
from matcher.understanding.trades import names_own_trade
from matcher.understanding.waivers import may_waive, waiver_end

#: 要不要 and 用不用 ask, 不得不 and 不能不 insist.
_NOT: Final = (
    r"(?<![要用需做含得能可非])(?<!不是)(?<!没有)(?:不需要|不想要|不要|不做|不用|不必|无需|无须|毋须|不涉及|不含)"
)
_ANY_NOT: Final = re.compile(_NOT)
#: Words between the refusal and its object that change nothing; any other (不要影响电镀) is an object of its own.
_FILLING: Final = (
    r"(?:再|去|做|搞|用|有|含|带|进行|涉及|包括|包含|提供|安排|任何|普通|传统|常规|大规模|小批量?|批量|表面|微生物|"
    r"后续|前期|另外|额外|单独|专门|中试|小试|的)*+"
)
#: 超过, 影响 and 要求 begin what is asked, not a list of what is refused.
_ASKING: Final = (
    r"(?!要?求|超|高|低|少|多|大|小|影响|破坏|损|出现|产生|造成|导致|引起|担心|怕|因|把|被|让|等|只|但|而|就|改)"
)
_ITEM: Final = r"[^,，。;；!！?？:：\n、和或与及等/的只但而就要需改做]{0,10}+"
_SEPARATOR: Final = r"(?:、|或者?|和|与|以?及|等|/)"
_LEFT: Final = re.compile(rf"{_NOT}{_FILLING}(?:{_ASKING}{_ITEM}{_SEPARATOR}{_FILLING})*+$")
#: What belongs to the object (发酵工艺); behind other words it is part of something else (不要电镀层脱落).
_BELONGS: Final = (
    r"(?:工艺|工序|环节|步骤|流程|服务|加工|处理|生产|成型|放大|验证|试验|测试|设备|产?线|平台|厂家?|车间|罐|机|方案|这[类种块]|类)*"
    r"(?:了|的(?:厂家?|工厂|公司|企业|平台|机构|方案|那种)?)?"
)
_RIGHT: Final = re.compile(
    rf"{_BELONGS}(?:$|[,，。;；!！?？\s)）]|{_SEPARATOR}|只|仅|但|而|改|要|需|想|找|求|做|用|直接|(?:也|都)(?:行|可|没))"
)
#: 不做发酵不行 insists.
_INSISTS: Final = re.compile(rf"{_BELONGS}(?:[,，]?(?:就|是|也|都|肯定)*)(?:不行|不可(?!以)|不成|没法|无法|不能)")
#: Who says what they do not do themselves may look for somebody who does: 我们不做电镀,想找外协.
_OWN: Final = re.compile(
    r"(?:我们?|我[司厂]|本?公司|本[司厂]|企业|团队|工厂|厂里|自己|自身|目前|现在|内部)(?:这边|都|也|自己|目前|现在|本身)*$"
)
_OF_OWN: Final = re.compile("不做|不涉及|不含")
#: A refusal and the list behind it are a clause at most.
_REACH: Final = 48


def refusal_start(text: str, start: int, end: int) -> int | None:
    """Return where the words before `text[start:end]` begin that refuse it; None where none do."""
    floor = max(0, start - _REACH)
    found = _LEFT.search(text, floor, start)
    if found is None or not _RIGHT.match(text, end) or _INSISTS.match(text, end):
        return None
    if _OF_OWN.match(found[0]) and _OWN.search(text, floor, found.start()) and not names_own_trade(text, end):
        return None
    return found.start()


def refusal(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the words begin and end that refuse `text[start:end]`, itself included; None where nothing does."""
    begin = refusal_start(text, start, end)
    if begin is not None:
        return begin, end
    last = waiver_end(text, start, end)
    return exclusion(text, start, end) if last is None else (start, last)


def may_refuse(text: str) -> bool:
    """Tell whether a text holds any word of refusal: most hold none, and then no name in them need be looked at."""
    return _ANY_NOT.search(text) is not None or may_waive(text) or may_exclude(text)


def is_refused(text: str, start: int, end: int) -> bool:
    """Tell whether the words beside `text[start:end]` say that it is not wanted."""
    return refusal(text, start, end) is not None


def is_only_refused(text: str, word: str) -> bool:
    """Whether a normalised text refuses a word wherever it stands."""
    start = text.find(word)
    while start >= 0:
        if not is_refused(text, start, start + len(word)):
            return False
        start = text.find(word, start + len(word))
    return True
