"""Small edits of a ranking profile: what comes in beside them, and what goes out of each; for admins.

An edit never changes what is stored: it makes the next version, a draft whose parent is the version that was edited.
With `preview` nothing is stored, and the answer tells what the edit alone would change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from api.account_answers import Answer, Body
from api.dependencies import ActorDep, DatabaseDep
from api.gate_answers import NAMED_MAX, PreviewAnswer, judged_json, need_json
from api.profile_answers import ProfileAnswer, profile_json
from api.trying import Trials, TrialsDep
from matcher.catalogue.database import Session
from matcher.catalogue.profiles.edits import editable, save
from matcher.catalogue.profiles.stored import StoredProfile, usable_document
from matcher.ranking.documents import Document, differences
from matcher.records import Need
from matcher.retrieval.synonym_lines import Line, Refused
from matcher.understanding.text import MAX_CHARACTERS, check_text


class EditOptions(Body):
    """What every edit takes beside what it changes."""

    note: str | None = Field(None, description="这一版改了什么、为什么;不填时由改动生成")
    name: str | None = Field(None, max_length=NAMED_MAX, description="以新名称另起,不接着原方案")
    preview: bool = Field(False, description="只预览,不保存")
    judged: bool = Field(True, description="预览时计算已标注需求的变化;改了词的须重新测量,要几秒到几十秒")
    judgement_set: str | None = Field(None, max_length=NAMED_MAX, description="预览用的标注集,同门禁")
    need: str | None = Field(None, max_length=MAX_CHARACTERS, description="预览时另看这一条需求(自己的话)的前 20 名")


class EditAnswer(Answer):
    """`profile` is the new version, null of a preview or where nothing was taken; `changes` against the edited one."""

    base: ProfileAnswer
    profile: ProfileAnswer | None
    changes: dict[str, Any]
    preview: PreviewAnswer | None


class LineAnswer(Answer):
    """A line that was taken; `part`: add means the same, remove no longer does, narrower then broader."""

    line: int
    part: str
    terms: list[str]
    notes: list[str]


class RefusedAnswer(Answer):
    """A line that was not taken: its number from 1, its first characters, why, and what to do."""

    line: int
    text: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A document that was edited; the reason of the version where nobody gives another; what the answer is to tell."""

    document: Document
    reason: str
    told: Any = None


#: Makes the edited document of the one that was stored, in the session that will store it.
Change = Callable[[Session, Document], Edited]


class Editing:
    """Does one edit of a version. No transaction is open while a preview is measured."""

    def __init__(self, database: DatabaseDep, actor: ActorDep, trials: TrialsDep) -> None:
        self._database, self._actor, self._trials = database, actor, trials

    @property
    def trials(self) -> Trials:
        """What previews are measured with."""
        return self._trials

    def run(self, profile_id: str, options: EditOptions, change: Change) -> tuple[EditAnswer, Edited]:
        """Store the next version, or preview it.

        Raises:
            Forbidden: the caller is no admin. NotFound, Outdated: as for `editable`.
            Conflict, InvalidInput: as for `create`, and whatever `change` raises.
            Unavailable: the matcher in use can't be tried by other profiles.
        """
        self._actor.needs_admin()
        if options.preview:
            return self._preview(profile_id, options, change)
        with self._database.session() as session:
            base = editable(session, profile_id, options.name)
            before = usable_document(base)
            edited = change(session, before)
            if edited.document == before:
                return _answer(base, None, before, before), edited
            reason = edited.reason if options.note is None else options.note
            stored = save(session, self._actor, base, edited.document, reason, options.name)
            return _answer(base, stored, before, edited.document), edited

    def _preview(self, profile_id: str, options: EditOptions, change: Change) -> tuple[EditAnswer, Edited]:
        began = time.perf_counter()
        with self._database.reading() as session:
            base = editable(session, profile_id, options.name)
            before = usable_document(base)
            edited = change(session, before)
            judged = self._trials.judged(session, options.judgement_set) if options.judged else None
        answer = _answer(base, None, before, edited.document)
        need = Need(text=check_text(options.need)) if options.need is not None else None
        if judged is None and need is None:
            return answer, edited
        trial = self._trials.of(before, edited.document)
        answer.preview = PreviewAnswer(
            against=base.label,
            judged=judged_json(trial.preview(judged), judged) if judged is not None else None,
            need=need_json(trial.need(need)) if need is not None else None,
            took_ms=0.0,
        )
        answer.preview.took_ms = round((time.perf_counter() - began) * 1000, 1)
        return answer, edited


EditingDep = Annotated[Editing, Depends(Editing)]


def status_of(answer: EditAnswer) -> int:
    """201 where a version was made."""
    return 200 if answer.profile is None else 201


def headers_of(answer: EditAnswer) -> dict[str, str]:
    """Where the new version is."""
    return {} if answer.profile is None else {"Location": f"/v1/profiles/{answer.profile.id}"}


def line_answer(line: Line) -> LineAnswer:
    """A line as it is shown."""
    return LineAnswer(line=line.number, part=line.part, terms=list(line.terms), notes=list(line.notes))


def refused_answer(one: Refused) -> RefusedAnswer:
    """A refused line as it is shown."""
    return RefusedAnswer(line=one.number, text=one.text, message=one.message, hint=one.hint)


def _answer(base: StoredProfile, made: StoredProfile | None, before: Document, after: Document) -> EditAnswer:
    return EditAnswer(
        base=ProfileAnswer(**profile_json(base)),
        profile=ProfileAnswer(**profile_json(made)) if made is not None else None,
        changes=differences(before, after),
        preview=None,
    )
