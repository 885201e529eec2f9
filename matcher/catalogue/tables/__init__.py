"""The tables of the service. Rows stay inside `matcher.catalogue`; stores turn them into records."""

from matcher.catalogue.tables import (
    accounts,
    alerts,
    changes,
    enquiries,
    evaluation,
    feedback,
    governance,
    judging,
    listings,
    needs,
    searches,
    vectors,
    waivers,
    watching,
)
from matcher.catalogue.tables.base import Base

__all__ = [
    "Base",
    "accounts",
    "alerts",
    "changes",
    "enquiries",
    "evaluation",
    "feedback",
    "governance",
    "judging",
    "listings",
    "needs",
    "searches",
    "vectors",
    "waivers",
    "watching",
]
