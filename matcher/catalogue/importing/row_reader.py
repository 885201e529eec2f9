"""Entries as listings: every cell read into its field, every doubt noted with row, column and remedy."""

from __future__ import annotations

from datetime import date

from matcher.catalogue.importing import kinds
from matcher.catalogue.importing.drafts import LISTS, Draft, check_lengths
from matcher.catalogue.importing.entries import Entry
from matcher.catalogue.importing.headings import Layout
from matcher.catalogue.importing.identity import OWN_ID, made_id
from matcher.catalogue.importing.places import RowPlace, exact_place, place_of
from matcher.catalogue.importing.row_cells import RowCells
from matcher.catalogue.importing.row_parameters import row_parameters
from matcher.catalogue.importing.row_terms import row_day, row_terms
from matcher.catalogue.listings.content import day_fault
from matcher.records import KIND_NAMES, Kind, Listing
from matcher.terms import Terms
from matcher.web_address import is_web_address

_TERMS_FIELDS = frozenset(Terms.__dataclass_fields__)
_PLACES = ("province", "city", "district", "address")
#: Fields of forms that a listing has no place for; they go into its summary under their headings.
_TOLD = ("manufacturer", "english_name", "detail")


def draft_from_entry(entry: Entry, layout: Layout, context: str) -> Draft:
    """Return the draft of one entry of a sheet.

    Args:
        context: names of sheet and file and the title above the headings, for guessing the kind.
    """
    return _Reader(entry, layout, context).read()


class _Reader:
    """Reads one entry field by field."""

    def __init__(self, entry: Entry, layout: Layout, context: str) -> None:
        self.entry, self.layout, self.context = entry, layout, context
        headings = {name: column.heading for name, column in entry.columns.items()}
        self.draft = Draft(
            entry.sheet, entry.row, layout.form, None, _stated(layout), private=entry.private, headings=headings
        )
        self.row = RowCells(entry, layout, self.draft)

    def read(self) -> Draft:
        entry, draft = self.entry, self.draft
        self._note_cells()
        name = self._name()
        kind = self._kind(name)
        operator = self._operator()
        draft.called(name, operator)
        place = place_of(entry.first("province"), entry.first("city"), self._address())
        self._note_place(place)
        lists = {one: self.row.items(one) for one in LISTS}
        parameters = row_parameters(self.row)
        lists["capabilities"] = tuple(dict.fromkeys((*lists["capabilities"], *self.row.extra)))
        terms = row_terms(self.row)
        province, city = place.province, place.city
        if entry.section:
            province, city, lists["industry"] = self._section(province, city, lists["industry"])
        identifier = self._identifier(kind, operator, name)
        listing = Listing(
            identifier, kind, name, operator, province, city, lists["industry"], self._summary(),
            lists["capabilities"], lists["equipment"], parameters, lists["qualifications"], lists["services"],
            entry.first("level") or None, self._url(), entry.first("source_title") or None,
            self._source_day(), terms,
        )  # fmt: skip
        check_lengths(draft, listing)
        draft.listing = None if draft.failed else listing
        return draft

    def _note_cells(self) -> None:
        for heading in self.entry.unsaved:
            self.row.warn(
                "formula", heading, "公式没有保存计算结果,按空白读", "请在 Excel 里打开并保存一次,或粘贴为数值"
            )
        for heading in self.entry.faulty:
            self.row.warn("formula", heading, "单元格是错误值(如 #REF!),按空白读", "请改正公式,或粘贴为数值")
        if self.entry.controls:
            named = "、".join(dict.fromkeys(self.entry.controls))
            self.row.warn("control", self.entry.controls[0], f"{named}里有不可见的控制字符,已去掉")

    def _note_place(self, place: RowPlace) -> None:
        if not place.doubt:
            return
        filled = next(one for one in ("address", "district", "city", "province") if self.entry.first(one))
        if place.contradicts:
            self.row.error("place", filled, place.doubt, "请改正省份或城市")
        else:
            self.row.warn("place", filled, place.doubt, "请写全省、市名称,如“广东省东莞市”")

    def _name(self) -> str:
        name = " ".join(self.entry.first("name").split())
        if not name and self.layout.form == "uniquip":
            name = self.entry.first("summary").split("\n")[0][:60]
        if not name:
            self.row.error("missing", "name", "缺少名称", "请补上名称;若是合并单元格的下半部分,请取消合并后逐行填写")
        model = " ".join(self.entry.first("model").split())
        return f"{name}\uff08{model}\uff09" if model and model not in name else name

    def _kind(self, name: str) -> Kind:
        cell = self.entry.first("kind") or self.entry.first("uniquip_type")
        kind = kinds.named_kind(cell) if cell else None
        if kind:
            return kind
        if self.layout.form in ("uniquip", "instruments"):
            # A guess from the form: a platform that went out in it and comes in again stays one.
            self.draft.stated -= {"kind"}
            return "equipment"
        if cell and self.layout.form == "template":
            self.row.error("kind", "kind", f"没有“{cell[:20]}”这个类别", f"可用:{'、'.join(KIND_NAMES.values())}")
        said = kinds.kind_in(cell) or kinds.kind_in(self.entry.heading("name") or "")
        guess = said or kinds.kind_of_name(name) or kinds.kind_in(self.context) or "platform"
        self.draft.stated -= {"kind"}
        if not said and not self.draft.failed:
            self._note_guess(cell, guess)
        return guess

    def _note_guess(self, cell: str, guess: Kind) -> None:
        names = "、".join(KIND_NAMES.values())
        if cell:
            said, hint = f"没有“{cell[:20]}”这个类别", f"可用:{names}"
        else:
            said, hint = "没有写明类别", f"不对时请加一列“类别”,填{names}之一"
        self.row.warn("kind_guessed", "kind", f"{said},按“{KIND_NAMES[guess]}”处理", hint)

    def _operator(self) -> str | None:
        operator = self.entry.first("operator") or self.entry.first("department")
        return "、".join(part.strip() for part in operator.split("\n") if part.strip()) or None

    def _address(self) -> str:
        return "".join(self.entry.first(name) for name in ("address", "district"))

    def _section(
        self, province: str | None, city: str | None, industry: tuple[str, ...]
    ) -> tuple[str | None, str | None, tuple[str, ...]]:
        """A line between the rows (东莞市, 一、生物医药) says what all rows below it share."""
        place = exact_place(self.entry.section)
        if place:
            # A city under the line of another province is where the row says.
            shared = province in (None, place.province)
            return province or place.province, city or (place.city if shared else None), industry
        field_name = self.entry.section.removesuffix("领域").removesuffix("行业")
        if industry or kinds.named_kind(field_name) or not field_name:
            return province, city, industry
        self.row.warn("section", "industry", f"按上方的分组行填入行业领域“{field_name}”")
        return province, city, (field_name,)

    def _identifier(self, kind: Kind, operator: str | None, name: str) -> str:
        given = self.entry.first("id")
        code = self.entry.first("code")
        if not given and OWN_ID.fullmatch(code):
            given, code = code, ""
        if given and (len(given.split()) != 1 or not given.isprintable()):
            self.row.error("id", "id", f"编号“{given[:20]}”含有空白或不可见的字符", "编号中不要有空格;新条目请留空")
        self.draft.own_id = bool(given or code)
        self.draft.replaces = bool(given) and self.layout.form == "template"
        return given or made_id(kind, operator, name, code)

    def _summary(self) -> str:
        parts = [text for _, text in self.entry.values.get("summary", ())]
        told = [f"{heading}:{text}" for name in _TOLD for heading, text in self.entry.values.get(name, ()) if text]
        if self.entry.first("operator") and (department := self.entry.first("department")):
            told.append(f"{self.entry.heading('department')}:{department}")
        return "\n".join([*parts, ";".join([*told, *self.row.told])]).strip()

    def _source_day(self) -> str | None:
        day = row_day(self.row, "source_date")
        fault = day_fault(date.fromisoformat(day)) if day else None
        if fault:
            self.row.warn("day", "source_date", f"{day} {fault},没有导入", "请核对年份")
        return None if fault else day

    def _url(self) -> str | None:
        url = self.entry.first("source_url")
        if url and not is_web_address(url):
            self.row.warn("url", "source_url", f"“{url[:30]}”不是网址,没有导入", "网址以 http:// 或 https:// 开头")
            return None
        return url or None


def _stated(layout: Layout) -> frozenset[str]:
    """Return the fields of a listing that the columns of a layout can fill."""
    found: set[str] = {"name", "kind"}
    for column in layout.columns:
        name = column.field or ""
        if name in _TERMS_FIELDS:
            found.add(f"terms.{name}")
        elif name in _PLACES:
            found |= {"province", "city"} if name in ("district", "address") else {name}
        elif name == "parameter" or name.startswith("group:"):
            found.add("parameters")
        elif name in _TOLD:
            found.add("summary")
        elif name == "department":
            found.add("operator")
        elif name in Listing.__dataclass_fields__:
            found.add(name)
    return frozenset(found)
