"""What may be asked: every suggested answer is read as what it is made for, and settles its topic."""

from __future__ import annotations

import pytest

from matcher.ranking.facts import default_tables, facts_of
from matcher.ranking.fit import assess
from matcher.ranking.topics import Topic, topics
from matcher.records import IndustryRequirement, Need, QuantityRequirement, Requirement
from matcher.understanding.quantities import read_quantities
from matcher.understanding.reading import Reader
from tests.matcher.ranking.stated import listing, parameter

TOPICS = {topic.question: topic for topic in topics(default_tables())}
VAGUE = "我们有一个新配方,不知道下一步找谁"


@pytest.fixture(scope="module")
def reader() -> Reader:
    tables = default_tables()
    return Reader(tables.regions, tables.certificates, tables.industries)


def meaning(requirement: Requirement) -> tuple[object, ...]:
    """What a requirement asks for, without its words and their place."""
    names = ("dimension", "interval", "unit", "name", "code", "near", "certificate", "industry", "kind", "wanted")
    return (requirement.type, requirement.strength, *(getattr(requirement, name, None) for name in names))


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.question)
def test_every_answer_is_read_as_what_it_is_made_for(topic: Topic, reader: Reader) -> None:
    assert topic.answers
    for answer in topic.answers:
        read = reader.read(Need(text=f"{VAGUE}。{answer.text}")).requirements
        assert meaning(answer.requirement) in [meaning(one) for one in read], answer.text


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.question)
def test_every_answer_settles_its_topic(topic: Topic) -> None:
    assert all(topic.is_answered(answer.requirement) for answer in topic.answers)


@pytest.mark.parametrize("topic", [topic for topic in TOPICS.values() if topic.is_ladder], ids=lambda t: t.question)
def test_each_step_of_a_ladder_asks_for_more(topic: Topic) -> None:
    def wanted(requirement: Requirement) -> tuple[float, float]:
        assert isinstance(requirement, QuantityRequirement)
        return requirement.interval.min, requirement.interval.max

    steps = [wanted(answer.requirement) for answer in topic.answers]
    lows, highs = [low for low, _ in steps], [high for _, high in steps]
    grows = lows == sorted(lows) and highs == sorted(highs)
    shrinks = lows == sorted(lows, reverse=True) and highs == sorted(highs, reverse=True)
    widens = lows == sorted(lows, reverse=True) and highs == sorted(highs)
    assert len(set(steps)) == len(steps)
    assert grows or shrinks or widens


@pytest.mark.parametrize(
    ("question", "words", "is_answered"),
    [
        ("发酵罐需要多大容积?", "500 L发酵罐", True),
        ("发酵罐需要多大容积?", "3立方的反应釜", True),
        ("发酵罐需要多大容积?", "每批100公斤", False),
        ("晶圆是几英寸?", "8英寸晶圆", True),
        ("晶圆是几英寸?", "幅宽600 mm", False),
        ("幅宽要多大?", "8英寸晶圆", False),
        ("烧结或热处理要到多少度?", "烧结温度1600℃", True),
        ("洁净室需要什么等级?", "万级洁净车间", True),
        ("需要多大的场地?", "万级洁净车间", False),
    ],
)
def test_a_topic_is_settled_by_what_it_asks_for_alone(question: str, words: str, is_answered: bool) -> None:
    (quantity,) = read_quantities(words)
    assert TOPICS[question].is_answered(quantity) is is_answered


def test_another_type_settles_nothing() -> None:
    industry = IndustryRequirement(text="食品", industry="food")
    assert [one.question for one in TOPICS.values() if one.is_answered(industry)] == ["产品属于哪个行业?"]


def test_bigger_plants_meet_higher_steps() -> None:
    facts = facts_of(listing(parameter("发酵罐容积", 50, 1000, "L")))
    outcomes = [assess([answer.requirement], facts)[0].outcome for answer in TOPICS["发酵罐需要多大容积?"].answers]
    assert outcomes.count("meets") == 6
    assert outcomes[6:] == ["misses"] * 4


def test_a_place_to_avoid_does_not_answer_where(reader: Reader) -> None:
    topic = TOPICS["必须在哪里做?"]
    (away,) = [one for one in reader.read(Need(text="不要江苏")).requirements if one.type == "place"]
    (there,) = [one for one in reader.read(Need(text="仅限江苏")).requirements if one.type == "place"]
    assert topic.is_answered(there)
    assert not topic.is_answered(away)
