"""`pilotmatch index` and `settings`: what is derived from the catalogue, and what is set."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from matcher.catalogue.file_vectors import forget
from matcher.commands.terminal import ending_well, progress_bar, read_settings, screen, write
from matcher.errors import InvalidInput
from matcher.installation import installed_database, installed_listings, open_encoder, open_reranker
from matcher.mending import Mended, forget_vectors, mend
from matcher.ranking.reranking import card
from matcher.records import SUPPLY_KINDS
from matcher.settings import Settings, Source


def index(
    check: Annotated[bool, typer.Option("--check", help="检查向量是否齐全、完好,说明并补上缺少与损坏的")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="丢弃全部向量与编码器缓存,重新计算")] = False,
    cards: Annotated[bool, typer.Option("--cards", help="预先读好各条目供 default 方案重排,首次匹配不必等")] = False,
) -> None:
    """检查或重建由目录派生的向量,或预先读好供重排的条目。"""
    with ending_well():
        if check + rebuild + cards != 1:
            raise InvalidInput("请选择 --check、--rebuild 或 --cards 之一", field="index")
        settings = read_settings()
        if cards:
            _keep_cards(settings)
            return
        if rebuild:
            forget(settings.data / "encoders")
        database, encoder = installed_database(settings), open_encoder(settings)
        if rebuild:
            forget_vectors(settings, encoder, database)
        listings = installed_listings(settings, database)
        with progress_bar("为条目计算向量") as progress:
            mended = mend(settings, encoder, database, listings, progress)
        supply = sum(listing.kind in SUPPLY_KINDS for listing in listings)
        write(f"{supply} 个条目:{_said(rebuild, mended)}")


def _keep_cards(settings: Settings) -> None:
    listings = installed_listings(settings, installed_database(settings))
    supply = [card(listing) for listing in listings if listing.kind in SUPPLY_KINDS]
    with progress_bar("预读条目") as progress:
        new = open_reranker(settings).keep(supply, progress)
    write(f"{len(supply)} 个条目:新读 {new} 个,其余已读过")


def _said(rebuild: bool, mended: Mended) -> str:
    if rebuild:
        sent = f",向量库写入 {mended.sent} 个条目" if mended.sent else ""
        return f"已重新计算 {mended.missing} 段文字的向量{sent}"
    found = []
    if mended.damaged:
        found.append(f"{len(mended.damaged)} 处向量已损坏,已删除重算({'、'.join(mended.damaged[:5])})")
    if mended.missing:
        found.append(f"缺少 {mended.missing} 段文字的向量,已补上")
    if mended.unused:
        found.append(f"{mended.unused} 段不再使用的向量已清除")
    if mended.sent:
        found.append(f"向量库缺少或不同的 {mended.sent} 个条目,已写入")
    if mended.strangers:
        found.append(f"向量库里多出的 {mended.strangers} 个条目已清除")
    return ";".join(found) or "向量齐全、完好,无需修补"


_SOURCES: dict[Source, str] = {"default": "默认", "environment": "环境变量", ".env": ".env 文件", "argument": "参数"}
_SHOWN = {"True": "是", "False": "否", "": "未设置"}


def settings() -> None:
    """列出各项设置及其来源,密钥不显示。"""
    with ending_well():
        table = Table("设置", "值", "来源")
        for origin in read_settings().origins():
            table.add_row(origin.name, escape(_SHOWN.get(origin.value, origin.value)), _SOURCES[origin.source])
        screen.print(table)
