"""Fades, light, colours and noise of rendered clips, measured in their pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.look.seen import render, see

pytestmark = pytest.mark.render


def see_light(path: Path) -> list[float]:
    """Return how bright each frame is, from 0 for black to 1 for the grey of the source."""
    return [round((float(frame.mean()) - 16) / 110, 2) for frame in see(path)[0]]


def test_clip_comes_from_black_and_goes_to_black(gray: Path, tmp_path: Path) -> None:
    render(gray, tmp_path / "c.mp4", end=2.0, fade_in=0.4, fade_out=0.8)
    light = see_light(tmp_path / "c.mp4")
    assert light[:10] == pytest.approx([number / 10 for number in range(10)], abs=0.03)
    assert light[10:30] == pytest.approx([1] * 20, abs=0.02)
    assert light[30:] == pytest.approx([number / 20 for number in range(19, -1, -1)], abs=0.03)


def test_fades_go_on_over_the_joints_of_segments(gray: Path, tmp_path: Path) -> None:
    segments = [{"start": at, "end": at + 0.4} for at in (0, 0.8, 1.6, 2.4)]
    joined = {"segments": segments, "transition": "fade", "transition_duration": 0.12}
    render(gray, tmp_path / "c.mp4", fade_in=0.8, fade_out=0.48, **joined)
    light = see_light(tmp_path / "c.mp4")
    assert len(light) == 31
    rising = [number / 20 for number in range(20)]
    falling = [(30 - number) / 12 for number in range(31)]
    wanted = [min(each, falling[number]) for number, each in enumerate(rising[:18])]
    assert light[:18] == pytest.approx(wanted, abs=0.03)
    assert light[18] == pytest.approx(0.9, abs=0.03)
    assert light[20:] == pytest.approx([min(each, 1) for each in falling[20:]], abs=0.03)


def test_fade_longer_than_the_clip_ends_where_it_ends(gray: Path, tmp_path: Path) -> None:
    render(gray, tmp_path / "c.mp4", end=0.4, fade_out=60)
    light = see_light(tmp_path / "c.mp4")
    assert light == pytest.approx([number / 9 for number in range(9, -1, -1)], abs=0.03)


def test_poster_shows_the_clip_and_not_the_black_before_it(gray: Path, tmp_path: Path) -> None:
    for fade in (0, 0.4, 60):
        render(gray, tmp_path / "c.mp4", end=1.0, fade_in=fade)
        levels = np.asarray(Image.open(BytesIO((tmp_path / "poster.jpg").read_bytes())))
        assert 120 < levels.mean() < 136


def test_words_fade_with_the_pictures(gray: Path, tmp_path: Path) -> None:
    words = [{"start": 0, "end": 1, "text": "HELLO"}]
    render(gray, tmp_path / "c.mp4", end=1.0, fade_in=0.4, captions=words)
    luma, _, _ = see(tmp_path / "c.mp4")
    assert luma[0].max() < 20
    assert luma[12].max() > 220


@pytest.mark.parametrize(
    ("look", "lumas", "chroma"),
    [
        ({}, (60, 200), (100, 160)),
        ({"brightness": 0.5}, (38, 108), (114, 144)),
        ({"brightness": 1.5}, (82, 235), (86, 176)),
        ({"contrast": 0.5}, (93, 163), (114, 144)),
        ({"contrast": 1.4}, (34, 230), (89, 173)),
        ({"saturation": 0}, (60, 200), (128, 128)),
        ({"saturation": 2}, (60, 200), (72, 192)),
        ({"brightness": 0.5, "contrast": 2, "saturation": 0.5}, (16, 90), (114, 144)),
    ],
)
@pytest.mark.parametrize("fit", [{}, {"aspect": None, "resolution": "320x180", "fit": "crop"}])
def test_light_and_colours_are_those_that_were_asked_for(
    tinted: Path,
    tmp_path: Path,
    look: dict[str, float],
    lumas: tuple[int, int],
    chroma: tuple[int, int],
    fit: dict[str, object],
) -> None:
    render(tinted, tmp_path / "c.mp4", **look, **fit)
    luma, blue, red = see(tmp_path / "c.mp4")
    seen = [float(luma[12, :, part].mean()) for part in (slice(8, 152), slice(168, 312))]
    assert seen == pytest.approx(lumas, abs=2)
    middle = [float(plane[12, :, 8:72].mean()) for plane in (blue, red)]
    assert middle == pytest.approx(chroma, abs=2)


def test_noise_is_taken_out_as_far_as_asked(noisy: Path, tmp_path: Path) -> None:
    left = {}
    for strength in ("none", "light", "strong"):
        render(noisy, tmp_path / "c.mp4", denoise=strength)
        left[strength] = float(see(tmp_path / "c.mp4")[0][5:].std(axis=(1, 2)).mean())
    assert left["light"] < 0.8 * left["none"]
    assert left["strong"] < 0.6 * left["light"]


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_noise_does_not_come_back_where_pieces_meet(
    noisy: Path, tmp_path: Path, strength: str
) -> None:
    """A crossfade is a piece of its own, and so is what follows it."""
    segments = [{"start": 0.0, "end": 0.5}, {"start": 0.52, "end": 1.0}]
    fade = {"transition": "fade", "transition_duration": 0.12}
    render(noisy, tmp_path / "c.mp4", denoise=strength, segments=segments, **fade)
    left = see(tmp_path / "c.mp4")[0].std(axis=(1, 2))
    assert len(left) == 21
    assert left[8:].max() < left[0] * 0.75


def test_pictures_that_change_are_not_copied(gray: Path, tmp_path: Path) -> None:
    assert render(gray, tmp_path / "c.mp4", end=2.0).copied_frames
    for look in ({"fade_in": 0.2}, {"brightness": 1.1}, {"denoise": "light"}):
        assert not render(gray, tmp_path / "c.mp4", end=2.0, **look).copied_frames
