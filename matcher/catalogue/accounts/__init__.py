"""Organisations, users, and how they show who they are."""
