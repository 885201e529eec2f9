"""Certificates and licences: which a need asks for, which a listing holds, and whether one answers the other."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final, Literal, NamedTuple

from matcher.errors import InvalidInput
from matcher.records import CertificateRequirement, Evidence, Listing, Strength
from matcher.understanding.certificate_names import CertificateNames, FoundCertificate
from matcher.understanding.certificate_table import (
    CERTIFICATES_PATH,
    TEST_SCOPE,
    Certificate,
    check_certificates,
    read_certificates_table,
)
from matcher.understanding.text import normalise
from matcher.understanding.waivers import waiver_end

Satisfaction = Literal["meets", "related", "no"]
HoldingStatus = Literal["held", "planned"]


class Holding(NamedTuple):
    """A certificate that a listing names: `planned` where it is applied for, or only the yardstick of a building."""

    certificate: str
    evidence: Evidence
    status: HoldingStatus


class CertificateAnswer(NamedTuple):
    """Whether a listing answers a wanted certificate. It never misses: a listing that is silent may still hold it."""

    outcome: Literal["meets", "unknown"]
    evidence: Evidence | None = None
    note: str | None = None


#: Clauses end here; what is said of a certificate is said in its clause.
_CLAUSE_END: Final = re.compile(r"[,，。;!?\n]")
#: What stands farther from a certificate than this says nothing of it, even where nobody set a comma.
_REACH: Final = 128
_WAIVED_LEFT: Final = re.compile(
    r"(?:不需要?|无需|不用|不必|不要求?|无须|毋须|不强制|不涉及|非|不含|免)(?:做|有|具备|提供|出具|过|办)?$"
)
_WAIVED_RIGHT: Final = re.compile(
    r"\w{0,4}?(?:不需要|不是必须|不作要求|不做要求|不要求|可不要|非必须|无所谓|没有也行|可有可无)"
)
_TITLE: Final = re.compile("(?:认证|认可|资质|证书?|体系|车间)+")
#: 没有GMP也行
_DISPENSABLE_LEFT: Final = re.compile(r"没有?$")
_DISPENSABLE_RIGHT: Final = re.compile(r"(?:资质|认证|证书?|条件)?也(?:行|可以?|能|没关系)")
#: The requester's own papers are no condition on the partner.
_OWN_LEFT: Final = re.compile(
    r"(?:我司|我们|我公司|本公司|公司|我厂|本厂|自己|产品|样品|样机)(?:现|目前|均|都|早)?已经?(?:通过|取得|获得?|有|具备|拥有|拿到|持有)"
    r"[^,，。;]{0,10}$|^(?:我司|我们|我公司|本公司|我厂)(?:持有|拥有|取得)[^,，。;]{0,6}$"
)
#: 已有GMP证书,需要… begins a sentence with what its writer has; 已有GMP的平台 and 已有GMP优先 speak of whom is sought.
_HAD_LEFT: Final = re.compile(
    r"(?:^|[。;!?\n]|(?:我们|我司|我厂|我公司|本公司)[^。;!?\n找寻求需要]{0,24}[,，])\s*(?:现|目前|均|都|早|现在)?已经?(?:通过|取得|获得?|有|具备|拥有|拿到|持有)了?[^,，。;的]{0,10}$"
)
#: As far before a certificate as the words reach that begin so.
_LONGEST_HAD: Final = 56
_SOUGHT_RIGHT: Final = re.compile(
    r"[^,，。;!?\n]{0,10}?(?:的|优先|最好|平台|厂|公司|机构|供应商|实验室|单位|企业|才|者)|[,，]?(?:优先|最好|为佳)"
)
_PREFER: Final = re.compile(r"优先|最好|更佳|更好|为佳|加分|尽量|优选|可选|更方便|更合适|希望有")
_ENGLISH_PREFER: Final = re.compile(
    r"\b(?:prefer\w*|ideally|ideal|hopefully|nice to have|a plus|optional\w*|if possible|bonus|desirable)\b",
    re.IGNORECASE,
)
_ENGLISH_WAIVED_LEFT: Final = re.compile(
    r"\b(?:no|without|need no|(?:don't|doesn't|do not|does not|not) need)(?: for)?(?: any)? ?$", re.I
)
_ENGLISH_WAIVED_RIGHT: Final = re.compile(
    r" ?(?:certif\w+|accredit\w+)? ?(?:is |are )?(?:not (?:needed|required|necessary|mandatory)|unnecessary)",
    re.IGNORECASE,
)
_ENGLISH_MUST_LEFT: Final = re.compile(
    r"\b(?:must|needs?|requir(?:es?|ed|ing)|shall|mandatory|has to|have to|according to|in accordance with|"
    r"compliant with|compl(?:y|ies) with|conforms? to|accredited by|certified by)\b[^,.;]{0,40}$",
    re.I,
)
_ENGLISH_MUST_RIGHT: Final = re.compile(
    r"[^,.;]{0,40}?\b(?<!not )(?:required|mandatory|a must|needed|necessary|compulsory|essential|obligatory)\b",
    re.IGNORECASE,
)
_MUST: Final = re.compile(
    r"必须|务必|必备|须|需(?!求)|要求|应(?!用|力|变|急|对)|(?<![主重简次])要(?!求?[的是]什么)|得有|仅限|只限|只要|具备|具有"
    r"|持有?|带(?![宽动])|符合|满足|出具|[请求找寻][^,，。;]{0,10}有|按(?!天|月|批|机)"
)
_PLANNED_LEFT: Final = re.compile(r"(?:将|拟|计划|规划|申请|申报|筹备|筹建|争取|预计|正在|待)[^,，。;]{0,8}$")
_BENCHMARK_LEFT: Final = re.compile(r"(?:按照?|依照?|依据|参照|对标|对照|遵循)[^,，。;]{0,10}$")
_PLANNED_RIGHT: Final = re.compile(
    r"\w{0,6}[(（](?:申请|规划|筹|在办|待|拟|建设依据|目标|计划)|(?:认[证可])?(?:申请|申报|筹备|认证|认可)中"
    r"|\w{0,4}?(?:标准|要求|规范)(?:[^,，。;]{0,4}(?:建|设计|规划|装修)|$|厂房$)|(?:厂房)?标准(?:$|厂房)|[^,，。;]{0,6}规划"
)
_BUILT_TO_RIGHT: Final = re.compile(r"[^,，。;]{0,6}(?:建|设计|规划|装修)")
_NOT_HELD_LEFT: Final = re.compile(r"(?:非|无|未通过|未取得|没有|不具备|尚无)$")


class Certificates:
    """The table ready for use. Ids that are not in it raise InvalidInput."""

    def __init__(self, rows: Sequence[Certificate]) -> None:
        check_certificates(rows)
        self._by_id = {row.id: row for row in rows}
        self._names = CertificateNames(rows)
        self._keys = {_key(name): row.id for row in rows for name in row.names} | {_key(row.id): row.id for row in rows}
        self._implied = {row.id: self._close(row.id) for row in rows}

    @classmethod
    def load(cls, path: Path = CERTIFICATES_PATH) -> Certificates:
        """Read and check the table. Raises BrokenArtefact."""
        return cls(read_certificates_table(path))

    def __getitem__(self, certificate: str) -> Certificate:
        try:
            return self._by_id[certificate]
        except KeyError:
            raise InvalidInput(f"没有这个资质编号:{certificate}", field="certificate") from None

    def __contains__(self, certificate: object) -> bool:
        return certificate in self._by_id

    def ids(self) -> tuple[str, ...]:
        """Every id, in the table's order."""
        return tuple(self._by_id)

    def find(self, name: str) -> str:
        """The id meant by a name as a person gives it (iso9001, CNAS认可) or an id. Raises InvalidInput."""
        if found := self._keys.get(_key(name)):
            return found
        mentioned = {found.id for found in self._names.find(normalise(name))}
        if len(mentioned) == 1:
            return mentioned.pop()
        near = difflib.get_close_matches(_key(name), self._keys, n=3, cutoff=0.5)
        shown = dict.fromkeys(self._by_id[self._keys[key]].name for key in near)
        hint = f"您是否要找:{'、'.join(shown)}" if shown else "例如 GMP、CNAS、ISO 13485"
        raise InvalidInput(f"不认识的资质:{name}", hint=hint, field="certificate")

    def satisfies(self, held: str, wanted: str) -> Satisfaction:
        """Whether who holds `held` has what `wanted` asks for. `related` is worth a note and never counts as met."""
        if self[wanted].id in self._implied[self[held].id]:
            return "meets"
        close = {held, *self._implied[held]}
        if (
            any(wanted in self[one].related or one in self[wanted].related for one in close)
            or held in self._implied[wanted]
        ):
            return "related"
        return "no"

    def read(self, text: str) -> list[CertificateRequirement]:
        """The certificates that a need asks for, in normalised spelling, in the order of the text."""
        return self.split(text)[0]

    def split(self, text: str) -> tuple[list[CertificateRequirement], list[tuple[int, int]]]:
        """The certificates that a need asks for, and where those stand that it names without asking for them."""
        wanted: list[CertificateRequirement] = []
        others: list[tuple[int, int]] = []
        for found in self._names.find(text):
            if _is_wanted(text, found):
                wanted.append(_requirement(text, found))
            else:
                others.append((found.start, found.end))
        return wanted, others

    def held(self, listing: Listing) -> list[Holding]:
        """The certificates that a listing names, each once with its best evidence: held before planned."""
        best: dict[str, Holding] = {}
        # One pass over the whole listing; line ends keep a name from reaching across two fields.
        fields = list(_fields(listing))
        whole = normalise("\n".join(text for _, text in fields))
        starts = list(accumulate((len(text) + 1 for _, text in fields), initial=0))
        for found in self._names.find(whole):
            status = self._status(whole, found)
            known = best.get(found.id)
            if status and (known is None or (status == "held" and known.status == "planned")):
                index = bisect_right(starts, found.start) - 1
                field, text = fields[index]
                quoted = text[found.start - starts[index] : found.end - starts[index]]
                best[found.id] = Holding(found.id, Evidence(field, quoted), status)
        return list(best.values())

    def answer(self, holdings: Iterable[Holding], wanted: str) -> CertificateAnswer:
        """How a listing's certificates answer a wanted one: planned and related ones leave it unknown, with a note."""
        notes: dict[str, CertificateAnswer] = {}
        for holding in holdings:
            satisfaction = self.satisfies(holding.certificate, wanted)
            name = self[holding.certificate].name
            if satisfaction == "meets" and holding.status == "held":
                note = None if holding.certificate == wanted else f"{name} 已包含 {self[wanted].name}"
                return CertificateAnswer("meets", holding.evidence, note)
            if satisfaction == "meets":
                notes.setdefault(
                    "planned", CertificateAnswer("unknown", holding.evidence, f"{name} 在申请或按标准建设,尚未确认")
                )
            elif satisfaction == "related":
                note = f"有相近的 {name},不等于 {self[wanted].name}"
                notes.setdefault("related", CertificateAnswer("unknown", holding.evidence, note))
        return notes.get("planned") or notes.get("related") or CertificateAnswer("unknown")

    def _close(self, certificate: str) -> frozenset[str]:
        closed: set[str] = set()
        waiting = [certificate]
        while waiting:
            one = waiting.pop()
            if one not in closed:
                closed.add(one)
                waiting.extend(self._by_id[one].implies)
        return frozenset(closed)

    def _status(self, text: str, found: FoundCertificate) -> HoldingStatus | None:
        left, right = _clause(text, found)
        if _NOT_HELD_LEFT.search(left):
            return None
        if _PLANNED_LEFT.search(left) or _PLANNED_RIGHT.match(right):
            return "planned"
        is_tested_to = self._by_id[found.id].scope == TEST_SCOPE
        if _BENCHMARK_LEFT.search(left) and (_BUILT_TO_RIGHT.match(right) or not is_tested_to):
            return "planned"
        return "held"


@cache
def default_certificates() -> Certificates:
    """The shipped table of certificates, read once."""
    return Certificates.load()


def read_certificates(text: str) -> list[CertificateRequirement]:
    """The certificates that a need asks for, read with the shipped table; `text` in normalised spelling."""
    return default_certificates().read(text)


def _requirement(text: str, found: FoundCertificate) -> CertificateRequirement:
    return CertificateRequirement(
        text=text[found.start : found.end],
        start=found.start,
        end=found.end,
        strength=_strength(text, found),
        certificate=found.id,
    )


def _is_wanted(text: str, found: FoundCertificate) -> bool:
    left, right = _clause(text, found)
    if _WAIVED_LEFT.search(left) or _WAIVED_RIGHT.match(right):
        return False
    titled = _TITLE.match(text, found.end)
    if waiver_end(text, found.start, titled.end() if titled else found.end) is not None:
        return False
    if _ENGLISH_WAIVED_LEFT.search(left) or _ENGLISH_WAIVED_RIGHT.match(right):
        return False
    if _DISPENSABLE_LEFT.search(left) and _DISPENSABLE_RIGHT.match(right):
        return False
    return _OWN_LEFT.search(left) is None and not _is_had(text, found)


def _is_had(text: str, found: FoundCertificate) -> bool:
    """Whether a sentence begins with the certificate as one that its writer has: 已有GMP证书,需要找发酵."""
    had = _HAD_LEFT.search(text, max(0, found.start - _LONGEST_HAD), found.start)
    return had is not None and not _SOUGHT_RIGHT.match(text, found.end)


def _strength(text: str, found: FoundCertificate) -> Strength:
    left, right = _clause(text, found)
    if _PREFER.search(left[-12:]) or _PREFER.search(right[:16]):
        return "prefer"
    if _ENGLISH_PREFER.search(left[-40:]) or _ENGLISH_PREFER.search(right[:40]):
        return "prefer"
    if _ENGLISH_MUST_LEFT.search(left) or _ENGLISH_MUST_RIGHT.match(right):
        return "must"
    return "must" if _MUST.search(left[-16:]) or _MUST.search(right[:8]) else "prefer"


def _clause(text: str, found: FoundCertificate) -> tuple[str, str]:
    """The words of its clause before and after a name."""
    start = max(0, found.start - _REACH)
    for end in _CLAUSE_END.finditer(text, start, found.start):
        start = end.end()
    limit = min(len(text), found.end + _REACH)
    behind = _CLAUSE_END.search(text, found.end, limit)
    return text[start : found.start], text[found.end : behind.start() if behind else limit]


def _fields(listing: Listing) -> Iterator[tuple[str, str]]:
    for field in ("qualifications", "capabilities", "services", "equipment"):
        for i, text in enumerate(getattr(listing, field)):
            yield f"{field}[{i}]", text
    yield "summary", listing.summary


def _key(name: str) -> str:
    """A name without blanks, signs and the words 认证, 认可 …, in capitals."""
    bare = re.sub(r"[\s\-_/.()（）:：]", "", normalise(name)).upper()
    return re.sub(r"(?:认证|认可|资质|证书|体系)+$", "", bare) or bare
