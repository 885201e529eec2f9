"""Vectors by the text they were computed from and the encoder that computed them."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base


class VectorRow(Base):
    """One text: `pooled` float32 [d], `tokens` uint8 [t, d], `offsets` int16 [t, 2], little-endian."""

    __tablename__ = "vectors"

    #: The encoder's fingerprint, hashed: it may hold a long path.
    encoder: Mapped[str] = mapped_column(String(64), primary_key=True)
    text_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    pooled: Mapped[bytes] = mapped_column(LargeBinary)
    tokens: Mapped[bytes] = mapped_column(LargeBinary)
    offsets: Mapped[bytes] = mapped_column(LargeBinary)
