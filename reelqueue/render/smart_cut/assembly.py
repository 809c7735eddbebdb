"""Make a piece of a clip of copied pictures, and of encoded ones before and after them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reelqueue.planning.clips.edit import Piece
from reelqueue.planning.clips.smart_cut import Copy
from reelqueue.render.threads import count_encoder_threads, wait_for, working_beside

OnFrames = Callable[[int], None]
EncodePiece = Callable[[Piece, OnFrames, int], Path]
"""Encodes a piece and returns its file.

It tells how many frames of the clip there are so far, and uses as many threads as it is given.
"""


def assemble_piece(
    piece: Piece,
    copy: Copy,
    copied: Path,
    copying: Callable[[], bool],
    encode: EncodePiece,
    on_frames: OnFrames,
) -> list[Path] | None:
    """Return the files that a piece consists of, in order; None if its pictures cannot be copied.

    All are made at once, because few copies fail.

    Args:
        piece: the frames.
        copy: those that are copied.
        copied: the file of these.
        copying: writes it, and tells whether it can be used.
        encode: encodes frames before and after them.
        on_frames: called with the frames made so far; it can raise to stop the work.
    """
    starts = _slice_piece(piece, 0, copy.first)
    ends = _slice_piece(piece, copy.end, piece.frames)
    frames = sum(part.frames for part in (*starts, *ends))

    def encode_part(part: Piece, on_frames: OnFrames) -> Path:
        # Those with more frames have more threads, so that all are done at about the same time.
        threads = round(count_encoder_threads() * part.frames / frames)
        return encode(part, on_frames, max(1, threads))

    def report_start() -> None:
        on_frames(piece.first + copy.first)

    with (
        working_beside(lambda _: copying()) as copies,
        working_beside(lambda on_end: [encode_part(part, on_end) for part in ends]) as ending,
    ):
        before = [encode_part(part, on_frames) for part in starts]
        if not wait_for(copies, report_start):
            return None
        return [*before, copied, *wait_for(ending, report_start)]


def _slice_piece(piece: Piece, first: int, end: int) -> list[Piece]:
    """Return the frames of a piece from `first` up to but not including `end`, if there are any."""
    parts = tuple(part._replace(first=part.first + first) for part in piece.parts)
    return [Piece(piece.first + first, end - first, parts)] if end > first else []
