"""Texts like needs, without end, for layers that learn to read them: no judged needs, and none need make sense.

What counts is that every word may come up beside every other: composed of what the catalogue offers and composed needs
ask for, with words of it changed for others of a dictionary, in Chinese of both scripts and in English.
"""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from pydoc_data.topics import topics
from typing import Final, NamedTuple

import rjieba

from matcher.errors import InvalidInput
from matcher.records import Listing, Need, Parameter

_CLAUSE: Final = re.compile("[,\uff0c。;\uff1b]")
_COMMA: Final = "\uff0c"
#: Nouns, verbs, adjectives and idioms by the first letter of a tag; names of persons say nothing.
_TAGS: Final = "nvai"
#: Of words' frequencies: rare ones come up, too.
_FLATTENED: Final = 0.35
_UNITS: Final = (
    "L", "升", "kg", "公斤", "吨", "t/年", "m2", "平方米", "万元", "℃", "度", "英寸", "寸", "片/月", "片", "mm",
    "毫米", "μm", "微米", "nm", "MPa", "bar", "kW", "V", "小时", "天", "个月", "批", "套", "rpm", "m3/h", "%",
    "Pa", "cm", "mL",
)  # fmt: skip
_ENGLISH_UNITS: Final = (
    "L", "kg", "t", "mm", "μm", "°C", "MPa", "kW", "h", "pcs", "inch", "m2", "%", "g", "mL",
)  # fmt: skip
_CERTIFICATES: Final = ("GMP", "CNAS", "ISO 13485", "CMA", "IATF 16949", "AS9100", "危化品经营许可", "ISO 9001")
_BEGINS: Final = (
    "需要", "想找", "求", "寻", "希望", "急需", "拟", "计划", "准备", "想做", "解决", "开展", "寻求", "现需", "有没有",
)  # fmt: skip
_KINDS: Final = (
    "", "的平台", "的中试线", "设备", "代工", "代加工", "技术", "服务", "的厂家", "放大", "小批量试制", "检测", "验证",
)  # fmt: skip
_ENGLISH_BEGINS: Final = (
    "We need", "Looking for", "Our company needs", "Seeking", "We are looking for", "We want to scale up", "Need",
    "A start-up wants", "Please recommend", "Is there", "",
)  # fmt: skip
_ENGLISH_KINDS: Final = (
    "", "a ", "an ", "a pilot line for ", "a platform for ", "contract manufacturing of ", "equipment for ",
    "a partner for ", "small-batch production of ", "testing of ",
)  # fmt: skip


class Drawn(NamedTuple):
    """Words, and how often each comes up, summed."""

    words: Sequence[str]
    sums: Sequence[float]


@dataclass(frozen=True, slots=True)
class Sources:
    """What texts are composed of.

    Attributes:
        listings, needs: of the catalogue, and needs that nobody reports on. terms, places: English ones.
        words: of a dictionary, by the first letter of their tags. traditional: characters by the simplified ones.
    """

    listings: Sequence[Listing]
    needs: Sequence[Need]
    terms: Sequence[str]
    places: Sequence[str]
    words: Mapping[str, Drawn]
    traditional: Mapping[str, str]


def sources(datasets: Path, listings: Sequence[Listing], needs: Sequence[Need]) -> Sources:
    """The sources of a folder of tables; InvalidInput where the dictionary is not installed."""
    back: dict[str, str] = {}
    for row in _rows(datasets / "traditional.csv"):
        back.setdefault(row["simplified"], row["traditional"])
    terms = [term for row in _rows(datasets / "english_terms.csv") for term in row["english"].split("|")]
    places = [name for row in _rows(datasets / "regions_english.csv") for name in row["names"].split("|")]
    return Sources(listings, needs, terms, places, dictionary(), back)


def dictionary() -> dict[str, Drawn]:
    """The words of jieba's dictionary by the first letter of their tags."""
    try:
        import jieba
    except ImportError as error:
        raise InvalidInput("训练读需求的层需要 jieba 的词典", hint='运行 pip install "pilotmatch[train]"') from error
    found: dict[str, dict[str, float]] = {tag: {} for tag in _TAGS}
    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        for word, frequency, tag in map(str.split, lines):
            if tag[0] in _TAGS and len(word) > 1 and int(frequency) > 2 and not tag.startswith("nr"):
                found[tag[0]][word] = float(frequency) ** _FLATTENED
    return {tag: _drawn(words) for tag, words in found.items()}


class Composer:
    """Composes texts; one made with the same sources and seed composes the same."""

    def __init__(self, given: Sources, seed: int | str) -> None:
        self._given, self._chance = given, random.Random(seed)
        self._choose = self._chance.choice
        self._tags = {word: tag for tag, drawn in given.words.items() for word in drawn.words}

    def __iter__(self) -> Iterator[str]:
        while True:
            yield self.text()

    def text(self) -> str:
        """One text."""
        draw = self._chance.random()
        for share, make in _KINDS_OF_TEXT:
            if draw < share:
                return make(self)
            draw -= share
        return self.chinese()

    def chinese(self) -> str:
        """One in Chinese, a few clauses long."""
        draw = self._chance.random()
        for share, make in _CHINESE_TEXTS:
            if draw < share:
                return make(self)
            draw -= share
        return self._words()

    def composed(self) -> str:
        """A need: who wants what, with conditions."""
        who = self._choose(
            ("", "", "我们", "公司", "我司", "团队", "课题组", self._city() + "企业", self._industry() + "企业")
        )
        first = (
            who
            + self._choose(_BEGINS)
            + self._choose(("", "能做", "一条", "具备"))
            + self._thing()
            + self._choose(_KINDS)
        )
        rest = [self._choose(_CONDITIONS)(self) for _ in range(self._choose((0, 1, 1, 2, 2, 3, 4)))]
        return self._choose((_COMMA, _COMMA, ",", "、", "\uff1b")).join([first, *rest]) + self._choose(("。", "。", ""))

    def english(self) -> str:
        """A need in English."""
        first = f"{self._choose(_ENGLISH_BEGINS)} {self._choose(_ENGLISH_KINDS)}{self._english_thing()}"
        rest = [self._choose(_ENGLISH_CONDITIONS)(self) for _ in range(self._chance.randint(0, 4))]
        return self._choose((", ", ", ", " and ", ". ", "; ")).join([first, *rest]) + self._choose((".", "", "!"))

    def changed(self, text: str, share: float) -> str:
        """A text with a share of its words changed for others of their kind, and half of its numbers."""
        words = []
        for word in rjieba.cut(text, False):
            tag = self._tags.get(word)
            if tag and self._chance.random() < share:
                word = self._word(tag)
            elif word.isdigit() and self._chance.random() < 0.5:
                word = self._number()
            words.append(word)
        return "".join(words)

    def _traditional(self) -> str:
        return "".join(self._given.traditional.get(character, character) for character in self.chinese())

    def _long(self) -> str:
        parts: Sequence[Callable[[], str]] = (self.composed, self._of_summary, self._of_need)
        return "".join(self._choose(parts)() for _ in range(self._chance.randint(2, 6)))

    def _mixed(self) -> str:
        return self.composed() + self.english()

    def _of_need(self) -> str:
        return self.changed(self._choose(self._needs), self._choose((0, 0.1, 0.3, 0.5)))

    def _of_summary(self) -> str:
        return self.changed(self._choose(self._summaries), self._choose((0, 0.2, 0.5)))

    def _of_clauses(self) -> str:
        clauses = self._choose((self._need_clauses, self._summary_clauses))
        count = self._chance.randint(1, 5)
        return _COMMA.join(self.changed(self._choose(clauses), self._choose((0, 0.3, 0.6))) for _ in range(count))

    def _of_titles(self) -> str:
        return self.changed(self._choose(self._titles), self._choose((0, 0.4)))

    def _words(self) -> str:
        return self._choose(("", "", " ", _COMMA)).join(self._word() for _ in range(self._chance.randint(3, 25)))

    def _word(self, tag: str | None = None) -> str:
        drawn = self._given.words[tag or self._choose("nnnnvva")]
        return self._chance.choices(drawn.words, cum_weights=drawn.sums)[0]

    def _thing(self) -> str:
        offered = self._choose(self._offered)
        return self._choose(
            (offered, offered, self._word("n") + offered, self._word("n") + self._word("v"), self._word("n"),
             self.changed(offered, 0.6), self._choose(self._need_clauses))
        )  # fmt: skip

    def _number(self) -> str:
        chance = self._chance
        return self._choose(
            (str(chance.randint(1, 9)), str(chance.randint(10, 99)), str(self._choose((100, 500, 2000))),
             f"{chance.uniform(0, 20):.1f}", f"{chance.uniform(0, 1):.2f}", str(chance.randint(100, 3000)), "三")
        )  # fmt: skip

    def _parameter(self) -> str:
        parameter = self._choose(self._parameters)
        name, unit = self._choose(((parameter.name, parameter.unit or ""), ("", self._choose(_UNITS))))
        relation = self._choose(("", "≥", "不低于", "约", "要", "达到", "≤", "不超过"))
        return name + relation + self._number() + unit + self._choose(("", "", "以上", "以内", "左右"))

    def _certificate(self) -> str:
        return (
            self._choose(("", "要有", "具备")) + self._choose(self._certificates) + self._choose(("", "认证", "资质"))
        )

    def _city(self) -> str:
        return self._choose(self._cities)

    def _industry(self) -> str:
        return self._choose(self._industries)

    def _english_word(self) -> str:
        return self._chance.choices(_ENGLISH.words, cum_weights=_ENGLISH.sums)[0]

    def _english_thing(self) -> str:
        term, word = self._choose(self._given.terms), self._english_word()
        several = " ".join(self._english_word() for _ in range(self._chance.randint(1, 4)))
        return self._choose((term, term, f"{word} {term}", f"{term} {word}", several))

    def _english_parameter(self) -> str:
        return f"{self._choose(('', 'at least ', 'up to '))}{self._number()} {self._choose(_ENGLISH_UNITS)}"

    @cached_property
    def _offered(self) -> list[str]:
        return [one for each in self._given.listings for one in (*each.capabilities, *each.services, *each.equipment)]

    @cached_property
    def _certificates(self) -> list[str]:
        return [*(one for each in self._given.listings for one in each.qualifications), *_CERTIFICATES]

    @cached_property
    def _cities(self) -> list[str]:
        return [place for each in self._given.listings for place in (each.city, each.province) if place] or ["苏州"]

    @cached_property
    def _industries(self) -> list[str]:
        return [one for each in self._given.listings for one in each.industry] or ["材料"]

    @cached_property
    def _parameters(self) -> list[Parameter]:
        return [one for each in self._given.listings for one in each.parameters] or [Parameter("容积", 1.0, None, "L")]

    @cached_property
    def _summaries(self) -> list[str]:
        return [each.summary for each in self._given.listings if each.summary]

    @cached_property
    def _needs(self) -> list[str]:
        return [need.text for need in self._given.needs]

    @cached_property
    def _titles(self) -> list[str]:
        return [
            *(need.title for need in self._given.needs if need.title),
            *(each.name for each in self._given.listings),
        ]

    @cached_property
    def _need_clauses(self) -> list[str]:
        return _clauses(self._needs)

    @cached_property
    def _summary_clauses(self) -> list[str]:
        return _clauses(self._summaries)


_Make = Callable[[Composer], str]
_CONDITIONS: Final[tuple[_Make, ...]] = (
    Composer._thing, Composer._thing, Composer._parameter, Composer._parameter, Composer._certificate,
    lambda one: "用于" + one._thing(), lambda one: one._choose(one._need_clauses), lambda one: "不要" + one._thing(),
    lambda one: one._city() + one._choose(("优先", "附近", "")), lambda one: f"预算{one._number()}万",
)  # fmt: skip
_ENGLISH_CONDITIONS: Final[tuple[_Make, ...]] = (
    Composer._english_thing, Composer._english_thing, Composer._english_parameter,
    lambda one: f"near {one._choose(one._given.places)}", lambda one: f"for {one._english_thing()}",
    lambda one: f"{one._choose(one._certificates)} required", lambda one: f"budget up to {one._number()}k RMB",
    lambda one: f"within {one._chance.randint(1, 12)} months",
)  # fmt: skip
#: How often each comes up; what is left over is the last of its kind.
_KINDS_OF_TEXT: Final[tuple[tuple[float, _Make], ...]] = (
    (0.15, Composer.english), (0.03, Composer._traditional), (0.05, Composer._long), (0.02, Composer._mixed),
)  # fmt: skip
_CHINESE_TEXTS: Final[tuple[tuple[float, _Make], ...]] = (
    (0.30, Composer.composed), (0.15, Composer._of_need), (0.20, Composer._of_clauses), (0.13, Composer._of_summary),
    (0.08, Composer._of_titles),
)  # fmt: skip


def _clauses(texts: Sequence[str]) -> list[str]:
    return [clause for text in texts for clause in _CLAUSE.split(text) if len(clause) > 3]


def _drawn(weights: Mapping[str, float]) -> Drawn:
    return Drawn(list(weights), list(accumulate(weights.values())))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _english_words() -> Drawn:
    """The words of Python's own manual: some two thousand that every text in English has."""
    seen = Counter(re.findall("[a-z]{3,14}", " ".join(topics.values()).lower()))
    return _drawn({word: count**0.5 for word, count in sorted(seen.items()) if count > 1})


_ENGLISH: Final = _english_words()
