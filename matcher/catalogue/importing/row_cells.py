"""The cells of one entry beside the draft that is made of them: what all readers of a row share."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.catalogue.importing.drafts import Draft
from matcher.catalogue.importing.entries import Entry
from matcher.catalogue.importing.headings import Layout
from matcher.catalogue.importing.lists import split_items, without_numbering
from matcher.catalogue.importing.parameters import ReadParameter
from matcher.catalogue.listings.amounts import is_below_nothing, is_empty
from matcher.records import Parameter
from matcher.understanding.forms import without_contacts
from matcher.written_numbers import NUMBER_HINT


@dataclass(slots=True)
class RowCells:
    """One entry, its layout and its draft.

    Attributes:
        extra: items that turned out to be capabilities.
        told: what no field takes, for the summary.
    """

    entry: Entry
    layout: Layout
    draft: Draft
    extra: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def warn(self, code: str, name: str | None, message: str, hint: str | None = None) -> None:
        """Note a doubt about a field (or the column of that heading)."""
        self.draft.add("warning", code, name, message, hint)

    def error(self, code: str, name: str | None, message: str, hint: str | None = None) -> None:
        """Note an error, which keeps the row out."""
        self.draft.add("error", code, name, message, hint)

    def no_number(self, name: str, figure: str) -> None:
        """Note a figure that can't be read, or not without guessing."""
        self.error("number", name, f"“{figure[:20]}”不是数值", NUMBER_HINT)

    def items(self, name: str) -> tuple[str, ...]:
        """Return the items of all columns of a field, each once; numbers and bullets of other people's lists go."""
        items: list[str] = []
        for _, text in self.entry.values.get(name, ()):
            items += split_items(text)
        if self.layout.form != "template":
            items = [bare for item in items if (bare := without_numbering(item))]
        return tuple(dict.fromkeys(items))

    def kept(self, read: tuple[ReadParameter, ...], heading: str) -> list[Parameter]:
        """Return the parameters that can be used, and note what is wrong with the others."""
        kept = []
        for one in read:
            if one.error:
                self.error(one.code, heading, one.error, one.hint)
            if one.unknown_unit:
                hint = "将原样保存,但不参与数值比较;请改用常见单位,如 L、kg、㎡、t/a"
                self.warn("unit", heading, f"认不出单位“{one.unknown_unit[:20]}”", hint)
            if one.parameter is not None and self._says_a_number(one.parameter, heading):
                kept.append(one.parameter)
        return kept

    def _says_a_number(self, parameter: Parameter, heading: str) -> bool:
        """As `content.check_parameters` has it; words without a number are told as what can be done."""
        if is_empty(parameter):
            self.extra.append(without_contacts(parameter.name))
            said = f"“{parameter.name[:20]}”没有数值,已放入服务能力"
            self.warn("parameter", heading, said, "请填写下限或上限,如“名称:50–5000 L”")
            return False
        if is_below_nothing(parameter):
            self.error("range", heading, f"“{parameter.name[:20]}”不能小于 0", "请核对正负号与单位")
            return False
        return True
