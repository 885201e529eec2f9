"""Chinese words for systems that take words: jieba's search mode, as most Chinese guides to BM25 use it."""

from __future__ import annotations

import logging

import jieba

# jieba tells of its dictionary on import through its own logger, in the middle of the progress bar.
jieba.setLogLevel(logging.WARNING)


def words(text: str) -> list[str]:
    """Lower-case words without white space and single punctuation marks."""
    return [word for word in jieba.lcut_for_search(text.lower()) if any(character.isalnum() for character in word)]


def spaced(text: str) -> str:
    """The words with spaces between them, for systems that split at white space only."""
    return " ".join(words(text))
