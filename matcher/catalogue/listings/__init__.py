"""Listings in the database: how they are stored, found, changed and shown.

published.py   what the index serves                       queries.py    pages, filters and facets
bulk.py        many at once: load and import               versions.py   every version, differences, taking back
drafts.py      making, editing and deleting one            acts.py       the steps of its life, and the clock
rows.py        between rows and records                    feed.py       the public change feed
"""
