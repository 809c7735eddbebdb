"""Measure clips and analyses, group by group; what a group compares takes turns in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.clips import ways
from benchmarks.clips.films import Film, find_model, find_or_make_film, list_cues, make_reading
from benchmarks.clips.results import Analysis, Blur, Cut, Large, Phrases, Speech
from benchmarks.measurement import Group
from benchmarks.measures import Trial, measure_trials
from reelqueue.render.ffmpeg.probe import probe_audio
from reelqueue.specs.clips.clip import ClipSpec

_START = 1  # of clips: no keyframe is there
_STYLE = {"preset": "phrase"}


@dataclass(frozen=True)
class ClipExtent:
    """How large the films and the clips are, and how many seconds they last.

    With `repeats`, fast trials run more often than slow ones.
    """

    size: tuple[int, int]
    large: tuple[int, int]
    clip: tuple[int, int]
    seconds: int
    clip_seconds: int
    large_seconds: int
    repeats: bool


FULL = ClipExtent((1920, 1080), (3840, 2160), (1080, 1920), 62, 10, 5, repeats=True)
QUICK = ClipExtent((160, 90), (320, 180), (90, 160), 5, 2, 3, repeats=False)


def measure_blur(extent: ClipExtent, folder: Path) -> Blur:
    film = _make_film(extent, folder, fit="blur")
    runs = 3 if extent.repeats else 1
    trials = {
        "moviepy": Trial(f"MoviePy {version('moviepy')}", ways.use_moviepy_blur, film),
        "ffmpeg": Trial("ffmpeg with a full-size blur", ways.use_ffmpeg_blur, film, runs),
        "ours": Trial("our clip in front of its blur", ways.use_clip, film, runs),
    }
    return Blur(**measure_trials(trials, folder))


def measure_phrases(extent: ClipExtent, folder: Path) -> Phrases:
    cues = list_cues(extent.clip_seconds)
    plain = _make_film(extent, folder, fit="crop")
    film = _make_film(extent, folder, fit="crop", captions=cues, caption_style=_STYLE)
    runs = 3 if extent.repeats else 1
    trials = {
        "ffmpeg": Trial("ffmpeg with crop and libass", ways.use_ffmpeg_phrases, film, runs),
        "plain": Trial("our crop without words", ways.use_clip, plain, runs),
        "ours": Trial("our crop with phrases", ways.use_clip, film, runs),
    }
    return Phrases(**measure_trials(trials, folder))


def measure_large(extent: ClipExtent, folder: Path) -> Large:
    """A film of many pixels, with captions."""
    path = find_or_make_film(folder, extent.large, extent.large_seconds)
    seconds = extent.large_seconds - _START
    told = f"{extent.large[0]}x{extent.large[1]}"
    cues = list_cues(seconds)
    blur, crop = (
        _order(extent, path, seconds, fit=fit, captions=cues, caption_style=_STYLE)
        for fit in ("blur", "crop")
    )
    trials = {
        "blur": Trial(f"blur and phrases of {told}", ways.use_clip, blur),
        "crop": Trial(f"crop and phrases of {told}", ways.use_clip, crop),
    }
    return Large(**measure_trials(trials, folder))


def measure_analysis(extent: ClipExtent, folder: Path) -> Analysis:
    film = Film(find_or_make_film(folder, extent.size, extent.seconds), extent.seconds)
    what = f"analysis of {extent.seconds} s of {extent.size[0]}x{extent.size[1]}"
    trial = Trial(what, ways.use_analysis, film, 3 if extent.repeats else 1)
    return Analysis(**measure_trials({"analysis": trial}, folder))


def measure_cut(extent: ClipExtent, folder: Path) -> Cut:
    """A cut that begins and ends between keyframes; with a size of its own, all is encoded."""
    path = find_or_make_film(folder, extent.size, extent.seconds)
    start, end = _START, extent.seconds - 1
    copied = Film(path, end - start, ClipSpec(start=start, end=end, aspect="original"))
    size = f"{extent.size[0]}x{extent.size[1]}"
    runs = 5 if extent.repeats else 1
    encoded = Film(path, end - start, ClipSpec(start=start, end=end, resolution=size))
    trials = {
        "encoded": Trial("the same cut, encoded", ways.use_clip, encoded),
        "copied": Trial(f"smart cut of {end - start} s", ways.use_clip, copied, runs),
    }
    return Cut(**measure_trials(trials, folder))


def measure_speech(extent: ClipExtent, folder: Path) -> Speech | None:
    """The recognition of speech, by the model tiny.en; None where it is not installed."""
    model = find_model()
    if model is None:
        return None
    path = make_reading(folder)
    film = Film(path, probe_audio(path).duration)
    recognize = partial(ways.use_recognition, model)
    title = "recognition of speech by tiny.en"
    trial = Trial(title, recognize, film, 3 if extent.repeats else 1)
    return Speech(**measure_trials({"recognition": trial}, folder))


GROUPS: dict[str, Callable[[ClipExtent, Path], Group | None]] = {
    "blur": measure_blur,
    "phrases": measure_phrases,
    "large": measure_large,
    "analysis": measure_analysis,
    "cut": measure_cut,
    "speech": measure_speech,
}


def _make_film(extent: ClipExtent, folder: Path, **look: Any) -> Film:
    path = find_or_make_film(folder, extent.size, extent.seconds)
    return _order(extent, path, extent.clip_seconds, **look)


def _order(extent: ClipExtent, path: Path, seconds: int, **look: Any) -> Film:
    """Return the order of an upright clip of the film."""
    size = f"{extent.clip[0]}x{extent.clip[1]}"
    times = {"start": _START, "end": _START + seconds}
    return Film(path, seconds, ClipSpec.model_validate({**times, "resolution": size, **look}))
