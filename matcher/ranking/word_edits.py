"""Synonyms and words of a document put in and taken out, each line by itself: each gives another document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matcher.errors import InvalidInput, NotFound
from matcher.ranking.documents import SYNONYMS_MAX, WORDS_MAX, Document
from matcher.retrieval.synonym_lines import PART_NAMES, TERM_MAX, Line, Lines, Part, Refused, Ties, read_lines
from matcher.retrieval.synonyms import MIN_TERM_LENGTH, Synonyms
from matcher.retrieval.vocabulary import Vocabulary
from matcher.retrieval.words import normalise

_JOINED_HERE: Final = "这些词是本方案自己加在一组的,不能拆开"
_JOINED_HINT: Final = "请删去添加的那一组"
_WORD_HINT: Final = "请写一个完整的词,如:深硅刻蚀"


def present(vocabulary: Vocabulary, document: Document) -> Synonyms:
    """The synonyms that a document ranks with.

    Args:
        vocabulary: the shipped one.
    """
    return vocabulary.synonyms.edited(document.added, document.removed, document.narrower)


def groups_of(document: Document, part: Part) -> tuple[tuple[str, ...], ...]:
    """The groups or pairs of one part."""
    return {"add": document.added, "remove": document.removed, "narrower": document.narrower}[part]


def with_group(document: Document, vocabulary: Vocabulary, part: Part, terms: Sequence[str]) -> tuple[Document, Line]:
    """With one group or pair more, and what became of it.

    Raises:
        InvalidInput: as for `Ties.take`, or one too many.
    """
    _check_room(document)
    line = Line(1, part, *Ties(present(vocabulary, document)).take(part, terms))
    after = _with_lines(document, [line])
    if _still_joined(after, vocabulary, [line]):
        raise InvalidInput(_JOINED_HERE, hint=_JOINED_HINT, field="terms")
    return after, line


def with_lines(document: Document, vocabulary: Vocabulary, text: str, *, apart: bool = False) -> tuple[Document, Lines]:
    """With all lines of a text that can be used, and what became of each.

    Args:
        apart: whether the lines name groups that are to be taken apart.

    Raises:
        InvalidInput: more lines than a document may have groups.
    """
    count = len(text.splitlines())
    if count > SYNONYMS_MAX:
        message = f"一次至多 {SYNONYMS_MAX} 行,收到 {count} 行"
        raise InvalidInput(message, hint="请核对是否贴错了内容,或分几次上传", field="text")
    room = SYNONYMS_MAX - _held(document)
    lines = read_lines(text, present(vocabulary, document), apart=apart, room=room)
    after = _with_lines(document, lines.taken)
    joined = {line.number: line for line in _still_joined(after, vocabulary, lines.taken)}
    if joined:
        refused = [Refused(one.number, "、".join(one.terms), _JOINED_HERE, _JOINED_HINT) for one in joined.values()]
        taken = tuple(line for line in lines.taken if line.number not in joined)
        lines = Lines(taken, tuple(sorted((*lines.refused, *refused), key=lambda one: one.number)))
        after = _with_lines(document, taken)
    return after, lines


def without_group(document: Document, part: Part, number: int) -> tuple[Document, tuple[str, ...]]:
    """Without the group or pair at a place of its part, counted from 1, and its terms.

    Raises:
        NotFound: there is none.
    """
    groups = groups_of(document, part)
    if not 1 <= number <= len(groups):
        message = f"这一版的{PART_NAMES[part]}里没有第 {number} 组"
        raise NotFound(message, hint="序号见 /v1/profiles/{编号}/synonyms", field="number")
    rest = (*groups[: number - 1], *groups[number:])
    return _replaced(document, part, rest), groups[number - 1]


def with_words(
    document: Document, vocabulary: Vocabulary, words: Sequence[str]
) -> tuple[Document, tuple[str, ...], tuple[Refused, ...]]:
    """With words kept whole, those that were taken and those that can't be; each is looked at by itself."""
    known = {*map(normalise, vocabulary.lexicon), *present(vocabulary, document).terms}
    known |= set(map(normalise, document.dictionary))
    room = WORDS_MAX - len(document.dictionary)
    taken: list[str] = []
    refused: list[Refused] = []
    for number, word in enumerate(words, 1):
        spelt = normalise(word).strip()
        fault = "已到词典的上限" if len(taken) >= room else _fault(spelt, known)
        if fault:
            refused.append(Refused(number, word[:TERM_MAX], fault, _WORD_HINT))
        else:
            taken.append(spelt)
            known.add(spelt)
    return replace(document, dictionary=(*document.dictionary, *taken)), tuple(taken), tuple(refused)


def without_word(document: Document, word: str) -> Document:
    """Without a word. Raises NotFound where it is not among those of the document."""
    spelt = normalise(word).strip()
    rest = tuple(one for one in document.dictionary if normalise(one) != spelt)
    if len(rest) == len(document.dictionary):
        message = f"这一版的词典里没有“{word[:TERM_MAX]}”"
        raise NotFound(message, hint="只能删去这里添加的词", field="word")
    return replace(document, dictionary=rest)


def meanings(synonyms: Synonyms, term: str) -> dict[str, float]:
    """What a search for a term is widened to, with weights; without the term itself."""
    spelt = normalise(term).strip()
    return {other: weight for other, weight in synonyms.expand([spelt]).items() if other != spelt}


def _still_joined(document: Document, vocabulary: Vocabulary, lines: Sequence[Line]) -> list[Line]:
    """The lines that were to take groups apart which the document itself puts together: what is added comes last."""
    apart = [line for line in lines if line.part == "remove"]
    if not apart:
        return []
    group_of = {term: group for group in present(vocabulary, document).groups for term in group}
    return [line for line in apart if any(term in group_of[line.terms[0]] for term in line.terms[1:])]


def _fault(word: str, known: set[str]) -> str | None:
    if not word:
        return "空的词"
    if len(word) < MIN_TERM_LENGTH:
        return f"太短,至少 {MIN_TERM_LENGTH} 个字"
    if len(word) > TERM_MAX:
        return f"太长,至多 {TERM_MAX} 字"
    if not word.isprintable():
        return "有无法显示的字符"
    return "已在词典里" if word in known else None


def _with_lines(document: Document, lines: Sequence[Line]) -> Document:
    for part in PART_NAMES:
        new = tuple(line.terms for line in lines if line.part == part)
        if new:
            document = _replaced(document, part, (*groups_of(document, part), *new))
    return document


def _replaced(document: Document, part: Part, groups: tuple[tuple[str, ...], ...]) -> Document:
    if part == "add":
        return replace(document, added=groups)
    if part == "remove":
        return replace(document, removed=groups)
    return replace(document, narrower=tuple((group[0], group[1]) for group in groups))


def _check_room(document: Document) -> None:
    if _held(document) >= SYNONYMS_MAX:
        message = f"同义词已有 {_held(document)} 组,到了上限"
        raise InvalidInput(message, hint="请先删去不用的组", field="terms")


def _held(document: Document) -> int:
    return len(document.added) + len(document.removed) + len(document.narrower)
