"""How far each part of a match is from the limit of the machine: `python -m tests.benchmarks.limits`.

A limit is arithmetic over the rate at which the machine multiplies large matrices, or bytes over the rate at which it
reads memory, both measured here. What has neither is held against the least work known for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnxruntime
import typer
from onnx import TensorProto, helper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embeddings.encoded import available_cores
from embeddings.need_layers import FILE, NEEDS, read_layers
from embeddings.reranker import CARD_TOKENS, NEED_TOKENS
from embeddings.tokenizer import QUERY, make_tokenizer, read
from embeddings.weights import Shape, open_source, source_path
from matcher.answers import answer_json
from matcher.catalogue.listings_file import read_listings
from matcher.installation import open_encoder, open_reranker
from matcher.match import Matcher
from matcher.ranking.profile import load_profile
from matcher.ranking.reranking import card
from matcher.records import Need
from matcher.retrieval.needs_reader import needs_reader
from matcher.scoring import SHORTLIST
from matcher.settings import Settings
from tests.benchmarks.side_by_side.hardware import hardware
from tests.benchmarks.side_by_side.servers import own_folder
from tests.benchmarks.side_by_side.stock import Stock, fresh, make_stock
from tests.benchmarks.speed import Grower

OUTPUT = Path("var/bench-limits.md")
#: Long enough that starting a product does not count, 0.2 s at the slowest.
SIDE = 2048
#: Larger than any cache.
BYTES = 512 * 2**20
REPEATS = 7
#: Pairs that the re-ranker reads of a need, mean over needs_dev.
PAIRS = 8
HEADER = "| listings | part | what it does | limit | took | took ÷ limit |\n|---|---|---|---|---|---|"

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Machine:
    """Measured rates: operations a second of one core on int8 and on float32, bytes a second read by all cores."""

    integer: float
    floating: float
    reading: float
    cores: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a match; `limit` and `took` in ms."""

    name: str
    work: str
    limit: float
    took: float

    def row(self, size: int) -> str:
        """A row of the Markdown table."""
        return (
            f"| {size:,} | {self.name} | {self.work} | {self.limit:.3f} ms | {self.took:.3f} ms "
            f"| {self.took / self.limit:.1f} |"
        )


def seconds(work: Work, repeats: int = REPEATS) -> float:
    """The least of several runs, after one that does not count: what disturbs a run only makes it longer."""
    work()
    return min(_took(work) for _ in range(repeats))


def _took(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_machine() -> Machine:
    """The rates of this machine, now."""
    operations = 2.0 * SIDE**3
    integer = operations / seconds(product(SIDE, SIDE, SIDE, integers=True))
    floating = operations / seconds(product(SIDE, SIDE, SIDE, integers=False))
    cores = available_cores()
    parts = np.array_split(np.ones(BYTES // 4, np.float32), cores)
    with ThreadPoolExecutor(cores) as pool:
        reading = BYTES / seconds(lambda: list(pool.map(np.max, parts)))
    return Machine(integer, floating, reading, cores)


def product(rows: int, inner: int, columns: int, *, integers: bool) -> Work:
    """A product of matrices in ONNX Runtime on one core, with the weights known beforehand as a model's are."""
    kind, operator = (TensorProto.INT8, "MatMulInteger") if integers else (TensorProto.FLOAT, "MatMul")
    given, out = (TensorProto.UINT8, TensorProto.INT32) if integers else (TensorProto.FLOAT, TensorProto.FLOAT)
    drawn = np.random.default_rng(0)
    weights = drawn.integers(-63, 64, (inner, columns)).astype(np.int8 if integers else np.float32)
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", given, [rows, inner])],
        [helper.make_tensor_value_info("y", out, [rows, columns])],
        [helper.make_tensor("weights", kind, weights.shape, weights.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    x = drawn.integers(0, 255, (rows, inner)).astype(np.uint8 if integers else np.float32)
    return lambda: session.run(None, {"x": x})


def matrix_operations(shape: Shape, tokens: int, layers: int) -> float:
    """Multiplications and additions of the weight matrices, which are int8: attention's four and the two of the
    feed-forward part (Vaswani et al. 2017, section 3)."""
    return 2.0 * tokens * layers * (4 * shape.hidden**2 + 2 * shape.hidden * shape.feed_forward)


def attention_operations(shape: Shape, tokens: int, layers: int) -> float:
    """Those of scores and of the weighted sums, which are float32."""
    return 2.0 * layers * 2 * tokens**2 * shape.hidden


def forward_ms(shape: Shape, tokens: int, layers: int, machine: Machine) -> float:
    """The least that a forward pass takes on one core."""
    whole = matrix_operations(shape, tokens, layers) / machine.integer
    return 1000 * (whole + attention_operations(shape, tokens, layers) / machine.floating)


def pair_ms(shape: Shape, own: int, seen: int, machine: Machine) -> float:
    """The least that one pair takes on one core: a need's `own` tokens go through what follows the projections of one
    layer, and each looks at `seen` tokens."""
    matrices = 2.0 * own * (shape.hidden**2 + 2 * shape.hidden * shape.feed_forward)
    return 1000 * (matrices / machine.integer + 2.0 * 2 * own * seen * shape.hidden / machine.floating)


def median_ms(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Median over the texts, each once."""
    return float(np.median([_took(lambda text=text: work(text)) for text in texts])) * 1000  # type: ignore[misc]


class Measuring:
    """One matcher's parts on some needs."""

    def __init__(self, matcher: Matcher, reranker: Any, needs: Sequence[str], machine: Machine) -> None:
        self._matcher, self._reranker, self._machine = matcher, reranker, machine
        self._needs = needs
        source = open_source(source_path())
        layers = read_layers(NEEDS / FILE)[0] if matcher.ranker.profile.few_layers else source.shape.layers
        self._shape, self._tokenizer = source.shape._replace(layers=layers), make_tokenizer(source.pieces)
        self._rows = len(matcher.catalogue.supply)
        self._dimension = len(matcher.retriever.vectors(0)[0])

    def parts(self) -> list[Part]:
        """Every part, in the order of a match."""
        for text in self._needs[:3]:
            self._matcher.match(Need(text=text))
        encoding = self._encoding()
        needed = [encoding, self._scanning(), self._late()]
        reading = self._reading()
        if self._matcher.ranker.profile.reads:
            needed.append(reading)
        shapes = Part("encoder, again", "limit: its own products, one by one", self._products_ms(), encoding.took)
        return [encoding, shapes, *needed[1:3], reading, self._writing(), self._whole(needed)]

    def _products_ms(self) -> float:
        """What the encoder's integer products take by themselves: so few rows don't fill the processor's units."""
        tokens, hidden, inner = self._tokens(), self._shape.hidden, self._shape.feed_forward
        weights = ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))
        layer = sum(seconds(product(tokens, rows, columns, integers=True)) for rows, columns in weights)
        floating = attention_operations(self._shape, tokens, self._shape.layers) / self._machine.floating
        return 1000 * (layer * self._shape.layers + floating)

    def _tokens(self) -> int:
        """Of a need as the encoder reads it, median."""
        return int(np.median([len(read(self._tokenizer, QUERY, text).ids) for text in self._needs]))

    def _encoding(self) -> Part:
        texts, tokens = [fresh(text, 7) for text in self._needs], self._tokens()
        limit = forward_ms(self._shape, tokens, self._shape.layers, self._machine)
        operations = matrix_operations(self._shape, tokens, self._shape.layers) / 1e9
        work = f"{self._shape.layers} layers over {tokens} tokens, {operations:.1f} G int8 operations, one core"
        return Part("encoder", work, limit, median_ms(self._matcher.retriever.encode, texts))

    def _scanning(self) -> Part:
        size = self._rows * self._dimension * 4
        encoded = {text: self._matcher.retriever.encode(text) for text in self._needs}
        everything = np.arange(self._rows)
        near = self._matcher.retriever.held.near
        took = median_ms(lambda text: near(encoded[text], text).nearest(everything, 10), self._needs)
        return Part("dense scan", f"{size / 1e6:.1f} MB of vectors", 1000 * size / self._machine.reading, took)

    def _late(self) -> Part:
        late = self._matcher.retriever.late
        tokens = {text: self._matcher.retriever.encode(text).tokens for text in self._needs}
        rows = np.random.default_rng(0).choice(self._rows, min(SHORTLIST, self._rows), replace=False)
        lengths = sum(len(late.tokens(row).offsets) for row in rows.tolist())
        need = float(np.median([len(one) for one in tokens.values()]))
        size = lengths * self._dimension
        limit = 1000 * max(2 * size * need / self._machine.integer, size / self._machine.reading)
        took = median_ms(lambda text: late.scores(tokens[text], rows), self._needs)
        work = f"{len(rows)} listings, {lengths:,} by {need:.0f} tokens, int8"
        return Part("late interaction", work, limit, took)

    def _reading(self) -> Part:
        drawn = np.random.default_rng(1).choice(self._rows, min(PAIRS, self._rows), replace=False)
        cards = [card(self._matcher.catalogue.supply[row]) for row in drawn.tolist()]
        for text in self._needs[:1]:
            self._reranker.scores(text, cards)
        texts = [fresh(text, 5) for text in self._needs]
        own = int(min(np.median([len(read(self._tokenizer, QUERY, text).ids) for text in texts]), NEED_TOKENS))
        theirs = int(np.median([min(len(self._tokenizer.encode(one).ids), CARD_TOKENS) for one in cards]))
        for text in texts:  # what a match has at hand when it comes to its first pair
            self._matcher.retriever.encode(text)
        limit = pair_ms(self._shape, own, own + theirs, self._machine) * len(cards) / self._machine.cores
        took = median_ms(lambda text: self._reranker.scores(text, cards), texts)
        work = f"{len(cards)} pairs, a need of {own} tokens that see {theirs} more, one layer, int8, all cores"
        return Part("re-ranker", work, limit, took)

    def _writing(self) -> Part:
        answers = {text: self._matcher.match(Need(text=text)) for text in self._needs}
        ready = {text: answer_json(answer) for text, answer in answers.items()}
        size = np.median([len(json.dumps(one, ensure_ascii=False).encode()) for one in ready.values()])
        limit = median_ms(lambda text: json.dumps(ready[text], ensure_ascii=False), self._needs)
        took = median_ms(lambda text: json.dumps(answer_json(answers[text]), ensure_ascii=False), self._needs)
        return Part("answer as JSON", f"{size / 1000:.0f} kB; limit: `json.dumps` of what is ready", limit, took)

    def _whole(self, needed: Sequence[Part]) -> Part:
        limit = sum(part.limit for part in needed)
        took = median_ms(lambda text: self._matcher.match(Need(text=fresh(text, 9))), self._needs)
        work = f"limit: {', '.join(part.name for part in needed)}"
        return Part(f"whole match, {self._matcher.ranker.profile.name}", work, limit, took)


def page(machine: Machine, rows: Sequence[str], hardware_: str) -> str:
    """The whole page, with a line end."""
    rates = (
        f"Measured here: {machine.integer / 1e9:,.0f} G int8 operations a second on one core (`MatMulInteger`, "
        f"{SIDE} × {SIDE} × {SIDE}, ONNX Runtime), {machine.floating / 1e9:,.0f} G in float32, "
        f"{machine.reading / 1e9:.1f} GB/s read by {machine.cores} cores. "
        "What lies in the processor's cache is read faster than that limit says."
    )
    lines = ["# Limits", "", f"`python -m tests.benchmarks.limits` on {hardware_}.", "", rates, "", HEADER, *rows]
    return "\n".join(lines) + "\n"


def main(
    sizes: Annotated[list[int] | None, typer.Option("--size", help="Listings; may be given several times.")] = None,
    needs: Annotated[int, typer.Option(help="Needs that are measured.")] = 60,
    profile: Annotated[str, typer.Option(help="Of the whole match.")] = "default",
    folder: Annotated[Path, typer.Option(help="Where grown catalogues are kept.")] = Path("var/bench-side"),
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = OUTPUT,
) -> None:
    """Measures the machine and each part of a match, and writes a table."""
    settings, rows = Settings(), []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("machine", total=1 + len(sizes or (798, 24_000)))
        machine = measure_machine()
        encoder, grower = open_encoder(settings), Grower(settings, progress)
        reranker = open_reranker(settings, needs_reader(encoder, load_profile(profile).few_layers))
        for size in sizes or (798, 24_000):
            progress.update(bar, advance=1, description=f"{size:,} listings")
            stock = make_stock(folder / str(size), size, grower, settings, encoder)
            matcher = _matcher(stock, folder / f"{size}-limits", settings, profile, encoder)
            measuring = Measuring(matcher, reranker, stock.needs[:needs], machine)
            rows += [part.row(size) for part in measuring.parts()]
        progress.advance(bar)
    text = page(machine, rows, hardware())
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    typer.echo(text)


def _matcher(stock: Stock, folder: Path, settings: Settings, profile: str, encoder: Any) -> Matcher:
    own_folder(stock, folder, settings.data / "encoders")
    own = settings.model_copy(update={"data": folder})
    return Matcher.load(own, read_listings(stock.listings), profile=profile, encoder=encoder)


if __name__ == "__main__":
    typer.run(main)
