"""The sound of the narration of a slideshow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reelqueue.planning.soundtrack import CLICK_FADE, RATE, Placement, Soundtrack
from reelqueue.render.audio.loudness import find_gain, measure_loudness
from reelqueue.render.audio.mix import CHANNELS, Layer, Mix, PcmTrack, mix_chunks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg

_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True)
class HeardNarration:
    """A text that is heard in a slideshow.

    Attributes:
        path: of its speech, a WAV file.
        start: second of the slideshow at which it begins.
    """

    path: Path
    start: float


def decode_narration(
    narration: Sequence[HeardNarration],
    folder: Path,
    samples: int,
    loudness: float,
    on_progress: Callable[[int], None],
) -> Layer:
    """Return narration as it is heard in a slideshow.

    Args:
        narration: in the order in which it is heard.
        folder: for the converted sound.
        samples: length of the slideshow.
        loudness: to which all of it is brought, in LUFS.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    paths = list(dict.fromkeys(heard.path for heard in narration))
    tracks = [PcmTrack(_convert(path, folder, on_progress), 1.0) for path in paths]
    placements = tuple(
        _place(paths.index(heard.path), tracks, heard.start)
        for heard in narration
        if tracks[paths.index(heard.path)].samples
    )
    layer = Layer(Soundtrack(samples, CLICK_FADE, placements), tracks)
    mix = Mix((layer,), samples)
    measured = measure_loudness(mix_chunks(mix, on_chunk=lambda: on_progress(0)))
    gain = find_gain(measured.integrated, loudness)
    return replace(layer, tracks=[replace(track, gain=gain) for track in tracks])


def _place(number: int, tracks: Sequence[PcmTrack], start: float) -> Placement:
    return Placement(number, round(start * RATE), tracks[number].samples, CLICK_FADE, CLICK_FADE)


def _convert(path: Path, folder: Path, on_progress: Callable[[int], None]) -> Path:
    """Return a file with speech as 32-bit float stereo at `RATE`."""
    output = folder / f"narration-{path.stem}.pcm"
    arguments = [
        *build_input_arguments(path, "wav"),
        *("-f", "f32le", "-ar", str(RATE), "-ac", str(CHANNELS), output.name),
    ]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS, cwd=folder, on_progress=on_progress)
    return output
