"""The search behind a page and its answer, from `/v1`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.portal.client import Refused
from api.portal.languages import later
from api.portal.matching.shown import Shown
from api.portal.rendering import Page
from api.schemas import TOP_MAX, SupplyKind

Json = dict[str, Any]
#: As many as fit on a few screens of a phone.
SIZE: Final = 10
GRADES: Final = ("strong", "possible", "weak")
#: What a list can be narrowed to, by the names in addresses.
NARROWED: Final = ("kind", "province", "city", "certificate", "grade")
#: What stays in an address when a search is changed: this, and the need that it was made of.
KEPT: Final = (*NARROWED, "need")
#: Listings that an address can name: beyond, those told first come back.
ASIDE_MAX: Final = 50
COPIED: Final = later("这是别人分享的查找,您的修改已另存为新的一份")


class ResultsQuery(BaseModel):
    """Which part of an answer is shown. `grade` is the lowest one; what is `aside` was told to be no match; `need` is
    the one that the search was made of, for enquiries."""

    model_config = ConfigDict(extra="ignore")

    kind: SupplyKind | None = None
    province: str | None = Field(default=None, max_length=50)
    city: str | None = Field(default=None, max_length=50)
    certificate: str | None = Field(default=None, max_length=50)
    grade: Literal["strong", "possible"] | None = None
    page: int = Field(default=1, ge=1, le=TOP_MAX // SIZE)
    aside: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=ASIDE_MAX)
    need: str | None = Field(default=None, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Any) -> Any:
        """A form sends what was not chosen as well."""
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given


EVERYTHING: Final = ResultsQuery.model_validate({})


def address_of(search_id: str) -> str:
    """The path of a search in `/v1`."""
    return f"/v1/searches/{quote(search_id, safe='')}"


async def search_of(page: Page, search_id: str) -> Json:
    """The search; errors as for `GET /v1/searches/{id}`."""
    found: Json = await page.api.get(address_of(search_id))
    return found


async def answer_to(
    page: Page, search: Json, query: ResultsQuery = EVERYTHING, *, top: int | None = None, counted: bool = True
) -> Json:
    """What `POST /v1/matches` answers to a search.

    Args:
        top: instead of what the page in `query` needs. counted: whether somebody is shown it as a list of matches;
            what only looks something up in it leaves no trace.

    Raises:
        Refused: as for that endpoint.
    """
    # Of one grade and better nobody knows how many there are without looking at all.
    wanted = TOP_MAX if query.grade else top or SIZE * query.page
    body = search["need"] | {"top": wanted, "facets": counted, "deterministic": not counted}
    seen = cast(Shown, page.request.app.state.shown)
    is_part = query.model_copy(update={"need": None}) != EVERYTHING
    body["again"] = not counted or is_part or seen.holds(search)
    if query.kind:
        body["kinds"] = [query.kind]
    within = {"province": query.province, "city": query.city, "holding": query.certificate}
    body["within"] = {name: value for name, value in within.items() if value}
    answer: Json = (await page.api.call("POST", "/v1/matches", json=body)).json
    if not body["again"]:
        seen.add(search)
    if query.grade:
        good = GRADES[: GRADES.index(query.grade) + 1]
        answer["matches"] = [one for one in answer["matches"] if one["grade"] in good]
    return answer


def count_of(answer: Json, query: ResultsQuery) -> int:
    """How many can be paged through."""
    return len(answer["matches"]) if query.grade else min(TOP_MAX, all_of(answer, query))


def all_of(answer: Json, query: ResultsQuery) -> int:
    """How many there are of what is chosen, whatever their grade; of more than `TOP_MAX` only the first are shown."""
    counts: dict[str, int] = {one["value"]: one["count"] for one in answer["facets"]["kind"]}
    wanted = [query.kind] if query.kind else counts
    return max(len(answer["matches"]), sum(counts[kind] for kind in wanted))


async def keep(page: Page, search: Json, changes: Json, *, once: str | None = None) -> tuple[Json, bool]:
    """Change a search; another's is copied first. The search as it then is, and whether it is a copy.

    Raises:
        Refused: as for `PATCH /v1/searches/{id}` and `POST /v1/searches`.
    """
    if search["own"]:
        return (await page.api.call("PATCH", address_of(search["id"]), json=changes)).json, False
    body = {"need": search["need"]} | changes
    return (await page.api.call("POST", "/v1/searches", json=body, once=once)).json, True


def is_missing(error: Refused) -> bool:
    """Whether the need itself can't be read, so that it has to be written anew."""
    return error.status == 422
