"""A soundtrack drawn from its tracks' samples, piece by piece: an hour of it is never in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reelqueue.planning.soundtrack import Placement, Soundtrack
from reelqueue.render.audio.limiter import (
    BLOCK,
    CONTEXT,
    Samples,
    apply_gains,
    measure_peaks,
    measure_powers,
    plan_made_up_gains,
)

CHANNELS = 2
SAMPLE_BYTES = 4 * CHANNELS

_PIECE = 4096 * BLOCK  # 5.5 seconds


@dataclass(frozen=True)
class Part:
    """A track's sound as bare 32-bit float stereo, to be heard `gain` times as loud."""

    path: Path
    gain: float

    @property
    def samples(self) -> int:
        """How many there are."""
        return self.path.stat().st_size // SAMPLE_BYTES


def limit_mix(
    soundtrack: Soundtrack,
    parts: Sequence[Part],
    *,
    ceiling: float,
    on_piece: Callable[[], None],
) -> Iterator[Samples]:
    """Yield a soundtrack piece by piece, its true peaks below the ceiling.

    Args:
        parts: the tracks, by their numbers.
        on_piece: called for each piece that is looked at, and again as it is drawn.
    """
    peaks, powers = [], []
    for start, stop in _list_pieces(soundtrack.samples):
        on_piece()
        around = draw_mix(soundtrack, parts, start - CONTEXT, stop + CONTEXT)
        peaks.append(measure_peaks(around, ceiling))
        powers.append(measure_powers(around[CONTEXT:-CONTEXT]))
    gains = plan_made_up_gains(np.concatenate(peaks), np.concatenate(powers), ceiling)
    for start, stop in _list_pieces(soundtrack.samples):
        on_piece()
        edges = gains[start // BLOCK : stop // BLOCK + 1]
        piece = apply_gains(draw_mix(soundtrack, parts, start, stop), edges)
        yield piece[: soundtrack.samples - start]


def draw_mix(soundtrack: Soundtrack, parts: Sequence[Part], start: int, stop: int) -> Samples:
    """Return the samples from `start` to `stop`; what lies outside the soundtrack is silence."""
    piece: Samples = np.zeros((stop - start, CHANNELS), np.float32)
    placements = soundtrack.placements
    first = bisect_right(placements, start, key=lambda placement: placement.end)
    last = bisect_left(placements, stop, key=lambda placement: placement.position)
    for placement in placements[first:last]:
        begin, end = max(start, placement.position), min(stop, placement.end)
        sound = _draw_placement(placement, parts[placement.track], begin, end)
        piece[begin - start : end - start] += sound
    _fade(piece, start, soundtrack.samples, 0, soundtrack.fade_out)
    piece[max(soundtrack.samples - start, 0) :] = 0
    return piece


def _draw_placement(placement: Placement, part: Part, start: int, stop: int) -> Samples:
    first = start - placement.position
    count = CHANNELS * (stop - start)
    read = np.fromfile(part.path, "<f4", count, offset=SAMPLE_BYTES * first)
    sound: Samples = read.reshape(-1, CHANNELS) * np.float32(part.gain)
    _fade(sound, first, placement.samples, placement.fade_in, placement.fade_out)
    return sound


def _fade(sound: Samples, first: int, samples: int, fade_in: int, fade_out: int) -> None:
    """Fade, at equal power, a piece that begins at sample `first` of so many."""
    last = first + len(sound)
    if fade_in and first < fade_in:
        part = np.arange(first, min(last, fade_in)) + 0.5
        sound[: len(part)] *= np.sin(np.pi / 2 * part / fade_in)[:, None]
    left = samples - first
    if len(sound) > left - fade_out:
        part = np.arange(max(left - fade_out, 0), len(sound)) + 0.5
        sound[-len(part) :] *= np.sin(np.pi / 2 * (left - part) / fade_out)[:, None]


def _list_pieces(samples: int) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of pieces that are whole blocks, the last one perhaps longer."""
    end = -(-samples // BLOCK) * BLOCK
    for start in range(0, end, _PIECE):
        yield start, min(start + _PIECE, end)
