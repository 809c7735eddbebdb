"""Logos over rendered clips: their place, size, transparency and what is above them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from tests.render.look.seen import HEIGHT, WIDTH, Planes, render, see_rgb

pytestmark = pytest.mark.render


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A red square with a hole, on nothing."""
    picture = Image.new("RGBA", (400, 200))
    ImageDraw.Draw(picture).rectangle((0, 0, 399, 199), fill=(255, 0, 0, 255))
    ImageDraw.Draw(picture).rectangle((100, 50, 299, 149), fill=(0, 255, 0, 0))
    picture.save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def find_red(frame: Planes) -> tuple[int, int, int, int]:
    """Return the box of what is red: left, top, right, bottom."""
    red = (frame[..., 0] > 180) & (frame[..., 1] < 90)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize(
    ("position", "is_left", "is_top"),
    [
        ("top_left", True, True),
        ("top_right", False, True),
        ("bottom_left", True, False),
        ("bottom_right", False, False),
    ],
)
def test_logo_is_in_its_corner_and_has_its_width(
    gray: Path, logo: Path, tmp_path: Path, position: str, is_left: bool, is_top: bool
) -> None:
    style = {"position": position, "width": 0.25}
    segments = [{"start": 0, "end": 0.4}, {"start": 1, "end": 1.4}]
    render(
        gray,
        tmp_path / "c.mp4",
        logo,
        logo=style,
        segments=segments,
        transition="fade",
        transition_duration=0.2,
    )
    frames = see_rgb(tmp_path / "c.mp4")
    assert len(frames) == 15
    for frame in frames:
        left, top, right, bottom = find_red(frame)
        assert right - left == pytest.approx(WIDTH // 4, abs=2)
        assert bottom - top == pytest.approx(WIDTH // 8, abs=2)
        assert (left if is_left else WIDTH - right) == pytest.approx(20, abs=2)
        assert top < 20 if is_top else HEIGHT - bottom < 20
        hole = frame[(top + bottom) // 2, (left + right) // 2]
        assert np.abs(hole - 128).max() < 6


def test_logo_lets_as_much_through_as_asked(gray: Path, logo: Path, tmp_path: Path) -> None:
    seen = []
    for opacity in (1, 0.5):
        style = {"opacity": opacity, "width": 0.5, "position": "top_left"}
        render(gray, tmp_path / "c.mp4", logo, logo=style, end=0.2)
        seen.append(see_rgb(tmp_path / "c.mp4")[2, 20:24, 30:150].mean(axis=(0, 1)))
    assert seen[0] == pytest.approx((255, 0, 0), abs=8)
    assert seen[1] == pytest.approx((191, 64, 64), abs=8)


def test_edges_of_a_logo_get_no_other_colour(gray: Path, tmp_path: Path) -> None:
    """What is transparent often has the colour white, which must not shine through."""
    picture = Image.new("RGBA", (200, 200), (255, 255, 255, 0))
    ImageDraw.Draw(picture).ellipse((10, 10, 189, 189), fill=(128, 128, 128, 255))
    picture.save(tmp_path / "disc.png")
    render(gray, tmp_path / "c.mp4", tmp_path / "disc.png", logo={"width": 0.3}, end=0.2)
    assert np.abs(see_rgb(tmp_path / "c.mp4")[2] - 128).max() < 8


def test_tall_logo_stays_within_the_frame(gray: Path, tmp_path: Path) -> None:
    Image.new("RGB", (100, 2000), "red").save(tmp_path / "tower.jpg")
    render(gray, tmp_path / "c.mp4", tmp_path / "tower.jpg", logo={"width": 1}, end=0.2)
    _, top, _, bottom = find_red(see_rgb(tmp_path / "c.mp4")[2])
    assert 60 < bottom - top <= HEIGHT // 2


def test_logo_keeps_clear_of_the_buttons_of_phones(gray: Path, logo: Path, tmp_path: Path) -> None:
    shape = {"aspect": None, "resolution": "180x320"}
    render(gray, tmp_path / "c.mp4", logo, logo={"width": 0.3}, end=0.2, **shape)
    poster = Image.open(tmp_path / "poster.jpg").convert("RGB")
    left, top, right, _ = find_red(np.asarray(poster).astype(np.int64))
    assert top >= 0.14 * 320 - 2
    assert right <= 180 * (1 - 0.11) + 2
    assert left > 90


def test_words_are_above_the_logo_and_fades_above_both(
    gray: Path, logo: Path, tmp_path: Path
) -> None:
    words = [{"start": 0, "end": 1, "text": "MMMMMMMMMMMMMMMMMMM"}]
    style = {"position": "top", "size": "large"}
    mark = {"width": 1, "position": "top_left"}
    choices = {"captions": words, "caption_style": style, "end": 0.8, "fade_in": 0.2}
    render(gray, tmp_path / "c.mp4", logo, logo=mark, **choices)
    frames = see_rgb(tmp_path / "c.mp4")
    left, top, right, bottom = find_red(frames[10])
    assert (frames[10, top:bottom, left:right].min(axis=2) > 220).any()
    assert frames[0].max() < 8


def test_logo_that_is_no_picture_is_refused(gray: Path, logo: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not a picture")
    with pytest.raises(UnsupportedMediaError, match=r"notes\.png"):
        render(gray, tmp_path / "c.mp4", text, logo={})
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(logo.read_bytes()[:300])
    with pytest.raises(UnreadableMediaError, match=r"damaged\.png"):
        render(gray, tmp_path / "c.mp4", damaged, logo={})
    assert not (tmp_path / "c.mp4").exists()


def test_pictures_under_a_logo_are_not_copied(gray: Path, logo: Path, tmp_path: Path) -> None:
    assert not render(gray, tmp_path / "c.mp4", logo, logo={}).copied_frames
