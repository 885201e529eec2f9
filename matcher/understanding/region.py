"""One row of the table of places, its checks, and the distance between two points."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args

from matcher.errors import BrokenArtefact

Level = Literal["province", "city", "district", "zone", "group"]

#: Mean radius of the Earth (IUGG), km.
EARTH_RADIUS_KM: Final = 6371.0
#: All of the table's places lie in this box (degrees), so a swapped or mistyped coordinate is caught.
LATITUDES: Final = (3.0, 54.0)
LONGITUDES: Final = (73.0, 136.0)
_PARENTS: Final[dict[str, tuple[str, ...]]] = {
    "province": (),
    "city": ("province",),
    "district": ("city", "province"),
    "zone": ("city", "province"),
    "group": (),
}
_SUFFIXES: Final = (
    "特别行政区",
    "自治区",
    "自治县",
    "自治州",
    "地区",
    "林区",
    "省",
    "市",
    "区",
    "县",
    "旗",
    "盟",
    "州",
)


@dataclass(frozen=True, slots=True)
class Region:
    """One row: `short` are the names read on their own; `members` are a group's codes; degrees north and east."""

    code: str
    name: str
    short: tuple[str, ...]
    level: Level
    parent: str | None
    lat: float
    lon: float
    members: tuple[str, ...] = ()


def bare_name(name: str) -> str:
    """The name without its administrative suffix (东莞市 → 东莞); the name itself where one character would be left."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance in km between two (latitude, longitude) points in degrees, by the haversine formula (Sinnott 1984)."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half_lat = math.sin((lat_b - lat_a) / 2)
    half_lon = math.sin(math.radians(b[1] - a[1]) / 2)
    h = half_lat * half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def read_regions(path: Path) -> list[Region]:
    """The rows of the table. Raises BrokenArtefact where it is missing or a row cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return [_region(row) for row in csv.DictReader(lines)]
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise BrokenArtefact(f"地区表无法读取:{error}", hint="请恢复 datasets/regions.csv") from error


def check_regions(rows: Sequence[Region]) -> None:
    """Raises BrokenArtefact for a code given twice, an unknown parent or member, or a point outside China's box."""
    levels: dict[str, Level] = {}
    for row in rows:
        if row.code in levels:
            raise _broken(row, "代码重复")
        levels[row.code] = row.level
    for row in rows:
        _check_region(row, levels)


def _check_region(row: Region, levels: Mapping[str, Level]) -> None:
    allowed = _PARENTS[row.level]
    parent = levels.get(row.parent) if row.parent else None
    if (parent not in allowed) if allowed else (row.parent is not None):
        raise _broken(row, f"上级不对:{row.parent}")
    if (row.level == "group") != bool(row.members):
        raise _broken(row, "只有城市群才有、且必须有成员")
    if unknown := [member for member in row.members if levels.get(member) not in ("province", "city", "district")]:
        raise _broken(row, f"成员不在表中:{unknown[0]}")
    if row.level != "group" and not (
        LATITUDES[0] <= row.lat <= LATITUDES[1] and LONGITUDES[0] <= row.lon <= LONGITUDES[1]
    ):
        raise _broken(row, f"坐标超出范围:{row.lat},{row.lon}")


def _region(row: dict[str, str]) -> Region:
    if row["level"] not in get_args(Level):
        raise ValueError(f"{row['code']} 的级别不对:{row['level']}")
    point = (0.0, 0.0) if row["level"] == "group" else (float(row["lat"]), float(row["lon"]))
    return Region(
        code=row["code"],
        name=row["name"],
        short=_split(row["short"]),
        level=cast(Level, row["level"]),
        parent=row["parent"] or None,
        lat=point[0],
        lon=point[1],
        members=_split(row["members"]),
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _broken(row: Region, problem: str) -> BrokenArtefact:
    return BrokenArtefact(f"地区表 {row.code} {row.name}:{problem}", hint="请恢复 datasets/regions.csv")
