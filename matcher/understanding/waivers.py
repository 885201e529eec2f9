"""What a need says behind a name that it can do without (电镀不需要, 灭菌这一步可以省)."""

from __future__ import annotations

import re
from typing import Final

from matcher.understanding.trades import names_own_trade

_SAVED: Final = r"(?:省略|省|略过|跳过|取消|去掉|砍掉|免除|免做|免|舍弃|舍去|放弃)"
_NOT_NEEDED: Final = (
    r"(?:不再需要|不需要|不想要|不要|不用|不必要|不必|不需|无需|无须|毋须|用不着|用不上|没有?必要|别要|算了"
    rf"|(?:可以|可|能够|能|想要?|要|打算|希望|准备|直接|先)++{_SAVED}(?:掉|去|了)*|{_SAVED}(?:掉|去|了)+"
    r"|省略|略过|跳过|取消|去掉|砍掉|免除|免做)"
)
#: Who says what they do not do themselves (电镀我们不做) may look for somebody who does.
_NOT_DONE: Final = r"(?:不再做|不做|不搞|不涉及|不考虑|不打算做|不准备做)"
_ANY: Final = re.compile(rf"{_NOT_NEEDED}|{_NOT_DONE}")
#: What belongs to the name (发酵工艺, 灭菌这一步); behind other words it is part of something else (电镀层, 电镀资质).
_BELONGS: Final = (
    r"(?:工艺|工序|环节|步骤|流程|服务|加工|处理|生产|成型|放大|验证|试验|测试|设备|产?线|平台|厂家?|车间|方案|类)*+"
    r"(?:的?[这那此](?:[一道个些种类块项步]|步骤|工序|环节|工艺|流程|部分|服务)*+)?(?:什么的|之类的?|等等?)?(?:的话)?"
)
#: 和, 、 and the like join what is waived together: 电镀、喷涂都不需要.
_ITEM: Final = r"[^,，。;；!！?？:：\n 、和或与及等/的不无只但而就要需改做]{1,10}?"
_ITEMS: Final = rf"(?P<items>(?:(?:、|或者?|和|与|以?及|/){_ITEM}){{0,8}}?)"
_OWN_WORDS: Final = "我们|我司|我厂|我方|公司|自己|这边|内部"
_BETWEEN: Final = (
    r"(?P<gap>[ :]?)(?:本身|其实|倒是|倒|都|均|全部?|一律|统统|就|也|则|先|暂时?|目前|现在|这次|本次|本项目|完全|根本"
    rf"|是|{_OWN_WORDS}|客户)*+"
)
#: Nothing but its own end may follow the refusal: 电镀不需要太厚 and 包装不要破损 refuse something else.
_TAIL: Final = r"(?:再?做|进行|考虑|处理|加工|提供|包含|安排)?(?:这一?步|这个)?(?:了|的|即可|就行|就好)?吧?"
_END: Final = r"(?=[ \t]*(?:$|[,，。;；!！)）\n、])|[ \t]*(?:只|仅|但|而|改|直接))"
_WAIVED: Final = re.compile(
    rf"{_BELONGS}{_ITEMS}{_BETWEEN}(?:{_NOT_NEEDED}|(?P<undone>{_NOT_DONE})){_TAIL}(?:{_END}|(?P<blank>(?= )))"
)
_TOGETHER: Final = re.compile("都|均|全|一律|统统")
#: Before the first of a list it stands for a wish of which the last item alone is taken back (做注塑、喷涂不需要).
_WISH: Final = re.compile("做|要|想|找|求|需|含|包括|进行|提供|寻|希望|委托|用")
_OPEN: Final = re.compile("是否|是不是|能否|可否|要不要|如果|若|假如|要是|万一|除非|为什么|为何|怎么")
_OWN: Final = re.compile(rf"(?:{_OWN_WORDS})(?:都|也|目前|现在|本身)*$")
_INSISTS: Final = re.compile(r"[,，]?(?:那?就|那|肯定|绝对)?(?:不行|不成|没法|行不通)")
_CLAUSE_END: Final = re.compile(r"[,，。;；!！?？\n]")
#: As far back as a clause has words that bear on a name.
_REACH: Final = 24


def waiver_end(text: str, start: int, end: int) -> int | None:
    """Return where the words end that waive `text[start:end]` behind it; None where nothing does."""
    found = _WAIVED.match(text, end)
    if found is None or (found["gap"] and found["blank"] is not None) or _INSISTS.match(text, found.end()):
        return None
    left = _CLAUSE_END.split(text[max(0, start - _REACH) : start])[-1]
    if _OPEN.search(left):
        return None
    if found["items"] and _WISH.search(left) and not _TOGETHER.search(found[0]):
        return None
    is_own = found["undone"] and (_OWN.search(left) or re.search(_OWN_WORDS, found[0]))
    return None if is_own and not names_own_trade(text, found.end()) else found.end()


def may_waive(text: str) -> bool:
    """Tell whether a text holds any word that waives what stands before it."""
    return _ANY.search(text) is not None
