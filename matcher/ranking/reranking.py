"""What the re-ranker reads of a listing, and how its reading enters the ranking."""

from __future__ import annotations

from matcher.records import KIND_NAMES, Listing

#: The first of a list of equipment are what a listing is known for; the re-ranker reads 110 tokens in all.
CARD_EQUIPMENT = 6


def card(listing: Listing) -> str:
    """Kind, name, capabilities, first equipment and summary: what tells whether it is worth a call."""
    parts = (
        f"{KIND_NAMES[listing.kind]}:{listing.name}",
        "、".join(listing.capabilities),
        "、".join(listing.equipment[:CARD_EQUIPMENT]),
        listing.summary,
    )
    return "。".join(part for part in parts if part)
