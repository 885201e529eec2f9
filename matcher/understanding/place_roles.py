"""What a place in a need is there for: where the work is wanted or unwanted, where the requester is, or neither."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from matcher.records import Strength
from matcher.understanding.distances import CITY_TAIL, KILOMETRES, REACH, radius_km
from matcher.understanding.fallbacks import falls_back
from matcher.understanding.journeys import journey_end
from matcher.understanding.mentions import is_address, is_past
from matcher.understanding.remoteness import Remote, remote_from

PlaceRole = Literal["wanted", "excluded", "origin", "mention"]

#: A clause as short as a search box's words (东莞GMP车间代工) has no other use for a place than to ask for it.
KEYWORDS_LENGTH: Final = 16


class PlaceReading(NamedTuple):
    role: PlaceRole
    strength: Strength = "prefer"
    near: bool = False
    radius_km: float | None = None


_CLAUSE_END: Final = re.compile(r"[,，。;!?:\n]|\s{2,}")
#: What stands farther before a place than this speaks of something else, even where nobody set a comma.
_REACH: Final = 128
_BORDER: Final = re.compile(r"[\s,，。;!?:()/|]|$")
_AT: Final = "(?:再)?(?:推荐|放|选|落户?|位于|来自|安排|找|去|送)?(?:在|到|去|往|是|择|用|自)?"
#: Nothing is asked of a place that is named to say that others will do too.
_ANYWHERE_LEFT: Final = re.compile(rf"(?:不限于?|不一定非?得?要?|不必|不需要?|不要求|未必){_AT}$")
_OUT_LEFT: Final = re.compile(
    rf"(?:不要|不(?:太|大)?想|不(?:希望|找)|不能|不可|不得|不宜|别|勿|不考虑|不接受|不选|不含|不包括|不去|不愿|不打算|避开|排除|避免|拒绝){_AT}$"
    r"|非$"
)
_WORK: Final = "(?:做|加工|生产|试制|流片|检测|测试|打样|代工|厂家?|企业|公司|平台|那边|本地|当地|境?内)*"
_FINE: Final = "(?:行|可(?!能)|成(?!为)|好(?!像)|能接受|没关系|没问题|没事|无所谓|无妨|OK|ok)"
#: 不在上海做也行: somewhere else will do too, which shuts nothing out; 不在上海,苏州也行 speaks of Suzhou.
#: 不在上海的平台都行 shuts Shanghai out, 不在上海的也行 does not.
_ELSEWHERE_LEFT: Final = re.compile(r"(?<!只要)(?<!必须)不(?:放在?|位于|去|到|来自|是|设在|落在|在)$")
_ELSEWHERE_RIGHT: Final = re.compile(
    rf"(?:省|市|地区)?{_WORK},?(?:其实)?(?:(?:也|都){_FINE}|没关系|无所谓|没问题|无妨|不要紧)"
    rf"|(?:省|市|地区)?的{_WORK},?也{_FINE}"
)
#: 除江苏外: all but Jiangsu; 除了江苏,还有 takes it in.
_EXCEPT_LEFT: Final = re.compile("除了?(?:在|了)?$")
_EXCEPT_RIGHT: Final = re.compile(r"(?:[省市]|地区|境?内)?(?:以|之)?外(?!.{0,8}(?:还|也(?!可|行|都|能)))")
#: 除了江苏都行, 除了江苏,别的地方都可以: all the others are welcome.
_OTHERS_RIGHT: Final = re.compile(
    r"(?:[省市]|地区)?(?!.{0,12}[还也])[^。;!?\n]{0,10}?(?:都|均|皆|任何|其[他它余]|别的|哪)"
)
#: 京津冀除了天津: a part taken out of what stands before it, with no more words behind it.
_PART_RIGHT: Final = re.compile(r"(?:[省市]|地区)?\s*(?:$|[。;!?\n)]|[,，](?![^。;!?\n]{0,12}(?:还|也|另|都)))")
_WHOLE_RIGHT: Final = re.compile(r"\s?(?:除了?|但?不(?:含|包括))(?=[一-龥]{2})")
#: 广州以外的|广东城市: the larger place that the others are to be in.
_BEYOND_LEFT: Final = re.compile("[以之]外的?(?:其[他它])?$")
_OUT_RIGHT: Final = re.compile(
    r"(?:省|市|地区|境内|省内|市内|本地)?的?(?:厂家?|平台|企业|公司|机构|基地|单位)?(?:[就都]|一律|暂)*"
    r"(?:除外|以外|之外|不要(?![超太过]|[大高多]于)|不考虑|不接受|不行|不选|免谈|不去|勿扰)(?!的?也)|(?<=[省市])外(?!围|环|资|贸|商|的?也)"
)
#: 不接受江苏以外的 demands Jiangsu.
_BEYOND_RIGHT: Final = re.compile(r"(?:省|市|地区|境)?(?:[以之]外|(?<=[省市境])外(?!围|环|资|贸|商))")
#: 广东省外也行 prefers Guangdong; 武汉以外的也行 says nothing of it.
_ALSO_OUTSIDE: Final = re.compile("[以之]外的?也|(?<=[省市])(?P<soft>外)的?也")
#: A wish not to go there lowers, it does not shut out.
_SOFT_OUT: Final = re.compile("最好|尽量|不想|不太|不愿|不大|不打算|不宜|优先|希望")
#: 我们不在江苏 and 公司不在 say where somebody is not.
_ABSENT_LEFT: Final = re.compile(r"不(?:在|位于|属于)$")
_MUST_LEFT: Final = re.compile(
    r"(?:限|仅限|只限|限于|限定|限在|只考虑|只要|只找|不出|仅考虑|只接受|只能|只在)(?:在|是|于|找)?$"
    r"|(?:必须|务必|须|要求|一定要?)(?:是|就|能)?(?:在|到|于|找|位于)$|(?:必须|务必)(?:是|要)?$"
    r"|(?:地点|区域|地域|所在地|地区|位置)(?:要求|限制|限定|须)(?:为|是|在)?:?$"
)
_MUST_RIGHT: Final = re.compile(r"(?:省|市|地区)?(?:境?内)?(?:的?才行|为限|限定)")
_NEAR_LEFT: Final = re.compile(r"(?:离|距离?|靠近|邻近|临近|毗邻)$")
#: 离我们合肥近一点 wants it near, and says where the requester is as well; 目前的离我们合肥很近 says how things are.
_NEAR_US_LEFT: Final = re.compile(
    r"(?:(?P<close>靠近|邻近|临近|毗邻)|(?<!脱)离|距离?)"
    r"(?:我们|我司|我厂|我公司|本公司|公司|工厂)(?:公司|工厂|总部|实验室)?(?:所?在的?)?$"
)
_NEAR_US_RIGHT: Final = re.compile(
    rf"(?:公司|工厂|总部|实验室|厂)?(?:近一?[点些]|越近越好|不远|不要太远|附近)|{CITY_TAIL}{KILOMETRES}{REACH}"
)
_NOT_WISHED: Final = re.compile(r"不(?:要|想|希望|考虑|必|需要|用|一定)|目前|现有|原|已|别|勿")
_NEAR_RIGHT: Final = re.compile(
    r"(?:省|市|地区|\w{2,3}[镇乡])?(?:及其?|或者?|以及|和|与|、)?(?:附近|周边|周围|就近|一带|邻近|临近|近郊|不远|近一?[点些])"
    rf"|{CITY_TAIL}(?:(?:方圆|半径){KILOMETRES}|{KILOMETRES}{REACH})"
)
#: 我们远离广州 says where somebody is; 离东莞100公里以外也行 shuts nothing out.
_OWN_LEFT: Final = re.compile("(?:我们|我司|我厂|我公司|本公司|本厂|课题组|团队)(?:公司|工厂|都|现|目前|就|也)*$")
_REMOTE_TOO: Final = re.compile(
    rf"的?{_WORK}(?:地方|地区|城市)?,?(?:其实)?(?:(?:也|都|均){_FINE}|没关系|无所谓|没问题|无妨)"
)
#: 离东莞超过200公里就算了 wants it near.
_TOO_FAR: Final = re.compile(rf"的?{_WORK}(?:地方|地区|城市)?(?:[就都也太]|一律)*(?:算了|远|不方便|不划算)")
_HARD: Final = re.compile("必须|务必|一定|硬性|严禁|禁止|不要(?!太)|不能|不可|不得|别|勿")
#: As far before the words as 必须 and 尽量 reach.
_BESIDE: Final = 6
_PREFER_RIGHT: Final = re.compile(
    r"[^,，。;!?\n]{0,12}?(?:优先|最好|为佳|更佳|更好|最佳|为宜|优选|首选|最方便|均可|都可|都行|也行|也可|皆可|都能接受|为主)"
)
_PREFER_LEFT: Final = re.compile(r"(?:优先|最好|首选|优选|倾向|尽量)(?:选择?|考虑|能?在|是|去|到|找|就?在|于)*$")
_WISH_LEFT: Final = re.compile(
    r"(?:希望|寻求|拟|计划|想|打算|意向|愿意?|准备|考虑|可)(?:能?够?|落户|落地|放|就|前往)*(?:在|到|于|去|来|从|落户|落地|找)?$"
)
_ORIGIN_LEFT: Final = re.compile(
    r"(?:我们|我司|公司|厂|人|企业|团队|总部|项目|单位|中心|本人|客户|课题组|基地)(?:都|现|目前|就|也|地处)?(?:在|位于)$"
    r"|注册地?[在于]?$|总部[在设]?[于在]?$|(?:我们|我司|本公司|我厂)$"
)
_SITUATED_LEFT: Final = re.compile(r"(?:位于|地处|来自|坐落[于在]?|座落[于在]?|落户[于在]|扎根)$")
#: 寻找位于天津的代工厂: who is sought, not who seeks, is there.
_SOUGHT_LEFT: Final = re.compile(r"寻|找|委托|需要|联系|选|具备")
_REQUESTER: Final = re.compile(r"我们|我司|我厂|我公司|本公司|公司|企业|团队|单位|课题组|工厂")
_MENTION_LEFT: Final = re.compile(
    r"(?:卖到|卖往|销往|销到|销售到|发往|发到|发给|发|出口到?|运往|运到|推广到|供应|供货|覆盖|面向|从|由|经|自)$"
)
_EVENT_RIGHT: Final = re.compile(
    r"(?:省|市)?(?:[^,，。;!?:\n的找想要]{0,6}[试谈问去测跑聊]过(?![^,，。;]{0,12}的)|做过|建厂|设厂|投产|建有|设有|有基地|推广|销售|上市|试点|投放|(?:的|高新区|开发区)?(?:对接会|会上|大赛|路演|展会))"
)
_CUSTOMER_RIGHT: Final = re.compile(r"(?:省|市|地区)?(?:的|那边的?|一家|某)?(?:客户|市场|用户|供应商|主机厂|全结块)")
_ORIGIN_RIGHT: Final = re.compile(
    r"(?:省|市|县|区)?的?(?:这边|这里|本土|[一某]家)"
    r"|(?:省|市|县|区)?的?(?:[一两几某]家?|高新区|开发区|经开区)?[^,，。;!?\n、]{0,12}?"
    r"(?:企业|公司|厂家|药企|车企|团队|课题组|高校|集团|创业者|农户|合作社|产区|产业)"
    r"|[^,，。;!?\n]{0,8}?(?:需求|发榜|揭榜|提出|发布|急需|要求突破|在建设|在攻关|两个基地|争取)"
)
_SUPPLIER_RIGHT: Final = re.compile(r"(?:省|市|地区)?的?(?:厂家|工厂|代工|平台|检测|中试|实验室|供应商|机构)")
_SEEK_LEFT: Final = re.compile(
    r"(?:寻找?|找|落地|落在|求|请|委托|联系|对接|选择?|放在?|送到?|拿到|搬到|去|到|在|于|赴|地点|地点为|地点是|区域|需到|需要到)(?:与|和|是|为)?:?$"
)
#: What people type beside a place when they look for supply.
_FACILITY: Final = re.compile(
    r"线|罐|釜|炉|机|台|塔|窑|车间|厂|平台|基地|实验室|测试|检测|试验|试制|代工|加工|打样|中试|设备|生产|租|房|室|资质|GMP|CNAS|有|哪"
)
_INSIDE_RIGHT: Final = re.compile(r"(?:[省市区境]?内(?!蒙)|当地|本地|地区|产地|海域|境内|[省市]?范围)")
_SEEK_RIGHT: Final = re.compile(
    r"[^,，。;!?\n]{0,6}?(?:找|有没有|有无|哪里|哪儿|哪家|谁家|能做|可承接|可做|的?(?:检测机构|平台|代工厂?|实验室|中试|机构|园区))"
)


def read_role(text: str, start: int, end: int) -> PlaceReading:
    """What the places of `text[start:end]` (one place, or a list such as 福建、广东) are there for.

    Only their clause is looked at, and more telling words go first: 我们在东莞附近 says where the requester is,
    though 附近 mostly asks for something near.
    """
    reading = _role(text, start, end)
    if not reading.near or reading.radius_km is not None:
        return reading
    return reading._replace(radius_km=radius_km(text, start, end))


def _role(text: str, start: int, end: int) -> PlaceReading:
    floor = _clause_start(text, start)
    if remote := remote_from(text, floor, start, end):
        return _read_remote(text, text[floor : remote.start].rstrip(), remote)
    left = text[floor:start].rstrip()
    near_us = _is_near_us(text, left, end)
    near = bool(_NEAR_LEFT.search(left) or near_us or _NEAR_RIGHT.match(text, end) or journey_end(text, start, end))
    if _ANYWHERE_LEFT.search(left) or (_ABSENT_LEFT.search(left) and _REQUESTER.search(left)):
        return PlaceReading("mention")
    if _ELSEWHERE_LEFT.search(left) and _ELSEWHERE_RIGHT.match(text, end):
        return PlaceReading("mention")
    if _OUT_LEFT.search(left) and _BEYOND_RIGHT.match(text, end):
        return PlaceReading("wanted", "must")
    if also := _ALSO_OUTSIDE.match(text, end):
        return PlaceReading("wanted" if also["soft"] else "mention")
    if falls_back(text, left, start, end):
        return PlaceReading("wanted", near=near)
    if _is_excluded(text, left, end):
        return PlaceReading("excluded", "prefer" if _SOFT_OUT.search(left) else "must", near)
    if _MUST_LEFT.search(left) or _MUST_RIGHT.match(text, end):
        return PlaceReading("wanted", "must", near)
    if is_past(text, left, end):
        return PlaceReading("mention")
    if _PREFER_LEFT.search(left) or _WISH_LEFT.search(left):
        return PlaceReading("mention") if _EVENT_RIGHT.match(text, end) else PlaceReading("wanted", near=near)
    if near_us:
        return PlaceReading("wanted", near=True)
    if _ORIGIN_LEFT.search(left) or (is_address(left) and not _SOUGHT_LEFT.search(left)):
        return PlaceReading("origin")
    if _SITUATED_LEFT.search(left):
        is_sought = near or _is_sought(text, left, start)
        return PlaceReading("wanted" if is_sought else "origin", near=near)
    if _MENTION_LEFT.search(left) or _CUSTOMER_RIGHT.match(text, end):
        return PlaceReading("mention")
    if near or _PREFER_RIGHT.match(text, end) or _BEYOND_LEFT.search(left):
        return PlaceReading("wanted", near=near)
    return _read_weak(text, left, start, end)


def _is_near_us(text: str, left: str, end: int) -> bool:
    beside = _NEAR_US_LEFT.search(left)
    if beside is None or _NOT_WISHED.search(left):
        return False
    return beside["close"] is not None or _NEAR_US_RIGHT.match(text, end) is not None


def _read_remote(text: str, left: str, remote: Remote) -> PlaceReading:
    """What the places are there for that `remote` says to stay away from, after the words `left` of its clause.

    Whoever wants nothing that is 100 km off (离东莞100公里以外的不要) wants it near.
    """
    if _OWN_LEFT.search(left) or _ANYWHERE_LEFT.search(left) or _REMOTE_TOO.match(text, remote.end):
        return PlaceReading("mention")
    if _OUT_LEFT.search(left) or any(pattern.match(text, remote.end) for pattern in (_OUT_RIGHT, _TOO_FAR)):
        return PlaceReading("wanted", near=True, radius_km=remote.km)
    said = text[max(0, remote.start - _BESIDE) : remote.end]
    is_hard = _HARD.search(said) and not _SOFT_OUT.search(said)
    return PlaceReading("excluded", "must" if is_hard else "prefer", True, remote.km)


def _is_excluded(text: str, left: str, end: int) -> bool:
    """Whether the place is one to stay away from: 不要江苏的, 除江苏外, 江苏除外, 非上海地区, 不在上海."""
    if words := _EXCEPT_LEFT.search(left):
        if left[: words.start()].strip() and _PART_RIGHT.match(text, end):
            return True
        return any(pattern.match(text, end) for pattern in (_EXCEPT_RIGHT, _OUT_RIGHT, _OTHERS_RIGHT))
    patterns = (_ABSENT_LEFT, _OUT_LEFT)
    return any(pattern.search(left) for pattern in patterns) or _OUT_RIGHT.match(text, end) is not None


def excluded_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the words begin and end that shut out the places of `text[start:end]`, the places included."""
    floor = _clause_start(text, start)
    if remote := remote_from(text, floor, start, end):
        return remote.start, remote.end
    left = text[floor:start].rstrip()
    patterns = (_EXCEPT_LEFT, _ABSENT_LEFT, _OUT_LEFT)
    words = next((found for pattern in patterns if (found := pattern.search(left))), None)
    behind = _OUT_RIGHT.match(text, end) or (_EXCEPT_RIGHT.match(text, end) if words else None)
    begin = floor + words.start() if words else start
    return begin, behind.end() if behind else end


def _is_sought(text: str, left: str, start: int) -> bool:
    """Whether 位于 says where the thing sought is to be, by its own clause or by what its sentence is about."""
    if _SOUGHT_LEFT.search(left):
        return True
    sentence = re.split(r"[。;!?\n]", text[max(0, start - 2 * _REACH) : start])[-1]
    return len(sentence.rstrip()) > len(left) and not _REQUESTER.search(sentence)


def _read_weak(text: str, left: str, start: int, end: int) -> PlaceReading:
    if _EVENT_RIGHT.match(text, end):
        return PlaceReading("mention")
    if _SEEK_LEFT.search(left) or _SUPPLIER_RIGHT.match(text, end):
        return PlaceReading("wanted")
    if _ORIGIN_RIGHT.match(text, end):
        return PlaceReading("origin")
    if any(pattern.match(text, end) for pattern in (_INSIDE_RIGHT, _SEEK_RIGHT, _WHOLE_RIGHT)):
        return PlaceReading("wanted")
    is_alone = _BORDER.match(text, end) and (start == 0 or _BORDER.match(text, start - 1))
    rest = text[end : _clause_end(text, end)]
    is_query = len(left) + end - start + len(rest) <= KEYWORDS_LENGTH and _FACILITY.search(left + rest)
    if is_alone or is_query or not (left + rest).strip():
        return PlaceReading("wanted")
    return PlaceReading("mention" if text[:start].strip() else "origin")


def _clause_start(text: str, position: int) -> int:
    start = max(0, position - _REACH)
    for found in _CLAUSE_END.finditer(text, start, position):
        start = found.end()
    # 地点要求:东莞 — the words before the colon say what the place is for.
    return max(0, start - 8) if text[start - 1 : start] == ":" else start


def _clause_end(text: str, position: int) -> int:
    """Where the clause around `position` ends; of a longer one than a search box's words no more is looked at."""
    limit = min(len(text), position + KEYWORDS_LENGTH + 1)
    found = _CLAUSE_END.search(text, position, limit)
    return found.start() if found else limit
