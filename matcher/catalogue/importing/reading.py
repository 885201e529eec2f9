"""A file of listings as a `Table`; what it is shows in its first bytes, not in its name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from matcher.catalogue.importing.archives import too_many_rows
from matcher.catalogue.importing.delimited import encoding_of, read_delimited
from matcher.catalogue.importing.headings import heading_score
from matcher.catalogue.importing.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from matcher.catalogue.importing.tables import Format, Progress, Row, Sheet, Table
from matcher.catalogue.importing.workbooks import read_workbook
from matcher.understanding.refusals import locked, refusal

_NAME_MAX = 120
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOM = b"\xef\xbb\xbf"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_SAVE_AS = "请在 Excel 里打开,另存为 .xlsx 后导入"
#: What people rename to .xlsx, or think is one: (first bytes, what it is, what to do).
_OTHERS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb".{0,1019}%PDF-", re.DOTALL),
        "PDF 文件",
        "请向发文单位索取 Excel 文件,或把表格复制到 Excel 后另存为 .xlsx",
    ),
    (
        re.compile(rb"\s*<(?:!doctype|html|table|head|meta|style)", re.IGNORECASE),
        "网页(网站导出的 .xls 常是这样)",
        _SAVE_AS,
    ),
    (re.compile(rb"\s*<\?(?:xml|mso)"), "XML 文件", _SAVE_AS),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0|II\*\0", re.DOTALL), "图片", "请把内容录入模板后导入"),
    (re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b"), "压缩包", "请解压后导入其中的 .xlsx 或 .csv 文件"),
    (re.compile(rb"\{\\rtf|MZ|\x7fELF"), "RTF 文档或程序", "请用 .xlsx、.xls、.ods、.csv 或 .jsonl 文件"),
)


def read_table(
    name: str, data: bytes | Path, limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> Table:
    """Read .xlsx, .xlsm, .xls, .ods, .csv, .tsv or .jsonl; cheap checks come before anything is laid out.

    Args:
        name: the name to show; only its last part is kept, whatever path it pretends to have.
        data: the content, or a path to it.
        progress: told when reading begins (0, None) and when the rows are counted (0, rows).

    Raises:
        InvalidInput: (field `file`) empty, damaged, locked, too large, too many rows or columns, an encoding or a
            format that isn't ours, each with what to do.
    """
    if progress:
        progress(0, None)
    content = _load(data, limits)
    shown = shown_name(name)
    form, sheets, notes, encoding = _read(content, limits)
    if progress:
        progress(0, sum(sheet.height or 0 for sheet in sheets))
    digest = hashlib.sha256(content).hexdigest()
    return Table(shown, form, digest, len(content), tuple(sheets), encoding, tuple(notes))


def shown_name(name: str) -> str:
    """Return a file's bare name for the screen and the records: no path, no control characters, at most 120 long."""
    bare = _CONTROLS.sub("", name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].strip(" .") or "未命名"
    return bare if len(bare) <= _NAME_MAX else bare[: _NAME_MAX - 12] + "…" + bare[-11:]


def _load(data: bytes | Path, limits: Limits) -> bytes:
    try:
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        if size > limits.bytes:
            hint = "请删去图片,或分成几个文件,分别导入"
            raise refusal(f"文件有 {size / MEBIBYTE:.1f} MB,超过 {limits.bytes // MEBIBYTE} MB", hint)
        content = data if isinstance(data, bytes) else data.read_bytes()
    except (OSError, ValueError) as error:
        raise refusal(f"读不了文件:{error}", "请检查路径与读取权限") from None
    if not content.strip(b" \t\r\n\0"):
        raise refusal("文件是空的", "请检查后重新选择")
    return content


def _read(data: bytes, limits: Limits) -> tuple[Format, list[Sheet], list[str], str | None]:
    if data.startswith(_OLE):
        _refuse_other_ole(data)
    if data.startswith((b"PK\x03\x04", _OLE)):
        form, sheets, notes = read_workbook(data, limits)
        return form, sheets, notes, None
    for beginning, kind, hint in _OTHERS:
        if beginning.match(data):
            raise refusal(f"这是{kind},不是表格", hint)
    if data.removeprefix(_BOM).lstrip().startswith(b"{"):
        return "jsonl", [_json_lines(data, limits)], [], "utf-8"
    encoding = encoding_of(data)
    _refuse_binary(data, encoding)
    sheet = read_delimited("", data, encoding, limits, partial(_score, heading_score))
    return "csv", [sheet], [] if encoding != "gb18030" else ["文字编码是 GB18030(GBK)"], encoding


def _score(score: Callable[[tuple[str, ...]], int], rows: list[tuple[str, ...]]) -> int:
    return max(map(score, rows), default=0)


def _refuse_other_ole(data: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise locked()
    for stream, kind in (("WordDocument", "Word"), ("PowerPoint Document", "PPT")):
        if stream.encode("utf-16-le") in data:
            raise refusal(f"这是 {kind} 文件,不是表格", "请把表格复制到 Excel,另存为 .xlsx 后导入")


def _refuse_binary(data: bytes, encoding: str) -> None:
    """A text holds hardly any control characters; a stray NUL is cleaned away later and told then."""
    head = data[:4096]
    strange = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c" for byte in head)
    if encoding != "utf-16" and strange > 2 + len(head) // 50:
        raise refusal("认不出文件格式", "请用 .xlsx、.xls、.ods、.csv 或 .jsonl 文件")


def _json_lines(data: bytes, limits: Limits) -> Sheet:
    lines = [
        (number, line)
        for number, line in enumerate(data.removeprefix(_BOM).split(b"\n"), 1)
        if line and not line.isspace()
    ]
    if len(lines) > limits.rows:
        raise too_many_rows(limits)
    return Sheet("", partial(_json_rows, lines), len(lines))


def _json_rows(lines: list[tuple[int, bytes]]) -> Iterator[Row]:
    # GB18030 text is refused line by line by the JSON reader; surrogateescape carries the bytes to it unharmed.
    return (Row(number, (line.decode("utf-8", "surrogateescape"),)) for number, line in lines)
