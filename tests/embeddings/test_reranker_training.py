"""Training to read pairs: what a score is at the start, that it learns, what it leaves, and that stops are harmless."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.bundled import merged_digest
from embeddings.epochs import Group
from embeddings.reranker import HEAD, PAIRS, TEMPERATURE, load_reranker, read_head
from embeddings.reranker_training import TEACHER, JointRecipe, JointTrainer, Lessons, taught_loss
from embeddings.tokenizer import PASSAGE, QUERY
from embeddings.training import late_scores
from tests.embeddings import tiny

pytestmark = pytest.mark.slow

#: The miniature encoder has two layers: one reads each text alone, one both.
RECIPE = JointRecipe(taught=0, rank=2, epochs=2, learning_rate=1e-2, head_rate=1e-2, candidates=4)
GROUPS = [
    Group("发酵罐 500L", ("发酵罐 500L", "中试平台 a", "中试 b", "c 12"), (3, 1, 0, 0)),
    Group("中试平台", ("发酵 9", "中试平台 中试", "a b c", "罐 7"), (0, 3, 0, 0)),
    Group("a b", ("发酵 9", "a b a b", "罐罐", "中试 2"), (0, 2, 1, 0)),
    Group("7 9", ("中试 3", "c c c", "罐 L", "平台"), (0, 0, 0, 0)),
]
BACKGROUND = ["1 2 3", "L L", "中试 中试 4", "5 发 6"]
CARDS = ["发酵罐 500L", "中试平台 a", "c 12", "罐"]


@pytest.fixture
def cache(tiny_source: Path, tmp_path: Path) -> Path:
    """Where the miniature encoder is built."""
    return tmp_path / "cache"


def make(cache: Path, recipe: JointRecipe = RECIPE, resume: str = "resume.pt") -> JointTrainer:
    return JointTrainer(cache, cache / "untrained", GROUPS, BACKGROUND, recipe, cache / "training" / resume)


def losses(trainer: JointTrainer) -> list[float]:
    told: list[float] = []
    trainer.run(lambda done, total, loss: told.append(loss))
    return told


def scores(trainer: JointTrainer, need: str = "发酵罐", cards: list[str] = CARDS) -> list[float]:
    with torch.no_grad():
        found: list[float] = trainer.model(need, cards).tolist()
    return found


@pytest.mark.parametrize("mutual", [True, False])
def test_untrained_it_is_late_interaction_of_texts_in_sight_of_each_other(cache: Path, mutual: bool) -> None:
    """Where only the need sees the other text, the card's tokens are what the encoder makes of the card alone."""
    trainer = make(cache, replace(RECIPE, mutual=mutual))
    model, upper, need, card = trainer.model, trainer.model.upper, "发酵罐", "发酵 9"
    with torch.no_grad():
        theirs = upper.below(PASSAGE, card).float()
        both = torch.cat([upper.below(QUERY, need).float(), theirs])
        length = len(both) - len(theirs)
        x = torch.nn.functional.normalize(last_layer(trainer, both), dim=-1)
        units = x[length:] if mutual else torch.nn.functional.normalize(last_layer(trainer, theirs), dim=-1)
        own = units[1 + upper.prompt_tokens[PASSAGE] : -1]
        late = late_scores(
            x[1 + upper.prompt_tokens[QUERY] : length - 1], own[None], torch.ones(1, len(own), dtype=torch.bool)
        )
        expected = TEMPERATURE * float(late) + float(model.bias)
    assert scores(trainer, need, [card])[0] == pytest.approx(expected, abs=0.15)  # bfloat16, where there is some


def last_layer(trainer: JointTrainer, x: torch.Tensor) -> torch.Tensor:
    layer = trainer.model.upper.layers[0]
    output = layer(x[None], attention_mask=torch.zeros(1, 1, 1, len(x)))
    found: torch.Tensor = (output[0] if isinstance(output, tuple) else output)[0]
    return found


def test_a_score_does_not_depend_on_its_company(cache: Path) -> None:
    trainer = make(cache)
    trainer.run()
    together = scores(trainer)
    alone = [scores(trainer, cards=[card])[0] for card in CARDS]
    np.testing.assert_allclose(together, alone, atol=0.1)


def test_training_lowers_the_loss_and_tells_good_from_bad(cache: Path) -> None:
    trainer = make(cache, replace(RECIPE, epochs=12))
    told = np.array(losses(trainer)).reshape(12, 4).mean(axis=1)
    assert np.isfinite(told).all()
    assert told[-1] < 0.7 * told[0]
    good, *others = scores(trainer, GROUPS[0].need, list(GROUPS[0].passages))
    assert good > max(others)


def test_a_need_without_answer_teaches_that_nothing_is_worth_a_call(cache: Path) -> None:
    empty = GROUPS[3]
    recipe = replace(RECIPE, epochs=60)
    trainer = JointTrainer(cache, cache / "untrained", [empty], BACKGROUND, recipe, cache / "resume.pt")
    before = scores(trainer, empty.need, list(empty.passages))
    trainer.run()
    after = scores(trainer, empty.need, list(empty.passages))
    assert np.mean(after) < np.mean(before) - 0.5
    assert max(after) < -1.5


def test_only_pairs_and_the_head_are_trained(cache: Path) -> None:
    trainer = make(cache)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.run()
    changed = {name for name, value in trainer.model.state_dict().items() if not torch.equal(value, before[name])}
    assert {name.rpartition(".")[2] for name in changed} == {"a", "b", "segments", "gain", "head", "bias"}


def test_what_is_written_is_what_was_learnt(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache)
    trainer.run()
    parts = trainer.model.parts()
    trainer.write(tmp_path / "new", {"command": "train", "needs": 4})
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [HEAD, "joint.json", PAIRS]
    about = json.loads((tmp_path / "new" / "joint.json").read_text("utf-8"))
    assert (about["scale"], about["recipe"]["rank"], about["command"], about["needs"]) == (2.0, 2, "train", 4)
    head = read_head(tmp_path / "new" / HEAD, tiny.HIDDEN)
    assert head.encoder == merged_digest(cache / "untrained")
    np.testing.assert_allclose(head.segments, parts["segments"], atol=1e-6)
    np.testing.assert_allclose(head.weights, parts["head"], atol=1e-6)
    assert head.gain == pytest.approx(float(parts["gain"][0]), abs=1e-6)
    assert head.bias == pytest.approx(float(parts["bias"][0]), abs=1e-6)
    assert not (cache / "training" / "resume.pt").exists()


def test_what_serves_scores_as_what_was_trained(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, replace(RECIPE, epochs=4))
    trainer.run()
    trained = scores(trainer)
    trainer.write(tmp_path / "new", {})
    served = load_reranker(cache, 1, trained=tmp_path / "new", base=cache / "untrained").scores("发酵罐", CARDS)
    np.testing.assert_allclose(served, trained, atol=0.6)  # int8 and bfloat16; the scores span several units
    assert np.argsort(served)[-1] == np.argsort(trained)[-1]


class TestTeaching:
    """One layer that is taught by several."""

    def test_it_learns_an_order_that_no_grade_tells(self, cache: Path) -> None:
        # The grades of GROUPS say that "发酵罐 500L" is best for the first need; the teacher says the opposite.
        told = {"c 12": 4.0, "罐 7": 1.0, "中试平台 a": -2.0, "发酵罐 500L": -5.0}
        lessons = {group.need: told for group in GROUPS}
        recipe = replace(RECIPE, taught=4, epochs=40, graded=0.0)
        trainer = taught(cache, recipe, lessons)
        trainer.run()
        found = trainer.model.odds(GROUPS[0].need, list(told))
        assert np.argsort(found).tolist() == np.argsort(list(told.values())).tolist()

    def test_odds_are_what_the_trained_layers_say(self, cache: Path) -> None:
        trainer = make(cache)
        assert trainer.model.odds("发酵罐", CARDS) == scores(trainer)

    def test_other_lessons_are_other_work(self, cache: Path) -> None:
        recipe = replace(RECIPE, taught=2, epochs=1)
        first = {group.need: {"a": 1.0, "b": -1.0} for group in GROUPS}
        second = {need: {"a": 1.0, "b": -1.5} for need in first}
        taught(cache, recipe, first).run()
        assert losses(taught(cache, recipe, first)) == []
        assert len(losses(taught(cache, recipe, second))) == len(GROUPS)

    def test_a_teacher_of_all_layers_can_be_trained(self, cache: Path) -> None:
        teacher = make(cache, replace(TEACHER, joint=tiny.LAYERS, epochs=1, candidates=4))
        assert np.isfinite(losses(teacher)).all()

    @given(st.lists(st.floats(-8, 8), min_size=2, max_size=12), st.integers(0, 99))
    @settings(max_examples=60, deadline=None)
    def test_the_loss_is_least_where_scores_are_the_teacher_s(self, told: list[float], seed: int) -> None:
        wanted = torch.tensor(told)
        noise = torch.tensor(np.random.default_rng(seed).normal(size=len(told)), dtype=torch.float32)
        least = float(taught_loss(wanted, wanted))
        assert float(taught_loss(wanted + noise, wanted)) >= least - 1e-4
        half = wanted + noise / 2
        assert float(taught_loss(half, wanted)) <= float(taught_loss(wanted + noise, wanted)) + 1e-4


def taught(cache: Path, recipe: JointRecipe, lessons: Lessons) -> JointTrainer:
    return JointTrainer(cache, cache / "untrained", GROUPS, BACKGROUND, recipe, cache / "resume-taught.pt", lessons)


class Stopped(Exception):
    pass


@pytest.mark.parametrize("step", [2, 6])
def test_a_stop_changes_nothing(cache: Path, step: int) -> None:
    whole = make(cache, resume="whole.pt")
    told = losses(whole)

    def stop(done: int, total: int, loss: float) -> None:
        if done == step:
            raise Stopped

    with pytest.raises(Stopped):
        make(cache).run(stop)
    again = make(cache)
    np.testing.assert_array_equal(losses(again), told[(step - 1) // len(GROUPS) * len(GROUPS) :])
    assert scores(again) == scores(whole)


def test_progress_of_another_recipe_is_not_taken_up(cache: Path) -> None:
    make(cache).run()
    assert losses(make(cache)) == []
    assert len(losses(make(cache, replace(RECIPE, worth=1.0)))) == 8
