"""Marked words in rendered clips: at their time, in one place, over untouched pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make

pytestmark = pytest.mark.render

Frames = npt.NDArray[np.int64]
WIDTH, HEIGHT = 320, 180
CUE = {
    "start": 0.2,
    "end": 1.6,
    "text": "one two three",
    "words": [
        {"start": 0.4, "end": 0.8, "text": "one"},
        {"start": 0.8, "end": 1.2, "text": "two"},
        {"start": 1.2, "end": 1.6, "text": "three"},
    ],
}


@pytest.fixture(scope="session")
def gray(make_media: Make) -> Path:
    """Three seconds in gray."""
    source = ("-f", "lavfi", "-i", f"color=gray:s={WIDTH}x{HEIGHT}:r=25:d=3")
    return make_media("gray.mp4", *source, "-c:v", "libx264", "-preset", "ultrafast")


def render(source: Path, output: Path, **choices: object) -> Frames:
    """Return the frames of a clip as RGB: `(frame, y, x, channel)`."""
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    render_clip(source, spec, output, preset="ultrafast", on_progress=lambda *_: None)
    command = [find_ffmpeg(), "-v", "error", "-i", str(output)]
    command += ["-vf", "scale=in_color_matrix=bt709", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3).astype(np.int64)


def find_marked(frame: Frames) -> float | None:
    """Return where the green word is, as a part of the width; None where there is none."""
    red, green, blue = frame[..., 0], frame[..., 1], frame[..., 2]
    columns = np.flatnonzero(((green > 150) & (red < 90) & (blue < 90)).any(axis=0))
    return float(columns.mean()) / WIDTH if columns.size else None


def test_word_is_marked_while_it_is_spoken(gray: Path, tmp_path: Path) -> None:
    style = {"preset": "phrase", "highlight": "#00c800"}
    frames = render(gray, tmp_path / "c.mp4", captions=[CUE], caption_style=style)
    marked = [find_marked(frame) for frame in frames]
    seen = [bool((np.abs(frame - 128).max(axis=2) > 60).any()) for frame in frames]
    assert seen == [5 <= number < 48 for number in range(75)]
    assert marked[:10] == [None] * 10
    assert marked[48:] == [None] * 27
    places = [marked[first:last] for first, last in ((10, 20), (20, 30), (30, 48))]
    for place in places:
        assert max(place) - min(place) < 0.01  # type: ignore[type-var, operator]  # none is None
    assert places[0][0] < places[1][0] < places[2][0]  # type: ignore[operator]  # nor here


def test_words_of_the_source_keep_their_time_where_the_clip_starts_later(
    gray: Path, tmp_path: Path
) -> None:
    style = {"preset": "phrase", "highlight": "#00c800"}
    sheet = {"cues": [CUE], "times": "source"}
    frames = render(gray, tmp_path / "c.mp4", start=1.0, captions=sheet, caption_style=style)
    marked = [find_marked(frame) for frame in frames]
    assert [number for number, at in enumerate(marked) if at] == list(range(23))
    assert marked[4] != marked[5]


@pytest.mark.parametrize("preset", ["plain", "phrase", "karaoke", "pop"])
@pytest.mark.parametrize("position", ["top", "middle", "bottom"])
def test_only_the_place_of_the_words_changes(
    gray: Path, tmp_path: Path, preset: str, position: str
) -> None:
    style = {"preset": preset, "position": position}
    frames = render(gray, tmp_path / "c.mp4", end=1.0, captions=[CUE], caption_style=style)
    rows = np.flatnonzero((np.abs(frames[15] - 128).max(axis=2) > 40).any(axis=1))
    middle = (rows[0] + rows[-1]) / 2 / HEIGHT
    low, high = {"top": (0.05, 0.3), "middle": (0.45, 0.55), "bottom": (0.7, 0.95)}[position]
    assert low <= middle <= high
    elsewhere = np.delete(frames[15], range(rows[0] - 4, rows[-1] + 4), axis=0)
    assert np.abs(elsewhere - 128).max() < 12
