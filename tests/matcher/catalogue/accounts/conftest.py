"""Every test of accounts runs on each kind of database."""

from tests.databases import database as database
