"""Music for a video: cut, joined and looped to length, made equally loud, encoded to AAC.

Every track is brought to the loudness at which video services play, by one gain that is measured
while it is decoded; the few peaks that then are too high are turned down. ffmpeg's loudnorm reaches
the same loudness, but takes 15 times as long, or changes the gain all along.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from errno import ENOMEM, ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.audio.frame import AudioFrame

from reelqueue.errors import RenderTimeoutError, UnreadableMediaError
from reelqueue.media.sniff import sniff_audio
from reelqueue.planning.soundtrack import RATE, Track, measure_music, plan_soundtrack
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.audio.mix import CHANNELS, Part, limit_mix
from reelqueue.render.ffmpeg.run import FfmpegError, input_arguments, run_ffmpeg

BITRATE = 192_000
AAC_FRAME_SAMPLES = 1024
LOUDNESS = -14.0
"""LUFS: what YouTube, Spotify and their like bring music to."""

_CEILING_DB = -2.0  # dBTP; AAC adds up to another decibel
_HIGHEST_GAIN_DB = 30.0  # noise that somebody recorded in a quiet room stays noise
_SILENCE = -70.0  # LUFS, where measuring begins (ITU-R BS.1770-5, Annex 1)
_SHORTEST_SAMPLES = RATE // 20
_SURPLUS = RATE  # decoded beyond the video's end, to tell a track that goes on from one that ends
_LOUDNESS = re.compile(r"\] Summary:\s+Integrated loudness:\s+I: +(-?[0-9.]+|-inf|nan) LUFS")
_LAYOUT = "stereo"
_STEREO = f"aformat=channel_layouts={_LAYOUT}"  # measured as it is heard: mono is louder then
_FAULTS_OF_OURS = {(-error) & 0xFF for error in (ENOMEM, ENOSPC)}
"""Exit codes that tell of a full disk or memory."""

OnProgress = Callable[[int], None]


def encode_audio(
    tracks: Sequence[Track],
    output: Path,
    *,
    duration: float,
    volume: float = 1.0,
    on_progress: OnProgress | None = None,
) -> None:
    """Write the tracks' sound as an .m4a of `duration` seconds, at most one AAC frame less.

    Nothing of the sources' metadata is kept.

    Args:
        volume: 1 is -14 LUFS, 0.5 half of that amplitude.
        on_progress: called now and then; what it raises ends the work.

    Raises:
        UnsupportedMediaError: for a kind of file that is not taken.
        UnreadableMediaError: if no sound can be decoded from it.
        RenderError: if the disk or the memory is full, or ffmpeg is killed.
    """
    on_progress = on_progress or (lambda _: None)
    samples = int(duration * RATE) // AAC_FRAME_SAMPLES * AAC_FRAME_SAMPLES
    with TemporaryDirectory(dir=output.parent, prefix="audio-") as folder:
        encoded = Path(folder, "audio.m4a")
        parts = _decode_tracks(tracks, Path(folder), samples, volume, on_progress)
        soundtrack = plan_soundtrack(
            [part.samples for part in parts], samples, is_cut=tracks[len(parts) - 1].is_cut
        )
        ceiling = _to_factor(_CEILING_DB)
        mix = limit_mix(soundtrack, parts, ceiling=ceiling, on_piece=lambda: on_progress(0))
        _encode(mix, encoded)
        os.replace(encoded, output)


def _decode_tracks(
    tracks: Sequence[Track], folder: Path, samples: int, volume: float, on_progress: OnProgress
) -> list[Part]:
    """Decode the tracks that are heard within so many samples."""
    parts: list[Part] = []
    for number, track in enumerate(tracks):
        path = folder / f"{number}.pcm"
        loudness = _decode(track, path, min(track.samples, samples + _SURPLUS), on_progress)
        parts.append(Part(path, volume * _find_gain(loudness)))
        if measure_music([part.samples for part in parts]) * RATE >= samples:
            break
    return parts


def _decode(track: Track, output: Path, samples: int, on_progress: OnProgress) -> float:
    """Write at most so many samples as 32-bit float stereo and return their loudness in LUFS."""
    start = round(track.start * RATE)
    shape = (
        f"aresample={RATE}:async=1:first_pts=0,{_STEREO},"
        f"atrim=start_sample={start}:end_sample={start + samples},ebur128=framelog=quiet"
    )
    arguments = [
        *input_arguments(track.path, sniff_audio(track.path).demuxer),
        *("-map", "0:a:0", "-af", shape, "-f", "f32le", "-ac", str(CHANNELS), str(output)),
    ]
    unreadable = UnreadableMediaError("The music cannot be read: its file is damaged.")
    timeout = _allow_seconds(track.start + samples / RATE)
    try:
        log = run_ffmpeg(arguments, timeout=timeout, verbosity="info", on_progress=on_progress)
    except FfmpegError as error:
        # What was decoded when it was uploaded does not crash ffmpeg now: a signal is from outside.
        if error.exit_code < 0 or error.exit_code in _FAULTS_OF_OURS:
            raise
        raise unreadable from error
    except RenderTimeoutError as error:
        raise unreadable from error
    if Part(output, 1).samples < _SHORTEST_SAMPLES:
        raise unreadable
    found = _LOUDNESS.findall(log)  # the last one: the file's own tags stand before it
    return float(found[-1]) if found else -math.inf


def _find_gain(loudness: float) -> float:
    """Return the factor that brings sound to our loudness; what cannot be measured stays."""
    if not loudness > _SILENCE:
        return 1.0
    return _to_factor(min(LOUDNESS - loudness, _HIGHEST_GAIN_DB))


def _encode(pieces: Iterator[Samples], output: Path) -> None:
    plain = {"fflags": "+bitexact"}  # names no writer
    with av.open(str(output), "w", format="mp4", options=plain) as container:
        stream = container.add_stream("aac", RATE, layout=_LAYOUT, options={"aac_coder": "fast"})
        stream.bit_rate = BITRATE
        position = 0
        for piece in pieces:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece.T), "fltp", _LAYOUT)
            frame.sample_rate, frame.pts = RATE, position
            container.mux(stream.encode(frame))
            position += len(piece)
        container.mux(stream.encode(None))


def _to_factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _allow_seconds(duration: float) -> float:
    """Return a deadline: decoding runs 50 times faster than the sound lasts, or more."""
    return 60 + duration
