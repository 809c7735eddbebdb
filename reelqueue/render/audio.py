"""Music for a video: cut or looped to length, faded out, encoded to AAC."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import RenderTimeoutError, UnreadableMediaError
from reelqueue.render.ffmpeg import FfmpegError, input_arguments, run_ffmpeg
from reelqueue.render.kinds import sniff_audio

RATE = 48_000
BITRATE = "192k"
AAC_FRAME_SAMPLES = 1024
FADE_SECONDS = 1.0

_PCM = ("-f", "s16le", "-ar", str(RATE), "-ac", "2")
_PCM_SAMPLE_BYTES = 4
_FAULTS_OF_OURS = ("No space left", "Cannot allocate memory")


def encode_audio(
    source: Path,
    output: Path,
    *,
    duration: float,
    on_progress: Callable[[int], None] | None = None,
) -> None:
    """Write the source's sound as an .m4a of `duration` seconds, at most one AAC frame less.

    Sound that is shorter starts again without a gap, sound that is longer is cut, and the last
    second fades out. Nothing of the source's metadata is kept.

    Args:
        on_progress: called twice a second; what it raises ends the work.

    Raises:
        UnsupportedMediaError: for a kind of file that is not taken.
        UnreadableMediaError: if no sound can be decoded from it.
        RenderError: if the disk or the memory is full, or ffmpeg is killed.
    """
    with TemporaryDirectory(dir=output.parent, prefix="audio-") as folder:
        samples, encoded = Path(folder, "samples.pcm"), Path(folder, "audio.m4a")
        # Looped as samples: ffmpeg's loop of an MP3 loses some 20 ms at each seam, this one none.
        _decode(source, samples, duration, on_progress)
        _encode(samples, encoded, duration, on_progress)
        os.replace(encoded, output)


def _decode(
    source: Path, samples: Path, duration: float, on_progress: Callable[[int], None] | None
) -> None:
    """Write at most `duration` seconds of the source as 16-bit stereo."""
    arguments = [
        *input_arguments(source, sniff_audio(source).demuxer),
        *("-map", "0:a:0", "-t", f"{duration:.6f}", *_PCM, str(samples)),
    ]
    unreadable = UnreadableMediaError("The music cannot be read: its file is damaged.")
    try:
        run_ffmpeg(arguments, timeout=_allow_seconds(duration), on_progress=on_progress)
    except FfmpegError as error:
        # What was decoded when it was uploaded does not crash ffmpeg now: a signal is from outside.
        if error.exit_code < 0 or any(fault in error.log for fault in _FAULTS_OF_OURS):
            raise
        raise unreadable from error
    except RenderTimeoutError as error:
        raise unreadable from error
    if samples.stat().st_size < _PCM_SAMPLE_BYTES:
        raise unreadable


def _encode(
    samples: Path, output: Path, duration: float, on_progress: Callable[[int], None] | None
) -> None:
    length = int(duration * RATE) // AAC_FRAME_SAMPLES * AAC_FRAME_SAMPLES
    fade = min(length, round(FADE_SECONDS * RATE))
    shape = f"atrim=end_sample={length},afade=t=out:start_sample={length - fade}:nb_samples={fade}"
    arguments = [
        *("-stream_loop", "-1", *_PCM, "-i", str(samples)),
        *("-af", shape, "-c:a", "aac", "-aac_coder", "fast", "-b:a", BITRATE),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
        *("-f", "mp4", str(output)),
    ]
    run_ffmpeg(arguments, timeout=_allow_seconds(duration), on_progress=on_progress)


def _allow_seconds(duration: float) -> float:
    """Return a deadline: decoding and AAC run 50 times faster than the sound lasts, or more."""
    return 60 + duration
