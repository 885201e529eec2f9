"""Listings in the database: how they are stored, found, changed and shown.

published.py   what the index serves                       queries.py    pages, filters and facets
bulk.py        many at once: load and import               versions.py   every version, differences, taking back
store.py       making, editing and deleting one, its life  clock.py      what time does to all of them
imports.py     imports, from preview to confirmation       importable.py what an import may see and change
standing.py    who may see a listing, and act on it        limits.py     how much one may hold
rows.py        between rows and records                    feed.py       the public change feed
"""
