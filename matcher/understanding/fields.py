"""Structured fields of a need as requirements: what a caller states outright, checked field by field."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from matcher.errors import InvalidInput
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    IndustryRequirement,
    Interval,
    Need,
    Parameter,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    Role,
)
from matcher.understanding.certificates import Certificates
from matcher.understanding.deadlines import read_deadline_field
from matcher.understanding.english_places import read_english_names
from matcher.understanding.industries import Industries
from matcher.understanding.regions import Regions
from matcher.understanding.stages import read_stage_field
from matcher.understanding.text import normalise
from matcher.understanding.unit_table import table
from matcher.understanding.units import canonical

_NEAR = ("附近", "周边", "一带", "及周边")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tables that names are looked up in."""

    regions: Regions
    certificates: Certificates
    industries: Industries


@dataclass(slots=True)
class FieldReader:
    """Reads the structured fields of one need into `requirements` and Chinese `notes`.

    `strict` refuses a name that no table holds, with suggestions; else it becomes a note, as a file of many needs
    that others wrote wants. Reversed ends and numbers that are none are refused either way.
    """

    vocabulary: Vocabulary
    today: date
    strict: bool = True
    requirements: list[Requirement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def read(self, need: Need) -> None:
        """Add the requirements of every field.

        Raises:
            InvalidInput: `field` names the field at fault (parameters[0], certificates[1], budget_wan …).
        """
        check_parameters(need.parameters)
        self._add_each("parameters", need.parameters, self._parameter)
        self._add_each("places", need.places, self.place)
        self._add_each("certificates", need.certificates, self.certificate)
        self._add_industries(need.industry)
        self._add_stage(need.stage)
        self._add_budget(need.budget_wan)
        self._add_deadline(need.deadline)

    def place(self, name: str) -> PlaceRequirement:
        """Return the place condition of a name or code (东莞, 东莞附近, 441900); InvalidInput where none fits."""
        near = next((suffix for suffix in _NEAR if name.strip().endswith(suffix)), "")
        words = normalise(name).strip().removesuffix(near)
        english = read_english_names().get(words.lower())
        code = self.vocabulary.regions.find(english[0] if english else words)
        return PlaceRequirement(text=name, code=code, name=self.vocabulary.regions[code].name, near=bool(near))

    def certificate(self, name: str) -> CertificateRequirement:
        """Return the certificate condition of a name or id; raises InvalidInput where none fits."""
        return CertificateRequirement(text=name, certificate=self.vocabulary.certificates.find(normalise(name).strip()))

    def _add_each(self, name: str, values: Iterable[object], make: Callable[..., Requirement | None]) -> None:
        for position, value in enumerate(values):
            try:
                requirement = make(value)
            except InvalidInput as error:
                if self.strict:
                    raise InvalidInput(error.message, hint=error.hint, field=f"{name}[{position}]") from error
                self.notes.append(f"{error.message},未作为条件")
                continue
            if requirement is not None:
                self.requirements.append(requirement)

    def _parameter(self, parameter: Parameter) -> QuantityRequirement | None:
        if parameter.min is None and parameter.max is None:
            return None
        unit = (parameter.unit or "").strip()
        read = canonical(parameter.min, parameter.max, unit, parameter.name)
        if read is None:
            if not unit:
                return None
            raise InvalidInput(
                f"参数“{parameter.name}”的单位“{unit}”无法识别", hint="请用常见单位,如 L、kg、mm、℃、MPa、%"
            )
        dimension, interval, base = read
        return QuantityRequirement(
            text=parameter_text(parameter),
            dimension=dimension,
            interval=interval,
            unit=base,
            role=_role(dimension),
            name=parameter.name,
        )

    def _add_industries(self, names: tuple[str, ...]) -> None:
        """An industry that the table doesn't hold is left to the search by words: calls use headings of their own."""
        seen: set[str] = set()
        for name in names:
            for industry in sorted(self.vocabulary.industries.of_tags([name])):
                if industry not in seen:
                    seen.add(industry)
                    self.requirements.append(IndustryRequirement(text=name, industry=industry))

    def _add_stage(self, stage: str | None) -> None:
        try:
            requirement = read_stage_field(normalise(stage or ""))
        except InvalidInput as error:
            if self.strict:
                raise
            self.notes.append(f"{error.message},未作为条件")
            return
        if requirement:
            self.requirements.append(requirement)

    def _add_budget(self, wan: float | None) -> None:
        if wan is None:
            return
        if not math.isfinite(wan) or wan < 0:
            raise InvalidInput("预算不是有效的数", hint="以万元为单位填正数,如 50", field="budget_wan")
        if wan:
            self.requirements.append(BudgetRequirement(text=f"预算 {wan:g} 万元", interval=Interval(max=wan * 10_000)))

    def _add_deadline(self, deadline: str | None) -> None:
        read = read_deadline_field(normalise(deadline or ""), self.today)
        self.requirements.extend(replace(one, start=None, end=None) for one in read.requirements)
        self.notes.extend(read.notes)


def check_parameters(parameters: tuple[Parameter, ...]) -> None:
    """Raise InvalidInput for an end that is no number, or for a lower end above the upper."""
    for position, parameter in enumerate(parameters):
        ends = [end for end in (parameter.min, parameter.max) if end is not None]
        place = f"parameters[{position}]"
        if not all(math.isfinite(end) for end in ends):
            raise InvalidInput(f"参数“{parameter.name}”不是有效的数", hint="开口的一端请留空", field=place)
        if len(ends) == 2 and ends[0] > ends[1]:
            message = f"参数“{parameter.name}”的下限 {ends[0]:g} 大于上限 {ends[1]:g}"
            raise InvalidInput(message, hint="min 应不大于 max", field=place)


def parameter_text(parameter: Parameter) -> str:
    """Return a parameter as a person would write it: 发酵罐容积 50–5000 L."""
    low, high, unit = parameter.min, parameter.max, parameter.unit or ""
    if low is None:
        amount = f"≤{high:g}"
    elif high is None:
        amount = f"≥{low:g}"
    else:
        amount = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return f"{parameter.name} {amount} {unit}".rstrip()


def _role(dimension: str) -> Role:
    known = table().dimensions.get(dimension)
    return known.role if known else "other"
