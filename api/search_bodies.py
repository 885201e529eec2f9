"""Searches on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.account_answers import Answer, PageQuery
from api.schemas import NeedFieldsBody, Strict
from matcher.catalogue.searches.content import TITLE_MAX
from matcher.catalogue.searches.store import KEPT_DAYS, Changes, Search

SEARCH_EXAMPLE: dict[str, Any] = {"need": {"text": "酶制剂发酵放大,需要500 L以上发酵罐,东莞附近"}}


class ChangeSearchBody(Strict):
    """What is given is set, the need as a whole."""

    need: NeedFieldsBody | None = None
    title: Annotated[str, StringConstraints(max_length=TITLE_MAX)] | None = Field(None, description="名称")
    saved: bool | None = Field(None, strict=True, description="收藏;需要登录,不收藏的只保留一段时间")
    shared: bool | None = Field(None, strict=True, description="拿到链接的人是否都能看")

    def changes(self) -> Changes:
        fields = None if self.need is None else self.need.model_dump(exclude_unset=True)
        return Changes(fields, self.title, self.saved, self.shared)


class SearchBody(ChangeSearchBody):
    """A need to look for."""

    need: NeedFieldsBody


class SearchesQuery(PageQuery):
    saved: bool = Field(True, description="已收藏的;false 为尚未收藏的")


class SearchAnswer(Answer):
    """`need` can be sent to `POST /v1/matches` as it is; `own` tells whether the caller may change it.

    What has no owner is everybody's who knows its id. `expires_at` is null for what is saved.
    """

    id: str
    title: str
    need: dict[str, Any]
    saved: bool
    shared: bool
    has_owner: bool
    own: bool
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    kept_days: int = KEPT_DAYS


class SearchesAnswer(Answer):
    total: int
    page: int
    size: int
    searches: list[SearchAnswer]


def search_answer(search: Search) -> SearchAnswer:
    """A search as it goes out."""
    return SearchAnswer(
        id=search.id,
        title=search.title,
        need=search.fields,
        saved=search.saved,
        shared=search.shared,
        has_owner=search.has_owner,
        own=search.is_own,
        created_at=search.created_at,
        updated_at=search.updated_at,
        expires_at=search.expires_at,
    )
