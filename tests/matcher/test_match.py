"""One match end to end: the same order always, conditions as brute force has them, answers that hang together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import Encoder
from matcher.errors import BrokenArtefact, Conflict, InvalidInput
from matcher.match import NEAR_MISSES, OTHER_ENCODER, TOP_MAX, Matcher
from matcher.ranking.fit import assess
from matcher.ranking.ranked import Ranked
from matcher.ranking.ranker import Ranker
from matcher.records import SUPPLY_KINDS, Kind, Listing, Match, Matches, Need, Parameter
from matcher.scoring import SHORTLIST
from matcher.settings import Settings
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY

ROOT = Path(__file__).parents[2]
TOPS = (1, 5, 10, 50, 100)
TEXTS = (
    "我们要把一种酶制剂从5 L放大到500 L以上发酵,需要有GMP条件的发酵中试平台,广东优先,预算200万以内",
    "8英寸MEMS压力传感器流片",
    "锂电池隔膜涂布小批量试制,江苏附近",
    "pilot-scale fermentation of enzymes, 500 L bioreactor, GMP",
    "需要膜分離中試設備處理廢水",
)


def listed(matches: Sequence[Match]) -> list[tuple[str, float]]:
    return [(match.listing.id, match.score) for match in matches]


def comparable(answer: Matches) -> Matches:
    return replace(answer, took_ms=0.0)


class TestSameOrder:
    @pytest.mark.slow
    def test_a_longer_list_begins_with_the_shorter(self, shipped_matcher: Matcher, real_needs: list[Need]) -> None:
        for need in real_needs[::8]:
            longest = listed(shipped_matcher.match(need, top=200, explained=False, strict=False).matches)
            assert len(longest) == 200
            for top in TOPS:
                answer = shipped_matcher.match(need, top=top, explained=False, strict=False)
                assert listed(answer.matches) == longest[:top], (need.id, top)

    @pytest.mark.parametrize("text", TEXTS)
    def test_what_is_said_of_the_whole_does_not_depend_on_the_page(self, shipped_matcher: Matcher, text: str) -> None:
        need = Need(text=text, must=("place", "quantity"))
        one, other = (shipped_matcher.match(need, top=top, strict=False) for top in (3, 300))
        assert one.coverage == other.coverage
        assert one.removed == other.removed
        assert one.near_misses == other.near_misses
        assert one.matches == other.matches[:3]

    def test_ranks_and_scores(self, shipped_matcher: Matcher, real_needs: list[Need]) -> None:
        for need in real_needs[::12]:
            matches = shipped_matcher.match(need, top=300, explained=False, strict=False).matches
            assert [match.rank for match in matches] == list(range(1, 301))
            assert len({match.listing.id for match in matches}) == 300
            scores = [match.score for match in matches]
            assert scores == sorted(scores, reverse=True)

    def test_equal_scores_come_in_the_order_of_ids(self, small_data: Path, bundled: Encoder) -> None:
        twins = [replace(SUPPLY[0], id=name) for name in ("Z", "B", "M", "A")]
        matcher = Matcher.load(Settings(_env_file=None, data=small_data), twins, profile=PROFILE, encoder=bundled)
        answer = matcher.match(Need(text="发酵中试"))
        assert [match.listing.id for match in answer.matches] == ["A", "B", "M", "Z"]
        assert len({match.score for match in answer.matches}) == 1

    def test_the_order_of_the_file_does_not_matter(
        self, small_matcher: Matcher, small_data: Path, bundled: Encoder
    ) -> None:
        data = Settings(_env_file=None, data=small_data)
        turned = Matcher.load(data, LISTINGS[::-1], profile=PROFILE, encoder=bundled)
        for text in TEXTS:
            assert comparable(turned.match(Need(text=text))) == comparable(small_matcher.match(Need(text=text)))

    def test_asked_again_and_from_several_threads(self, small_matcher: Matcher) -> None:
        needs = [Need(text=text) for text in TEXTS] * 4
        alone = [comparable(small_matcher.match(need)) for need in needs]
        with ThreadPoolExecutor(4) as pool:
            assert [comparable(answer) for answer in pool.map(small_matcher.match, needs)] == alone

    @pytest.mark.slow
    def test_another_process_after_a_restart(
        self, shipped_matcher: Matcher, data_folder: Path, tmp_path: Path, real_needs: list[Need]
    ) -> None:
        """Run lines of a process of its own, hashing otherwise and with other threads, against this one."""
        lines = (ROOT / "datasets" / "needs_dev.jsonl").read_text(encoding="utf-8").splitlines()[::40]
        (tmp_path / "needs.jsonl").write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "matcher", "match", "--needs", str(tmp_path / "needs.jsonl")]
        found = subprocess.run(
            [*command, "--top", "100", "--format", "trec", "--listings", str(ROOT / "datasets" / "listings.jsonl")],
            cwd=ROOT,
            env=os.environ | {"PILOTMATCH_DATA": str(data_folder), "PYTHONHASHSEED": "7", "PILOTMATCH_THREADS": "2"},
            capture_output=True,
            text=True,
            check=True,
        )
        wanted = [
            f"{need.id} Q0 {match.listing.id} {match.rank} {match.score:.6f} pilotmatch"
            for need in real_needs[::40]
            for match in shipped_matcher.match(need, top=100, explained=False, strict=False).matches
        ]
        assert found.stdout.splitlines() == wanted
        assert "Traceback" not in found.stderr


class TestScoresOfPairs:
    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("kind", SUPPLY_KINDS)
    def test_do_not_depend_on_the_kinds_asked_for(self, shipped_matcher: Matcher, text: str, kind: Kind) -> None:
        """For all that is ranked by its score; what no proposer brought is filled in behind.

        Only whether a pair is read depends on them: where it is in both, the reading is the same.
        """
        matches = [
            shipped_matcher.match(Need(text=text), top=SHORTLIST, kinds=kinds, explained=False).matches
            for kinds in ((), (kind,))
        ]
        free, kept = ({one.listing.id: one.score - one.features["joint"] for one in part} for part in matches)
        readings = [{one.listing.id: one.features["joint"] for one in part} for part in matches]
        both = free.keys() & kept.keys()
        assert all(readings[0][one] in (0, readings[1][one]) for one in both)
        assert both or not any(shipped_matcher.catalogue.get(one).kind == kind for one in free)  # type: ignore[union-attr]  # ids of the catalogue
        # With its reading a score is rounded once more, to six decimals.
        assert {one: free[one] for one in both} == pytest.approx({one: kept[one] for one in both}, abs=5e-6)
        alike = {one for one in both if readings[0][one] == readings[1][one]}
        assert {one: free[one] for one in alike} == {one: kept[one] for one in alike}

    @pytest.mark.parametrize("text", TEXTS)
    def test_are_the_sum_of_the_contributions(self, shipped_matcher: Matcher, text: str) -> None:
        for match in shipped_matcher.match(Need(text=text)).matches:
            assert sum(match.features.values()) == pytest.approx(match.score, abs=1e-4)

    def test_do_not_depend_on_other_candidates(self, shipped_matcher: Matcher, real_needs: list[Need]) -> None:
        for need in real_needs[::20]:
            ranked = shipped_matcher.candidates(need)
            wider = shipped_matcher.candidates(need, also=[one.id for one in shipped_matcher.catalogue.supply])
            assert len(wider.rows) == len(shipped_matcher.catalogue.supply)
            scores = dict(zip(wider.rows.tolist(), wider.scores.tolist(), strict=True))
            assert ranked.scores.tolist() == [scores[row] for row in ranked.rows.tolist()]


def brute_force(matcher: Matcher, need: Need, kinds: Sequence[Kind]) -> list[str]:
    """Every row scored, conditions by the slow loop, kinds by name; best first, the first of them read."""
    requirements = matcher.reader.read(need, strict=False).requirements
    everything = matcher.candidates(need, also=[listing.id for listing in matcher.catalogue.supply])
    kept = []
    for place, row in enumerate(everything.rows):
        hard = [
            fit for fit in assess(requirements, matcher.conditions.facts[row]) if fit.requirement.strength == "must"
        ]
        places = [fit.outcome == "misses" for fit in hard if fit.requirement.type == "place"]
        others = [fit.outcome == "misses" for fit in hard if fit.requirement.type != "place"]
        right = not kinds or matcher.catalogue.supply[row].kind in kinds
        if right and not any(others) and not (places and all(places)):
            kept.append(place)
    left = Ranked(everything.rows[kept], everything.scores[kept], everything.features[kept])
    return [matcher.catalogue.supply[row].id for row in matcher.read(need.text, left).rows]


class TestFilters:
    PLACES = ("广东", "东莞", "西藏", "黑龙江")
    CERTIFICATES = ("GMP", "CNAS", "ISO 13485")

    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("kind", SUPPLY_KINDS)
    def test_as_brute_force_has_them(self, shipped_matcher: Matcher, kind: Kind, place: str) -> None:
        """Down to one listing in a thousand: whatever the filters leave comes, and nothing else."""
        sizes = []
        for text, certificate in zip(TEXTS, (*self.CERTIFICATES, "GMP", "CMA"), strict=True):
            need = Need(text=text, must=(place, certificate))
            wanted = brute_force(shipped_matcher, need, [kind])
            found = [one for one, _ in listed(shipped_matcher.match(need, kinds=[kind], top=1000).matches)]
            assert set(found) == set(wanted)
            if len(wanted) <= SHORTLIST:
                assert found == wanted
            else:
                assert len(set(found[:10]) & set(wanted[:10])) >= 9
            sizes.append(len(wanted))
        assert max(sizes) <= len(shipped_matcher.catalogue.supply)

    def test_one_listing_is_found_among_all(self, shipped_matcher: Matcher) -> None:
        """A kind and a city that one listing has; those that name no place stay too."""
        found: dict[tuple[Kind, str | None, str], list[str]] = {}
        for listing in shipped_matcher.catalogue.supply:
            if listing.city:
                found.setdefault((listing.kind, listing.province, listing.city), []).append(listing.id)
        alone = [(key, ids[0]) for key, ids in found.items() if len(ids) == 1][:20]
        assert len(alone) == 20
        for (kind, province, city), listing_id in alone:
            need = Need(text="中试", places=(f"{province}{city}",), must=("place",))
            answer = shipped_matcher.match(need, kinds=[kind], top=1000, strict=False, explained=False)
            assert listing_id in [match.listing.id for match in answer.matches]
            assert all(match.listing.kind == kind for match in answer.matches)

    @given(
        text=st.sampled_from(TEXTS),
        must=st.lists(st.sampled_from(["广东", "江苏", "福建", "GMP", "CNAS", "quantity"]), max_size=3, unique=True),
        kinds=st.lists(st.sampled_from(SUPPLY_KINDS), max_size=2, unique=True),
    )
    @settings(max_examples=40, deadline=None)
    def test_any_mixture_in_the_small_catalogue(
        self, small_matcher: Matcher, text: str, must: list[str], kinds: list[Kind]
    ) -> None:
        need = Need(text=text, must=tuple(must))
        answer = small_matcher.match(need, kinds=kinds, strict=False, top=50)
        assert [match.listing.id for match in answer.matches] == brute_force(small_matcher, need, kinds)

    def test_kinds_of_need_and_caller_are_alternatives(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(Need(text="发酵", kinds=("equipment",)), kinds=["solution", "equipment"])
        assert {match.listing.kind for match in answer.matches} == {"equipment", "solution"}

    def test_cases_and_policies_are_never_ranked(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(Need(text="酶制剂放大案例,中试平台补贴办法"), top=50)
        assert {match.listing.id for match in answer.matches} == {listing.id for listing in SUPPLY}


class TestRemoved:
    NEED = Need(text="酶制剂发酵中试放大,500 L发酵罐", must=("江苏",))

    def test_what_is_removed_is_counted_and_named(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(self.NEED)
        elsewhere = {one.id for one in SUPPLY if one.province not in ("江苏", None)}
        assert answer.removed == {"江苏": len(elsewhere)}
        assert not elsewhere & {match.listing.id for match in answer.matches}
        assert "SO-1" in {match.listing.id for match in answer.matches}

    def test_near_misses_are_the_best_of_the_removed(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(self.NEED)
        free = small_matcher.match(replace(self.NEED, must=()), top=50)
        assert len(answer.near_misses) == NEAR_MISSES
        assert [match.rank for match in answer.near_misses] == list(range(1, NEAR_MISSES + 1))
        removed = {one.id for one in SUPPLY if one.province not in ("江苏", None)}
        assert {match.listing.id for match in answer.near_misses} <= removed
        assert answer.near_misses[0].listing.id == next(m.listing.id for m in free.matches if m.listing.id in removed)

    def test_a_near_miss_says_what_it_misses(self, small_matcher: Matcher) -> None:
        for match in small_matcher.match(self.NEED).near_misses:
            misses = [fit for fit in match.fits if fit.outcome == "misses" and fit.requirement.strength == "must"]
            assert [fit.requirement.text for fit in misses] == ["江苏"]
            assert misses[0].shortfall
            assert misses[0].evidence

    def test_without_hard_conditions_there_are_none(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(replace(self.NEED, must=()))
        assert answer.near_misses == ()
        assert answer.removed == {}

    def test_all_keeps_them_behind(self, small_matcher: Matcher) -> None:
        left = small_matcher.match(self.NEED, top=50)
        whole = small_matcher.match(self.NEED, top=50, keep_removed=True)
        assert whole.matches[: len(left.matches)] == left.matches
        assert {match.listing.id for match in whole.matches} == {one.id for one in SUPPLY}
        assert [match.rank for match in whole.matches] == list(range(1, len(SUPPLY) + 1))
        behind = [match.score for match in whole.matches[len(left.matches) :]]
        assert behind == sorted(behind, reverse=True)

    @pytest.mark.parametrize("top", [1, 2, 3, 4, 5, 8])
    def test_all_begins_alike_whatever_the_top(self, small_matcher: Matcher, top: int) -> None:
        whole = small_matcher.match(self.NEED, top=50, keep_removed=True)
        assert small_matcher.match(self.NEED, top=top, keep_removed=True).matches == whole.matches[:top]

    def test_places_are_alternatives(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(Need(text="食品中试,仅限广东、福建"), top=50)
        assert {match.listing.province for match in answer.matches} == {"广东", "福建", None}

    def test_nothing_left(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(Need(text="晶圆流片", must=("西藏",)), kinds=["equipment"])
        assert answer.matches == ()
        assert answer.coverage == "none"
        assert [match.listing.kind for match in answer.near_misses] == ["equipment"] * 2


class TestAnswers:
    def test_fits_follow_the_requirements(self, small_matcher: Matcher) -> None:
        answer = small_matcher.match(Need(text=TEXTS[0]))
        assert {one.type for one in answer.requirements} >= {"quantity", "place", "certificate", "budget"}
        for match in answer.matches:
            texts = [fit.requirement for fit in match.fits]
            assert [one for one in answer.requirements if one in texts] == texts
        assert answer.profile == "small"
        assert answer.took_ms > 0

    def test_the_obvious_one_is_first(self, small_matcher: Matcher) -> None:
        for text, wanted in (
            ("酶制剂发酵放大到500 L,要GMP,广东", "PF-1"),
            ("MEMS晶圆流片,8英寸", "PF-5"),
            ("废水膜分离工艺验证", "SO-1"),
            ("锂离子电池电芯小批量", "MF-2"),
            ("高低温可靠性试验", "EQ-2"),
        ):
            assert small_matcher.match(Need(text=text)).matches[0].listing.id == wanted

    def test_unexplained_is_the_same_without_reasons(self, small_matcher: Matcher) -> None:
        full, bare = (small_matcher.match(Need(text=TEXTS[0]), explained=one) for one in (True, False))
        assert [replace(match, reasons=()) for match in full.matches] == list(bare.matches)
        assert any(match.reasons for match in full.matches)

    def test_a_met_condition_never_lowers_a_score(self, small_data: Path, bundled: Encoder) -> None:
        """Two listings alike but for a certificate that stands in no text that is searched."""
        bare = replace(SUPPLY[0], id="A", qualifications=())
        held = replace(SUPPLY[0], id="B", qualifications=("GMP",))
        matcher = Matcher.load(Settings(_env_file=None, data=small_data), [bare, held], encoder=bundled)
        answer = matcher.match(Need(text="酶制剂发酵,需要GMP"))
        scores = dict(listed(answer.matches))
        assert scores["B"] >= scores["A"]

    def test_fields_alone(self, small_matcher: Matcher) -> None:
        parameters = (Parameter("发酵罐容积", 1000, None, "L"),)
        answer = small_matcher.match(Need(text="", parameters=parameters, must=("quantity",)), top=50)
        assert "EQ-1" not in {match.listing.id for match in answer.matches}
        assert {"PF-2", "MF-3"} <= {match.listing.id for match in answer.matches[:4]}

    @pytest.mark.parametrize("text", [" ", "\t\n"])
    def test_blanks_beside_fields_are_no_words(self, small_matcher: Matcher, text: str) -> None:
        bare, blank = (small_matcher.match(Need(text=one, industry=("生物制造",))) for one in ("", text))
        assert listed(blank.matches) == listed(bare.matches)


class TestRefusals:
    @pytest.mark.parametrize("top", [0, -1, TOP_MAX + 1])
    def test_top(self, small_matcher: Matcher, top: int) -> None:
        with pytest.raises(InvalidInput) as caught:
            small_matcher.match(Need(text="发酵"), top=top)
        assert caught.value.field == "top"
        assert caught.value.hint

    def test_a_top_beyond_the_catalogue_is_all_of_it(self, small_matcher: Matcher) -> None:
        assert len(small_matcher.match(Need(text="发酵"), top=TOP_MAX).matches) == len(SUPPLY)

    @pytest.mark.parametrize("kind", ["case", "policy", "factory", ""])
    def test_kinds(self, small_matcher: Matcher, kind: Kind) -> None:
        with pytest.raises(InvalidInput) as caught:
            small_matcher.match(Need(text="发酵"), kinds=[kind])
        assert caught.value.field == "kinds"

    @pytest.mark.parametrize("text", ["", "  ", "。,!", "😀🎉", "发\x00酵", "发" * 20_001, "发\ud800酵"])
    def test_text(self, small_matcher: Matcher, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            small_matcher.match(Need(text=text))
        assert caught.value.field == "text"

    def test_an_id_twice(self, small_data: Path, bundled: Encoder) -> None:
        with pytest.raises(Conflict, match="PF-1"):
            Matcher.load(Settings(_env_file=None, data=small_data), [*LISTINGS, LISTINGS[0]], encoder=bundled)

    def test_a_profile_that_is_not_there(self, small_data: Path, bundled: Encoder) -> None:
        settings = Settings(_env_file=None, data=small_data)
        with pytest.raises(BrokenArtefact, match="nobody"):
            Matcher.load(settings, LISTINGS, profile="nobody", encoder=bundled)

    def test_a_catalogue_of_references_only_has_no_matches(self, small_data: Path, bundled: Encoder) -> None:
        only: list[Listing] = [one for one in LISTINGS if one.kind not in SUPPLY_KINDS]
        matcher = Matcher.load(Settings(_env_file=None, data=small_data), only, profile=PROFILE, encoder=bundled)
        answer = matcher.match(Need(text="发酵"))
        assert (answer.matches, answer.coverage) == ((), "none")


class TestCandidates:
    def test_hold_what_is_asked_for(self, shipped_matcher: Matcher, real_needs: list[Need]) -> None:
        need = real_needs[0]
        plain = shipped_matcher.candidates(need)
        last = sorted(set(range(len(shipped_matcher.catalogue.supply))) - set(plain.rows.tolist()))[-1]
        asked = shipped_matcher.catalogue.supply[last].id
        wider = shipped_matcher.candidates(need, also=[asked, "unknown"])
        assert set(wider.rows.tolist()) == {*plain.rows.tolist(), last}
        assert (np.diff(wider.scores) <= 0).all()
        assert len(wider.features) == len(wider.rows) == len(wider.scores)


class TestNotes:
    def test_a_profile_of_another_encoder_is_pointed_out(self, small_matcher: Matcher) -> None:
        profile = replace(small_matcher.ranker.profile, encoder="somebody-elses")
        parts = (small_matcher.catalogue, small_matcher.retriever, small_matcher.reader)
        other = Matcher(*parts, Ranker(profile), small_matcher.tables, "ours")
        assert OTHER_ENCODER in other.match(Need(text="需要500 L发酵罐")).notes
        assert OTHER_ENCODER not in small_matcher.match(Need(text="需要500 L发酵罐")).notes
