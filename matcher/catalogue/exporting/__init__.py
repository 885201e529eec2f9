"""Listings going out as files that come in again unchanged: `files.export`, and empty forms: `templates.template`."""
