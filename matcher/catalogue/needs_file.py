"""`needs.jsonl` in: one need a line, as `datasets/README.md` describes it; a broken line never stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matcher.catalogue import json_lines
from matcher.catalogue.json_lines import Fields
from matcher.errors import InvalidInput
from matcher.records import Need

#: After one of these a title needs no full stop of ours.
_SENTENCE_ENDS = "。！？!?.；;…"


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that holds no usable need: its number from 1, what is wrong and what to do."""

    line: int
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        said = f"第 {self.line} 行:{self.message}"
        return f"{said}({self.hint})" if self.hint else said


def read_needs(path: Path | str) -> tuple[list[Need], list[LineError]]:
    """The needs of a file in its order, and the lines that hold none; blank lines are skipped.

    Raises:
        InvalidInput: the file holds no line at all.
        NotFound, Unavailable: the file is not there or can't be read.
    """
    path = Path(path)
    needs: list[Need] = []
    errors: list[LineError] = []
    first_line: dict[str | None, int] = {}
    for number, line in json_lines.read_lines(path):
        try:
            need = need_from(json_lines.parse_line(line))
        except InvalidInput as error:
            errors.append(LineError(number, error.message, error.hint))
            continue
        before = first_line.setdefault(need.id, number)
        if before == number:
            needs.append(need)
        else:
            errors.append(LineError(number, f"编号 {need.id} 与第 {before} 行重复", "每个需求的 id 只能出现一次"))
    if not needs and not errors:
        raise InvalidInput(f"{path.name} 是空文件", hint="每行写一个需求(JSON 对象)")
    return needs, errors


def need_from(fields: Fields) -> Need:
    """One need from a parsed JSON object.

    Raises:
        InvalidInput: no id, neither title nor description, or a field of the wrong type; `field` names it.
    """
    text, texts = json_lines.text, json_lines.texts
    title = text(fields, "title")
    return Need(
        id=json_lines.identifier(fields),
        text=own_words(title, text(fields, "description")),
        title=title,
        province=text(fields, "province"),
        city=text(fields, "city"),
        industry=texts(fields, "industry"),
        parameters=json_lines.parameters(fields),
        stage=text(fields, "stage"),
        budget_wan=_budget(fields),
        deadline=text(fields, "deadline"),
    )


def own_words(title: str | None, description: str | None) -> str:
    """Title and description as one text; a description that begins with the title already holds it.

    Raises:
        InvalidInput: both are missing.
    """
    title, description = (title or "").strip(), (description or "").strip()
    if not title and not description:
        raise InvalidInput("缺少 title 和 description", hint="请至少写明标题或描述", field="description")
    if not title or description.startswith(title):
        return description
    if not description:
        return title
    return f"{title}{'' if title[-1] in _SENTENCE_ENDS else '。'}{description}"


def _budget(fields: Fields) -> float | None:
    budget = json_lines.number(fields, "budget_wan")
    if budget is not None and budget < 0:
        raise InvalidInput("budget_wan 不能为负数", hint="预算以万元为单位;没有预算时写 null", field="budget_wan")
    return budget
