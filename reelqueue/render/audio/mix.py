"""Mix decoded tracks chunk by chunk, so that memory use stays small."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.ducking import STEP_SECONDS
from reelqueue.planning.soundtrack import RATE, Placement, Soundtrack
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
STEP = round(STEP_SECONDS * RATE)
"""Samples between the gains of a layer."""
_SAMPLE_BYTES = 4 * CHANNELS  # one float per channel
# Samples, or 2.7 seconds: larger ones would be new memory from the kernel each time (see
# `reelqueue.processes.heap`), which took more than half of the time.
_CHUNK = 2048 * BLOCK


@dataclass(frozen=True)
class PcmTrack:
    """A decoded track: a file of 32-bit little-endian float stereo at 48 kHz, and its gain."""

    path: Path
    gain: float

    @property
    def samples(self) -> int:
        """Number of samples per channel."""
        return self.path.stat().st_size // _SAMPLE_BYTES


@dataclass(frozen=True)
class Layer:
    """A soundtrack that is mixed with others.

    Attributes:
        soundtrack: which track is heard when.
        tracks: the decoded tracks, by the numbers in the soundtrack.
        gains: factors of the amplitude, `(edges,)`, each `STEP` samples after the last and linear
            in between; None for 1 all the time.
    """

    soundtrack: Soundtrack
    tracks: Sequence[PcmTrack]
    gains: NDArray[np.float32] | None = None

    def read(self, start: int, stop: int) -> Samples:
        """Return the samples from `start` to `stop`, `(stop - start, 2)` float32."""
        sound = mix_samples(self.soundtrack, self.tracks, start, stop)
        if self.gains is not None:
            edges = np.arange(len(self.gains)) * STEP
            sound *= np.interp(np.arange(start, stop), edges, self.gains)[:, None]
        return sound


@dataclass(frozen=True)
class Mix:
    """Layers that are heard together; all lengths are in samples.

    Attributes:
        layers: the layers.
        samples: the length of the mix.
        fade_in: samples over which it fades in.
        fade_out: samples over which it fades out.
        lead: silent samples before the mix fades in.
        tail: silent samples after it has faded out.
        gain: the factor of its amplitude.
    """

    layers: Sequence[Layer]
    samples: int
    fade_in: int = 0
    fade_out: int = 0
    lead: int = 0
    tail: int = 0
    gain: float = 1.0

    def read(self, start: int, stop: int) -> Samples:
        """Return the samples from `start` to `stop`; those outside the mix are silent."""
        sound: Samples = np.zeros((stop - start, CHANNELS), np.float32)
        for layer in self.layers:
            sound += layer.read(start, stop)
        heard = self.samples - self.lead - self.tail
        _fade(sound, start - self.lead, heard, self.fade_in, self.fade_out)
        sound *= np.float32(self.gain)
        return sound


def limit_mix(mix: Mix, *, ceiling: float, on_chunk: Callable[[], None]) -> Iterator[Samples]:
    """Yield a mix in chunks, `(samples, 2)` float32, with true peaks below the ceiling.

    The tracks are read twice: first to measure their peaks, then to mix them.

    Args:
        mix: the mix.
        ceiling: the highest allowed true peak; full scale is 1.
        on_chunk: called before each chunk of either pass.
    """
    peaks, powers = [], []
    for start, stop in _list_chunks(mix.samples):
        on_chunk()
        around = mix.read(start - CONTEXT, stop + CONTEXT)
        peaks.append(measure_peaks(around, ceiling))
        powers.append(measure_powers(around[CONTEXT:-CONTEXT]))
    gains = plan_makeup_gains(np.concatenate(peaks), np.concatenate(powers), ceiling)
    for start, stop in _list_chunks(mix.samples):
        on_chunk()
        edges = gains[start // BLOCK : stop // BLOCK + 1]
        chunk = apply_gains(mix.read(start, stop), edges)
        yield chunk[: mix.samples - start]


def mix_chunks(mix: Mix, *, on_chunk: Callable[[], None]) -> Iterator[Samples]:
    """Yield a mix in chunks, `(samples, 2)` float32; `on_chunk` is called before each."""
    for start, stop in _list_chunks(mix.samples):
        on_chunk()
        yield mix.read(start, stop)[: mix.samples - start]


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
