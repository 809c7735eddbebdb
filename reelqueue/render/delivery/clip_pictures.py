"""Encode the pictures of a clip so that they fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reelqueue.planning.clips.edit import Edit, Piece
from reelqueue.planning.delivery.budget import BIT_RATE_SLOPE, Try, choose_control
from reelqueue.render.delivery.fitting import Encoded
from reelqueue.render.pieces import EncodePieces, Pictures


class ClipEncoder:
    """Encodes the pictures of a clip in two passes; a `reelqueue.render.delivery.fitting.Encoder`.

    All pieces have the quality that they need: each keeps its part of the bits of the first pass.
    """

    slope = BIT_RATE_SLOPE

    def __init__(self, edit: Edit, pieces: Sequence[Piece], encode_pieces: EncodePieces) -> None:
        self._edit = edit
        self._pieces = pieces
        self._encode_pieces = encode_pieces
        self._sizes: list[int] = []
        self.pictures = Pictures([], 0, ())

    def encode(self, control: float | None) -> Encoded:
        """Encode the pictures; None for the quality that was ordered.

        They are controlled by the logarithm of the bit rate of all of them, to the base 2.
        """
        if control is None:
            self.pictures = self._encode_pieces(None)
            self._sizes = [path.stat().st_size for path in self.pictures.pieces]
            return Encoded(self.pictures.pieces, self._find_control())
        part = 2 ** (control - self._find_control())
        pieces = zip(self._pieces, self._sizes, strict=True)
        fps = float(self._edit.fps)
        rates = {piece.first: 8 * size * part * fps / piece.frames for piece, size in pieces}
        return Encoded(self._encode_pieces(rates).pieces, control)

    def choose(self, tries: Sequence[Try], room: int) -> float:
        """Return the control to try next; see `reelqueue.render.delivery.fitting.Encoder`."""
        return choose_control(tries, room, self.slope)

    def _find_control(self) -> float:
        """Return the logarithm of the bit rate of the first pass."""
        return math.log2(8 * sum(self._sizes) / self._edit.duration)
