"""`pilotmatch train encoder|needs|reranker|ranker`: makes the shipped artefacts again from the judgements."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from embeddings.trained import TRAINED
from matcher.catalogue.listings_file import read_listings
from matcher.commands.terminal import ending_well, progress_bar, read_settings, write
from matcher.commands.train_wish import Wish
from matcher.errors import BrokenArtefact, InvalidInput
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, TRAINING, JudgedNeeds, read_judged
from matcher.records import SUPPLY_KINDS, Listing, Need
from matcher.retrieval.views import full_text
from matcher.settings import Settings

if TYPE_CHECKING:
    from embeddings.epochs import EpochTrainer, Group

ENCODER_FILE = "late.safetensors"


def train(
    what: Annotated[
        Literal["encoder", "needs", "reranker", "ranker"], typer.Argument(help="encoder、needs、reranker 或 ranker")
    ],
    fold: Annotated[int | None, typer.Option(help="encoder、reranker:只训练这一份交叉验证的模型")] = None,
    joint: Annotated[bool, typer.Option("--joint", help="ranker:只重学重排的权重与校准,其余权重不变")] = False,
    further: Annotated[bool, typer.Option("--further", help="needs:从已有的层继续训练,而不是从头开始")] = False,
    profile: Annotated[str | None, typer.Option(help="ranker:学成这个名称的草稿,存入数据库;不会发布")] = None,
    judged_by: Annotated[str | None, typer.Option("--set", help="--profile:数据库中的标注集,如 city 或 city@2")] = None,
    needs: Annotated[Path | None, typer.Option(help="--profile:需求文件,与 --judgements 一同代替 --set")] = None,
    judgements: Annotated[Path | None, typer.Option(help="--profile:标注文件(TREC qrels)")] = None,
    feedback: Annotated[bool, typer.Option("--feedback", help="--profile:也从已校正名次影响的反馈学习")] = False,
    reason: Annotated[str, typer.Option(help="--profile:草稿的理由;默认写明学自何处")] = "",
) -> None:
    """从标注重新训练:先 encoder(每份约 10 分钟),再 needs(读需求的层,约一小时,不用标注)、reranker(每份约 20 分钟,
    都可中断续训),后 ranker。

    ranker --profile 则是从自己的标注(和反馈)学成一个草稿。
    """
    with ending_well():
        settings = read_settings()
        if profile is not None or judged_by or needs or judgements or feedback or reason:
            _draft(settings, what, Wish(profile or "", judged_by, needs, judgements, feedback, reason))
            return
        if joint and what != "ranker":
            raise InvalidInput("--joint 只用于 pilotmatch train ranker", field="joint")
        if further and what != "needs":
            raise InvalidInput("--further 只用于 pilotmatch train needs", field="further")
        if what == "needs":
            from matcher.commands.train_needs import train_need_layers

            composed, reported = read_judged(settings.datasets, *TRAINING), read_judged(settings.datasets, DEVELOPMENT)
            train_need_layers(settings, composed, reported, further)
            return
        judged = read_judged(settings.datasets, DEVELOPMENT, *TRAINING)
        if what == "encoder":
            for number in range(FOLDS) if fold is None else [fold]:
                train_encoder(settings, judged, fold_folder(settings, number), number)
            if fold is None:
                train_encoder(settings, judged, TRAINED, None)
        elif what == "reranker":
            from matcher.commands.train_reranker import train_rerankers

            train_rerankers(settings, judged, fold)
        else:
            from matcher.commands.train_ranker import train_joint, train_ranker

            for line in (train_joint if joint else train_ranker)(settings, judged):
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


def encoder_without(settings: Settings, number: int) -> Path:
    """`fold_folder`, where an encoder has been trained; else BrokenArtefact."""
    folder = fold_folder(settings, number)
    if not any(folder.glob("*.safetensors")):
        raise BrokenArtefact(f"缺少第 {number} 份的编码器", hint=f"先运行 pilotmatch train encoder --fold {number}")
    return folder


def train_encoder(settings: Settings, judged: JudgedNeeds, folder: Path, without: int | None) -> None:
    """Train on all judged needs with an answer, or on all but those of one fold; the result is one file in `folder`."""
    from embeddings.training import Recipe, Trainer  # torch takes seconds to import

    texts = texts_of(settings, full_text)
    groups = groups_of([need for need in needs_of(judged, without) if judged.answerable(need)], judged, texts)
    resume = settings.data / "training" / f"resume-{'all' if without is None else without}.pt"
    trainer = Trainer(settings.data / "encoders", groups, list(texts.values()), Recipe(), resume)
    run(trainer, "编码器", without)
    told = about("encoder", judged, groups, without)
    trainer.write(folder / ENCODER_FILE, told)
    write(json.dumps(told, ensure_ascii=False))


def texts_of(settings: Settings, view: Callable[[Listing], str]) -> dict[str, str]:
    """One view of each supply listing by id."""
    listings = read_listings(settings.dataset("listings.jsonl"))
    return {listing.id: view(listing) for listing in listings if listing.kind in SUPPLY_KINDS}


def needs_of(judged: JudgedNeeds, without: int | None) -> Sequence[Need]:
    """All judged needs, or all but those of one fold."""
    return judged.needs if without is None else judged.fold(without, inside=False)


def run(trainer: EpochTrainer, name: str, without: int | None) -> None:
    """Train to the end, with a bar that says what."""
    with progress_bar(f"训练{name}" + ("" if without is None else f"(不含第 {without} 份)")) as progress:
        trainer.run(lambda done, total, loss: progress(done, total))


def about(what: str, judged: JudgedNeeds, groups: Sequence[Group], without: int | None) -> dict[str, Any]:
    """What is stored beside an artefact of how it came to be."""
    return {
        "command": f"pilotmatch train {what}" + ("" if without is None else f" --fold {without}"),
        "data_sha256": judged.data_hash,
        "needs": len(groups),
        "without_fold": without,
    }


def groups_of(needs: Sequence[Need], judged: JudgedNeeds, texts: dict[str, str]) -> list[Group]:
    """The needs with the texts of their graded listings."""
    from embeddings.epochs import Group

    groups = []
    for need in needs:
        pairs = [(texts[listing], grade) for listing, grade in judged.grades[need.id or ""].items() if listing in texts]
        groups.append(Group(need.text, tuple(text for text, _ in pairs), tuple(grade for _, grade in pairs)))
    return groups
