"""The kind of supply that a need asks for in so many words: a platform, equipment, a manufacturer or a solution."""

from __future__ import annotations

import re

from matcher.records import Kind, KindRequirement
from matcher.understanding.waivers import waiver_end

#: Of a kind by its name alone only who wants no other one speaks.
_ONLY = r"(?:只|就|单)(?:想|是|能)?(?:要|找|看|考虑|需要?|租|借)(?:一[个家台套])?"
_LINE = "(?:中试|试验|实验|试产|试制|打样|研发|测试|验证)(?:产|生产)?线"
#: Words that only somebody who looks for that kind uses; in the needs for training the kind asked for holds 0.72
#: (platform), 0.57 (manufacturer), 0.35 (solution) of the good answers, against 0.48, 0.27 and 0.09 in all needs.
_WORDS: tuple[tuple[Kind, str], ...] = (
    (
        "platform",
        rf"{_ONLY}平台|"
        r"中试(?:服务)?(?:平台|基地|车间|中心|装置|场地|条件|工厂)|中试(?:生产|产)?线|"
        r"(?:公共|共享|开放|工艺|验证|试验|创新)(?:服务|技术|实验)?平台|"
        rf"{_LINE}|共享(?:产线|车间|工厂|厂房)|(?:试验|实验|育种)基地|(?:封闭|试验|测试|飞行|海上|外场)(?:测试)?场地?|"
        r"pilot(?:[- ]scale)?[- ](?:(?:test|production)[- ])?(?:plant|line|platform|facilit\w+|base|site)|"
        r"(?:process|test(?:ing)?|verification|validation) platform|test (?:site|field|ground)|proving ground|"
        r"test ?bed|shared (?:lab|facility|line)",
    ),
    (
        "equipment",
        rf"{_ONLY}(?:设备|仪器)|"
        r"(?:出?租用?|借)(?:[一两几\d]?台|个|套)?[^,。;!?\n]{0,10}?(?:设备|机|仪|釜|炉|罐|台架)|"
        r"(?:设备|仪器|机台|台架)(?:租|借|共享|预约|开放)\S?|(?:共享|开放|大型)(?:设备|仪器)|"
        r"按?机时|上机(?:测|做|试)\S?|equipment (?:rental|sharing|access)|\brent(?:al|ing)?\b|\bleas(?:e|ing)\b|"
        r"(?:instrument|machine) time|\bborrow\b|hire (?:an? |the )?\w+ (?:machine|reactor|furnace)",
    ),
    (
        "manufacturer",
        rf"{_ONLY}(?:代?工厂|厂家)|"
        r"代工厂?|代(?:为)?加工|代做|代产|代料|委托(?:加工|生产|制造)|委外|外协|流片|来料加工|"
        r"(?<![A-Z])(?:OEM|ODM|CDMO|CMO|CRDMO)(?![A-Z])|(?:找|寻求?|求|委托|联系)[^,。;!?\n]{0,8}?(?:SMT|贴片|封装|封测|加工|电镀|注塑|压铸|组装|生产)(?:代工)?厂(?![房里])家?|"
        r"小批量?(?:试产|生产|装配|组装|代工|贴片|加工)|(?:contract|toll) (?:manufactur\w*|production)|"
        r"manufacturing partner|subcontract\w*|EMS provider|foundry|tape[- ]?out",
    ),
    (
        "solution",
        rf"{_ONLY}方案|"
        r"(?:技术|工艺|解决|改造|整体|系统|治理)方案|解决办法|技术(?:合作|支持|支撑|转让|攻关|指导|服务|帮扶)|"
        r"(?:联合|合作)(?:攻关|研发|开发|研究)|产学研|揭榜|成果(?:转让|许可)|求(?:指点|教|高手|高人|支招)|指点|"
        r"(?:请|找|想请|希望)(?:专家|高手|高人|懂的人|懂的)|turnkey|(?:technical|technology|engineering|complete|"
        r"process|integrated) solutions?|solutions? (?:for|provider)|"
        r"technology partner|joint (?:development|research)|consult(?:ing|ant|ancy)\b",
    ),
)
#: What is refused or is the requester's own is not asked for: 只找代工,不租釜; 已建成首条中试线.
_REFUSED = re.compile(
    r"(?:不(?:想|要|需要?|接受|考虑|找)?|别|非|无需|没有?)$|"
    r"(?:启动|建成|建有|投建|建设|拥有|自有|自建|已有|已建|订购|现有)[^,。;!?\n]{0,10}$"
)
_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)


def read_kinds(text: str) -> list[KindRequirement]:
    """Return the kinds that a normalised text asks for, each once, in the order of their spans."""
    found = []
    for kind, pattern in _PATTERNS:
        match = next((match for match in pattern.finditer(text) if not _is_refused(text, match)), None)
        if match:
            found.append(KindRequirement(text=match.group(), start=match.start(), end=match.end(), kind=kind))
    return sorted(found, key=lambda requirement: requirement.start or 0)


def _is_refused(text: str, match: re.Match[str]) -> bool:
    if waiver_end(text, *match.span()) is not None:
        return True
    return bool(_REFUSED.search(text[max(0, match.start() - 14) : match.start()]))
