"""Made-up fermentation platforms that differ in volume, place and certificate only, and a matcher over them."""

from __future__ import annotations

from pathlib import Path

from matcher.match import Matcher
from matcher.ranking.profile import Profile
from matcher.records import Listing, Parameter
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import PROFILE

PLACES = (("广东", "东莞"), ("广东", "广州"), ("江苏", "无锡"), ("上海", "上海"))
VOLUMES = (50.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0, 5000.0)


def platform(id: str, volume: float | None, place: tuple[str, str] | None, *qualifications: str) -> Listing:
    """A fermentation platform; what is None it does not say."""
    return Listing(
        id=id,
        kind="platform",
        name="发酵中试平台",
        province=place[0] if place else None,
        city=place[1] if place else None,
        industry=("生物制造",),
        summary="提供发酵放大服务。",
        parameters=() if volume is None else (Parameter("发酵罐容积", volume / 10, volume, "L"),),
        qualifications=qualifications,
    )


def platforms() -> list[Listing]:
    """One for every volume, places in turn."""
    return [
        platform(f"PF-{number:02}", volume, PLACES[number % len(PLACES)], *(["GMP"] if number % 2 else []))
        for number, volume in enumerate(VOLUMES)
    ]


def matcher_over(listings: list[Listing], data: Path, profile: Profile = PROFILE) -> Matcher:
    """A matcher with vectors that mean nothing: what tells the platforms apart are conditions."""
    return Matcher.load(Settings(_env_file=None, data=data), listings, profile=profile, encoder=HashEncoder())
