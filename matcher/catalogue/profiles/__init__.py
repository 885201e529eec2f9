"""Ranking profiles in the database: named, versioned documents, one of which is published.

stored.py        a version as a record               publishing.py   publish, roll back, and the history of it
drafts.py        making versions and reading them    seeding.py      the profiles that are shipped
allowance.py     who may publish what: the gate, or a second administrator
edits.py         small edits of a version      rule_checks.py   rules against listings, days and tables
"""
