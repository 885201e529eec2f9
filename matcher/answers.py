"""The answer to one need as JSON values, the same for HTTP and for the command line.

Every field is named here by hand: what a record gains later stays inside until somebody decides to show it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from matcher.catalogue.terms_fields import terms_fields
from matcher.records import KIND_NAMES, Evidence, Fit, Interval, Listing, Match, Matches, Question, Reason, Requirement

if TYPE_CHECKING:
    from matcher.narrowing import Facets
    from matcher.ranking.why_not import WhyNot

Json = dict[str, Any]

#: Scores and times are told to people: four and one decimals are more than they can use.
SCORE_DECIMALS = 4
TIME_DECIMALS = 1


def answer_json(answer: Matches) -> Json:
    """What `POST /v1/matches` returns; `start` and `end` of the requirements count characters of `need.text`."""
    return {
        "need": {"text": answer.need.text, "requirements": [requirement_json(one) for one in answer.requirements]},
        "matches": [match_json(match) for match in answer.matches],
        "near_misses": [match_json(match) for match in answer.near_misses],
        "coverage": answer.coverage,
        "questions": [_question(question) for question in answer.questions],
        "removed": dict(answer.removed),
        "relaxation": answer.relaxation,
        "notes": list(answer.notes),
        "rules": list(answer.rules),
        "grades": dict(answer.grades),
        "profile": {"name": answer.profile, "version": answer.profile_version},
        "took_ms": round(answer.took_ms, TIME_DECIMALS),
    }


def match_json(match: Match) -> Json:
    """One ranked listing with its fits and reasons."""
    return {
        "rank": match.rank,
        "score": round(match.score, SCORE_DECIMALS),
        "grade": match.grade,
        "listing": listing_json(match.listing),
        "fits": [fit_json(fit) for fit in match.fits],
        "reasons": [_reason(reason) for reason in match.reasons],
        "rule": match.rule,
    }


def listing_json(listing: Listing) -> Json:
    """The public fields of a listing, under the names of `listings.jsonl`, and the Chinese name of its kind.

    Of its terms only what is filled.
    """
    return {
        "id": listing.id,
        "kind": listing.kind,
        "kind_name": KIND_NAMES[listing.kind],
        "name": listing.name,
        "operator": listing.operator,
        "province": listing.province,
        "city": listing.city,
        "industry": list(listing.industry),
        "summary": listing.summary,
        "capabilities": list(listing.capabilities),
        "equipment": list(listing.equipment),
        "parameters": [
            {"name": one.name, "min": one.min, "max": one.max, "unit": one.unit} for one in listing.parameters
        ],
        "qualifications": list(listing.qualifications),
        "services": list(listing.services),
        "level": listing.level,
        "source_url": listing.source_url,
        "source_title": listing.source_title,
        "source_date": listing.source_date,
        "terms": terms_fields(listing.terms),
        "verified_on": listing.verified_on,
        "stale_since": listing.stale_since,
    }


def requirement_json(requirement: Requirement) -> Json:
    """One requirement with its type; an interval becomes `min` and `max`, an open end null."""
    values: Json = {"type": requirement.type}
    for field in fields(requirement):
        value = getattr(requirement, field.name)
        values |= _ends(value) if isinstance(value, Interval) else {field.name: value}
    return values


def _ends(interval: Interval) -> Json:
    return {
        "min": interval.min if math.isfinite(interval.min) else None,
        "max": interval.max if math.isfinite(interval.max) else None,
        "approximate": interval.approximate,
    }


def fit_json(fit: Fit) -> Json:
    """How one requirement stands against a listing."""
    return {
        "requirement": requirement_json(fit.requirement),
        "outcome": fit.outcome,
        "shortfall": fit.shortfall,
        "factor": fit.factor,
        "evidence": _evidence(fit.evidence),
        "note": fit.note,
    }


def _reason(reason: Reason) -> Json:
    return {"text": reason.text, "feature": reason.feature, "evidence": _evidence(reason.evidence)}


def _evidence(evidence: Evidence | None) -> Json | None:
    return None if evidence is None else {"field": evidence.field, "text": evidence.text}


def facets_json(facets: Facets, certificates: Callable[[str], str]) -> Json:
    """What an answer can be narrowed to: for each value its name and how many there are.

    Args:
        certificates: from the id of a certificate to its name.
    """
    names: list[tuple[str, Mapping[str, int], Callable[[str], str]]] = [
        ("kind", {str(kind): count for kind, count in facets.kinds.items()}, lambda kind: KIND_NAMES[kind]),  # type: ignore[index]  # of supply, all named
        ("province", facets.provinces, str),
        ("city", facets.cities, str),
        ("certificate", facets.certificates, certificates),
    ]
    return {
        field: [{"value": value, "name": named(value), "count": count} for value, count in counts.items()]
        for field, counts, named in names
    }


def why_not_json(found: WhyNot) -> Json:
    """Where a listing stands for a need: what `pilotmatch why --json` and `POST /v1/explanations` return."""
    return {
        "listing": listing_json(found.listing),
        "rank": found.rank,
        "count": found.count,
        "score": round(found.score, SCORE_DECIMALS),
        "grade": found.grade,
        "tenth": None if found.tenth is None else round(found.tenth, SCORE_DECIMALS),
        "is_wanted": found.is_wanted,
        "removal": found.removal,
        "rule": found.rule,
        "missed": [fit_json(fit) for fit in found.missed],
        "unsaid": [fit_json(fit) for fit in found.unsaid],
        "lacks": [
            {
                "feature": lack.feature,
                "text": lack.text,
                "own": round(lack.own, SCORE_DECIMALS),
                "median": round(lack.median, SCORE_DECIMALS),
            }
            for lack in found.lacks
        ],
        "advice": [
            {"requirement": requirement_json(one.requirement), "text": one.text, "rank": one.rank}
            for one in found.advice
        ],
        "profile": {"name": found.profile, "version": found.profile_version},
    }


def _question(question: Question) -> Json:
    return {"text": question.text, "type": question.type, "suggestions": list(question.suggestions)}
