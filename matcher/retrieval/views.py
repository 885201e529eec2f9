"""Texts that stand for a listing: what lexical search, the encoder and the re-ranker each read of it."""

from __future__ import annotations

from matcher.records import KIND_NAMES, Listing

#: More equipment than this makes a card long without telling more about what the listing is for.
CARD_EQUIPMENT = 6


def full_text(listing: Listing) -> str:
    """All that a listing says of what it can do: name, fields, capabilities, equipment, summary, services."""
    return _join(
        listing.name,
        "、".join(listing.industry),
        "、".join(listing.capabilities),
        "、".join(listing.equipment),
        listing.summary,
        "、".join(listing.services),
    )


def short_text(listing: Listing) -> str:
    """Name and capabilities: what it is rather than where it stands and what it cost."""
    return _join(listing.name, "、".join(listing.capabilities))


def card_text(listing: Listing) -> str:
    """What a re-ranker reads beside the need: kind and name first, so that truncation takes the least telling part."""
    return _join(
        f"{KIND_NAMES[listing.kind]}:{listing.name}",
        "、".join(listing.capabilities),
        "、".join(listing.equipment[:CARD_EQUIPMENT]),
        listing.summary,
    )


def _join(*parts: str) -> str:
    return "。".join(part for part in parts if part)
