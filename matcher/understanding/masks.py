"""Numbers that measure nothing: standards, dates, telephone numbers, versions, grades of steel, model names."""

from __future__ import annotations

import re

#: Bodies and series whose numbers name documents; the number may stand after a blank or a dash.
_STANDARDS = (
    r"GB(?:/[TZ])?|GJB|GBZ|HG(?:/T)?|YY(?:/T)?|YBB|YB(?:/T)?|SJ(?:/T)?|JB(?:/T)?|QB(?:/T)?|NB(?:/T)?|DL(?:/T)?|QC(?:/T)?|FZ(?:/T)?|CJ(?:/T)?|HJ|"
    r"T/[A-Z]{2,8}|DB\d\d(?:/T)?|ISO(?:/IEC|/TS|/TR)?|IEC(?:/TS|/TR)?|EN(?: ISO)?|DIN(?: EN)?|ASTM ?[A-Z]?|ANSI|SAE|UL|MIL-STD|MIL-PRF|"
    r"AEC-?Q|AQG|GR|SEMI|CISPR|AATCC|ICH|IATF|IPC|JEDEC|JESD|FDA|USP|FCC|ETSI|IEEE|RTCA|DO|ECE|ASME|NFPA|JIS|FIPS|CFR|REACH|UN|TSG"
)
_MASKED = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_STANDARDS})[ -]?(?:[A-Z]{{0,3}}[ -]?)?\d[\dA-Za-z.:/-]*(?<![-/:.]))"
    # Dates: 2024年5月6日, 2026年底, 2024-05-06, 2024.13.45, 5月底, 12月, 6月30日, 2019-2023年, 24号.
    r"|(?:(?:19|20)\d\d ?(?:年|/|\.|-)?)?(?:-|~|至|到)?(?:19|20)\d\d ?年(?:度|底|初|末|前)?(?: ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?)?"
    r"|(?<![\d.])\d{4}[-./]\d{1,2}[-./]\d{1,2}(?![\d])"
    r"|(?<![\d.个])(?:1[0-2]|0?[1-9])(?: ?(?:-|~|至|到|、) ?(?:1[0-2]|[1-9]))? ?月(?!球)(?: ?\d{1,2} ?[日号](?:(?:-|~|至|到)\d{1,2} ?[日号])?)?"
    r"|(?:十[一二]?|[一二三四五六七八九])月(?=[底初末份中上下前之内]|\d|[一二三四五六七八九十]{1,3}[日号])(?:[一二三四五六七八九十]{1,3}[日号])?"
    r"|[二〇零一二三四五六七八九]{4}年"
    # Clock times, ratios of a service's hours, and the promise of service itself.
    r"|(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)|7 ?[×xX*] ?24 ?(?:小时|h|H)?|24/7"
    r"|(?:全天|每天)?24 ?(?:小时|h)(?=不间断|服务|值班|值守|热线|在线|客服|营业|响应|开放|全天|待命|监控|轮班|咨询|接单|技术支持|受理)"
    # Telephone numbers, addresses, versions.
    r"|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}|(?<!\d)400-?\d{3}-?\d{4}|(?<![\w.])[vV]\d+(?:\.\d+)*|(?<![\d.])\d+\.\d+\.\d+(?:\.\d+)*"
    # Ordinals, plans, phases, generations.
    r"|第 ?(?:\d+(?:(?:至|到|-|~)\d+)?|[一二三四五六七八九十百]+)|十[二三四五六]五|[一二三四五六\d][ 、]?期(?!间|限|货|望|待|内)|[二三四两]代(?=半导体|产品|样机|机)"
    r"|985/211|(?<![\d.])\d ?D(?=打印|扫描|视觉|成像|封装|集成|堆叠|检测|感知|NAND|重建|结构|编织|玻璃|[^A-Za-z0-9]|$)"
    # Steels, alloys, cells, chemicals named by numbers.
    r"|(?<![\d.])(?:20[124]|30[1-9]|31[06789]|321|347|410|420|430|440|904)(?:[LHS](?: ?Mod)?|Ti|N)?(?=[^\d.]{0,2}(?:不锈|钢|阀|材质|法兰|管|丝))"
    r"|(?<![\d.≥≤><])(?:30[14]|31[67]|904)L(?![A-Za-z/])"
    r"|(?<![\d.])\d{1,3}(?:Cr|Ni|Mn|Si|Mo)\d*(?:[A-Z][a-z]?\d*)*"
    r"|(?<![\d.])(?:18650|21700|26650|32700|4680|46\d{3})(?=[^\d万]|$)|(?<!\d)(?<!,)\d{1,2}(?:,\d{1,2}'?){1,5}-(?=[^\d])"
    r"|(?<![A-Za-z])(?:IP[X\d]\d?K?|[Pp][1-4](?=实验室)|UL94|[A-Z]{1,4}-\d[\dA-Za-z-]*)"
    r"|(?<![A-Za-z])(?:Ex ?[a-z]{1,2} ?I{1,3}[A-C]?)|[四三五六]口瓶|[二三四五六]元(?!/|每)"
)


def masked_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of a normalised text whose digits are names, dates or numbers of documents, in their order."""
    return [match.span() for match in _MASKED.finditer(text) if match.group()]
