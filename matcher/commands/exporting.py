"""`pilotmatch export` and `template`: listings as files of any form, and empty forms to fill in."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection
from pathlib import Path

from matcher.catalogue.exporting.files import Encoding, Exported, FileType, export
from matcher.catalogue.exporting.templates import template
from matcher.catalogue.importing.headings import FORM_NAMES, Form
from matcher.commands.terminal import progress_bar, write
from matcher.errors import InvalidInput, Unavailable
from matcher.records import Listing

_TYPES: dict[str, FileType] = {".xlsx": "xlsx", ".csv": "csv", ".jsonl": "jsonl"}


def export_file(
    listings: Collection[Listing], path: Path, form: Form | None = None, encoding: Encoding = "utf-8-sig"
) -> Exported:
    """Write listings to a file, with a progress bar; the file's ending says of what type it is.

    Args:
        form: JSON lines for .jsonl and our own template for others by default.

    Raises:
        InvalidInput: an ending that is none of ours, or a form that doesn't go with it.
        Unavailable: the file can't be written; an older one of that name is left as it was.
    """
    file_type = _TYPES.get(path.suffix.lower())
    if file_type is None:
        raise InvalidInput(f"不认识的扩展名 {path.suffix or '(无)'}", hint=f"可用:{'、'.join(_TYPES)}", field="out")
    chosen: Form = form or ("jsonl" if file_type == "jsonl" else "template")
    if chosen == "jsonl" and file_type != "jsonl":
        raise InvalidInput(f"JSON Lines 不能写成 {path.suffix}", hint="扩展名用 .jsonl", field="out")
    content = io.BytesIO()
    with progress_bar("导出") as advance:
        done = export(
            listings,
            chosen,
            content,
            file_type=file_type,
            encoding=encoding,
            progress=lambda count: advance(count, len(listings)),
        )
    _write(path, content.getvalue())
    write(f"已导出 {done.listings} 个条目到 {path.name}({FORM_NAMES[chosen]})")
    if done.cleaned:
        write(f"有 {done.cleaned} 处文字含有文件存不下的字符,已去掉")
    if done.cut:
        write(f"有 {done.cut} 处文字超过 Excel 单元格的长度,已截断")
    return done


def template_file(path: Path, form: Form = "template") -> None:
    """Write the empty form to fill in (.xlsx).

    Raises:
        InvalidInput: another ending, or JSON lines, which have no template.
        Unavailable: the file can't be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise InvalidInput(f"模板是 .xlsx 文件,不是 {path.suffix or '(无)'}", hint="扩展名用 .xlsx", field="out")
    _write(path, template(form))
    write(f"已写出模板 {path.name}({FORM_NAMES[form]})")


def _write(path: Path, content: bytes) -> None:
    """Write aside and rename, so that a crash leaves the old file."""
    aside = path.with_name(path.name + ".part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise Unavailable(f"无法写入文件 {path}:{error.strerror}", hint="请检查路径、权限与磁盘空间") from None
