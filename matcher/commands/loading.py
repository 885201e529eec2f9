"""`pilotmatch load`: the given files become the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.database import open_database
from matcher.catalogue.listings.bulk import put_instead
from matcher.catalogue.listings.content import check_source
from matcher.catalogue.listings.limits import checked, checked_id
from matcher.commands.terminal import ending_well, given_listings, progress_bar, read_settings, write
from matcher.errors import BrokenArtefact
from matcher.installation import open_encoder, open_encodings
from matcher.records import Listing
from matcher.retrieval.views import full_text, short_text


def load(files: Annotated[list[Path], typer.Argument(help="listings.jsonl 格式的文件,一个或多个")]) -> None:
    """用自己的目录代替现有目录:先全部检查,再计算向量,最后一次换上;不在文件里的条目下架,不会丢失。"""
    with ending_well():
        settings = read_settings()
        catalogue = Catalogue([listing for path in files for listing in given_listings(path, _check)])
        if not catalogue.supply:
            raise BrokenArtefact("目录里没有可匹配的供给", hint="至少需要一个平台、设备、代工厂或解决方案")
        encoder = open_encoder(settings)
        database = open_database(settings)
        texts = [view(listing) for listing in catalogue.supply for view in (full_text, short_text)]
        with progress_bar("为条目计算向量") as progress:
            for _ in open_encodings(settings, encoder, database).each(texts, progress):
                pass
        with progress_bar("写入数据库") as progress, database.session() as session:
            put = put_instead(session, catalogue.listings, CONSOLE, progress if len(catalogue) > _BAR else None)
        database.dispose()
        write(f"已载入 {len(catalogue)} 个条目,其中供给 {len(catalogue.supply)} 个")
        if put.retired:
            write(f"原有 {put.retired} 个条目不在文件里,已下架")


def _check(listing: Listing) -> None:
    checked_id(checked(listing).id)
    check_source(listing)


#: Fewer are written before a bar would be seen.
_BAR = 2000
