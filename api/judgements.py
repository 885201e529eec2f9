"""`/v1/judgement-sets`: sets of graded pairs and their versions, the judges' queue, agreement and adjudication."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.dependencies import ActorDep, ByProfileDep, LoadingDep, ReadingDep, SessionDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.judgement_answers import (
    AgreementsAnswer,
    FrozenAnswer,
    NextAnswer,
    QueueAnswer,
    SetAnswer,
    SetsAnswer,
    agreement_json,
    disagreement_json,
    next_json,
    set_json,
)
from api.loading import Answering
from api.replies import reply
from api.schemas import TOP_MAX, Strict
from matcher.catalogue.judging.agreement import agreements, disagreements, mean_kappa
from matcher.catalogue.judging.content import adjudicated_grades, grades_by_judge, judged_needs
from matcher.catalogue.judging.grades import adjudicate, put_grade
from matcher.catalogue.judging.pooling import pool
from matcher.catalogue.judging.queues import Progress, check_judge, make_queue, next_task, progress, skip_task
from matcher.catalogue.judging.sets import DESCRIPTION_MAX, create_set, freeze, get_set, list_sets
from matcher.errors import InvalidInput, TooLarge
from matcher.evaluation.metrics import MAX_GRADE
from matcher.records import Need

JUDGES_MAX = 50
RUNS_MAX = 10
NEEDS_MAX = 1_000
#: Needs times profiles that one request ranks: some 20 ms each, so half a minute at most.
RANKED_MAX = 1_500

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Grade = Annotated[int, Field(strict=True, ge=0, le=MAX_GRADE)]

router = APIRouter(prefix="/v1/judgement-sets", tags=["judgements"], responses=responses(401, 403, 422, 503))
_HERE = responses(404, 409)


class SetBody(Strict):
    name: Annotated[str, StringConstraints(max_length=60)] = Field(description="小写字母、数字、- 和 _")
    description: Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX)] = ""


class FreezingBody(Strict):
    """`description` of the next, open version; without it that of this one."""

    description: Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX)] | None = None


class RunBody(Strict):
    """Rankings of one system: listing ids, best first, by need id."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    rankings: Annotated[
        dict[Id, Annotated[list[Id], Field(max_length=TOP_MAX)]], Field(min_length=1, max_length=NEEDS_MAX)
    ]


class QueueBody(Strict):
    """Pairs pooled from the first `depth` of every profile and run, each offered to `each` of the judges.

    Attributes:
        profiles: names of ranking profiles; all needs of the set are ranked by them now. Without profiles and runs it
            is the published one.
        most: of pairs per need; profiles and runs then take turns.
        only_ungraded: leave out pairs that somebody has graded.
    """

    judges: Annotated[list[Id], Field(min_length=1, max_length=JUDGES_MAX)]
    each: Annotated[int, Field(strict=True, ge=1, le=JUDGES_MAX)] = 2
    depth: Annotated[int, Field(strict=True, ge=1, le=TOP_MAX)] = 10
    most: Annotated[int, Field(strict=True, ge=1, le=1_000)] | None = None
    profiles: list[Id] = Field([], max_length=RUNS_MAX)
    runs: list[RunBody] = Field([], max_length=RUNS_MAX)
    only_ungraded: bool = False


class PairBody(Strict):
    need_id: Id
    listing_id: Id

    @property
    def pair(self) -> tuple[str, str]:
        return self.need_id, self.listing_id


class GradeBody(PairBody):
    grade: Grade


class AdjudicationBody(GradeBody):
    reason: Annotated[str, StringConstraints(max_length=2_000)] = ""


class AgreementQuery(Strict):
    least: int = Field(1, ge=1, le=MAX_GRADE, description="等级相差至少多少才列出")
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=TOP_MAX)


@router.get("", summary="标注集", response_model=SetsAnswer)
def sets(session: ReadingDep, actor: ActorDep) -> Response:
    """Every version of every set, by name, the latest first."""
    check_judge(actor)
    return reply({"sets": [set_json(one) for one in list_sets(session)]})


@router.post("", summary="新建标注集", status_code=201, response_model=SetAnswer, responses=responses(409))
def create(body: SetBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """An empty set, open for needs and grades."""
    actor.needs_admin()

    def work() -> Response:
        made = create_set(session, actor, body.name, body.description)
        response = reply(set_json(made))
        response.status_code = 201
        response.headers["Location"] = f"/v1/judgement-sets/{made.id}"
        return response

    return once.run(work)


@router.get("/{set_id}", summary="一个标注集", response_model=SetAnswer, responses=responses(404))
def one(set_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """One version and how much is in it."""
    check_judge(actor)
    return reply(set_json(get_set(session, set_id)))


@router.post("/{set_id}/freezing", summary="冻结这一版", response_model=FrozenAnswer, responses=_HERE)
def freezing(
    set_id: str, session: SessionDep, actor: ActorDep, once: IdempotencyDep, body: FreezingBody | None = None
) -> Response:
    """Keep this version as it is for good, and go on in a new one."""
    actor.needs_admin()

    def work() -> Response:
        frozen, following = freeze(session, actor, set_id, body.description if body else None)
        return reply({"frozen": set_json(frozen), "open": set_json(following)})

    return once.run(work)


@router.post("/{set_id}/queue", summary="安排标注", response_model=QueueAnswer, responses=responses(404, 409, 413))
def queue(
    set_id: str,
    body: QueueBody,
    reading: ReadingDep,
    session: SessionDep,
    actor: ActorDep,
    loading: LoadingDep,
    by_profile: ByProfileDep,
) -> Response:
    """Pool the tops of several rankings and share the pairs out; who ranked a pair is not kept with it."""
    actor.needs_admin()
    runs = _given(body.runs)
    if body.profiles or not runs:
        get_set(reading, set_id)
        # Ranking takes seconds: only reading keeps nobody from writing meanwhile.
        needs = judged_needs(reading, set_id)
        runs |= _ranked(needs, body, by_profile, loading.matcher)
    pairs = pool(runs, body.depth, body.most)
    about = {"runs": sorted(runs), "depth": body.depth}
    added = make_queue(session, actor, set_id, pairs, body.judges, body.each, only_ungraded=body.only_ungraded, **about)
    return reply(_queue_json(added, progress(session, set_id)))


@router.get("/{set_id}/queue", summary="标注进度", response_model=QueueAnswer, responses=responses(404))
def queued(set_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """How far everybody is; brokers see themselves alone."""
    judge = check_judge(actor)
    return reply(_queue_json(0, progress(session, set_id, None if actor.is_admin else judge)))


@router.get("/{set_id}/next", summary="下一对", response_model=NextAnswer, responses=responses(404))
def following(set_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """The caller's next pair, with the guideline."""
    return _next(session, check_judge(actor), set_id)


@router.put("/{set_id}/grades", summary="标注一对", response_model=NextAnswer, responses=_HERE)
def grade(set_id: str, body: GradeBody, session: SessionDep, actor: ActorDep) -> Response:
    """Store the caller's grade, in place of an earlier one; the answer has the next pair."""
    judge = check_judge(actor)
    put_grade(session, actor, set_id, body.pair, body.grade)
    return _next(session, judge, set_id)


@router.post("/{set_id}/skips", summary="跳过一对", response_model=NextAnswer, responses=_HERE)
def skip(set_id: str, body: PairBody, session: SessionDep, actor: ActorDep) -> Response:
    """Put a pair of the caller's queue aside; the answer has the next one."""
    judge = check_judge(actor)
    skip_task(session, judge, set_id, body.pair)
    return _next(session, judge, set_id)


@router.get("/{set_id}/agreement", summary="标注一致性", response_model=AgreementsAnswer, responses=responses(404))
def agreement(set_id: str, query: Annotated[AgreementQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Quadratic weighted kappa of every two judges, and where they differ: undecided pairs first, the widest first."""
    actor.needs_admin()
    get_set(session, set_id)
    graded = grades_by_judge(session, set_id)
    found = agreements(graded)
    differing = disagreements(graded, adjudicated_grades(session, set_id), query.least)
    first = (query.page - 1) * query.size
    kappa = mean_kappa(found)
    return reply(
        {
            "kappa": None if kappa is None else round(kappa, 4),
            "judges": [agreement_json(one) for one in found],
            "total": len(differing),
            "page": query.page,
            "size": query.size,
            "disagreements": [disagreement_json(one) for one in differing[first : first + query.size]],
        }
    )


@router.put("/{set_id}/adjudications", summary="裁定一对", response_model=SetAnswer, responses=_HERE)
def adjudication(set_id: str, body: AdjudicationBody, session: SessionDep, actor: ActorDep) -> Response:
    """Decide the grade of a pair, whatever its judges said; who decided is recorded."""
    actor.needs_admin()
    adjudicate(session, actor, set_id, body.pair, body.grade, body.reason)
    return reply(set_json(get_set(session, set_id)))


def _next(session: ReadingDep, judge: str, set_id: str) -> Response:
    task = next_task(session, judge, set_id)
    mine = progress(session, set_id, judge)
    return reply(next_json(task, mine[0] if mine else Progress(judge)))


def _queue_json(added: int, found: Sequence[Progress]) -> dict[str, object]:
    judges = [
        {"judge": one.judge, "open": one.open, "skipped": one.skipped, "graded": one.graded, "unseen": one.unseen}
        for one in found
    ]
    return {"added": added, "judges": judges}


def _given(runs: Sequence[RunBody]) -> dict[str, Mapping[str, Sequence[str]]]:
    found: dict[str, Mapping[str, Sequence[str]]] = {f"run:{run.name}": run.rankings for run in runs}
    if len(found) != len(runs):
        raise InvalidInput("排名的名称重复", hint="每个排名用不同的名称", field="runs")
    return found


def _ranked(
    needs: Sequence[Need], body: QueueBody, by_profile: Callable[[str], Answering], published: Callable[[], Answering]
) -> dict[str, Mapping[str, Sequence[str]]]:
    if len(needs) * max(1, len(body.profiles)) > RANKED_MAX:
        raise TooLarge(f"一次至多排 {RANKED_MAX} 个需求", hint="请减少排序方案", field="profiles")
    if not needs:
        raise InvalidInput("标注集里还没有需求", hint="请先导入需求", field="profiles")
    matchers = {name: by_profile(name) for name in body.profiles} or {"published": published()}
    return {
        f"profile:{name}": {
            need.id or "": [match.listing.id for match in matcher.match(need, top=body.depth).matches] for need in needs
        }
        for name, matcher in matchers.items()
    }
