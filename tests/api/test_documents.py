"""POST /v1/documents: a form becomes a need that can be sent on."""

from __future__ import annotations

import io

import docx
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.answers import DocumentAnswer
from api.schemas import WORD_MAX, NeedBody, body_of
from matcher.records import Need, Parameter
from matcher.understanding.documents import MAX_BYTES
from matcher.understanding.text import MAX_CHARACTERS

URL = "/v1/documents"


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("需求.docx", word("酶制剂发酵放大", "需要500 L以上的发酵罐,有GMP车间。")),
        ("需求.txt", "酶制剂发酵放大\n需要500 L以上的发酵罐,有GMP车间。".encode("gb18030")),
    ],
)
def test_what_is_read_can_be_sent_as_a_need(client: TestClient, name: str, content: bytes) -> None:
    answer = client.post(URL, files={"file": (name, content)}).json()
    DocumentAnswer.model_validate(answer)
    assert answer["name"] == name
    assert "500 L" in answer["need"]["text"]
    assert client.post("/v1/matches", json=answer["need"]).status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"\x89PNG\r\n\0IHDR", "图片"),
        (b"PK\x03\x04broken", "损坏"),
        (b"%PDF-1.4 broken", "损坏"),
    ],
)
def test_files_that_hold_no_need(client: TestClient, content: bytes, said: str) -> None:
    response = client.post(URL, files={"file": ("x.docx", content)})
    error = response.json()["error"]
    assert response.status_code == 422
    assert (error["code"], error["field"]) == ("invalid_input", "file")
    assert said in error["message"]


def test_no_file(client: TestClient) -> None:
    for response in (
        client.post(URL),
        client.post(URL, json={"file": "x"}),
        client.post(URL, data={"file": "no file"}),
        client.post(URL, content=b"--x", headers={"content-type": "multipart/form-data; boundary=y"}),
        client.post(URL, content=b"--x", headers={"content-type": "multipart/form-data"}),
    ):
        assert response.status_code == 422
        assert response.json()["error"]["hint"]


def test_a_file_that_is_too_large(client: TestClient) -> None:
    assert client.post(URL, files={"file": ("x.txt", b"a" * (MAX_BYTES + 1))}).status_code == 422
    assert client.post(URL, files={"file": ("x.txt", b"a" * (MAX_BYTES + 100_000))}).status_code == 413


def test_a_file_may_be_larger_than_json(client: TestClient) -> None:
    content = ("发酵放大\n" * 100_000).encode()
    assert len(content) > 1_000_000
    answer = client.post(URL, files={"file": ("x.txt", content)}).json()
    assert answer["notes"]


def test_a_long_file_name_is_cut(client: TestClient) -> None:
    answer = client.post(URL, files={"file": ("长" * 1000 + ".txt", "发酵放大".encode())}).json()
    assert len(answer["name"]) == 200


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(client: TestClient, content: bytes) -> None:
    assert client.post(URL, files={"file": ("x", content)}).status_code in (200, 422)


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(
    st.builds(
        Need,
        text=words.map(lambda text: f"发酵{text}"),
        province=st.none() | words,
        stage=st.none() | words,
        places=st.lists(words, max_size=3).map(tuple),
        industry=st.lists(words, max_size=3).map(tuple),
        budget_wan=st.none() | st.floats(0, 1e6),
        parameters=st.lists(st.builds(Parameter, words, st.none() | st.floats(-5, 5)), max_size=2).map(tuple),
    )
)
@settings(max_examples=60, deadline=None)
def test_a_need_survives_its_body(need: Need) -> None:
    assert NeedBody.model_validate(body_of(need)).to_need() == need


def test_what_is_too_long_for_a_body_is_cut_until_it_fits() -> None:
    body = NeedBody.model_validate(body_of(Need("发酵" * 10_000, title="长" * 500, industry=("业" * 500,) * 80)))
    assert len(body.title or "") == WORD_MAX
    assert len(body.industry) == 50
    assert MAX_CHARACTERS - 400 < len(body.to_need().text) <= MAX_CHARACTERS
