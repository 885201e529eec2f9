"""Profiles on disk: round trip, and refusal of everything that could not be ranked with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact
from matcher.ranking.features import FEATURES, FIT_FEATURES
from matcher.ranking.profile import MEND, Profile, Thresholds, load_profile, write_profile
from tests.matcher.small import PROFILE

Change = Callable[[dict[str, Any]], None]
#: A profile that reads.
READING = replace(PROFILE, unread=PROFILE.calibration, reads=4)
finite = st.floats(0, 1e6)
shares = st.floats(0, 1)


def stored(tmp_path: Path, change: Change) -> Path:
    """A good profile's file after a change."""
    values = json.loads(json.dumps(READING.as_dict()))
    change(values)
    path = tmp_path / "tried.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def refusal(path: Path) -> BrokenArtefact:
    with pytest.raises(BrokenArtefact) as caught:
        load_profile(path)
    return caught.value


class TestRoundTrip:
    @given(
        weights=st.lists(finite, min_size=len(FEATURES), max_size=len(FEATURES)),
        points=st.lists(
            st.tuples(st.floats(-1e6, 1e6), shares), min_size=1, max_size=30, unique_by=lambda pair: pair[0]
        ),
        limits=st.tuples(shares, shares, shares, shares),
        text=st.text(st.characters(codec="utf-8"), max_size=12),
    )
    @settings(max_examples=50, deadline=None)
    def test_what_is_written_is_read(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        weights: list[float],
        points: list[tuple[float, float]],
        limits: tuple[float, float, float, float],
        text: str,
    ) -> None:
        scores, heights = zip(*points, strict=True)
        profile = replace(
            PROFILE,
            name=text,
            weights=dict(zip(FEATURES, weights, strict=True)),
            calibration=tuple(zip(sorted(scores), sorted(heights), strict=True)),
            unread=((0.0, limits[0]),),
            reads=len(points),
            thresholds=Thresholds(max(limits[:2]), min(limits[:2]), max(limits[2:]), min(limits[2:])),
            training={"note": text, "figures": [1.5, 2]},
            few_layers=len(points) % 2 == 1,
        )
        path = tmp_path_factory.mktemp("profile") / "one.json"
        write_profile(profile, path)
        assert load_profile(path) == profile
        assert [file.name for file in path.parent.iterdir()] == ["one.json"]

    def test_a_folder_is_made_and_an_older_file_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "one.json"
        write_profile(PROFILE, path)
        write_profile(replace(PROFILE, version="2"), path)
        assert load_profile(path).version == "2"

    def test_the_shipped_one_is_in_order(self, shipped_profile: Profile) -> None:
        assert shipped_profile.name == "default"
        assert shipped_profile == load_profile("default")
        assert set(shipped_profile.weights) == set(FEATURES)
        assert sum(shipped_profile.weights.values()) > 0

    def test_the_fast_one_reads_needs_quickly_and_no_pairs_and_is_else_the_same(self, shipped_profile: Profile) -> None:
        fast = load_profile("fast")
        assert (fast.name, fast.reads, fast.few_layers) == ("fast", 0, True)
        assert shipped_profile.few_layers
        assert fast.weights == shipped_profile.weights | {"joint": 0.0}
        assert shipped_profile.unread == fast.calibration
        assert shipped_profile.confidence == fast.confidence
        assert shipped_profile.reads > 0 < shipped_profile.weights["joint"]


class TestRefusals:
    def test_missing(self, tmp_path: Path) -> None:
        error = refusal(tmp_path / "nowhere.json")
        assert "nowhere.json" in error.message
        assert error.hint == MEND

    def test_missing_by_name(self) -> None:
        with pytest.raises(BrokenArtefact, match=r"找不到排序方案 nobody\.json"):
            load_profile("nobody")

    def test_a_folder(self, tmp_path: Path) -> None:
        assert refusal(tmp_path).hint == MEND

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
    def test_truncated(self, tmp_path: Path, share: float) -> None:
        whole = json.dumps(PROFILE.as_dict()).encode()
        path = tmp_path / "cut.json"
        path.write_bytes(whole[: int(len(whole) * share)])
        error = refusal(path)
        assert "cut.json 已损坏" in error.message
        assert error.hint == MEND

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"null", b"[]", b"3", b'"text"', b"{}", b'{"format": 3}'])
    def test_something_else(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "other.json"
        path.write_bytes(content)
        assert "已损坏" in refusal(path).message

    @pytest.mark.parametrize("format_", [0, 1, 2, 99, "3", None])
    def test_another_format(self, tmp_path: Path, format_: object) -> None:
        assert "已损坏" in refusal(stored(tmp_path, lambda values: values.update(format=format_))).message

    @pytest.mark.parametrize("number", [1.01e6, -1.01e6, 1e308])
    @pytest.mark.parametrize("part", [("weights", "late"), ("confidence", "intercept")])
    def test_weights_that_no_sum_could_hold(self, tmp_path: Path, part: tuple[str, str], number: float) -> None:
        found = refusal(stored(tmp_path, lambda values: values[part[0]].update({part[1]: number})))
        assert "±1,000,000" in found.message

    @pytest.mark.parametrize(
        "limits",
        [
            {"strong": 0.1, "possible": 0.9},
            {"good": 0.1, "partial": 0.9},
            {"strong": 1.1},
            {"possible": -0.1},
            {"good": 2},
            {"partial": -1},
        ],
    )
    def test_limits_of_grades_out_of_order(self, tmp_path: Path, limits: dict[str, float]) -> None:
        found = refusal(stored(tmp_path, lambda values: values["thresholds"].update(limits)))
        assert "等级界限" in found.message

    def test_limits_may_be_equal(self, tmp_path: Path) -> None:
        for limit in (0, 0.5, 1):
            every = dict.fromkeys(("strong", "possible", "good", "partial"), limit)
            assert load_profile(stored(tmp_path, lambda values, every=every: values["thresholds"].update(every)))

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    @pytest.mark.parametrize(
        "place",
        [
            lambda values, number: values["weights"].update(late=number),
            lambda values, number: values["confidence"].update(intercept=number),
            lambda values, number: values["thresholds"].update(good=number),
            lambda values, number: values.update(calibration=[[number, 0.1], [1, 0.9]]),
            lambda values, number: values.update(calibration=[[0, 0.1], [1, number]]),
            lambda values, number: values.update(unread=[[0, number]]),
        ],
    )
    def test_no_number(self, tmp_path: Path, place: Callable[[dict[str, Any], float], None], number: float) -> None:
        error = refusal(stored(tmp_path, lambda values: place(values, number)))
        assert "无效数字" in error.message
        assert error.hint == MEND

    @pytest.mark.parametrize("part", ["weights", "confidence"])
    def test_an_unknown_feature_is_named(self, tmp_path: Path, part: str) -> None:
        error = refusal(stored(tmp_path, lambda values: values[part].update(moonlight=1.0)))
        assert "moonlight" in error.message
        assert error.hint == MEND

    @pytest.mark.parametrize(("part", "name"), [("weights", "late"), ("confidence", "intercept")])
    def test_a_missing_feature_is_named(self, tmp_path: Path, part: str, name: str) -> None:
        assert name in refusal(stored(tmp_path, lambda values: values[part].pop(name))).message

    @pytest.mark.parametrize("curve", [[], [[0, 0.5], [1, 0.4]], [[1, 0.1], [0, 0.2]], [[0, 0.1], [1, 0.9], [2, 0.8]]])
    def test_a_curve_that_falls(self, tmp_path: Path, curve: list[list[float]]) -> None:
        changes: tuple[Change, ...] = (
            lambda values: values.update(calibration=curve),
            lambda values: values.update(unread=curve),
        )
        for change in changes:
            error = refusal(stored(tmp_path, change))
            assert "不是递增的" in error.message
            assert error.hint == MEND

    @pytest.mark.parametrize(
        "change",
        [
            lambda values: values.update(calibration=[[1], [2]]),
            lambda values: values.update(calibration=[["a", "b"]]),
            lambda values: values.update(weights=[1, 2]),
            lambda values: values["weights"].update(late=None),
            lambda values: values["weights"].update(late="much"),
            lambda values: values["thresholds"].update(good="high"),
            lambda values: values["thresholds"].update(other=1),
            lambda values: values["thresholds"].pop("good"),
            lambda values: values.update(more=1),
            lambda values: values.pop("name"),
            lambda values: values.pop("unread"),
            lambda values: values.update(unread=[[1], [2]]),
            lambda values: values.update(reads="many"),
            lambda values: values.update(reads=1.5),
            lambda values: values.update(reads=None),
            lambda values: values.update(few_layers=1),
            lambda values: values.update(few_layers="yes"),
            lambda values: values.update(few_layers=None),
        ],
    )
    def test_wrong_types_and_fields(self, tmp_path: Path, change: Change) -> None:
        error = refusal(stored(tmp_path, change))
        assert "已损坏" in error.message
        assert error.hint == MEND

    @pytest.mark.parametrize("change", [{"reads": -1}, {"reads": 0}, {"unread": None}])
    def test_reads_and_what_goes_with_them(self, tmp_path: Path, change: dict[str, Any]) -> None:
        error = refusal(stored(tmp_path, lambda values: values.update(change)))
        assert "重排条数" in error.message
        assert error.hint == MEND

    @pytest.mark.parametrize("feature", [*FIT_FEATURES, "joint"])
    def test_a_weight_by_which_a_met_condition_would_lower_a_score(self, tmp_path: Path, feature: str) -> None:
        error = refusal(stored(tmp_path, lambda values: values["weights"].update({feature: -0.01})))
        assert error.hint == MEND
