"""Judging: sets of graded pairs with frozen versions, queues for judges, agreement, adjudication, files in and out."""
