"""Addresses of Milvus: what they say, and what is refused in words that give no password away."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import InvalidAddress
from embeddings.milvus_address import FILE, NAME, PORT, Address


@pytest.mark.parametrize(
    ("url", "uri", "name"),
    [
        ("milvus://db.internal:19531/pilot", "http://db.internal:19531", "pilot"),
        ("milvus://db.internal", f"http://db.internal:{PORT}", NAME),
        ("milvus://db.internal/pilot?secure=on", f"https://db.internal:{PORT}", "pilot"),
        ("milvus://[::1]:1/x", "http://[::1]:1", "x"),
        ("milvus://h/x?collection=y", f"http://h:{PORT}", "y"),
        ("milvus-lite:///data/m.db", "/data/m.db", NAME),
        ("milvus:///data/m.db", "/data/m.db", NAME),
        ("milvus-lite:///data/folder", f"/data/folder/{FILE}", NAME),
        ("milvus-lite://var/m.db?collection=z", "var/m.db", "z"),
        ("milvus-lite:///with%20space/m.db", "/with space/m.db", NAME),
    ],
)
def test_where_it_is(url: str, uri: str, name: str) -> None:
    address = Address.parse(url)
    assert (address.uri, address.name) == (uri, name)
    assert address.is_lite == (not uri.startswith("http"))


def test_how_it_is_searched() -> None:
    plain = Address.parse("milvus://h/x")
    assert (plain.kind, plain.words, plain.token, plain.database) == ("flat", True, "", "")
    told = Address.parse("milvus://us%40er:p%3Ass@h/x?index=hnsw&words=off&database=city&ef=500&m=32")
    assert (told.kind, told.words, told.token, told.database) == ("hnsw", False, "us@er:p:ss", "city")
    assert (told.numbers["ef"], told.numbers["m"]) == (500, 32)
    assert told.numbers["nprobe"] == plain.numbers["nprobe"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://h/x", "milvus://"),
        ("milvus://h:port/x", "格式"),
        ("milvus://h:99999/x", "格式"),
        ("milvus://[::1/x", "格式"),
        ("milvus://h/x/y", "集合名"),
        ("milvus://h/1x", "集合名"),
        ("milvus://h/中文", "集合名"),
        (f"milvus://h/{'x' * 201}", "集合名"),
        ("milvus://h/x?index=diskann", "flat、hnsw、ivf"),
        ("milvus://h/x?words=yes", "words"),
        ("milvus://h/x?secure=1", "secure"),
        ("milvus://h/x?speed=9", "speed"),
        ("milvus://h/x?ef=0", "ef"),
        ("milvus://h/x?ef=many", "ef"),
        ("milvus://h/x?ef=100000", "ef"),
        ("milvus://h/x?ef=1&ef=2", "两次"),
        ("milvus-lite://", "文件路径"),
        ("milvus:///", "文件路径"),
    ],
)
def test_what_cant_be_used_is_refused_with_an_example(url: str, said: str) -> None:
    with pytest.raises(InvalidAddress, match=said) as caught:
        Address.parse(url)
    assert "milvus-lite:///" in str(caught.value.hint)


@given(st.text(max_size=40), st.text("0123456789abcdefghijklmnop:/?&=%@#[]", max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused_without_its_password(rest: str, other: str) -> None:
    for url in (rest, f"milvus://root:geheim@{rest}", f"milvus://root:geheim@{other}", f"milvus-lite://{other}"):
        assert "geheim" not in said_of(url)


def said_of(url: str) -> str:
    try:
        Address.parse(url)
    except InvalidAddress as error:
        return str(error)
    return ""
