"""`pilotmatch index` and `settings`: what is derived from the catalogue, and what is set."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from embeddings import Encoder
from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.file_vectors import forget, remove_damaged
from matcher.commands.terminal import ending_well, progress_bar, read_settings, screen, write
from matcher.errors import BrokenArtefact, InvalidInput
from matcher.installation import ENCODINGS, open_encoder, shipped_or_loaded
from matcher.retrieval.views import full_text, short_text
from matcher.settings import Settings, Source


def index(
    check: Annotated[bool, typer.Option("--check", help="检查向量是否齐全、完好,说明并补上缺少与损坏的")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="丢弃全部向量与编码器缓存,重新计算")] = False,
) -> None:
    """检查或重建由目录派生的向量。"""
    with ending_well():
        if check == rebuild:
            raise InvalidInput("请选择 --check 或 --rebuild 之一", field="index")
        settings = read_settings()
        if rebuild:
            forget(settings.data / ENCODINGS)
            forget(settings.data / "encoders")
        catalogue, encoder = Catalogue(shipped_or_loaded(settings)), open_encoder(settings)
        damaged = remove_damaged(settings.data / ENCODINGS, encoder.fingerprint)
        added = _encode(settings, catalogue, encoder)
        if damaged:
            write(f"{len(damaged)} 个向量文件已损坏,已删除:{'、'.join(damaged)}")
        write(f"{len(catalogue.supply)} 个条目:{_said(rebuild, added)}")


def _said(rebuild: bool, added: int) -> str:
    if rebuild:
        return f"已重新计算 {added} 段文字的向量"
    return f"缺少 {added} 段文字的向量,已补上" if added else "向量齐全、完好,无需修补"


_SOURCES: dict[Source, str] = {"default": "默认", "environment": "环境变量", ".env": ".env 文件", "argument": "参数"}
_SHOWN = {"True": "是", "False": "否", "": "未设置"}


def settings() -> None:
    """列出各项设置及其来源,密钥不显示。"""
    with ending_well():
        table = Table("设置", "值", "来源")
        for origin in read_settings().origins():
            table.add_row(origin.name, escape(_SHOWN.get(origin.value, origin.value)), _SOURCES[origin.source])
        screen.print(table)


def _encode(settings: Settings, catalogue: Catalogue, encoder: Encoder) -> int:
    """Makes sure that every text has its vectors, and that they can be read; how many had none."""
    if not catalogue.supply:
        raise BrokenArtefact("目录里没有可匹配的供给", hint="至少需要一个平台、设备、代工厂或解决方案")
    encodings = Encodings(settings.data / ENCODINGS, encoder)
    texts = [view(listing) for listing in catalogue.supply for view in (full_text, short_text)]
    missing = encodings.missing(texts)
    with progress_bar("为条目计算向量") as progress:
        for _ in encodings.each(texts, progress):
            pass
    return missing
