"""Where something was tried before, and where a party sits, is not where the work is to be."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("甲方:北京某新材料有限公司(北京市海淀区);建设地点:拟在江苏连云港或山东潍坊", ["江苏连云港", "山东潍坊"]),
        ("需求单位：苏州大学(苏州市姑苏区)，找发酵中试", []),
        ("公司地址:北京市海淀区,找发酵中试", []),
        ("注册地:北京,中试地点:天津", ["天津"]),
        ("去年在无锡试过不行,这次想找常州的", ["常州"]),
        ("之前在无锡做的,现在想找常州", ["常州"]),
        ("以前在无锡做过,这次找常州的", ["常州"]),
        ("上次去苏州谈过,没谈成,找常州的平台", ["常州"]),
        ("原来在无锡,现在搬到常州", ["常州"]),
        ("我们在无锡问过几家都不行,找常州的", ["常州"]),
    ],
)
def test_what_is_only_told_is_not_wanted(reader: Reader, text: str, wanted: list[str]) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, PlaceRequirement)] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("找检测公司(上海)", ["上海"]),
        ("找代工厂(东莞)", ["东莞"]),
        ("中试平台(南京)", ["南京"]),
        ("地址:北京市海淀区", ["北京市海淀区"]),
        ("实施地点:天津", ["天津"]),
        ("之前在苏州做,继续在苏州找", ["苏州"]),
        ("之前找的是苏州的,这次还想找苏州的", ["苏州"]),
        ("想赶2026年9月中旬之前在陕西联系示范果园", ["陕西"]),
        ("无锡试过这个工艺的平台", ["无锡"]),
        ("想去苏州试试", ["苏州"]),
    ],
)
def test_where_the_work_is_to_be_stays_wanted(reader: Reader, text: str, wanted: list[str]) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, PlaceRequirement)] == wanted
