"""`pilotmatch train encoder|ranker`: makes the shipped artefacts again from the judgements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from embeddings.trained import TRAINED
from matcher.catalogue.listings_file import read_listings
from matcher.commands.terminal import ending_well, progress_bar, read_settings, write
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, TRAINING, JudgedNeeds, read_judged
from matcher.records import SUPPLY_KINDS, Need
from matcher.retrieval.views import full_text
from matcher.settings import Settings

if TYPE_CHECKING:
    from embeddings.training import Group

ENCODER_FILE = "late.safetensors"


def train(
    what: Annotated[Literal["encoder", "ranker"], typer.Argument(help="encoder 或 ranker")],
    fold: Annotated[int | None, typer.Option(help="encoder:只训练这一份交叉验证的模型")] = None,
) -> None:
    """从标注重新训练:先 encoder(每份约 10 分钟,可中断续训),再 ranker。"""
    with ending_well():
        settings = read_settings()
        judged = read_judged(settings.datasets, DEVELOPMENT, *TRAINING)
        if what == "encoder":
            for number in range(FOLDS) if fold is None else [fold]:
                train_encoder(settings, judged, fold_folder(settings, number), number)
            if fold is None:
                train_encoder(settings, judged, TRAINED, None)
        else:
            from matcher.commands.train_ranker import train_ranker

            for line in train_ranker(settings, judged):
                write(line)


def fold_folder(settings: Settings, number: int) -> Path:
    """Where the encoder that was trained without fold `number` is kept."""
    return settings.data / "training" / f"fold-{number}"


def train_encoder(settings: Settings, judged: JudgedNeeds, folder: Path, without: int | None) -> None:
    """Train on all judged needs with an answer, or on all but those of one fold; the result is one file in `folder`."""
    from embeddings.training import Recipe, Trainer  # torch takes seconds to import

    texts = {
        listing.id: full_text(listing)
        for listing in read_listings(settings.dataset("listings.jsonl"))
        if listing.kind in SUPPLY_KINDS
    }
    needs = judged.needs if without is None else judged.fold(without, inside=False)
    groups = _groups([need for need in needs if judged.answerable(need)], judged, texts)
    resume = settings.data / "training" / f"resume-{'all' if without is None else without}.pt"
    trainer = Trainer(settings.data / "encoders", groups, list(texts.values()), Recipe(), resume)
    with progress_bar("训练编码器" + ("" if without is None else f"(不含第 {without} 份)")) as progress:
        trainer.run(lambda done, total, loss: progress(done, total))
    about = {
        "command": "pilotmatch train encoder" + ("" if without is None else f" --fold {without}"),
        "data_sha256": judged.data_hash,
        "needs": len(groups),
        "without_fold": without,
    }
    trainer.write(folder / ENCODER_FILE, about)
    write(json.dumps(about, ensure_ascii=False))


def _groups(needs: Sequence[Need], judged: JudgedNeeds, texts: dict[str, str]) -> list[Group]:
    from embeddings.training import Group

    groups = []
    for need in needs:
        pairs = [(texts[listing], grade) for listing, grade in judged.grades[need.id or ""].items() if listing in texts]
        groups.append(Group(need.text, tuple(text for text, _ in pairs), tuple(grade for _, grade in pairs)))
    return groups
