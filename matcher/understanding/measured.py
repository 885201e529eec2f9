"""What a number measures: the noun beside it, and whether a facility must offer it or a product must have it."""

from __future__ import annotations

import re

from matcher.records import Role
from matcher.understanding.readings import Reading
from matcher.understanding.unit_table import table
from matcher.understanding.word_starts import from_word_start

_CLAUSE = re.compile(r"[,。;!?、\n\t|()\"“”'《》]|(?<!\d):")
#: Words before a number that name nothing.
_FILLERS = (
    "需要?|要求?|想要?|希望|求|找|为|是|在|达到?|约|可|(?<![产性])能|有|的|仅|只|控制|做到|保持|稳定|已|均|从|由|到|至|放大|提高|提升",
    "降低?|升|每批|每次|每釜|单批|一批|目标|约为|能力|左右|且|并|则|也|还|先|各|共|长期|连续|[:= ]|不",
    "应|当|处于|相当于|大概|不能|上|下|了|得|就|时|过|现|后|再|个|一家|扩产|扩大",
)
_FILLER = re.compile(f"(?:{'|'.join(_FILLERS)})+$")
#: Words before a noun that belong to the wish: 最好面积, 想找幅宽.
_WISHED = re.compile(
    "^(?:想要?(?:找|买|租(?!赁)用?)?|寻找|求购|采购|最好是?|至少|优先|尽量|要求|希望|必须|需要|一台|一套)+(?=.)"
)
_TAIL = re.compile(r"[一-龥A-Za-zα-ωΑ-Ω][一-龥A-Za-z0-9α-ω\-]{0,11}$")
_BREAK = "的和与及并或把将对按用以带含是需要求由把出做"
_LAST_WORDS = re.compile(rf"(?:.*[{_BREAK}])?(?P<noun>[^{_BREAK}]{{1,8}})$")
_QUANTITIES = (
    "率|纯度|浓度|含量|收率|粘度|黏度|密度|精度|粗糙度|平面度|平行度|同轴度|圆度|跳动|公差|偏差|误差|厚度|宽度|长度|高度",
    "深度|温度|湿度|压力|强度|硬度|模量|韧性|速度|转速|流速|频率|带宽|线宽|线距|间距|节距|孔径|粒径|直径|外径|内径|口径",
    "壁厚|层厚|膜厚|厚|幅宽|宽幅|宽|长|高|深|容积|体积|容量|载量|面积|质量|重量|克重|载荷|载重|功率|电压|电流|电阻|耐压",
    "耐温|损耗|噪声|噪音|寿命|产能|产量|批量|规模|用量|处理量|流量|通量|能耗|电耗|成本|费用|预算|经费|投资|价格|效率|效价",
    "滴度|活性|收得率|良率|合格率|转化率|脱盐率|截留率|截留分子量|分子量|氧含量|水分|灰分|固含|固含量|孔密度|长径比|深宽比",
    "露点|真空度|真空|漏率|导热|热导率|导热系数|电导率|能量密度|功率密度|比容量|首效|内阻|扭矩|推力|拉力|行程|跨距|间隙",
    "翘曲|时长|周期|工期|交期|数量|批次|样品|光刻胶|晶圆|Ra|Tg|Dv50|D50|D90|PV|OEL|CV|pH|TDS|量程|幅面|尺寸|对位精度",
    "定位精度|分辨率|灵敏度|工艺节点|制程|总投资|purity|yield|volume|capacity|pressure|temperature|thickness|diameter",
)
_MEASURED = re.compile(f"[一-龥A-Za-z]{{0,5}}?(?:{'|'.join(_QUANTITIES)})$")
_FACILITIES = (
    "发酵罐|反应釜|反应器|生物反应器|结晶釜|高压釜|储罐|罐|釜|窑炉|回转窑|推板窑|窑|炉|中试线|产线|量产线|生产线|工艺线|线(?![路材缆束圈宽距性])",
    "设备|装置|机组|机床|注塑机|热压机|压机|挤出机|机|平台|厂房|车间|洁净间|场地|实验室|暗室|试验箱|箱|筒|塔|槽|池|仓",
    "台架|行车|吊车",
)
_PRODUCTS = (
    "晶圆|硅片|衬底|外延片|单晶|圆片|面板|电芯|电池|软包|电堆|模块|芯片|样屏|薄膜|膜|板|管|瓶|光纤|老化|疲劳|循环|插拔",
    "温循|耐久|寿命|振动|验证|样品|样机|样件",
)
_OBJECT = re.compile(
    rf"^ ?(?:级|规模)?的?(?![和与及或])(?P<noun>[一-龥]{{0,6}}?(?:年|月|日)?产能|"
    rf"[一-龥A-Za-z0-9\-]{{0,8}}?(?:{'|'.join((*_FACILITIES, *_PRODUCTS))}))"
    "|^ ?(?P<english>(?:[a-z]+ ){0,2}(?:fermenter|bioreactor|reactor|tank|vessel|furnace|line|wafers?|cleanroom))"
)
_EQUIPMENT = re.compile(
    "罐|釜|炉|窑|线$|机$|设备|装置|反应器|平台|车间|厂房|场地|洁净间|暗室|箱$|筒$|塔$|槽$|池$|仓$|台架|行车|吊车|晶圆|硅片|"
    "衬底|单晶|圆片|fermenter|reactor|tank|furnace|wafer"
)
_CAPACITY = re.compile(
    "产能|产量|批量|规模|容积|处理量|处理能力|幅宽|宽幅|行程|量程|吨位|投料|载重|场地|面积|晶圆|每批|单批|日产|月产|年产|装机|"
    "算力|幅面|成型尺寸|有效长度|加工尺寸|工作深度|流量|蒸发量|产氢"
)
_PROPERTY = re.compile(
    "纯度|率$|含量|强度|硬度|密度|精度|粗糙度|平行度|平面度|同轴度|公差|误差|厚|孔径|粒径|粘度|能量密度|寿命|耐|损耗|噪|效价|"
    "滴度|活性|灰分|水分|Ra|Tg|D50|D90|模量|电阻|带宽|线宽|间距|翘曲|克重|载量|电流密度"
)
_PRODUCT = re.compile("电芯|电池|软包|电堆|模块|芯片|样屏|薄膜|膜$|板$|管$|瓶$|光纤|样机|样件")
#: Dimensions that the noun beside the number may move from the product to the facility or back.
_FACILITY_OR_PRODUCT = (
    "volume mass length area temperature pressure power energy charge voltage current frequency rotation force torque "
    "acceleration speed magnetic_field volume_rate mass_rate"
)
_MOVABLE = frozenset(_FACILITY_OR_PRODUCT.split())
_SCALES = frozenset({"volume", "mass"})
_DELIVERED = re.compile(r".*(?:[底月日]前|交付|提供|送样)要?(?:交付|提供)?(?=..)")
_NO_NOUN = re.compile(
    "with|of|at|for|the|an?|and|or|in|to|is|are|need|about|least|most|up|than|over|from|per|by|"
    "(?:我们|咱们?|[我本贵]?(?:公司|司|厂)|我)(?:这边|这里|家|公司|厂里?)?|目前|现在|眼下|最好|每?一[年天周]|每?一个月",
    re.IGNORECASE,
)
_WINDOW = 20
_LONGEST_NAME = 8


def name_and_role(text: str, reading: Reading, floor: int, ceiling: int) -> tuple[str | None, Role]:
    """Return the noun that a reading measures, None where the text names none, and the reading's role.

    Args:
        text: a normalised text; `floor` and `ceiling` are the ends of the quantities on either side.
    """
    before = _noun_before(text[max(floor, reading.start - _WINDOW) : reading.start])
    after = _OBJECT.match(_CLAUSE.split(text[reading.end : min(ceiling, reading.end + _WINDOW)])[0])
    thing = (after["noun"] or after["english"]) if after else None
    name = reading.name or (before if before and _MEASURED.search(before) else None) or thing or before
    return name, _role(reading, name or "", thing or "", text[max(0, reading.start - 8) : reading.end])


def _noun_before(before: str) -> str | None:
    clause = _FILLER.sub("", _CLAUSE.split(before.rstrip(" :="))[-1].strip())
    tail = _TAIL.search(clause)
    if tail is None:
        return None
    if measured := _MEASURED.search(tail[0]):
        start = tail.start() + max(measured.start(), measured.end() - _LONGEST_NAME, _led_until(tail[0]))
        return _WISHED.sub("", from_word_start(clause, start).lstrip("的和与及把将对")) or None
    last = _LAST_WORDS.search(tail[0])
    if last is None:
        return None
    noun = from_word_start(clause, tail.start() + last.start("noun"), guess=last["noun"] == last[0])
    noun = _WISHED.sub("", noun)
    return noun if len(noun) > 1 and not _NO_NOUN.fullmatch(noun) else None


def _led_until(words: str) -> int:
    """Where the words begin behind a date and a verb that end in what is delivered: 月底前要交付|样品."""
    led = _DELIVERED.match(words)
    return led.end() if led else 0


def _role(reading: Reading, name: str, thing: str, phrase: str) -> Role:
    known = table().dimensions.get(reading.dimension)
    default: Role = known.role if known else "property"
    if default in ("money", "time") or reading.dimension not in _MOVABLE:
        return default
    if reading.dimension == "length" and reading.unit == "mm" and "寸" in phrase:
        return "capacity"
    if _CAPACITY.search(name) or (reading.start_scale is not None and reading.dimension in _SCALES):
        return "capacity"
    if _PROPERTY.search(name) or _PRODUCT.search(thing):
        return "property"
    return "capacity" if _EQUIPMENT.search(thing) or _EQUIPMENT.search(name) else default
