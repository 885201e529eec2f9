"""What a need sets itself apart from (不是半导体,是光伏; 非医药类; 除食品外; 与食品无关; 无危化品)."""

from __future__ import annotations

import re
from typing import Final

_ANY: Final = re.compile(
    "不是|非|除|关系|相关|关联|沾边|搭界|无(?!人|机|线|纺|缝)|没有[危易有剧]|不(?:使用|采用|产生|储存|存放|存在|经过)"
)
#: What stands between two names of one list, and the names before the last one.
_ITEM: Final = r"[^,，。;；!！?？:：\n 、和或与及等/的不无只但而就要需改做除非是外]{1,10}?"
_ITEMS: Final = rf"(?:{_ITEM}(?:、|或者?|和|与|以?及|/))*?"
_MORE: Final = rf"(?:(?:、|或者?|和|与|以?及|/){_ITEM}){{0,8}}?"
#: What turns a name into its whole field.
_FIELD: Final = r"(?:行业|产业|领域|方向|专业|类型|类别|用途|产品|项目|企业|工艺|相关|背景|方面|[类用])*+"
_END: Final = r"(?=[ \t]*(?:$|[,，。;；!！?？)）\n、]))"
#: 不是半导体的不要 and 非半导体企业勿扰 want nothing else.
_INSISTS: Final = re.compile(
    rf"{_FIELD}的?(?:企业|厂家?|公司|平台)?[,，]?(?:请|就|都|一律)*(?:不[要行可考接谈成]|免|勿|别|莫|谢绝)"
)

_IS_NOT: Final = re.compile(rf"(?<![是要还可就])不是(?:做|搞|要|找|用于|用在|针对|面向|属于)?(?:{_ITEMS})$")
_IS_NOT_RIGHT: Final = re.compile(rf"{_FIELD}的?(?:了|啦)?(?:{_END}|[ ]?(?:而是|是))")
#: 除非, 无非 and 若非 are words; 非电镀不可 insists.
_NON: Final = re.compile(rf"(?<![除无若莫])非(?:{_ITEM}、)*?$")
_ALL: Final = re.compile("")
#: 除发酵外的工序我们都能做 leaves the fermentation to be sought.
_SETTLED: Final = (
    r"(?![^。;；!！?？\n]{0,16}?(?:已|完成|自己|我们|我司|自有|解决|搞定|具备|没问题|还|也(?!可|行|都|能)))"
)
_EXCEPT: Final = re.compile(rf"除了?(?:在|了|做)?(?:{_ITEMS})$")
_EXCEPT_RIGHT: Final = re.compile(
    rf"{_MORE}{_FIELD}(?:[以之]?外{_SETTLED}(?:的|[,，]?(?:其[他它]|别的|任何|什么|哪|均|都|皆|不限))"
    rf"|{_SETTLED}[,，]?(?:其[他它余](?:的|行业|领域)?|别的|任何|什么|哪[些个])?[^,，。;；!！?？\n]{{0,4}}(?:都|均|皆)(?:可|行|能做|接|考虑|欢迎))"
)
_TO: Final = re.compile(rf"(?:与|和|跟|同)(?:{_ITEMS})$")
_UNRELATED: Final = re.compile(
    rf"{_MORE}{_FIELD}(?:都|均|毫|完全|全然|并|其实|基本|本身)*(?:无关(?!紧)|(?:没有?|无)(?:任何|什么|太大|直接)?(?:关系|关联)|(?:关系|关联)不大|不相关|不沾边|不搭界)"
)
#: 我们无电镀 and 尚无中试 lack what they may be looking for.
_FREE_OF: Final = re.compile(
    r"(?:(?:(?<![^,，。;；:：、\n(（ 均都])|(?<=原料|产品|体系|反应|过程|全程|工艺))"
    r"(?:无(?!中试|量产|小试|放大|生产)|没有)"
    rf"|不(?:使用|采用|产生|储存|存放|存在|经过))(?:任何)?(?:{_ITEMS})$"
)
_FREE_OF_RIGHT: Final = re.compile(rf"{_MORE}(?:[类等]|物质|成分|介质|原料)*+{_END}")
#: 没有发酵 laments, 没有危化品 reassures.
_HAZARD: Final = re.compile("危|易燃|易爆|有毒|剧毒|放射")
_OWN: Final = re.compile("我们|我司|我厂|公司|目前|现在|暂|尚|还")
#: As far before a name as the words reach that set it apart.
_REACH: Final = 32
_PAIRS: Final = (
    (_IS_NOT, _IS_NOT_RIGHT),
    (_NON, _ALL),
    (_EXCEPT, _EXCEPT_RIGHT),
    (_TO, _UNRELATED),
    (_FREE_OF, _FREE_OF_RIGHT),
)


def exclusion(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the words begin and end that set `text[start:end]` apart, itself included; None where none do."""
    floor = max(0, start - _REACH)
    for before, behind in _PAIRS:
        left = before.search(text, floor, start)
        right = behind.match(text, end) if left else None
        if left and right and _holds(text, before, left, start, end):
            return left.start(), right.end()
    return None


def may_exclude(text: str) -> bool:
    """Tell whether a text holds any word that sets something apart."""
    return _ANY.search(text) is not None


def _holds(text: str, before: re.Pattern[str], left: re.Match[str], start: int, end: int) -> bool:
    """Whether the words say so after all: 非电镀不可 insists, 我们目前无电镀 may look for somebody who has it."""
    if before in (_IS_NOT, _NON):
        return _INSISTS.match(text, end) is None
    if before is not _FREE_OF:
        return True
    if "没有" in left[0] and not _HAZARD.match(text, start):
        return False
    return _OWN.search(text, max(0, left.start() - 6), left.end()) is None
