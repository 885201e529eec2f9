"""Both kinds of database for every test of this folder."""

from tests.databases import database

__all__ = ["database"]
