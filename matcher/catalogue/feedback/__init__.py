"""Feedback in the database: answers as they were shown, acts on them, counts for others, experiments, retention."""
