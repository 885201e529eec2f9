"""A ranking profile: what the ranking uses and how much of each, as one readable file."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matcher.errors import BrokenArtefact
from matcher.ranking.confidence import ANSWER_FEATURES
from matcher.ranking.features import FEATURES, FIT_FEATURES, JOINT

VERSION = 3
INTERCEPT = "intercept"
SHIPPED = Path(__file__).with_name("profiles")
Curve = tuple[tuple[float, float], ...]
MEND = "运行 pilotmatch train ranker 重新生成"
#: Weights that are learnt stay below 50. Beyond this, sums of products could leave the range of numbers.
WEIGHT_MAX = 1e6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a match is strong or possible, and an answer good or partial."""

    strong: float
    possible: float
    good: float
    partial: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Weights by feature name, the steps from score to probability, and where they come from.

    Attributes:
        weights: one number a feature, within ±`WEIGHT_MAX`; the score of a pair is the sum of weight times feature.
        calibration: (score, probability) pairs, both ascending; between them the probability is interpolated.
        confidence: weights of `ANSWER_FEATURES` and "intercept": log-odds that an answer holds something worth a call.
            It looks at the answer before anything is read: that tells more.
        unread: `calibration` for pairs that the re-ranker has not read, whose scores lack its part; None where it reads
            nothing.
        encoder: fingerprint of the encoder whose signals the weights were learnt on; "" where they are set by hand.
        reads: how many of the first candidates the re-ranker reads; 0 is a ranking without it.
        few_layers: whether needs in Chinese are read by few layers of the encoder, quicker and a little worse, where it
            has them.
        training: what the weights were learnt from: data hash, folds, figures.
    """

    name: str
    version: str
    weights: dict[str, float]
    calibration: Curve
    confidence: dict[str, float]
    unread: Curve | None
    thresholds: Thresholds
    encoder: str
    reads: int
    training: dict[str, Any]
    few_layers: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON values, as `write` stores them; without `few_layers` where all read, so that hashes of older documents
        hold."""
        values = {"format": VERSION, **asdict(self)}
        if not self.few_layers:
            del values["few_layers"]
        return values


def write_profile(profile: Profile, path: Path) -> None:
    """Store a profile, written aside and renamed."""
    aside = path.with_suffix(".aside")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside.write_text(json.dumps(profile.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)


def load_profile(name_or_path: str | Path = "default") -> Profile:
    """A shipped profile by name, or one from a file.

    Raises:
        BrokenArtefact: it is missing, damaged, made for other features, or holds a number that is not finite.
    """
    path = name_or_path if isinstance(name_or_path, Path) else SHIPPED / f"{name_or_path}.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BrokenArtefact(f"找不到排序方案 {path.name}", hint=MEND) from error
    except (OSError, ValueError) as error:
        raise BrokenArtefact(f"排序方案 {path.name} 已损坏", hint=MEND) from error
    return profile_from(stored, path.name)


def profile_from(stored: Any, name: str) -> Profile:
    """A profile from the JSON values that `Profile.as_dict` gives.

    Args:
        name: of the file or document, for errors.

    Raises:
        BrokenArtefact: as for `load_profile`.
    """
    try:
        profile = _from_json(dict(stored))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BrokenArtefact(f"排序方案 {name} 已损坏", hint=MEND) from error
    _check(profile, name)
    return profile


def _from_json(stored: dict[str, Any]) -> Profile:
    if stored.pop("format") != VERSION:
        raise ValueError("format")
    if stored["unread"] is not None:
        stored["unread"] = _curve(stored["unread"])
    stored["calibration"] = _curve(stored["calibration"])
    for name in ("weights", "confidence"):
        stored[name] = _numbers(stored[name])
    stored["reads"] = operator.index(stored["reads"])
    stored["thresholds"] = Thresholds(**_numbers(stored["thresholds"]))
    profile = Profile(**stored)
    if not isinstance(profile.few_layers, bool):
        raise TypeError("few_layers is true or false")
    if not all(isinstance(text, str) for text in (profile.name, profile.version, profile.encoder)):
        raise TypeError("name, version and encoder are texts")
    dict(profile.training)
    return profile


def _curve(stored: Sequence[Sequence[Any]]) -> Curve:
    return tuple((float(score), float(share)) for score, share in stored)


def _numbers(stored: dict[str, Any]) -> dict[str, float]:
    return {str(name): float(number) for name, number in stored.items()}


def _check(profile: Profile, name: str) -> None:
    unknown = set(profile.weights) ^ set(FEATURES) | set(profile.confidence) ^ {INTERCEPT, *ANSWER_FEATURES}
    if unknown:
        raise BrokenArtefact(f"排序方案 {name} 的特征与本版本不符:{'、'.join(sorted(unknown))}", hint=MEND)
    curves = [profile.calibration, *([] if profile.unread is None else [profile.unread])]
    limits = asdict(profile.thresholds).values()
    given = [*profile.weights.values(), *profile.confidence.values(), *limits]
    numbers = [*given, *(value for curve in curves for pair in curve for value in pair)]
    if not all(math.isfinite(number) for number in numbers):
        raise BrokenArtefact(f"排序方案 {name} 含有无效数字", hint=MEND)
    if any(abs(number) > WEIGHT_MAX for number in (*profile.weights.values(), *profile.confidence.values())):
        raise BrokenArtefact(f"排序方案 {name} 的权重超出 ±{WEIGHT_MAX:,.0f}", hint=MEND)
    if not _in_order(profile.thresholds):
        raise BrokenArtefact(f"排序方案 {name} 的等级界限应在 0 与 1 之间,且高一级的不低于低一级的", hint=MEND)
    if any(profile.weights[feature] < 0 for feature in (*FIT_FEATURES, JOINT)):
        raise BrokenArtefact(f"排序方案 {name} 会因条件得到满足或读后相符而降分", hint=MEND)
    if profile.reads < 0 or (profile.reads > 0) != (profile.unread is not None):
        raise BrokenArtefact(f"排序方案 {name} 的重排条数不对", hint=MEND)
    if not all(_rises(curve) for curve in curves):
        raise BrokenArtefact(f"排序方案 {name} 的校准曲线不是递增的", hint=MEND)


def _in_order(limits: Thresholds) -> bool:
    return 0 <= limits.possible <= limits.strong <= 1 and 0 <= limits.partial <= limits.good <= 1


def _rises(curve: Curve) -> bool:
    shares = [share for _, share in curve]
    return bool(curve) and list(curve) == sorted(curve) and shares == sorted(shares)
