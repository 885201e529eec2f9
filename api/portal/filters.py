"""How values are written on pages: numbers, days, kinds, states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from api.portal.languages import LANGUAGES, Language, later, translations

#: The service is for cities of one time zone.
ZONE: Final = ZoneInfo("Asia/Shanghai")
#: Made once: Babel takes half a millisecond to find a locale by its name.
LOCALES: Final[dict[Language, Locale]] = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en")}
KINDS: Final = {
    "platform": later("中试平台"),
    "equipment": later("中试设备"),
    "manufacturer": later("中试代工厂"),
    "solution": later("中试解决方案"),
    "case": later("案例"),
    "policy": later("政策"),
    "need": later("中试需求"),
}
GRADES: Final = {"strong": later("很合适"), "possible": later("可能合适"), "weak": later("不太合适")}
OUTCOMES: Final = {"meets": later("符合"), "misses": later("不符合"), "unknown": later("未说明")}
ROLES: Final = {
    "requester": later("需求方"),
    "operator": later("供给方"),
    "broker": later("技术经纪人"),
    "admin": later("管理员"),
}
#: People type m2 and um for want of keys.
_POWER: Final = re.compile(r"(?<=m)[23](?!\d)")
_MICRO: Final = re.compile(r"(?<![A-Za-z])u(?=(?:m|L|g|A|V|s)(?![A-Za-z]))")
#: Words of codes, by what the filter is called.
CODES: Final[dict[str, Mapping[str, str]]] = {
    "kind_name": KINDS,
    "grade_name": GRADES,
    "outcome_name": OUTCOMES,
    "role_name": ROLES,
}


def _named(names: Mapping[str, str], language: Language) -> Callable[[str], str]:
    words = translations(language)
    return lambda code: words.ugettext(names.get(code, code))


def _day(language: Language) -> Callable[[Any], str]:
    def day(value: Any) -> str:
        found = _moment(value)
        if found is None:
            return str(value or "")
        return format_date(found, "long" if language == "zh" else "medium", locale=LOCALES[language])

    return day


def _time(language: Language) -> Callable[[Any], str]:
    def time(value: Any) -> str:
        found = _moment(value)
        if not isinstance(found, datetime):
            return str(value or "")
        pattern = "y年M月d日 HH:mm" if language == "zh" else "d MMM y, HH:mm"
        return format_datetime(found.astimezone(ZONE), pattern, locale=LOCALES[language])

    return time


def _moment(value: Any) -> date | datetime | None:
    if isinstance(value, date):
        return value
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.date() if len(str(value)) == len("2026-11-22") else found


def _number(language: Language) -> Callable[[Any], str]:
    return lambda value: "" if value is None else format_decimal(value, locale=LOCALES[language])


def _percent(language: Language) -> Callable[[float | None], str]:
    return lambda value: "—" if value is None else format_percent(value, "#,##0.0%", locale=LOCALES[language])


def unit(value: str | None) -> str:
    """A unit as it is printed: m2 → m², um → μm; others as they were given."""
    words = _POWER.sub(lambda found: "²" if found[0] == "2" else "³", value or "")
    return _MICRO.sub("μ", words)


def _filters(language: Language) -> dict[str, Callable[..., str]]:
    made: dict[str, Callable[..., str]] = {name: _named(names, language) for name, names in CODES.items()}
    return {
        **made,
        "day": _day(language),
        "time": _time(language),
        "number": _number(language),
        "percent": _percent(language),
        "unit": unit,
    }


#: Language → filters of templates.
FILTERS: Final = {language: _filters(language) for language in LANGUAGES}
