"""`/v1/profiles/{id}/synonyms` and `/dictionary`: the words of a version, one by one or as lines; for admins.

Each edit makes a new version. Of lines each is looked at by itself: those that can't be used come back with their
numbers, the others are taken.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import Field
from starlette.responses import Response

from api.account_answers import Answer, Body
from api.dependencies import ActorDep, ReadingDep
from api.edits import (
    EditAnswer,
    Edited,
    EditingDep,
    EditOptions,
    LineAnswer,
    RefusedAnswer,
    headers_of,
    line_answer,
    refused_answer,
    status_of,
)
from api.errors import responses
from api.gate_answers import NAMED_MAX
from api.profile_answers import ProfileAnswer, profile_json
from api.replies import model_reply
from api.trying import TrialsDep
from matcher.catalogue.database import Session
from matcher.catalogue.importing.delimited import encoding_of
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.stored import usable_document
from matcher.errors import InvalidInput, TooLarge
from matcher.ranking.documents import Document
from matcher.ranking.word_edits import (
    groups_of,
    meanings,
    present,
    with_group,
    with_lines,
    with_words,
    without_group,
    without_word,
)
from matcher.retrieval.synonym_lines import PART_NAMES, TERM_MAX, TERMS_MAX, Part
from matcher.understanding.text import MAX_CHARACTERS

#: Ten thousand lines of usual length; what is longer was pasted in by mistake.
BYTES_MAX = 900_000
#: Words in one request.
WORDS_MAX = 1_000
#: A term as it comes; its own limit is checked where it is read.
TERM_CHARACTERS = 1_000

router = APIRouter(
    prefix="/v1/profiles/{profile_id}", tags=["profiles"], responses=responses(401, 403, 404, 409, 412, 422, 503)
)


class GroupBody(EditOptions):
    part: Part = Field("add", description="add 同义;remove 把随附的一组拆开;narrower 窄词在前、宽词在后")
    terms: list[Annotated[str, Field(max_length=TERM_CHARACTERS)]] = Field(
        max_length=TERMS_MAX * 2, description="两个以上的词;narrower 恰好两个"
    )


class WordsBody(EditOptions):
    words: list[Annotated[str, Field(max_length=TERM_CHARACTERS)]] = Field(
        max_length=WORDS_MAX, description="检索时不拆开的词"
    )


class WordsQuery(Body):
    term: str | None = Field(None, max_length=TERM_MAX, description="另看检索这个词时还会找哪些词")


class MeaningAnswer(Answer):
    """A word that a search for the term is widened to; its own counts 1."""

    term: str
    weight: float


class SynonymsAnswer(Answer):
    """What a version changes of the shipped words; the number of a group is its place, from 1.

    Attributes:
        shipped: groups that come with the program. meanings: of the term that was asked for.
    """

    profile: ProfileAnswer
    add: list[list[str]]
    remove: list[list[str]]
    narrower: list[list[str]]
    dictionary: list[str]
    shipped: int
    meanings: list[MeaningAnswer] | None


class GroupEditAnswer(EditAnswer):
    """`line` is what was taken; null of a group that was deleted."""

    line: LineAnswer | None


class LinesAnswer(EditAnswer):
    """What became of each line; `profile` is null where none was taken."""

    taken: list[LineAnswer]
    refused: list[RefusedAnswer]


class WordsAnswer(EditAnswer):
    """What became of each word; `line` of a refused one counts the words."""

    taken: list[str]
    refused: list[RefusedAnswer]


@router.get("/synonyms", summary="同义词与词典的改动", response_model=SynonymsAnswer)
def synonyms(
    profile_id: str, query: Annotated[WordsQuery, Query()], session: ReadingDep, actor: ActorDep, trials: TrialsDep
) -> Response:
    """What a version adds to the shipped synonyms and words, and takes out of them."""
    actor.needs_admin()
    stored = get(session, profile_id)
    document, vocabulary = usable_document(stored), trials.vocabulary
    found = None if query.term is None else meanings(present(vocabulary, document), query.term)
    return model_reply(
        SynonymsAnswer(
            profile=ProfileAnswer(**profile_json(stored)),
            **{part: [list(group) for group in groups_of(document, part)] for part in PART_NAMES},
            dictionary=list(document.dictionary),
            shipped=len(vocabulary.synonyms),
            meanings=None if found is None else [MeaningAnswer(term=one, weight=found[one]) for one in found],
        )
    )


@router.post("/synonyms", summary="添加一组同义词", status_code=201, response_model=GroupEditAnswer)
def add(profile_id: str, body: GroupBody, actor: ActorDep, editing: EditingDep) -> Response:
    """A group more, in a new version; or, with `preview`, what it would change."""
    actor.needs_admin()

    def change(session: Session, document: Document) -> Edited:
        after, line = with_group(document, editing.trials.vocabulary, body.part, body.terms)
        return Edited(after, f"{PART_NAMES[line.part]}:{'、'.join(line.terms)}", line_answer(line))

    answer, edited = editing.run(profile_id, body, change)
    return model_reply(GroupEditAnswer(**dict(answer), line=edited.told), status_of(answer), headers_of(answer))


@router.post("/synonyms/lines", summary="批量添加同义词", status_code=201, response_model=LinesAnswer,
             responses=responses(413))  # fmt: skip
def add_lines(
    profile_id: str,
    actor: ActorDep,
    editing: EditingDep,
    file: Annotated[UploadFile | None, File(description="文本或 CSV(UTF-8 或 GB18030),10,000 行以内")] = None,
    text: Annotated[str | None, Form(description="或直接贴在这里,每行一组:发酵罐 = 生物反应器")] = None,
    apart: Annotated[bool, Form(description="把各行的词拆开,而不是合为一组")] = False,
    preview: Annotated[bool, Form(description="只预览,不保存")] = False,
    judged: Annotated[bool, Form(description="预览时计算已标注需求的变化")] = True,
    judgement_set: Annotated[str | None, Form(max_length=NAMED_MAX, description="预览用的标注集")] = None,
    need: Annotated[str | None, Form(max_length=MAX_CHARACTERS, description="预览时另看这一条需求")] = None,
    note: Annotated[str | None, Form(description="这一版改了什么、为什么")] = None,
    name: Annotated[str | None, Form(max_length=NAMED_MAX, description="以新名称另起")] = None,
) -> Response:
    """Every line that can be used, in one new version; the others come back with their numbers."""
    actor.needs_admin()
    lines = _text(file, text)
    options = EditOptions(note=note, name=name, preview=preview, judged=judged, judgement_set=judgement_set, need=need)

    def change(session: Session, document: Document) -> Edited:
        after, found = with_lines(document, editing.trials.vocabulary, lines, apart=apart)
        return Edited(after, f"{'拆开' if apart else '添加'}同义词 {len(found.taken)} 组", found)

    answer, edited = editing.run(profile_id, options, change)
    whole = LinesAnswer(
        **dict(answer),
        taken=[line_answer(one) for one in edited.told.taken],
        refused=[refused_answer(one) for one in edited.told.refused],
    )
    return model_reply(whole, status_of(answer), headers_of(answer))


@router.delete("/synonyms/{part}/{number}", summary="删去一组改动", status_code=201, response_model=GroupEditAnswer)
def remove(
    profile_id: str,
    part: Part,
    number: int,
    options: Annotated[EditOptions, Query()],
    actor: ActorDep,
    editing: EditingDep,
) -> Response:
    """A new version without one of the groups that this one adds or takes apart, by its number there."""
    actor.needs_admin()

    def change(session: Session, document: Document) -> Edited:
        after, terms = without_group(document, part, number)
        return Edited(after, f"删去{PART_NAMES[part]}:{'、'.join(terms)}")

    answer, _ = editing.run(profile_id, options, change)
    return model_reply(GroupEditAnswer(**dict(answer), line=None), status_of(answer), headers_of(answer))


@router.post("/dictionary", summary="添加词典的词", status_code=201, response_model=WordsAnswer)
def add_words(profile_id: str, body: WordsBody, actor: ActorDep, editing: EditingDep) -> Response:
    """Words that a search keeps whole, in a new version; each is looked at by itself."""
    actor.needs_admin()

    def change(session: Session, document: Document) -> Edited:
        after, taken, refused = with_words(document, editing.trials.vocabulary, body.words)
        return Edited(after, f"词典添加 {len(taken)} 个词", (taken, refused))

    answer, edited = editing.run(profile_id, body, change)
    taken, refused = edited.told
    whole = WordsAnswer(**dict(answer), taken=list(taken), refused=[refused_answer(one) for one in refused])
    return model_reply(whole, status_of(answer), headers_of(answer))


@router.delete("/dictionary/{word}", summary="删去词典的词", status_code=201, response_model=WordsAnswer)
def remove_word(
    profile_id: str, word: str, options: Annotated[EditOptions, Query()], actor: ActorDep, editing: EditingDep
) -> Response:
    """A new version without a word that this one adds."""
    actor.needs_admin()

    def change(session: Session, document: Document) -> Edited:
        return Edited(without_word(document, word), f"词典删去 {word}")

    answer, _ = editing.run(profile_id, options, change)
    return model_reply(WordsAnswer(**dict(answer), taken=[], refused=[]), status_of(answer), headers_of(answer))


def _text(file: UploadFile | None, text: str | None) -> str:
    if (file is None) == (text is None):
        raise InvalidInput("file 与 text 须填且只能填一项", hint="上传文件,或把各行贴在 text 里", field="text")
    if file is None:
        return text or ""
    content = file.file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise TooLarge("文件过大", hint=f"至多 {BYTES_MAX // 1000} kB,请分几次上传", field="file")
    return content.decode(encoding_of(content))
