"""Loudness: measured by ffmpeg's ebur128 (ITU-R BS.1770-5), and what depends on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from reelqueue.media.sniff import MP4
from reelqueue.planning.ducking import plan_ducking
from reelqueue.planning.soundtrack import RATE
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.audio.mix import CHANNELS, Layer, Mix, limit_mix, mix_chunks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg

SILENCE = -70.0
"""LUFS; the absolute gate of ITU-R BS.1770-5, Annex 1."""

_HIGHEST_GAIN_DB = 30.0  # the noise of a quiet room stays quiet
_TOLERANCE = 0.2  # LU
_ROUNDS = 6  # of limiting and measuring: what the limiter takes away is given back
_LEAST_GAINED = 0.4  # of a decibel of gain, where the limiter takes away most of it
_TIMEOUT_SECONDS = 3600.0
# Prints the loudness so far (I) and that of the last 0.4 seconds (M), each 0.1 seconds.
_METER = "ebur128=metadata=1:framelog=quiet,ametadata=mode=print:direct=1:file='pipe\\:1'"
_PEAK_METER = "ebur128=peak=true:framelog=quiet"
_PEAK = re.compile(r"True peak:\s+Peak: +(-?[0-9.]+|-inf) dBFS")


@dataclass(frozen=True)
class Loudness:
    """How loud sound is, in LUFS.

    Attributes:
        integrated: all of it; `SILENCE` or less if there is none.
        momentary: the last 0.4 seconds, at the end of each 0.1 seconds.
    """

    integrated: float
    momentary: tuple[float, ...]


def from_decibels(decibels: float) -> float:
    """Return a factor of the amplitude."""
    return float(10 ** (decibels / 20))


def find_gain(loudness: float, target: float) -> float:
    """Return the factor that brings sound of a loudness to a target, in LUFS; 1 for silence."""
    if not loudness > SILENCE:
        return 1.0
    return from_decibels(min(target - loudness, _HIGHEST_GAIN_DB))


def measure_loudness(chunks: Iterable[Samples]) -> Loudness:
    """Return the loudness of sound, `(samples, 2)` float32 each.

    Raises:
        RenderError: if ffmpeg fails. What the chunks raise is raised, too.
    """
    integrated, momentary = SILENCE, []

    def read_line(line: bytes) -> None:
        nonlocal integrated
        key, _, value = line.partition(b"=")
        if key == b"lavfi.r128.I":
            integrated = float(value)
        elif key == b"lavfi.r128.M":
            momentary.append(float(value.replace(b"nan", b"-inf")))  # digital silence after sound

    def write(pipe: IO[bytes]) -> None:
        for chunk in chunks:
            pipe.write(chunk.astype("<f4").tobytes())

    arguments = ["-f", "f32le", "-ar", str(RATE), "-ac", str(CHANNELS), "-i", "pipe:0"]
    arguments += ["-af", _METER, "-f", "null", "-"]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS, on_line=read_line, feed=write)
    return Loudness(integrated, tuple(momentary))


def duck_music(music: Layer, heard: Loudness) -> Layer:
    """Return music that is turned down while other sound is heard."""
    gains = plan_ducking(heard.momentary, heard.integrated)
    return replace(music, gains=np.array([from_decibels(gain) for gain in gains], np.float32))


def measure_true_peak(path: Path) -> float:
    """Return the true peak of an MP4's sound in dBTP; minus infinity for silence.

    Raises:
        RenderError: if ffmpeg fails.
    """
    log = run_ffmpeg(
        [*build_input_arguments(path, MP4.demuxer), "-vn", "-af", _PEAK_METER, "-f", "null", "-"],
        timeout=_TIMEOUT_SECONDS,
        verbosity="info",
    )
    return max(float(peak) for peak in _PEAK.findall(log))


def even_out(
    mix: Mix, target: float, *, ceiling: float, on_chunk: Callable[[], None]
) -> Iterator[Samples]:
    """Yield a mix in chunks, `(samples, 2)` float32, at a loudness, with true peaks limited.

    Silence stays silence, and what is very quiet gets louder by at most 30 decibels.

    Args:
        mix: the mix.
        target: the integrated loudness, in LUFS.
        ceiling: the highest allowed true peak; full scale is 1.
        on_chunk: called before each chunk of each pass.
    """
    loudness = measure_loudness(mix_chunks(mix, on_chunk=on_chunk)).integrated
    step = min(target - loudness, _HIGHEST_GAIN_DB) if loudness > SILENCE else 0.0
    evened = replace(mix, gain=mix.gain * from_decibels(step))
    for _ in range(_ROUNDS if 0 < abs(step) < _HIGHEST_GAIN_DB else 0):
        before = loudness
        limited = limit_mix(evened, ceiling=ceiling, on_chunk=on_chunk)
        loudness = measure_loudness(limited).integrated
        if abs(target - loudness) <= _TOLERANCE:
            break
        gained = min(max((loudness - before) / step, _LEAST_GAINED), 1)
        step = (target - loudness) / gained
        evened = replace(evened, gain=evened.gain * from_decibels(step))
    yield from limit_mix(evened, ceiling=ceiling, on_chunk=on_chunk)
