"""Mix the decoded tracks of a soundtrack chunk by chunk, so that memory use stays small."""

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
    plan_makeup_gains,
)

CHANNELS = 2
_SAMPLE_BYTES = 4 * CHANNELS  # one float per channel
_CHUNK = 4096 * BLOCK  # samples, or 5.5 seconds


@dataclass(frozen=True)
class PcmTrack:
    """A decoded track: a file of 32-bit little-endian float stereo at 48 kHz, and its gain."""

    path: Path
    gain: float

    @property
    def samples(self) -> int:
        """Number of samples per channel."""
        return self.path.stat().st_size // _SAMPLE_BYTES


def limit_mix(
    soundtrack: Soundtrack,
    tracks: Sequence[PcmTrack],
    *,
    ceiling: float,
    on_chunk: Callable[[], None],
) -> Iterator[Samples]:
    """Yield a soundtrack in chunks, `(samples, 2)` float32, with true peaks below the ceiling.

    The tracks are read twice: first to measure their peaks, then to mix them.

    Args:
        soundtrack: which track is heard when.
        tracks: the decoded tracks, by the numbers in the soundtrack.
        ceiling: the highest allowed true peak; full scale is 1.
        on_chunk: called before each chunk of either pass.
    """
    peaks, powers = [], []
    for start, stop in _list_chunks(soundtrack.samples):
        on_chunk()
        around = mix_samples(soundtrack, tracks, start - CONTEXT, stop + CONTEXT)
        peaks.append(measure_peaks(around, ceiling))
        powers.append(measure_powers(around[CONTEXT:-CONTEXT]))
    gains = plan_makeup_gains(np.concatenate(peaks), np.concatenate(powers), ceiling)
    for start, stop in _list_chunks(soundtrack.samples):
        on_chunk()
        edges = gains[start // BLOCK : stop // BLOCK + 1]
        chunk = apply_gains(mix_samples(soundtrack, tracks, start, stop), edges)
        yield chunk[: soundtrack.samples - start]


def mix_chunks(
    soundtrack: Soundtrack, tracks: Sequence[PcmTrack], *, on_chunk: Callable[[], None]
) -> Iterator[Samples]:
    """Yield a soundtrack in chunks, `(samples, 2)` float32; `on_chunk` is called before each."""
    for start, stop in _list_chunks(soundtrack.samples):
        on_chunk()
        yield mix_samples(soundtrack, tracks, start, stop)[: soundtrack.samples - start]


def mix_samples(
    soundtrack: Soundtrack, tracks: Sequence[PcmTrack], start: int, stop: int
) -> Samples:
    """Return the samples from `start` to `stop`, `(stop - start, 2)` float32.

    Samples outside the soundtrack are silent.
    """
    chunk: Samples = np.zeros((stop - start, CHANNELS), np.float32)
    placements = soundtrack.placements
    first = bisect_right(placements, start, key=lambda placement: placement.end)
    last = bisect_left(placements, stop, key=lambda placement: placement.position)
    for placement in placements[first:last]:
        begin, end = max(start, placement.position), min(stop, placement.end)
        sound = _read_placement(placement, tracks[placement.track], begin, end)
        chunk[begin - start : end - start] += sound
    _fade(chunk, start, soundtrack.samples, 0, soundtrack.fade_out)
    chunk[max(soundtrack.samples - start, 0) :] = 0
    return chunk


def _read_placement(placement: Placement, track: PcmTrack, start: int, stop: int) -> Samples:
    first = start - placement.position
    count = CHANNELS * (stop - start)
    read = np.fromfile(track.path, "<f4", count, offset=_SAMPLE_BYTES * first)
    sound: Samples = read.reshape(-1, CHANNELS) * np.float32(track.gain)
    _fade(sound, first, placement.samples, placement.fade_in, placement.fade_out)
    return sound


def _fade(sound: Samples, first: int, samples: int, fade_in: int, fade_out: int) -> None:
    """Fade a part of a sound in place, at equal power.

    Args:
        sound: the part.
        first: sample of the whole sound at which the part begins.
        samples: length of the whole sound.
        fade_in: samples over which the whole sound fades in.
        fade_out: samples over which it fades out.
    """
    last = first + len(sound)
    if fade_in and first < fade_in:
        part = np.arange(first, min(last, fade_in)) + 0.5
        sound[: len(part)] *= np.sin(np.pi / 2 * part / fade_in)[:, None]
    left = samples - first
    if fade_out and len(sound) > left - fade_out:
        part = np.arange(max(left - fade_out, 0), len(sound)) + 0.5
        sound[-len(part) :] *= np.sin(np.pi / 2 * (left - part) / fade_out)[:, None]


def _list_chunks(samples: int) -> Iterator[tuple[int, int]]:
    """Yield `(start, stop)` of chunks of whole blocks; the last one can exceed `samples`."""
    end = -(-samples // BLOCK) * BLOCK
    for start in range(0, end, _CHUNK):
        yield start, min(start + _CHUNK, end)
