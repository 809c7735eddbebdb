"""The moving preview of a clip."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from reelqueue.render.clip import render_clip
from reelqueue.specs.clips.clip import ClipSpec

pytestmark = pytest.mark.render


def see_animation(source: Path, folder: Path, **choices: object) -> Image.Image:
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    animation = folder / "moving.webp"
    render_clip(
        source,
        spec,
        folder / "c.mp4",
        animation=animation,
        preset="ultrafast",
        on_progress=lambda *_: None,
    )
    assert {path.name for path in folder.iterdir()} == {"c.mp4", "moving.webp"}
    return Image.open(BytesIO(animation.read_bytes()))


def list_levels(animation: Image.Image) -> list[float]:
    frames = ImageSequence.Iterator(animation)
    return [float(np.asarray(frame.convert("RGB")).mean()) for frame in frames]


def test_preview_moves_and_is_small(bunny: Path, tmp_path: Path) -> None:
    animation = see_animation(bunny, tmp_path)
    assert (animation.format, animation.size) == ("WEBP", (240, 136))
    assert 25 <= getattr(animation, "n_frames", 1) <= 30  # those that are equal are one
    assert animation.info["loop"] == 0
    durations = []
    for frame in ImageSequence.Iterator(animation):
        frame.load()
        durations.append(frame.info["duration"])
    assert sum(durations) == pytest.approx(3000, abs=100)
    assert (tmp_path / "moving.webp").stat().st_size < 400_000


def test_preview_has_the_colours_of_the_clip(tinted: Path, tmp_path: Path) -> None:
    animation = see_animation(tinted, tmp_path)
    pixel = np.asarray(animation.convert("RGB"))[60, 60].astype(int)
    luma, blue, red = (60 - 16) / 219, (100 - 128) / 224, (160 - 128) / 224
    wanted = (
        255 * (luma + 1.5748 * red),
        255 * (luma - 0.1873 * blue - 0.4681 * red),
        255 * (luma + 1.8556 * blue),
    )
    assert pixel == pytest.approx(np.clip(wanted, 0, 255), abs=5)


def test_preview_begins_behind_title_and_fade(gray: Path, tmp_path: Path) -> None:
    title = {"text": "HELLO", "duration": 0.6, "background": "#0000ff"}
    animation = see_animation(gray, tmp_path, end=0.8, title=title, fade_in=1.0)
    assert list_levels(animation) == pytest.approx([128], abs=4)


def test_preview_of_a_short_clip_is_as_short(gray: Path, tmp_path: Path) -> None:
    assert 1 <= len(list_levels(see_animation(gray, tmp_path, end=0.1))) <= 2
