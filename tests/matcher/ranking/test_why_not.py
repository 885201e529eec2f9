"""Where a listing stands: ranks as brute force has them, and advice that holds when it is followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.answers import why_not_json
from matcher.errors import InvalidInput, NotFound
from matcher.match import Matcher
from matcher.ranking.features import FEATURES
from matcher.ranking.why_not import FIRST, MAX_LACKS, PLAIN, WhyNot, why_not
from matcher.records import Listing, Need, Parameter
from tests.matcher.ranking.vessels_catalogue import PLACES, matcher_over, platform, platforms
from tests.matcher.small import PROFILE

NEED = Need(text="发酵放大,1000 L以上发酵罐,广东优先")
HARD = replace(NEED, must=("quantity",))
#: Conditions decide, so that meeting one moves a listing.
STRICT = replace(PROFILE, weights=PROFILE.weights | {"quantity_meets": 50.0, "quantity_misses": 50.0})


def catalogue() -> list[Listing]:
    return [
        *platforms(),
        platform("PF-20", None, PLACES[0]),
        platform("PF-21", 2000.0, None),
        replace(platform("EQ-1", 5000.0, PLACES[1]), kind="equipment"),
        Listing("CA-1", "case", "某放大案例"),
        Listing("PO-1", "policy", "补贴办法"),
    ]


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return matcher_over(catalogue(), tmp_path_factory.mktemp("why"), STRICT)


def rank_by_match(matcher: Matcher, need: Need, found: WhyNot) -> int:
    answer = matcher.match(need, kinds=(found.listing.kind,), top=len(matcher.catalogue), explained=False)
    return next(match.rank for match in answer.matches if match.listing.id == found.listing.id)


@pytest.mark.parametrize("listing_id", ["PF-00", "PF-05", "PF-20", "PF-21", "EQ-1"])
def test_the_rank_is_that_of_a_match(matcher: Matcher, listing_id: str) -> None:
    found = why_not(matcher, NEED, listing_id)
    assert found.rank == rank_by_match(matcher, NEED, found)
    assert found.count == sum(one.kind == found.listing.kind for one in matcher.catalogue.supply)


def test_over_the_shipped_catalogue(shipped_matcher: Matcher) -> None:
    """Whoever a match names stands where the match has it; its score too."""
    need = Need(text="8英寸MEMS压力传感器流片,江苏优先")
    answer = shipped_matcher.match(need, kinds=("platform",), explained=False)
    for match in answer.matches[::3]:
        found = why_not(shipped_matcher, need, match.listing.id)
        assert found.rank == match.rank
        assert found.score == pytest.approx(match.score, abs=1e-5)
        assert found.grade == match.grade
        assert found.count == 383


def test_a_removed_listing_says_by_what(matcher: Matcher) -> None:
    found = why_not(matcher, HARD, "PF-00")
    assert found.removal is not None
    assert "发酵罐容积" in found.removal
    assert [fit.requirement.type for fit in found.missed if fit.requirement.strength == "must"] == ["quantity"]
    assert why_not(matcher, HARD, "PF-07").removal is None


def test_the_score_of_the_tenth(matcher: Matcher, tmp_path: Path) -> None:
    assert why_not(matcher, HARD, "PF-00").tenth is None
    many = matcher_over([platform(f"PF-{number:02}", 50.0 + number, None) for number in range(12)], tmp_path)
    found = why_not(many, NEED, "PF-11")
    others = [one.score for one in many.match(NEED, top=12, explained=False).matches if one.listing.id != "PF-11"]
    assert found.tenth == pytest.approx(others[FIRST - 1], abs=1e-5)


def test_advice_that_is_followed_holds(matcher: Matcher, tmp_path: Path) -> None:
    """The vectors of a listing that states more are its own, so here only the stated volume may change them."""
    found = why_not(matcher, NEED, "PF-20")
    (advice,) = [one for one in found.advice if one.requirement.type == "quantity"]
    assert advice.text == f"写明发酵罐容积;若满足 ≥ 1000 L,可升至第 {advice.rank} 位"
    assert advice.rank < found.rank
    stated = [
        replace(one, parameters=(Parameter("发酵罐容积", 100, 1000, "L"),)) if one.id == "PF-20" else one
        for one in catalogue()
    ]
    after = why_not(matcher_over(stated, tmp_path, STRICT), NEED, "PF-20")
    assert after.rank < found.rank
    assert not [one for one in after.advice if one.requirement.type == "quantity"]


def test_advice_lifts_a_removal(matcher: Matcher) -> None:
    found = why_not(matcher, HARD, "PF-00")
    (advice,) = [one for one in found.advice if one.requirement.type == "quantity"]
    assert advice.text.startswith("若发酵罐容积能做到 ≥ 1000 L(需要 ≥ 1000 L,最大 50 L),")
    assert 1 <= advice.rank <= found.count


def test_the_best_advice_comes_first(matcher: Matcher) -> None:
    for listing_id in ("PF-00", "PF-20", "PF-21"):
        ranks = [one.rank for one in why_not(matcher, NEED, listing_id).advice]
        assert ranks == sorted(ranks)


def test_who_meets_everything_needs_no_advice(matcher: Matcher) -> None:
    best = why_not(matcher, NEED, matcher.match(NEED, kinds=("platform",)).matches[0].listing.id)
    assert best.rank == 1
    assert best.advice == ()


def test_lacks_are_named_in_words_and_are_real(shipped_matcher: Matcher) -> None:
    need = Need(text="锂电池隔膜涂布小批量试制")
    found = why_not(shipped_matcher, need, "PF-0001")
    assert 1 <= len(found.lacks) <= MAX_LACKS
    for lack in found.lacks:
        assert lack.feature in FEATURES
        assert lack.text == PLAIN[lack.feature]
        assert lack.own < lack.median
    gaps = [lack.median - lack.own for lack in found.lacks]
    assert gaps == sorted(gaps, reverse=True)


def test_a_median_is_that_of_the_first_ten(matcher: Matcher) -> None:
    found = why_not(matcher, NEED, "PF-00")
    answer = matcher.match(NEED, kinds=("platform",), top=50, explained=False)
    first = [match for match in answer.matches if match.listing.id != "PF-00"][:FIRST]
    for lack in found.lacks:
        assert lack.median == pytest.approx(np.median([match.features[lack.feature] for match in first]), abs=1e-5)


def test_a_kind_that_is_not_wanted(matcher: Matcher) -> None:
    need = replace(NEED, kinds=("equipment",))
    assert not why_not(matcher, need, "PF-00").is_wanted
    assert why_not(matcher, need, "EQ-1").is_wanted
    assert why_not(matcher, NEED, "PF-00").is_wanted


@pytest.mark.parametrize(("listing_id", "kind"), [("CA-1", "案例"), ("PO-1", "政策")])
def test_what_is_never_ranked_is_refused(matcher: Matcher, listing_id: str, kind: str) -> None:
    with pytest.raises(InvalidInput, match=kind) as refused:
        why_not(matcher, NEED, listing_id)
    assert refused.value.field == "listing_id"


def test_an_unknown_id(matcher: Matcher) -> None:
    with pytest.raises(NotFound, match="XX-9"):
        why_not(matcher, NEED, "XX-9")


def test_as_json(matcher: Matcher) -> None:
    import json

    found = why_not(matcher, HARD, "PF-00")
    values = why_not_json(found)
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values["listing"]["id"] == "PF-00"
    assert (values["rank"], values["count"], values["tenth"]) == (found.rank, found.count, None)
    assert values["removal"] == found.removal
    assert [one["text"] for one in values["advice"]] == [one.text for one in found.advice]
    assert values["profile"] == {"name": PROFILE.name, "version": PROFILE.version}
    assert [one["feature"] for one in values["lacks"]] == [one.feature for one in found.lacks]
    assert [one["outcome"] for one in values["missed"]] == ["misses"] * len(found.missed)


def test_every_feature_has_plain_words() -> None:
    assert set(PLAIN) == set(FEATURES)
    assert not [words for words in PLAIN.values() if "BM25" in words or "余弦" in words]


@pytest.mark.parametrize(
    ("text", "quoted", "piece"),
    [("生物药物的合成放大", "生物药物", "生物药"), ("多肽药物固相合成放大", "多肽药物", "多肽")],
)
def test_advice_quotes_whole_words(shipped_matcher: Matcher, text: str, quoted: str, piece: str) -> None:
    found = why_not(shipped_matcher, Need(text=text), "PF-0001")
    (advice,) = [one for one in found.advice if one.requirement.type == "industry"]
    assert advice.requirement.text == piece
    assert f"若包括{quoted}," in advice.text
