"""Structured data of a listing (schema.org as JSON-LD), safe within a script element."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from matcher.web_address import is_web_address

#: What a listing is to schema.org.
TYPES: Final = {
    "platform": "Service",
    "equipment": "Product",
    "manufacturer": "Service",
    "solution": "Service",
    "case": "Article",
    "policy": "GovernmentService",
}
#: Within a script element only these could end it or begin a comment; as escapes they are the same JSON.
_ESCAPED: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def structured(listing: Mapping[str, Any], url: str) -> Markup:
    """The JSON-LD of a listing, to stand in `<script type="application/ld+json">`."""
    text = json.dumps(_document(listing, url), ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return Markup(text)  # nothing in it can leave the element


def _document(listing: Mapping[str, Any], url: str) -> dict[str, Any]:
    place = {"addressRegion": listing["province"], "addressLocality": listing["city"]}
    address = {name: value for name, value in place.items() if value}
    properties = [
        {"@type": "PropertyValue", "name": one["name"], "minValue": one["min"], "maxValue": one["max"],
         "unitText": one["unit"]}
        for one in listing["parameters"]
    ]  # fmt: skip
    named: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": TYPES[listing["kind"]],
        "@id": url,
        "url": url,
        "identifier": listing["id"],
        "name": listing["name"],
        "description": listing["summary"],
        "keywords": "、".join(listing["industry"]),
        "additionalProperty": [{key: one[key] for key in one if one[key] is not None} for one in properties],
    }
    if listing["operator"]:
        role = {"Product": "manufacturer", "Article": "author"}.get(named["@type"], "provider")
        named[role] = {"@type": "Organization", "name": listing["operator"]}
        if address:
            named[role]["address"] = {"@type": "PostalAddress", "addressCountry": "CN", **address}
    if is_web_address(listing["source_url"]):
        named["isBasedOn"] = listing["source_url"]
    return {name: value for name, value in named.items() if value not in (None, "", [])}
