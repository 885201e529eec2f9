"""Nothing that a need has refused is asked about or suggested to it."""

from __future__ import annotations

import pytest

from matcher.match import Matcher
from matcher.ranking.facts import default_tables
from matcher.ranking.topics import Answer, topics
from matcher.ranking.unwanted import Unwanted
from matcher.records import IndustryRequirement, Need, PlaceRequirement
from matcher.understanding.reading import Reader

TABLES = default_tables()
ANSWERS: list[tuple[str, Answer]] = [(topic.question, answer) for topic in topics(TABLES) for answer in topic.answers]


@pytest.fixture(scope="module")
def unwanted() -> Unwanted:
    return Unwanted(topics(TABLES), TABLES)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def dropped(unwanted: Unwanted, reader: Reader, text: str) -> set[str]:
    mask = unwanted.mask(text, reader.read(Need(text=text)).requirements)
    return {answer.text for (_, answer), is_dropped in zip(ANSWERS, mask.tolist(), strict=True) if is_dropped}


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ("想做样机,不要食品", {"食品饮料行业", "果蔬与农产品加工行业"}, {"生物医药行业"}),
        ("想做样机,食品就不用了", {"食品饮料行业"}, {"生物医药行业"}),
        ("菌种放大,不要发酵", {"发酵罐500 L以上"}, {"反应釜500 L以上"}),
        ("想做样机,不需要洁净室", {"千级洁净车间"}, {"场地500 m²以上"}),
        ("找地方放大,量产不考虑", {"做到量产"}, {"做到样机"}),
        ("找地方放大,不需要GMP", {"要有GMP"}, {"要有CNAS"}),
        ("找地方放大,远离广东", {"限广东"}, {"限江苏"}),
        ("找地方放大,不要江苏", {"限江苏"}, {"限广东"}),
    ],
)
def test_what_is_refused_is_dropped(
    unwanted: Unwanted, reader: Reader, text: str, gone: set[str], left: set[str]
) -> None:
    found = dropped(unwanted, reader, text)
    assert gone <= found
    assert not left & found
    assert left <= {answer.text for _, answer in ANSWERS}


@pytest.mark.parametrize(
    "text",
    [
        "做发酵",
        "不做普通发酵,做厌氧发酵",
        "电镀要不要做",
        "电镀不需要太厚",
        "我们不做电镀,想找外协",
        "食品可以省成本",
        "",
    ],
)
def test_nothing_else_is_dropped(unwanted: Unwanted, reader: Reader, text: str) -> None:
    assert dropped(unwanted, reader, text or "放大") == set()


def test_every_industry_that_is_refused_by_its_name(unwanted: Unwanted) -> None:
    """Before its name and behind it; with it all that is below it in the tree."""
    for place, (_, answer) in enumerate(ANSWERS):
        if isinstance(answer.requirement, IndustryRequirement):
            name = TABLES.industries[answer.requirement.industry].name
            for text in (f"想做样机,不要{name}", f"想做样机,{name}不需要"):
                if TABLES.industries.refused(text):
                    assert unwanted.mask(text, ())[place], text


def test_a_place_that_lies_in_an_excluded_one(unwanted: Unwanted) -> None:
    code = TABLES.regions.find("华东")
    mask = unwanted.mask("", [PlaceRequirement(text="不要华东", code=code, name="华东", excluded=True)])
    gone = {answer.text for (_, answer), is_dropped in zip(ANSWERS, mask.tolist(), strict=True) if is_dropped}
    assert {"限江苏", "限浙江"} <= gone
    assert "限广东" not in gone


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("我们有个新产品想中试,不要新材料,也不要食品", ("新材料", "食品")),
        ("我们有个新产品想中试,新材料不需要", ("新材料",)),
        ("找地方放大,半导体就不用了", ("半导体",)),
        ("菌种放大,发酵不需要", ("发酵",)),
    ],
)
def test_questions_over_the_shipped_catalogue(shipped_matcher: Matcher, text: str, refused: tuple[str, ...]) -> None:
    for question in shipped_matcher.match(Need(text=text), top=1).questions:
        for words in (question.text, *question.suggestions):
            assert not any(name in words for name in refused), words
