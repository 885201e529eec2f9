"""Numbers that measure nothing: standards, dates, telephone numbers, versions, grades of steel, model names."""

from __future__ import annotations

import re

#: Bodies and series whose numbers name documents; the number may stand after a blank or a dash.
_STANDARDS = (
    "GB(?:/[TZ])?|GJB|GBZ|HG(?:/T)?|YY(?:/T)?|YBB|YB(?:/T)?|SJ(?:/T)?|JB(?:/T)?|QB(?:/T)?|NB(?:/T)?|DL(?:/T)?|QC(?:/T)?",
    "FZ(?:/T)?|CJ(?:/T)?|HJ|T/[A-Z]{2,8}|DB[0-9]{2}(?:/T)?|ISO(?:/IEC|/TS|/TR)?|IEC(?:/TS|/TR)?|EN(?: ISO)?",
    "DIN(?: EN)?|ASTM ?[A-Z]?|ANSI|SAE|UL|MIL-STD|MIL-PRF|AEC-?Q|AQG|GR|SEMI|CISPR|AATCC|ICH|IATF|IPC",
    "JEDEC|JESD|FDA|USP|FCC|ETSI|IEEE|RTCA|DO|ECE|ASME|NFPA|JIS|FIPS|CFR|REACH|UN|TSG",
)
#: Led by a letter: documents, versions, enclosures (IP67), ids (T-0001), explosion protection (Ex d IIB).
_LETTERED = (
    rf"(?:{'|'.join(_STANDARDS)})[ -]?(?:[A-Z]{{0,3}}[ -]?)?\d[\dA-Za-z.:/-]*(?<![-/:.])",
    r"[vV]\d+(?:\.\d+)*",
    r"IP[X\d]\d?K?|[Pp][1-4](?=实验室)|UL94|(?<!\d)(?<!\d )[A-Z]{1,4}-\d[\dA-Za-z-]*",
    "Ex ?[a-z]{1,2} ?I{1,3}[A-C]?",
    r"within \d+ ?(?:km|kilomet(?:er|re)s?|miles?) (?:of|from)\b",
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2} ?[日号]"
#: 2024年5月6日, 2026年底, 2019-2023年, 2024-05-06, 12月, 6月30日-7月2日, 17:30.
_DATES = (
    rf"(?:{_YEAR} ?[年/.-]?[-~至到]?)?{_YEAR} ?年[度底初末前]?(?: ?\d{{1,2}} ?月(?: ?{_DAY})?)?",
    r"(?<![\d.])[23]\d ?年 ?(?=Q[1-4]|第?[一二三四]季度|[上下]半年)",
    r"(?<![\d.])\d{4}[-./]\d{1,2}[-./]\d{1,2}(?!\d)",
    r"(?<![\d.个])(?:1[0-2]|0?[1-9])(?: ?[-~至到、] ?(?:1[0-2]|[1-9]))? ?月(?!球)"
    rf"(?: ?{_DAY}(?:[-~至到]{_DAY})?)?",
    r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)",
)
#: The promise of service round the clock: 24小时 is a time only where nobody offers help in it.
_HELP = "不间断|服务|值班|值守|热线|在线|客服|营业|响应|开放|全天|待命|监控|轮班|咨询|接单|技术支持|受理"
_ROUND_THE_CLOCK = ("7 ?[×xX*] ?24 ?(?:小时|h|H)?|24/7", rf"24 ?(?:小时|h)(?={_HELP})")
_TELEPHONES = (
    r"(?<!\d)1[3-9]\d{9}(?!\d)",
    r"(?<!\d)0\d{2,3}-\d{7,8}",
    r"(?<!\d)400-?\d{3}-?\d{4}",
)
#: Versions; steels (304不锈钢, 316L), alloys (40CrNiMoA), cells (18650), chemicals (2,5-呋喃), 985/211, 3D打印, and
#: polytypes of crystals (4H-SiC).
_NAMES = (
    r"(?<![\d.])\d+\.\d+\.\d+(?:\.\d+)*",
    r"(?<![\d.])(?:20[124]|30[1-9]|31[06789]|321|347|410|420|430|440|904)(?:[LHS](?: ?Mod)?|Ti|N)?"
    r"(?=[^\d.]{0,2}(?:不锈|钢|阀|材质|法兰|管|丝))",
    r"(?<![\d.≥≤><])(?:30[14]|31[67]|904)L(?![A-Za-z/])",
    r"(?<![\d.])\d{1,3}(?:Cr|Ni|Mn|Si|Mo)\d*(?:[A-Z][a-z]?\d*)*",
    r"(?<![\d.≥≤<>~约])(?:18650|21700|26650|32700|4680|46\d{3})(?=[^\d万.~]|$)"
    r"(?! ?(?:[A-Za-zμΩ]{1,4}(?![A-Za-z])|[℃°%~]|件|升|公?吨|公斤|千克|平方?米|立方|元|转|目|个月|小时|天))",
    r"(?<!\d)(?<!,)\d{1,2}(?:,\d{1,2}'?){1,5}-(?=[^\d])",
    "985/211",
    r"(?<![\d.])(?:[2-68]H|3C|15R)(?=[- 的]?(?:SiC|碳化硅|GaN|氮化镓))",
    r"(?<![\d.])\d ?D(?=打印|扫描|视觉|成像|封装|集成|堆叠|检测|感知|NAND|重建|结构|编织|玻璃|[^A-Za-z0-9]|$)",
    r"\d[ 、]?期(?![间限货望待内])",
)
_CHINESE_DAY = "[一二三四五六七八九十]{1,3}[日号]"
#: 十月底, 二〇二四年, 第三代, 第1至8周, 十四五, 一期, 二代产品, 四口瓶, 三元材料.
_CHINESE = (
    rf"(?:十[一二]?|[一二三四五六七八九])月(?=[底初末份中上下前之内]|\d|{_CHINESE_DAY})(?:{_CHINESE_DAY})?",
    "[二〇零一二三四五六七八九]{4}年",
    r"第 ?(?:\d+(?:[至到~-]\d+)?(?!\.\d ?代|\d* ?代(?:生产)?线)|[一二三四五六七八九十百千]+)",
    "十[二三四五六]五",
    "[一二三四五六][ 、]?期(?![间限货望待内])",
    "[二三四两]代(?=半导体|产品|样机|机)",
    "[三四五六]口瓶",
    "[二三四五六]元(?![/每])",
)
#: Grouped by what they begin with, so that most characters of a text are passed by after three looks.
_MASKED = re.compile(
    rf"(?<![A-Za-z])(?=[A-Za-z])(?:{'|'.join(_LETTERED)})"
    rf"|(?=\d)(?:{'|'.join((*_DATES, *_ROUND_THE_CLOCK, *_TELEPHONES, *_NAMES))})"
    rf"|(?=[第十零〇一二三四五六七八九两])(?:{'|'.join(_CHINESE)})"
)


def masked_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of a normalised text whose digits are names, dates or numbers of documents, in their order."""
    return [match.span() for match in _MASKED.finditer(text)]
