"""The encoders that profiles may name, each opened once, with the vectors that are stored of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from embeddings import Encoder
from matcher.catalogue.database import Database
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.identity import catalogue_identity
from matcher.errors import BrokenArtefact, Unavailable
from matcher.installation import open_encoder, open_encodings
from matcher.mapping import MappedVectors
from matcher.ranking.profile import Profile
from matcher.retrieval.needs_reader import needs_reader
from matcher.settings import Settings

#: Loads the encoder that a profile names; None is the installation's own.
Load = Callable[[Settings, str | None], Encoder]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An encoder by the name that profiles give it, and where its vectors are.

    Attributes:
        mapped: the file of its vectors that the processes of this machine share; None where each has its own.
    """

    source: str | None
    encoder: Encoder
    encodings: Encodings
    mapped: MappedVectors | None = None

    def check(self, profile: Profile) -> None:
        """Whether a profile means this encoder.

        Raises:
            BrokenArtefact: its weights were learnt on another one than the one that its name leads to here. Without a
                name a profile ranks all the same, and its answers note it: the installation was given another encoder.
        """
        if self.source is None or not profile.encoder:
            return
        reader = needs_reader(self.encoder, profile.few_layers)
        if profile.encoder not in (reader.fingerprint, reader.listings_fingerprint):
            raise BrokenArtefact(
                f"编码器 {self.source} 的指纹是 {reader.fingerprint},方案写的是 {profile.encoder}",
                hint="放回原来的模型,或在这个编码器上重新学习:pilotmatch train ranker --profile",
            )


class Encoders:
    """Those of one installation; threads may share it. An encoder that was opened stays: going back must be quick.

    Args:
        mapped: whether this process shares its vectors with others in a file. load: for tests.
    """

    def __init__(
        self, settings: Settings, database: Database, *, mapped: bool = False, load: Load = open_encoder
    ) -> None:
        self._settings, self._database, self._load = settings, database, load
        self._mapped = mapped and settings.index is None
        self._opening = Lock()
        self._opened: dict[str | None, Opened] = {}

    def open(self, source: str | None) -> Opened:
        """The encoder of a name; loading it takes seconds, or minutes where it must be built.

        Raises:
            InvalidInput: the settings don't allow this name.
            Unavailable: it can't be loaded; or vectors lie in collections on a server, which are of one encoder.
            BrokenArtefact: its stored vectors are damaged.
        """
        with self._opening:
            if source not in self._opened:
                self._opened[source] = self._open(source)
            return self._opened[source]

    def _open(self, source: str | None) -> Opened:
        if source is not None and self._settings.index is not None:
            raise Unavailable(
                "向量在 Milvus 中时不能按方案换编码器",
                hint="请改 PILOTMATCH_ENCODER,再运行 pilotmatch index --rebuild",
            )
        encoder = self._load(self._settings, source)
        encodings = open_encodings(self._settings, encoder, self._database)
        return Opened(source, encoder, encodings, self._file(encoder) if self._mapped else None)

    def _file(self, encoder: Encoder) -> MappedVectors:
        identity = catalogue_identity(self._database, self._settings.data)
        return MappedVectors(self._settings.data, identity, encoder.listings_fingerprint)
