"""Every system's index on a stock small enough to know the answers; those that are not installed are skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.side_by_side.search import RIVALS, TOP, Rival
from tests.benchmarks.side_by_side.stock import Filter, Floats, Stock, nearest_of, read_stock, write_stock

ROWS, COLUMNS = 60, 16
WORDS = ("发酵罐 菌种放大", "晶圆 光刻 刻蚀", "锂电池 电芯 涂布", "喷雾干燥 粉体 食品")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    folder = tmp_path_factory.mktemp("stock")
    vectors = _units(ROWS)
    texts_ = [f"{WORDS[row % len(WORDS)]} 第{row}号平台" for row in range(ROWS)]
    write_stock(folder, [f"L{row:02}" for row in range(ROWS)], texts_, vectors, ["需要菌种放大", "光刻"], vectors[:2])
    return read_stock(folder)


def _units(count: int) -> Floats:
    rows = np.random.default_rng(5).standard_normal((count, COLUMNS)).astype(np.float32)
    found: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


# Other people's packages warn of what is theirs to mend.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("one", RIVALS, ids=lambda one: one.name)
def test_a_rival_finds_filters_and_takes_a_new_listing(one: Rival, stock: Stock, tmp_path: Path) -> None:
    if one.version() is None:
        pytest.skip(f"{', '.join(one.packages)} not installed")
    one.build(stock, tmp_path)
    one.build_filtered(stock, tmp_path)
    search = one.open(tmp_path)
    try:
        found = search.hybrid(stock.texts[9], stock.vectors[9])
        assert found[0] == "L09"
        assert len(found) == TOP
        only = Filter("half", 70, 70)
        near = search.nearest(stock.vectors[3], only)
        assert set(near) <= {stock.ids[row] for row in only.passing(stock)}
        assert near[0] == nearest_of(stock, stock.vectors[3], only.passing(stock), 1)[0]
        assert search.nearest(stock.vectors[7], None)[0] == "L07"
        search.add("new", "蓝藻油脂 超临界萃取", _units(61)[60])
        assert search.hybrid("蓝藻油脂 超临界萃取", _units(61)[60])[0] == "new"
        assert "new" not in search.nearest(_units(61)[60], only)
    finally:
        search.close()
