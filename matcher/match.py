"""One match, end to end: understand → retrieve → fit → rank → explain. The file to read first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from matcher.asked import Asked, Mask
from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.encodings import Encodings, Progress
from matcher.errors import InvalidInput
from matcher.installation import (
    installed_database,
    installed_document,
    installed_listings,
    open_encoder,
    open_encodings,
    open_listing_index,
    open_reranker,
)
from matcher.narrowing import Facets, Narrowing
from matcher.ranking.conditions import Conditions, ReadFacts
from matcher.ranking.documents import Document
from matcher.ranking.explain import quotable, searched
from matcher.ranking.facts import Tables, default_tables, facts_of_all
from matcher.ranking.features import completeness
from matcher.ranking.near_misses import worth_showing
from matcher.ranking.profile import Profile, load_profile
from matcher.ranking.questions import Questions
from matcher.ranking.ranked import Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.relaxation import relax
from matcher.ranking.reranking import Lazily, Scores, card, read_first
from matcher.ranking.rules import Rule
from matcher.ranking.ruling import RuleBook, Ruling, label, pinned_first
from matcher.ranking.staleness import stale_days
from matcher.ranking.survey import Survey
from matcher.ranking.unmentioned import unmentioned_note
from matcher.ranking.why_not import WhyNot, why_not
from matcher.records import (
    EVERYWHERE,
    SUPPLY_KINDS,
    Coverage,
    Grade,
    Kind,
    Listing,
    Match,
    Matches,
    Need,
    Question,
    Requirement,
)
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.listing_index import ListingIndex
from matcher.retrieval.nearness import ListingVectors
from matcher.retrieval.needs_reader import needs_reader
from matcher.retrieval.retriever import Query, Retriever
from matcher.retrieval.shared import SharedVectors
from matcher.retrieval.vector_file import VectorFile
from matcher.retrieval.vocabulary import Vocabulary
from matcher.scales import Scale, scales_of
from matcher.scoring import SHORTLIST, TOP, Scoring
from matcher.settings import Settings
from matcher.showing import Showing, without_numbers
from matcher.similar import similar
from matcher.today import today
from matcher.understanding.reading import Reader, Understood
from matcher.understanding.unread import wished_text

Odds = Callable[[str, NDArray[np.int64]], NDArray[np.float32]]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

TOP_MAX = 1_000_000
#: Near-misses are for a requester to think about, not to page through.
NEAR_MISSES = 5
OTHER_ENCODER = "排序方案是在另一编码器上学得的,名次与等级仅供参考;可运行 pilotmatch train ranker 重新学习"


class Matcher:
    """Ranks one catalogue for needs. Nothing in it changes after it is made, so threads may share it.

    A change of the catalogue gives another one (`with_changes`); `matcher.live` puts it in the place of the first.

    Args:
        encoder: fingerprint of the retriever's, for listings; an answer notes where the profile was learnt on another.
        together: reads pairs for a profile that wants the first candidates read.
        read: tells what listings state; what is kept of them is quicker than reading them.

    Attributes:
        source: the name by which profiles ask for its encoder; None is the installation's own.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        retriever: Retriever,
        reader: Reader,
        ranker: Ranker,
        tables: Tables,
        encoder: str = "",
        together: Scores | None = None,
        read: ReadFacts = facts_of_all,
    ) -> None:
        self.catalogue, self.retriever, self.reader, self.ranker, self.tables = (
            catalogue, retriever, reader, ranker, tables,
        )  # fmt: skip
        self._together = together
        self.source: str | None = None
        self.conditions = Conditions(catalogue.supply, tables, read)
        self.narrowing = Narrowing(catalogue, self.conditions.facts)
        self._encoder = encoder
        self.notes = self._noted()
        self.questions = Questions(self.conditions, tables)
        self._complete = _completeness(catalogue.supply)
        self._stale_since = stale_days(catalogue.supply)
        self.rules = RuleBook((), tables)

    @classmethod
    def load(
        cls,
        settings: Settings,
        listings: Sequence[Listing] | None = None,
        progress: Progress | None = None,
        profile: Profile | str | None = None,
        encoder: Encoder | None = None,
        encodings: Encodings | None = None,
        index: ListingIndex | None = None,
        file: VectorFile | None = None,
        source: str | None = None,
        read: ReadFacts = facts_of_all,
    ) -> Matcher:
        """Build a matcher over listings, by default those that this installation has, or else those that are shipped.

        Args:
            progress: called with texts encoded and texts to encode; not at all where every vector is known.
            profile: a profile, or the name of a shipped one; else the one that is published in this installation's
                database, or that the settings name. encoder: instead of the one that the settings name.
            encodings: of this encoder, instead of those in the data folder.
            index: where vectors are searched; None is what the settings name, and memory for listings that are given.
            file: vectors that are mapped where they are searched in memory.
            source: the name by which profiles ask for the encoder.
            read: as for a matcher.

        Raises:
            BrokenArtefact: an artefact is damaged or of another encoder; the hint names the command that mends it.
            Unavailable: the encoder or the index can't be reached, or the data folder can't be written.
        """
        database = installed_database(settings) if listings is None and encodings is None else None
        catalogue = Catalogue(installed_listings(settings, database) if listings is None else listings)
        vocabulary = Vocabulary.load(settings)
        document = installed_document(settings, database) if profile is None else None
        source = document.encoder_source if document is not None and encoder is None else source
        encoder = encoder or open_encoder(settings, source)
        encodings = encodings or open_encodings(settings, encoder, database)
        index = index or (open_listing_index(settings, encoder, database, writes=False) if listings is None else None)
        arguments = catalogue.supply, encodings, encoder.dimension, progress
        vectors = SharedVectors(index, *arguments) if index else InMemory(*arguments, file)
        tables = default_tables()
        profile = profile if isinstance(profile, Profile) else load_profile(profile or settings.profile)
        together = Lazily(lambda few: open_reranker(settings, needs_reader(encoder, few))).after(profile.few_layers)
        if profile.reads:
            together.prepare()
        words, synonyms = vocabulary.words, vocabulary.synonyms
        retriever = Retriever(catalogue.supply, words, synonyms, encoder, encodings, progress, vectors)
        matcher = cls(
            catalogue,
            retriever.reading_with(profile.few_layers),
            Reader(tables.regions, tables.certificates, tables.industries),
            Ranker(profile),
            tables,
            encoder.listings_fingerprint,
            together,
            read,
        )
        matcher.source = source
        return matcher.with_document(document, vocabulary) if document is not None else matcher

    def with_changes(self, upserts: Iterable[Listing], removals: Iterable[str] = ()) -> Matcher:
        """A matcher of the catalogue with these changes, which answers as one that is loaded anew over it.

        It shares what did not change with this one, which goes on as it is. An id among both stays, as upserted; where
        nothing changes `self` comes back. Errors of the encoder and of the store of vectors as for `load`.
        """
        catalogue, change = self.catalogue.changed(upserts, removals)
        if catalogue is self.catalogue:
            return self
        after = copy(self)
        after.catalogue = catalogue
        if len(change):
            added = Conditions(change.added, self.tables)
            after.retriever = self.retriever.changed(change)
            after.conditions = self.conditions.changed(change, added)
            after.questions = self.questions.changed(change, added)
            after._complete = change.moved(self._complete, _completeness(change.added))
            after._stale_since = change.moved(self._stale_since, stale_days(change.added))
        after.narrowing = Narrowing(catalogue, after.conditions.facts)
        return after

    def holding(self, vectors: ListingVectors) -> Matcher:
        """A matcher that answers as this one does, whose listings' vectors are taken from elsewhere."""
        after = copy(self)
        after.retriever = self.retriever.holding(vectors)
        return after

    def encoded_by(self, retriever: Retriever, source: str | None) -> Matcher:
        """A matcher of the same listings that searches with another encoder; a profile for it is put in place next."""
        after = copy(self)
        after.retriever, after._encoder, after.source = retriever, retriever.listings_encoder, source
        return after

    def with_document(self, document: Document, vocabulary: Vocabulary) -> Matcher:
        """A matcher of the same catalogue that ranks by another profile, which answers as one that is loaded with it.

        Args:
            vocabulary: the shipped one; the document's synonyms and dictionary are changes of it.

        Raises:
            Conflict: it wants another encoder: see `matcher.reembedding`.
        """
        document.check_encoder(self.source)
        after = copy(self)
        after.ranker = Ranker(document.profile)
        after.rules = RuleBook(document.rules, self.tables)
        own = vocabulary.edited(document.added, document.removed, document.dictionary, document.narrower)
        few, words = (
            document.profile.few_layers,
            self.retriever.with_words(own.words, own.synonyms, self.catalogue.supply),
        )
        after.retriever = words.reading_with(few)
        if isinstance(self._together, Lazily):
            after._together = together = self._together.after(few)
            if document.profile.reads:
                together.prepare()
        after.notes = after._noted()
        return after

    def match(
        self,
        need: Need,
        *,
        top: int = TOP,
        kinds: Sequence[Kind] = (),
        explained: bool = True,
        keep_removed: bool = False,
        strict: bool = True,
    ) -> Matches:
        """Rank the catalogue for a need.

        Args:
            top: matches wanted, 1 to `TOP_MAX`; the order of the first n is the same for every `top`.
            kinds: kinds of supply to answer with, beside those that the need names; () is every kind.
            explained: whether matches carry reasons, and the answer questions and a relaxation.
            keep_removed: whether listings that a *must* removes come behind the others instead of being left out.
            strict: see `Reader.read`.

        Raises:
            InvalidInput: the need can't be read, or `top` or a kind is out of range; `field` names which.
        """
        began = time.perf_counter()
        if not 1 <= top <= TOP_MAX:
            raise InvalidInput(f"top 应在 1 与 {TOP_MAX} 之间,收到 {top}", hint="例如 top=10", field="top")
        asked = self._ask(need, kinds, strict)
        understood, pins, scoring = asked.understood, asked.pins, self.scoring
        unread = scoring.rank(asked.query, understood.conditions, asked.kept, top)
        ranked = self._pinned(asked, self.read(asked.text, unread))
        nearly = scoring.rank(asked.query, understood.conditions, asked.removed, top if keep_removed else NEAR_MISSES)
        coverage = self.ranker.coverage(unread.scores[:SHORTLIST], unread.features[:SHORTLIST])
        showing = self._showing(asked, coverage, explained)
        matches = showing.matches(ranked, top)
        matches[: len(pins)] = map(_labelled, matches, pins.values())
        if keep_removed:
            matches += showing.matches(nearly, top - len(matches), behind=len(ranked.rows))
        profile = self.ranker.profile
        return Matches(
            need=need,
            requirements=understood.requirements,
            matches=tuple(matches),
            near_misses=worth_showing(showing.matches(nearly, NEAR_MISSES)),
            coverage=coverage,
            questions=self._questions(understood, ranked, asked.kinds) if explained else (),
            profile=profile.name,
            profile_version=profile.version,
            removed=self.conditions.removed(understood.conditions, asked.allowed),
            relaxation=self._relaxation(understood, nearly) if explained else None,
            notes=(*understood.notes, *self._unmentioned(asked, unread, explained), *self.notes),
            rules=tuple(dict.fromkeys(map(label, (*pins.values(), *asked.hidden)))),
            grades=self._grades(ranked, coverage),
            took_ms=(time.perf_counter() - began) * 1000,
        )

    def _noted(self) -> tuple[str, ...]:
        """Few layers learnt to do as all do: what was learnt on these holds for those."""
        learnt, here = self.ranker.profile.encoder, self._encoder
        return (OTHER_ENCODER,) if here and learnt and learnt not in (here, self.retriever.encoder) else ()

    def _ask(self, need: Need, kinds: Sequence[Kind], strict: bool) -> Asked:
        """Read a need and say which rows may answer it; errors as for `match`."""
        wanted = _checked_kinds([*kinds, *need.kinds])
        # The encoder works beside the reading of conditions.
        wished = wished_text(need.text)
        begun = self.retriever.begin(wished) if wished.strip() else None
        understood = self.reader.read(need, strict=strict)
        text = wished if wished.strip() else understood.words
        # All that needs no vectors comes before what waits for them.
        reading = self.retriever.reading(text, begun)
        if self.ranker.profile.reads and isinstance(self._together, Lazily):
            self._together.begin(text)
        allowed = self.catalogue.of_kinds(wanted)
        if need.within != EVERYWHERE:
            allowed &= self.narrowing.mask(need.within)
        kept = allowed & self.conditions.kept(understood.conditions)
        ruling = self.rules.ruling(text, understood.conditions, wanted, today())
        hidden = self._hidden(ruling, allowed, kept)
        pins = self._pins(ruling, kept)
        self.conditions.judge(understood.conditions)
        return Asked(text, wanted, understood, reading(), allowed, kept, pins, hidden)

    @property
    def scoring(self) -> Scoring:
        """How rows get their scores and their order."""
        return Scoring(self.retriever, self.conditions, self.ranker, self._complete, self._stale_since)

    def facets(self, answer: Matches) -> Facets:
        """What an answer of this matcher can be narrowed to, with counts over all that its need leaves."""
        need = answer.need
        understood = Understood(need.text, answer.requirements)
        kept = self.conditions.kept(understood.conditions)
        # As in `_ask`: rules see the same words there and here.
        ruling = self.rules.ruling(understood.wish, understood.conditions, need.kinds or SUPPLY_KINDS, today())
        for hidden in ruling.hides:
            if (row := self.catalogue.row(hidden)) is not None:
                kept[row] = False
        return self.narrowing.facets(kept, need.kinds, need.within)

    def _grades(self, ranked: Ranked, coverage: Coverage) -> dict[Grade, int]:
        """How many of the first rows are of each grade; pinned ones are graded like the others."""
        first = slice(0, SHORTLIST)
        return dict(Counter(self.ranker.grades(ranked.scores[first], ranked.features[first], coverage)))

    def _unmentioned(self, asked: Asked, ranked: Ranked, explained: bool) -> tuple[str, ...]:
        """What the need names and no listing does, where anybody reads it."""
        if not explained:
            return ()
        first = (self.catalogue.supply[row] for row in ranked.rows[:SHORTLIST].tolist())
        words = self.retriever.unmentioned(searched(asked.text))
        note = unmentioned_note(asked.text, asked.understood.requirements, words, first)
        return (note,) if note else ()

    def _hidden(self, ruling: Ruling, allowed: Mask, kept: Mask) -> list[Rule]:
        """Takes what rules hide out of both masks; the rules that took something."""
        found = []
        for listing_id, rule in ruling.hides.items():
            row = self.catalogue.row(listing_id)
            if row is not None and allowed[row]:
                allowed[row] = kept[row] = False
                found.append(rule)
        return found

    def _pins(self, ruling: Ruling, kept: Mask) -> dict[int, Rule]:
        """The rows that are pinned, in order, and by which rule."""
        rows = ((self.catalogue.row(listing_id), rule) for listing_id, rule in ruling.pins.items())
        return {row: rule for row, rule in rows if row is not None and kept[row]}

    def _pinned(self, asked: Asked, ranked: Ranked) -> Ranked:
        """The candidates with pinned rows first; a pinned row that was no candidate is measured like one."""
        if not asked.pins:
            return ranked
        rows = list(asked.pins)
        new = np.setdiff1d(np.array(rows, np.int64), ranked.rows)
        if len(new):
            more = self.scoring.score(self.retriever.measure(asked.query, new), asked.understood.conditions)
            ranked = Ranked(*map(np.concatenate, zip(_columns(ranked), _columns(more), strict=True)))
        return pinned_first(ranked, rows)

    def _showing(self, asked: Asked, coverage: Coverage, explained: bool) -> Showing:
        return Showing(
            catalogue=self.catalogue,
            conditions=self.conditions,
            late=self.retriever.late,
            ranker=self.ranker,
            text=asked.text,
            encoded=without_numbers(asked.query.encoded, asked.understood),
            words=quotable(self.retriever.telling(asked.query), asked.text),
            checks=self.conditions.checks(asked.understood.conditions),
            coverage=coverage,
            explained=explained,
        )

    def candidates(self, need: Need, also: Iterable[str] = ()) -> Ranked:
        """What would be ranked for a need, and the listings of the given ids beside it, best first: for learning.

        Unknown ids are passed over, and hard conditions remove nothing.
        """
        understood = self.reader.read(need, strict=False)
        query = self.retriever.read(understood.wish)
        everything = np.ones(len(self.catalogue.supply), np.bool_)
        shortlist = self.shortlist(query, understood.conditions, everything)
        asked = [row for row in map(self.catalogue.row, also) if row is not None]
        rows = np.union1d(shortlist, np.array(asked, np.int64))
        return self.scoring.score(self.retriever.measure(query, rows), understood.conditions)

    def survey(self, need: Need, kind: Kind) -> Survey:
        """Every supply listing of a kind for a need, best first: for operators. Errors as for `Reader.read`."""
        understood = self.reader.read(need)
        text = understood.wish
        query = self.retriever.read(text)
        rows = np.flatnonzero(self.catalogue.of_kinds((kind,)))
        ranked = self.scoring.score(self.retriever.measure(query, rows), understood.conditions)
        ruling = self.rules.ruling(text, understood.conditions, need.kinds, today())
        return Survey(ranked.rows, ranked.scores, ranked.features, text, tuple(understood.conditions), ruling)

    def read(self, text: str, ranked: Ranked, odds: Odds | None = None) -> Ranked:
        """The first candidates in the order that the re-ranker gives them, where the profile wants them read.

        Args:
            odds: instead of `odds`, for whoever reads the same rows again.
        """
        reads = self.ranker.profile.reads if self._together else 0
        return read_first(ranked, reads, partial(odds or self.odds, text), self.ranker) if reads else ranked

    @property
    def reads_pairs(self) -> bool:
        """Whether its profile has first candidates read by a re-ranker that can read listings ahead."""
        return bool(self.ranker.profile.reads) and isinstance(self._together, Lazily)

    def read_ahead(self, listing: Listing) -> bool:
        """Read a listing for the re-ranker before anybody asks; whether it was new. Needs `reads_pairs`."""
        assert isinstance(self._together, Lazily)
        return self._together.keep([card(listing)]) > 0

    def odds(self, text: str, rows: NDArray[np.int64]) -> Floats:
        """float32 [n]: log-odds, by the re-ranker, that each row is worth a call; needs a profile that reads."""
        assert self._together is not None
        return self._together(text, [card(self.catalogue.supply[row]) for row in rows.tolist()])

    def why_not(self, need: Need, listing_id: str) -> WhyNot:
        """Where a listing stands for a need and why; errors as for `matcher.ranking.why_not`."""
        return why_not(self, need, listing_id)

    def similar(self, listing_id: str, count: int) -> tuple[Listing, ...]:
        """Listings like one, nearest first; errors as for `matcher.similar`."""
        return similar(self, listing_id, count)

    def scales(self, listing: Listing) -> tuple[Scale, ...]:
        """The numbers of a listing beside those of the catalogue."""
        return scales_of(listing, self.conditions.facts)

    def shortlist(self, query: Query, requirements: Sequence[Requirement], mask: Mask) -> NDArray[np.int64]:
        """The rows of a mask, ascending, that are ranked by all features: the best by all but late interaction."""
        return self.scoring.shortlist(query, requirements, mask)[0]

    def _questions(self, understood: Understood, ranked: Ranked, kinds: Sequence[Kind]) -> tuple[Question, ...]:
        settled = () if len(kinds) == len(SUPPLY_KINDS) else ("kind",)
        first = slice(0, SHORTLIST)
        rows, scores, features = ranked.rows[first], ranked.scores[first], ranked.features[first]
        return self.questions.ask(understood.conditions, rows, scores, features, self.ranker, settled, understood.text)

    def _relaxation(self, understood: Understood, nearly: Ranked) -> str | None:
        rows, features, regions = nearly.rows, nearly.features, self.tables.regions
        found = relax(understood.conditions, rows, features, self.conditions, self.ranker, regions)
        return found.text if found else None


def _completeness(listings: Sequence[Listing]) -> Floats:
    return np.array([completeness(listing) for listing in listings], np.float32)


def _columns(ranked: Ranked) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    return ranked.rows, ranked.scores, ranked.features


def _labelled(match: Match, rule: Rule) -> Match:
    return replace(match, rule=label(rule))


def _checked_kinds(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    for kind in kinds:
        if kind not in SUPPLY_KINDS:
            raise InvalidInput(f"不能按“{kind}”匹配", hint=f"可用的类别:{'、'.join(SUPPLY_KINDS)}", field="kinds")
    return tuple(dict.fromkeys(kinds)) or SUPPLY_KINDS
