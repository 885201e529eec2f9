"""Answers needs as they are shown: counted, kept for feedback, and part of the experiments that run."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import Depends, Request

from api.counting import Counted, CountedDep
from api.loading import Answering
from matcher.answers import answer_json
from matcher.catalogue.access import Actor
from matcher.feedback.presenting import Presented, Presenter
from matcher.records import Matches, Need


class Asking:
    """Everything that answers a requester goes through this; what only looks or tests asks the matcher itself."""

    def __init__(self, presenter: Presenter, counted: Counted) -> None:
        self._presenter, self._counted = presenter, counted

    def answer(
        self, matcher: Answering, need: Need, top: int, *, deterministic: bool = False, counted: bool = True
    ) -> Presented:
        """Errors as for `Matcher.match`.

        Args:
            counted: whether it is a new answer: who turns pages or tries filters must not move what alarms look at,
                unless it fails.
        """
        presented: list[Presented] = []

        def ask() -> Matches:
            presented.append(self._presenter.answer(matcher, need, top, deterministic=deterministic))
            return presented[0].answer

        self._counted(ask, counted)
        return presented[0]


async def _presenter(request: Request) -> Presenter:
    return cast(Presenter, request.app.state.presenter)


PresenterDep = Annotated[Presenter, Depends(_presenter)]


# A class as a dependency would be made in a thread of its own.
async def _asking(presenter: PresenterDep, counted: CountedDep) -> Asking:
    return Asking(presenter, counted)


AskingDep = Annotated[Asking, Depends(_asking)]


def presented_json(presented: Presented, actor: Actor) -> dict[str, Any]:
    """The answer with the id under which feedback is given; that it is part of an experiment is told to admins."""
    values = answer_json(presented.answer) | {"answer_id": presented.id}
    if presented.experiment is not None and actor.is_admin:
        values["experiment"] = {"id": presented.experiment.id, "what": presented.experiment.what}
    return values
