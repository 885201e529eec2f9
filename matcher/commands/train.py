"""`pilotmatch train encoder|reranker|ranker`: makes the shipped artefacts again from the judgements."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from embeddings.reranker import TRAINED as RERANKER
from embeddings.trained import TRAINED
from matcher.catalogue.listings_file import read_listings
from matcher.commands.terminal import ending_well, progress_bar, read_settings, write
from matcher.commands.train_wish import Wish
from matcher.errors import InvalidInput
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, TRAINING, JudgedNeeds, read_judged
from matcher.ranking.reranking import card
from matcher.records import SUPPLY_KINDS, Listing, Need
from matcher.retrieval.views import full_text
from matcher.settings import Settings

if TYPE_CHECKING:
    from embeddings.epochs import EpochTrainer, Group

ENCODER_FILE = "late.safetensors"


def train(
    what: Annotated[Literal["encoder", "reranker", "ranker"], typer.Argument(help="encoder、reranker 或 ranker")],
    fold: Annotated[int | None, typer.Option(help="encoder、reranker:只训练这一份交叉验证的模型")] = None,
    profile: Annotated[str | None, typer.Option(help="ranker:学成这个名称的草稿,存入数据库;不会发布")] = None,
    judged_by: Annotated[str | None, typer.Option("--set", help="--profile:数据库中的标注集,如 city 或 city@2")] = None,
    needs: Annotated[Path | None, typer.Option(help="--profile:需求文件,与 --judgements 一同代替 --set")] = None,
    judgements: Annotated[Path | None, typer.Option(help="--profile:标注文件(TREC qrels)")] = None,
    feedback: Annotated[bool, typer.Option("--feedback", help="--profile:也从已校正名次影响的反馈学习")] = False,
    reason: Annotated[str, typer.Option(help="--profile:草稿的理由;默认写明学自何处")] = "",
) -> None:
    """从标注重新训练:先 encoder 和 reranker(每份约 10 分钟,可中断续训),再 ranker。

    ranker --profile 则是从自己的标注(和反馈)学成一个草稿。
    """
    with ending_well():
        settings = read_settings()
        if profile is not None or judged_by or needs or judgements or feedback or reason:
            _draft(settings, what, Wish(profile or "", judged_by, needs, judgements, feedback, reason))
            return
        judged = read_judged(settings.datasets, DEVELOPMENT, *TRAINING)
        if what == "encoder":
            for number in range(FOLDS) if fold is None else [fold]:
                train_encoder(settings, judged, fold_folder(settings, number), number)
            if fold is None:
                train_encoder(settings, judged, TRAINED, None)
        elif what == "reranker":
            for number in range(FOLDS) if fold is None else [fold]:
                train_reranker(settings, judged, reranker_folder(settings, number), number)
            if fold is None:
                train_reranker(settings, judged, RERANKER, None)
        else:
            from matcher.commands.train_ranker import train_ranker

            for line in train_ranker(settings, judged):
                write(line)


def _draft(settings: Settings, what: str, wish: Wish) -> None:
    if what != "ranker" or not wish.name:
        raise InvalidInput(
            "这些选项只用于 pilotmatch train ranker --profile 名称",
            hint="如 --profile city --set city",
            field="profile",
        )
    from matcher.commands.train_profile import train_profile

    for line in train_profile(settings, wish):
        write(line)


def fold_folder(settings: Settings, number: int) -> Path:
    """Where the encoder that was trained without fold `number` is kept."""
    return settings.data / "training" / f"fold-{number}"


def reranker_folder(settings: Settings, number: int) -> Path:
    """Where the re-ranker that was trained without fold `number` is kept."""
    return settings.data / "training" / f"reranker-{number}"


def train_encoder(settings: Settings, judged: JudgedNeeds, folder: Path, without: int | None) -> None:
    """Train on all judged needs with an answer, or on all but those of one fold; the result is one file in `folder`."""
    from embeddings.training import Recipe, Trainer  # torch takes seconds to import

    texts = _texts(settings, full_text)
    groups = _groups([need for need in _needs(judged, without) if judged.answerable(need)], judged, texts)
    resume = settings.data / "training" / f"resume-{'all' if without is None else without}.pt"
    trainer = Trainer(settings.data / "encoders", groups, list(texts.values()), Recipe(), resume)
    _run(trainer, "编码器", without)
    about = _about("encoder", judged, groups, without)
    trainer.write(folder / ENCODER_FILE, about)
    write(json.dumps(about, ensure_ascii=False))


def train_reranker(settings: Settings, judged: JudgedNeeds, folder: Path, without: int | None) -> None:
    """Train on all judged needs, with an answer or not, or on all but those of one fold; the result is in `folder`."""
    from embeddings.reranker_training import JointRecipe, JointTrainer  # torch takes seconds to import

    cards = _texts(settings, card)
    groups = _groups(_needs(judged, without), judged, cards)
    resume = settings.data / "training" / f"resume-reranker-{'all' if without is None else without}.pt"
    trainer = JointTrainer(settings.data / "encoders", groups, list(cards.values()), JointRecipe(), resume)
    _run(trainer, "重排模型", without)
    about = _about("reranker", judged, groups, without)
    trainer.write(folder, about)
    write(json.dumps(about, ensure_ascii=False))


def _texts(settings: Settings, view: Callable[[Listing], str]) -> dict[str, str]:
    """One view of each supply listing by id."""
    listings = read_listings(settings.dataset("listings.jsonl"))
    return {listing.id: view(listing) for listing in listings if listing.kind in SUPPLY_KINDS}


def _needs(judged: JudgedNeeds, without: int | None) -> Sequence[Need]:
    return judged.needs if without is None else judged.fold(without, inside=False)


def _run(trainer: EpochTrainer, name: str, without: int | None) -> None:
    with progress_bar(f"训练{name}" + ("" if without is None else f"(不含第 {without} 份)")) as progress:
        trainer.run(lambda done, total, loss: progress(done, total))


def _about(what: str, judged: JudgedNeeds, groups: Sequence[Group], without: int | None) -> dict[str, Any]:
    return {
        "command": f"pilotmatch train {what}" + ("" if without is None else f" --fold {without}"),
        "data_sha256": judged.data_hash,
        "needs": len(groups),
        "without_fold": without,
    }


def _groups(needs: Sequence[Need], judged: JudgedNeeds, texts: dict[str, str]) -> list[Group]:
    from embeddings.epochs import Group

    groups = []
    for need in needs:
        pairs = [(texts[listing], grade) for listing, grade in judged.grades[need.id or ""].items() if listing in texts]
        groups.append(Group(need.text, tuple(text for text, _ in pairs), tuple(grade for _, grade in pairs)))
    return groups
