"""Encode a video so that its file takes no more bytes than it may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.delivery.budget import ENOUGH, Try
from reelqueue.render.progress import PassProgress

_TRIES = 5  # after the first one; nearly always one is enough with two passes, two with a CRF
_SAME = 0.98  # a part of the bytes before, above which a coarser try took none away
_NEXT = 0.01  # between two controls that give the same
_COARSER = 1.0  # halvings of the bytes that were expected of it


class Encoded(NamedTuple):
    """Pictures that were encoded: their files in order, and what was controlled; see `Try`."""

    files: Sequence[Path]
    control: float


class Encoder(Protocol):
    """Encodes the same pictures again and again, into other files each time."""

    @property
    def slope(self) -> float:
        """How many times the bytes double when what is controlled rises by one, about."""

    def encode(self, control: float | None) -> Encoded:
        """Encode the pictures; None for the quality that was ordered."""

    def choose(self, tries: Sequence[Try], room: int) -> float:
        """Return what to try next, so that the pictures fill a little less than `room` bytes."""


def fit_file(
    encoder: Encoder,
    encoded: Encoded,
    finish: Callable[[Sequence[Path], int], Path],
    limit: int | None,
    refuse: Callable[[int], InvalidSpecError],
    progress: PassProgress,
) -> Path:
    """Return a finished file of at most `limit` bytes, as near to it as is worth the time.

    Args:
        encoder: encodes the pictures again.
        encoded: the pictures as they were encoded at the quality that was ordered.
        finish: makes the file of the pictures' files and the number of a try; returns its path.
        limit: bytes of the file; None for any number.
        refuse: returns the error for a file that takes at least so many bytes.
        progress: of the encoding.

    Raises:
        InvalidSpecError: if no try fits; other exceptions are those of `encoder` and `finish`.
    """
    finished = finish(encoded.files, 0)
    total = finished.stat().st_size
    if limit is None or total <= limit:
        return finished
    size = _measure(encoded)
    progress.repeat()
    others = total - size  # bytes of the sound and of the file's tables
    tries, best = [Try(encoded.control, size)], None
    for number in range(1, _TRIES + 1):
        if limit <= others:
            break
        control = encoder.choose(tries, limit - others)
        if any(abs(control - each.control) < _NEXT for each in tries):
            break  # what is between has no bytes of its own, or nothing is coarser
        encoded = encoder.encode(control)
        finished = finish(encoded.files, number)
        total = finished.stat().st_size
        tries.append(Try(encoded.control, total - others))
        if total <= limit:
            best = _keep_larger(best, finished)
            if total >= ENOUGH * limit:
                break
        elif best is None and is_exhausted(tries, encoder.slope):
            break
    if best is None:
        raise refuse(others + min(each.size for each in tries))
    return best


def is_exhausted(tries: Sequence[Try], slope: float) -> bool:
    """Tell whether the last try took hardly less, though it was much coarser than the one before.

    Args:
        tries: none of which fits.
        slope: of the encoder.
    """
    before, last = tries[-2:]
    halvings = slope * (before.control - last.control)
    return halvings >= _COARSER and last.size > _SAME * before.size


def _measure(encoded: Encoded) -> int:
    return sum(path.stat().st_size for path in encoded.files)


def _keep_larger(best: Path | None, finished: Path) -> Path:
    if best is None:
        return finished
    kept, dropped = sorted((best, finished), key=lambda path: -path.stat().st_size)
    dropped.unlink()
    return kept
