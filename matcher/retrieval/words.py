"""Text → words and character n-grams for lexical search, with the pilot-testing lexicon as user dictionary."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

from rjieba import Jieba

from matcher.errors import BrokenArtefact, InvalidInput
from matcher.understanding import text as spelling
from matcher.understanding.terms import Terms

# Words that needs and listings share without meaning the same thing by them. Kept short on purpose: BM25 weighs
# frequent words down by itself, so beside function words only those stand here that never say what is wanted.
_FUNCTION_WORDS = """
    的 了 和 与 及 或 在 对 为 于 以 把 被 将 从 到 由 向 往 给 让 使 用 按 据 因 则 而 且 但 也 都 还 又 再 就 才 很 太
    更 最 不 没 没有 未 无 是 有 能 会 可 要 想 做 能够 可以 可能 应该 这 那 该 其 此 各 每 某 等 等等 之 所 着 过 地 得
    吗 吧 呢 啊 上 下 中 里 内 外 前 后 时 个 些 一个 一些 一种 这个 那个 这些 那些 什么 怎么 怎样 如何 哪里 哪些 谁 我
    你 他 她 它 我们 你们 他们 咱们 自己 以及 并 并且 或者 如果 因为 所以 但是 不过 而且 然后 其中 其他 目前 现在 已经
    已 正在 拟 曾 通过 根据 关于 对于 由于 为了 按照 之后 之前 左右 以上 以下 以内 不少 不低 超过 约 大约
"""
_EMPTY_DOMAIN_WORDS = """
    需要 需求 希望 寻求 寻找 求 找 急需 急求 想找 企业 公司 单位 厂家 我司 本公司 进行 开展 实现 具有 具备 相关 有关
    方面 问题 情况 条件 提供 支持 帮助 帮忙 解决 完成 达到 主要 一定 以便 请 请问 联系 合作 项目 团队
"""
STOP_WORDS = frozenset(f"{_FUNCTION_WORDS} {_EMPTY_DOMAIN_WORDS}".split())

# One spelling for a unit that stands behind a number, so that 50升, 50 L and 50l are one word, and 8寸 is 8英寸.
_UNIT_SPELLINGS = {
    "升": "l", "毫升": "ml", "立方": "m3", "立方米": "m3", "平方米": "m2", "平米": "m2", "公斤": "kg", "千克": "kg",
    "克": "g", "毫克": "mg", "吨": "t", "米": "m", "毫米": "mm", "厘米": "cm", "微米": "μm", "um": "μm", "纳米": "nm",
    "寸": "英寸", "千瓦": "kw", "兆瓦": "mw", "千伏": "kv", "兆帕": "mpa", "安时": "ah", "摄氏度": "°c", "度": "°c",
}  # fmt: skip
_UNITS = """
    英寸 l ml μl m3 m2 kg g mg t mm cm m μm nm kw mw gw w kwh mwh gwh wh v kv mv a ma ah mah hz khz mhz ghz
    pa kpa mpa gpa bar n kn nm °c k rpm ppm ppb h min s d cp mil oz db lm
"""
_UNIT = "|".join(sorted((*_UNIT_SPELLINGS, *_UNITS.split()), key=len, reverse=True))
_STANDARD = (
    "gb|gjb|yy|jb|hg|ys|hj|sj|qb|qc|db|dl|iso|iec|ieee|astm|en|ipc|iatf|cispr|ul|sae|din|semi|ich|mil-std|un|sto"
)
_SPECIAL = re.compile(
    rf"""
      (?P<standard>(?<![a-z0-9])(?:{_STANDARD})(?:/(?:t|z|ts|tr|iec))?[\ -]?[a-z]?\d+(?:\.\d+)*(?:-\d+)*)
    | (?P<number>(?<![a-z0-9.])\d+(?:\.\d+)?)\ ?(?P<unit>{_UNIT})(?![a-z0-9])
    | (?P<latin>(?:\d+(?:\.\d+)?)?[a-zα-ω][a-z0-9]*(?:-[a-z0-9]+)*)
    | (?P<figure>\d+(?:\.\d+)?)
    """,
    re.VERBOSE,
)
_CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Grades, alloys and package sizes (304, 6061, 01005) say something; shorter figures and fractions do not.
_MIN_FIGURE_DIGITS = 3
_PARTS_CACHE_SIZE = 65_536


def normalise(text: str) -> str:
    """Simplified, half-width, lower case, compatibility signs resolved (㎡ → m2); the length may change."""
    return unicodedata.normalize("NFKC", spelling.normalise(text)).lower()


class Words:
    """Cuts text into words, deterministically, for indexing and for searching alike.

    Args:
        lexicon_terms: words to keep whole, in any case or width; Chinese, Latin, with spaces or mixed (`3D打印`).
        stop_words: words left out of every cut.
        general: terms that say how work is arranged rather than what is made; `named` passes them over.
        hidden_markov: whether runs that no dictionary knows may be joined to words by jieba's character model.
    """

    def __init__(
        self,
        lexicon_terms: Iterable[str] = (),
        *,
        stop_words: frozenset[str] = STOP_WORDS,
        hidden_markov: bool = True,
        general: Iterable[str] = (),
    ) -> None:
        terms = sorted({normalise(term).strip() for term in lexicon_terms} - {""}, key=lambda term: (len(term), term))
        #: What is kept whole: two with the same terms cut every text alike.
        self.terms = frozenset(terms)
        self._chinese_terms = frozenset(term for term in terms if _CHINESE_RUN.fullmatch(term))
        self._other_terms = Terms(term for term in terms if term not in self._chinese_terms)
        passed_over = {normalise(term).strip() for term in general}
        self._naming = Terms(term for term in terms if len(term) > 1 and term not in passed_over)
        self._stop_words = stop_words
        self._hidden_markov = hidden_markov
        self._jieba = Jieba()
        # 膜材料 must still answer to 膜: what general jieba leaves as single characters is no dictionary word.
        single_characters = {
            term: tuple(piece for piece in self._jieba.cut(term, False) if len(piece) == 1)
            for term in self._chinese_terms
        }
        for term in terms:
            if term in self._chinese_terms:
                # Without a frequency jieba takes the least that keeps the word whole, given those before: short first.
                self._jieba.add_word(term, None, None)
        self._parts = lru_cache(maxsize=_PARTS_CACHE_SIZE)(partial(_find_parts, self._jieba, single_characters))

    @classmethod
    def load(cls, path: Path, extra_terms: Iterable[str] = ()) -> Words:
        """Words with the terms of a lexicon (see `read_lexicon`) and further ones, such as those of the synonyms."""
        return cls([*read_lexicon(path), *extra_terms])

    def cut(self, text: str) -> list[str]:
        """Words in the order of the text; a long word follows its parts (发酵, 发酵罐).

        Punctuation, stop words, years and bare figures under three digits are left out. Quantities (`50l`, `8英寸`),
        standards (`gb/t2260`) and Latin words are kept whole, hyphenated ones with their parts.
        """
        text = normalise(text)
        words: list[str] = []
        done = 0
        for found in self._other_terms.find(text):
            words += self._plain_words(text[done : found.start])
            words += self._term_words(found.term)
            done = found.end
        words += self._plain_words(text[done:])
        return [word for word in words if word not in self._stop_words]

    def named(self, text: str) -> list[str]:
        """The processes, devices and materials of the lexicon that a text names, normalised, each once, as they come.

        Of two that begin at one place the longer; nothing of what is inside it.
        """
        return list(dict.fromkeys(found.term for found in self._naming.find(normalise(text))))

    def _term_words(self, term: str) -> Iterator[str]:
        for part in self._plain_words(term):
            if part != term:
                yield part
        yield term

    def _plain_words(self, text: str) -> Iterator[str]:
        done = 0
        for special in _SPECIAL.finditer(text):
            yield from self._chinese_words(text[done : special.start()])
            yield from _special_words(special)
            done = special.end()
        yield from self._chinese_words(text[done:])

    def _chinese_words(self, text: str) -> Iterator[str]:
        if text:
            for word in self._jieba.cut(text, self._hidden_markov):
                if word[0].isalnum():
                    yield from self._parts(word)


def _find_parts(jieba: Jieba, single_characters: Mapping[str, tuple[str, ...]], word: str) -> tuple[str, ...]:
    """Characters that stand alone in it, dictionary words inside it by their end, and the word itself last."""
    parts = [
        word[start:end]
        for end in range(2, len(word) + 1)
        for start in range(end - 1)
        if end - start < len(word) and jieba.has_word(word[start:end])
    ]
    return (*single_characters.get(word, ()), *parts, word)


def _special_words(special: re.Match[str]) -> Iterator[str]:
    kind = special.lastgroup
    if kind == "standard":
        yield special[0].replace(" ", "")
    elif kind == "unit":
        yield special["number"] + _UNIT_SPELLINGS.get(special["unit"], special["unit"])
    elif kind == "latin":
        yield from _latin_words(special[0])
    elif len(special[0]) >= _MIN_FIGURE_DIGITS and special[0].isdigit() and not _YEAR.fullmatch(special[0]):
        yield special[0]


def _latin_words(word: str) -> Iterator[str]:
    """`micro-led` → micro, led, microled, micro-led: it is written in all of these ways. Single letters say nothing."""
    parts = word.split("-")
    if len(parts) > 1:
        yield from (part for part in parts if len(part) > 1 and not part.isdigit())
        yield "".join(parts)
    if len(word) > 1:
        yield word


def char_ngrams(text: str, sizes: Sequence[int] = (2, 3)) -> list[str]:
    """Character n-grams of each Chinese run, size by size, then the Latin words; none crosses punctuation.

    A run shorter than a size gives nothing of that size. Texts are normalised as for `Words.cut`.
    """
    text = normalise(text)
    grams = [
        run[start : start + size]
        for run in _CHINESE_RUN.findall(text)
        for size in sizes
        for start in range(len(run) - size + 1)
    ]
    grams += [word for special in _SPECIAL.finditer(text) for word in _special_words(special)]
    return grams


def read_lexicon(path: Path, field: str | None = None) -> list[str]:
    """The terms of a lexicon: a CSV file with the columns term, field and source, in UTF-8; those of one field, or all.

    Raises:
        BrokenArtefact: the file is not there.
        InvalidInput: a column is missing, or a row has no term; the message names the line.
    """
    if not path.is_file():
        raise BrokenArtefact(f"找不到词典 {path.name}", hint="词典随代码一起发布,请检查 datasets 文件夹")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if "term" not in (rows.fieldnames or ()):
            raise InvalidInput(f"词典 {path.name} 缺少 term 列", field="term")
        terms = ((_term_of(row, rows.line_num, path), row.get("field")) for row in rows)
        return [term for term, of in terms if field is None or of == field]


def _term_of(row: dict[str, str], line: int, path: Path) -> str:
    term = (row["term"] or "").strip()
    if not term:
        raise InvalidInput(f"词典 {path.name} 第 {line} 行没有词", field="term")
    return term
