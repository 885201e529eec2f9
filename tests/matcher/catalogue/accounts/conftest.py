"""Every test of accounts runs on each kind of database."""

from tests.databases import database as database
from tests.matcher.catalogue.accounts.clock import clock as clock
