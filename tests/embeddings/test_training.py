"""Training on judged needs: what it draws, what it loses, what it leaves, and that stopping it changes nothing."""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from torch import nn

from embeddings import lora
from embeddings.bundled import build_bundled, layer_tensors
from embeddings.onnx import load_onnx
from embeddings.sentence import load_sentence
from embeddings.tokenizer import PASSAGE, QUERY
from embeddings.training import Group, Recipe, Trainer, draw, late_scores, listwise_loss
from embeddings.weights import open_source, source_path
from tests.embeddings import tiny

#: The miniature encoder has two layers: one stays, one learns.
RECIPE = Recipe(frozen=1, rank=2, epochs=2, learning_rate=1e-2, candidates=4, kept=1.0)
GROUPS = [
    Group("发酵罐 500L", ("发酵罐 500L", "中试平台 a", "中试 b", "c 12"), (3, 1, 0, 0)),
    Group("中试平台", ("发酵 9", "中试平台 中试", "a b c", "罐 7"), (0, 3, 0, 0)),
    Group("a b", ("发酵 9", "a b a b", "罐罐", "中试 2"), (0, 2, 1, 0)),
    Group("罐 7", ("中试 3", "c c c", "罐 7 L", "平台"), (0, 0, 3, 0)),
]
BACKGROUND = ["1 2 3", "L L", "中试 中试 4", "5 发 6"]
FILE = "late.safetensors"


@pytest.fixture
def cache(tiny_source: Path, tmp_path: Path) -> Path:
    """Where the miniature encoder is built."""
    return tmp_path / "cache"


def make(cache: Path, recipe: Recipe = RECIPE, groups: list[Group] = GROUPS, resume: str = "resume.pt") -> Trainer:
    return Trainer(cache, groups, BACKGROUND, recipe, cache / "training" / resume)


def learnt(trainer: Trainer, folder: Path) -> dict[str, np.ndarray]:
    trainer.write(folder / FILE, {})
    return load_file(folder / FILE)


def equal(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> bool:
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)


def losses(trainer: Trainer) -> list[float]:
    told: list[float] = []
    trainer.run(lambda done, total, loss: told.append(loss))
    return told


# Losses, by hand


def test_listwise_loss_of_equal_scores_is_the_logarithm_of_their_number() -> None:
    loss = listwise_loss(torch.zeros(4), (3, 2, 1, 0), 40.0)
    assert loss.item() == pytest.approx(math.log(4), rel=1e-6)


def test_listwise_loss_hand_worked() -> None:
    # Gains 7, 1, 0; softmax of 2 · (0.5, 0, −0.5) = e, 1, 1/e over their sum.
    total = math.log(math.e + 1 + 1 / math.e)
    wanted = -(7 / 8 * (1 - total) + 1 / 8 * (0 - total))
    assert listwise_loss(torch.tensor([0.5, 0.0, -0.5]), (3, 1, 0), 2.0).item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 3)), min_size=2, max_size=8), st.floats(1, 50))
@settings(max_examples=60, deadline=None)
def test_listwise_loss_is_never_below_the_entropy_of_the_gains(rows: list[tuple[float, int]], heat: float) -> None:
    scores, grades = torch.tensor([score for score, _ in rows]), [grade for _, grade in rows]
    gains = [2.0**grade - 1 for grade in grades]
    if sum(gains):
        entropy = -sum(gain / sum(gains) * math.log(gain / sum(gains)) for gain in gains if gain)
        assert listwise_loss(scores, grades, heat).item() >= entropy - 1e-4


def test_late_scores_hand_worked() -> None:
    need = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    passages = torch.tensor([[[1.0, 0.0], [0.6, 0.8]], [[-1.0, 0.0], [0.0, -1.0]]])
    own = torch.tensor([[True, True], [True, False]])
    # The first: 1 and 0.8. The second has its first token only: −1 and 0.
    np.testing.assert_allclose(late_scores(need, passages, own), [0.9, -0.5], rtol=1e-6)


def test_tokens_that_are_not_a_passage_s_own_never_count() -> None:
    need, passages = torch.eye(3)[:1], torch.eye(3)[None]
    assert late_scores(need, passages, torch.tensor([[True, True, True]])).item() == 1
    assert late_scores(need, passages, torch.tensor([[False, True, True]])).item() == 0


# What is drawn


@st.composite
def drawings(draw_from: st.DrawFn) -> tuple[Group, list[str], int, int]:
    grades = draw_from(st.lists(st.integers(0, 3), min_size=1, max_size=30).filter(any))
    passages = tuple(f"judged {number}" for number in range(len(grades)))
    shared = draw_from(st.integers(0, len(passages)))
    background = [*passages[:shared], *(f"other {number}" for number in range(draw_from(st.integers(0, 30))))]
    return Group("need", passages, tuple(grades)), background, draw_from(st.integers(2, 16)), draw_from(st.integers())


@given(drawings())
@settings(max_examples=100, deadline=None)
def test_what_is_drawn_obeys_its_limits(drawing: tuple[Group, list[str], int, int]) -> None:
    group, background, count, seed = drawing
    passages, grades = draw(group, background, count, random.Random(seed))
    given_grades = dict(zip(group.passages, group.grades, strict=True))
    assert len(passages) == len(grades) <= count
    assert len(set(passages)) == len(passages)
    assert all(grade == given_grades.get(passage, 0) for passage, grade in zip(passages, grades, strict=True))
    assert set(passages) <= {*group.passages, *background}
    assert sum(grade >= 2 for grade in grades) == min(count // 2, sum(grade >= 2 for grade in group.grades))
    assert max(grades) == max(group.grades)
    unjudged = [passage for passage in passages if passage not in given_grades]
    available = set(background) - set(group.passages)
    assert len(passages) == count or len(unjudged) == len(available)
    assert draw(group, background, count, random.Random(seed)) == (passages, grades)


def test_near_ones_fill_half_of_what_is_left() -> None:
    group = Group("need", tuple(f"{number}" for number in range(40)), (3,) * 4 + (1,) * 18 + (0,) * 18)
    _, grades = draw(group, [f"other {number}" for number in range(40)], 12, random.Random(0))
    assert grades == [3] * 4 + [1] * 4 + [0] * 4


def test_all_grades_of_good_ones_and_then_the_better() -> None:
    group = Group("need", tuple("abcdef"), (2, 3, 2, 3, 0, 0))
    _, grades = draw(group, ["x", "y", "z"], 6, random.Random(0))
    assert grades == [3, 3, 2, 0, 0, 0]


# A run on the miniature encoder


@pytest.mark.slow
def test_training_lowers_the_loss_and_counts_its_steps(cache: Path) -> None:
    recipe = replace(RECIPE, epochs=6)
    told: list[tuple[int, int, float]] = []
    make(cache, recipe).run(lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(number, 24) for number in range(1, 25)]
    by_epoch = np.array([loss for *_, loss in told]).reshape(6, 4).mean(axis=1)
    assert np.isfinite(by_epoch).all()
    assert by_epoch[-1] < 0.7 * by_epoch[0]


def test_what_is_written_merges_and_changes_vectors(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache)
    trainer.run()
    folder = tmp_path / "trained"
    pairs = learnt(trainer, folder)
    targets = {f"encoder.layer.1.{name}.weight" for name in (
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "intermediate.dense", "output.dense",
    )}  # fmt: skip
    assert pairs.keys() == {f"{target}.{part}" for target in targets for part in ("lora_A", "lora_B")}
    assert {str(pair.dtype) for pair in pairs.values()} == {"float16"}
    source = open_source(source_path())
    before, after = layer_tensors(source, tmp_path / "none"), layer_tensors(source, folder)
    assert {name for name in before if not np.array_equal(before[name], after[name])} == targets
    for target in targets:
        a, b = (pairs[f"{target}.{part}"].astype(np.float32) for part in ("lora_A", "lora_B"))
        np.testing.assert_allclose(after[target], before[target] + RECIPE.scale * (b @ a), rtol=1e-5, atol=1e-7)
    old, new = (load_onnx(cache, trained=which).encode_needs(["发酵罐"]) for which in (tmp_path / "none", folder))
    assert (old * new).sum() < 0.9999


def test_the_vectors_that_serve_are_those_that_were_trained(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache)
    trainer.run()
    with torch.no_grad():
        needs, listings = (trainer._model(prompt, ["发酵罐 500L", "a"]) for prompt in (QUERY, PASSAGE))
    learnt(trainer, tmp_path / "trained")
    served = load_sentence(str(build_bundled(cache, trained=tmp_path / "trained")))
    for (pooled, tokens, own), read in ((needs, served.read_need), (listings, served.read_listing)):
        for row, text in enumerate(["发酵罐 500L", "a"]):
            encoded = read(text)
            assert pooled[row].numpy() @ encoded.vector > 0.999
            similar = tokens[row][own[row]].numpy() @ encoded.tokens.T
            assert similar.max(axis=0).min() > 0.995


def test_frozen_layers_are_computed_once_and_left_alone(cache: Path) -> None:
    trainer = make(cache)
    before = {name: value.clone() for name, value in trainer._model.state_dict().items() if "lora" not in name}
    trainer.run()
    after = trainer._model.state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed
    assert {name.rpartition(".")[2] for name in changed} <= {"a", "b"}


def test_the_note_beside_says_how_it_was_made(cache: Path, tmp_path: Path) -> None:
    trainer = make(cache, replace(RECIPE, kept=0.25))
    trainer.run()
    trainer.write(tmp_path / "new" / FILE, {"command": "train", "needs": 4})
    about = json.loads((tmp_path / "new" / "late.json").read_text("utf-8"))
    assert about["scale"] == 0.25 * RECIPE.scale
    assert about["recipe"]["rank"] == 2
    assert (about["command"], about["needs"]) == ("train", 4)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["late.json", FILE]
    assert not (cache / "training" / "resume.pt").exists()


def test_before_training_nothing_is_added(cache: Path, tmp_path: Path) -> None:
    pairs = learnt(make(cache), tmp_path / "trained")
    assert all(not pair.any() for name, pair in pairs.items() if name.endswith("lora_B"))


class Stopped(Exception):
    pass


def stop_at(step: int, trainer: Trainer) -> None:
    def stop(done: int, total: int, loss: float) -> None:
        if done == step:
            raise Stopped

    with pytest.raises(Stopped):
        trainer.run(stop)


@pytest.mark.parametrize("step", [2, 4, 6, 11])
def test_a_stop_changes_nothing(cache: Path, tmp_path: Path, step: int) -> None:
    recipe = replace(RECIPE, epochs=3)
    whole = make(cache, recipe, resume="whole.pt")
    told = losses(whole)
    stop_at(step, make(cache, recipe))
    again = make(cache, recipe)
    resumed = losses(again)
    stored = (step - 1) // len(GROUPS) * len(GROUPS)
    np.testing.assert_array_equal(resumed, told[stored:])
    assert equal(learnt(again, tmp_path / "again"), learnt(whole, tmp_path / "whole"))


def test_a_finished_run_is_not_run_again(cache: Path, tmp_path: Path) -> None:
    first = make(cache)
    first.run()
    second = make(cache)
    assert losses(second) == []
    assert equal(learnt(second, tmp_path / "second"), learnt(first, tmp_path / "first"))


@pytest.mark.parametrize("change", ["recipe", "needs", "grades", "passages"])
def test_progress_of_other_work_is_not_taken_up(cache: Path, change: str) -> None:
    make(cache).run()
    recipe, first = RECIPE, GROUPS[0]
    if change == "recipe":
        recipe = replace(recipe, temperature=20.0)
    elif change == "needs":
        first = replace(first, need="发酵")
    elif change == "grades":
        first = replace(first, grades=(0, 3, 0, 0))
    else:
        first = replace(first, passages=("发酵 L", *first.passages[1:]))
    assert len(losses(make(cache, recipe, [first, *GROUPS[1:]]))) == 8


def other_content(_: bytes) -> bytes:
    file = io.BytesIO()
    torch.save([1], file)
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:1000], lambda data: b"", lambda data: b"not a checkpoint", other_content],
    ids=["cut", "empty", "text", "other content"],
)
def test_damaged_progress_is_begun_anew(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    stop_at(6, make(cache))
    resume = cache / "training" / "resume.pt"
    resume.write_bytes(content := damage(resume.read_bytes()))
    assert len(losses(make(cache))) == 8
    assert resume.read_bytes() != content


def test_the_seed_decides(cache: Path) -> None:
    first, same, other = (make(cache, replace(RECIPE, seed=seed), resume=f"{n}.pt") for n, seed in enumerate((0, 0, 1)))
    of_first = losses(first)
    torch.manual_seed(0)
    assert losses(same) == of_first
    assert losses(other) != of_first


def test_the_rate_rises_and_falls(cache: Path) -> None:
    trainer = make(cache, replace(RECIPE, epochs=10))
    rates = [trainer._rate(step) for step in range(41)]
    top = rates.index(1.0)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[0] > 0 == rates[40]


def test_a_text_is_cut_and_its_own_tokens_are_known(cache: Path) -> None:
    model = make(cache)._model
    for prompt, limit in ((QUERY, 120), (PASSAGE, 150)):
        assert model.below(prompt, "罐" * 500).shape == (limit + 2, tiny.HIDDEN)
        assert model.below(prompt, "罐") is model.below(prompt, "罐")
        _, tokens, own = model(prompt, ["罐罐罐", "罐"])
        assert own.shape == tokens.shape[:2]
        assert own.any(dim=1).all()
        assert not own[:, : 1 + model.prompt_tokens[prompt]].any()
        assert own[0].sum() > own[1].sum()


def test_a_vector_does_not_depend_on_its_company(cache: Path) -> None:
    model = make(cache)._model
    alone, tokens, own = model(PASSAGE, ["发酵罐"])
    pooled, padded, theirs = model(PASSAGE, ["发酵罐", "中试平台 a b c 1 2 3"])
    assert alone[0] @ pooled[0] > 0.9999
    assert torch.allclose(tokens[0][own[0]], padded[0][theirs[0]], atol=0.02)


@pytest.mark.slow
def test_the_bundled_encoder_learns(models: Path, tmp_path: Path) -> None:
    groups = [
        Group("500 L 发酵罐", ("微生物发酵中试平台", "8英寸晶圆线", "锂电池中试线"), (3, 0, 0)),
        Group("MEMS流片", ("微生物发酵中试平台", "8英寸晶圆线", "锂电池中试线"), (0, 3, 1)),
        Group("正极材料放大", ("微生物发酵中试平台", "8英寸晶圆线", "锂电池中试线"), (0, 0, 3)),
        Group("菌种培养", ("微生物发酵中试平台", "8英寸晶圆线", "锂电池中试线"), (2, 0, 0)),
    ]
    recipe = Recipe(frozen=11, rank=2, epochs=3, candidates=4)
    trainer = Trainer(models, groups, ["药物制剂车间", "机器人实验室"], recipe, tmp_path / "resume.pt")
    told = np.array(losses(trainer)).reshape(3, 4).mean(axis=1)
    assert told[-1] < told[0]
    pairs = learnt(trainer, tmp_path / "trained")
    assert len(pairs) == 12
    changed = layer_tensors(open_source(source_path()), tmp_path / "trained")
    assert np.isfinite(changed["encoder.layer.11.output.dense.weight"]).all()


@pytest.mark.parametrize(
    ("able", "wanted"),
    [
        ({"avx512_bf16": True}, torch.bfloat16), ({"avx512_bf16": False, "amx_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": False, "amx_bf16": False}, torch.float32), ({}, torch.float32),
    ],
)  # fmt: skip
def test_products_are_in_halves_only_where_the_processor_has_instructions_for_them(
    monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], wanted: torch.dtype
) -> None:
    lora._has_bfloat16.cache_clear()
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    try:
        with lora.halves():
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == wanted
        found = lora.through([nn.Linear(2, 2)], torch.ones(1, 2))
        assert found.dtype == torch.float32
    finally:
        lora._has_bfloat16.cache_clear()
