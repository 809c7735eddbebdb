"""A piece of copied pictures with encoded ends: all parts at once, and none left behind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from threading import Barrier, Event

import pytest

from reelqueue.errors import RenderCanceledError
from reelqueue.planning.clips.cut import Cut
from reelqueue.planning.clips.edit import Part, Piece
from reelqueue.planning.clips.smart_cut import Copy
from reelqueue.render.smart_cut.assembly import OnFrames, assemble_piece
from reelqueue.render.threads import working_beside

SECONDS = 20  # until a thread that should have gone on fails the test
COPIED = Path("copied")
PIECE = Piece(100, 90, (Part(Cut(0.0, 90, Fraction(30), (64, 64)), 0),))
COPY = Copy(15, 60, 15)


def test_both_ends_are_encoded_while_pictures_are_copied() -> None:
    barrier = Barrier(3)

    def copying() -> bool:
        barrier.wait(SECONDS)
        return True

    def encode(part: Piece, on_frames: OnFrames, threads: int) -> Path:  # noqa: ARG001
        barrier.wait(SECONDS)
        return Path(f"{part.first}-{part.frames}")

    files = assemble_piece(PIECE, COPY, COPIED, copying, encode, lambda _: None)
    assert files == [Path("100-15"), COPIED, Path("160-30")]


def test_end_is_stopped_when_the_start_fails() -> None:
    begun, stopped = Event(), Event()

    def encode(part: Piece, on_frames: OnFrames, threads: int) -> Path:  # noqa: ARG001
        if part.first == PIECE.first:
            assert begun.wait(SECONDS)
            raise RenderCanceledError("The job was cancelled.")
        begun.set()
        try:
            while not stopped.wait(0.01):
                on_frames(part.first)
        except RenderCanceledError:
            stopped.set()
            raise
        raise AssertionError("It was never stopped.")

    with pytest.raises(RenderCanceledError, match="The job was cancelled"):
        assemble_piece(PIECE, COPY, COPIED, lambda: True, encode, lambda _: None)
    assert stopped.is_set()


def test_pictures_that_cannot_be_copied_leave_no_files() -> None:
    def encode(part: Piece, on_frames: OnFrames, threads: int) -> Path:  # noqa: ARG001
        return Path(f"{part.first}")

    assert assemble_piece(PIECE, COPY, COPIED, lambda: False, encode, lambda _: None) is None


def test_what_was_not_waited_for_ends_with_its_block() -> None:
    begun = Event()

    def work(on_tick: OnFrames) -> None:
        while True:
            begun.set()
            on_tick(0)

    with working_beside(work) as working:
        assert begun.wait(SECONDS)
    with pytest.raises(RenderCanceledError):
        working.result(SECONDS)
