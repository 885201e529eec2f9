"""A need as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from matcher.catalogue.json_lines import Fields
from matcher.catalogue.needs.content import need_of
from matcher.catalogue.needs.states import OPEN, NeedState
from matcher.records import Need

#: How far a field is open; `chosen` is for organisations that the requester consented to.
Level = Literal["public", "signed_in", "chosen", "private"]


@dataclass(frozen=True, slots=True)
class StoredNeed:
    """A need as it is kept, all of it: for its owner and admins only.

    Attributes:
        fields: its content, as `content_from` gives it. visibility: levels of the fields that are not private.
        abstract: written by the requester; None where one is to be composed. listed: whether operators may find it.
    """

    id: str
    user_id: str
    organisation_id: str | None
    state: NeedState
    fields: Fields
    visibility: dict[str, Level]
    abstract: str | None
    listed: bool
    expires_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None

    @property
    def need(self) -> Need:
        """All of it, as the matcher takes it: for matches that its owner asks for."""
        return need_of(self.fields, self.id)

    def is_open(self, today: date) -> bool:
        """Whether it looks for a partner on this day."""
        return self.state in OPEN and (self.expires_on is None or self.expires_on >= today)
