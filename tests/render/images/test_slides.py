"""Captions and title cards in finished videos, the same with every engine."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import RenderStage
from reelqueue.render.clip import render_clip
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.clips.captions import Cue
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.photo import PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import CaptionStyle, Position, TitleCard

CARDS = SlideshowSpec(
    duration=0.4,
    transition=Transition.NONE,
    resolution="320x180",
    fps=20,
    title=TitleCard(text="Start", duration=0.6),
    end_title=TitleCard(text="Ende", duration=0.2, background="#204060"),
    caption_style=CaptionStyle(position=Position.TOP),
)


def ignore(done: int, total: int, stage: RenderStage) -> None:
    pass


def read_frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    """A green photo, and a red one with a caption."""
    made = []
    for name, caption in (("green", ""), ("red", "日本 مرحبا 🏖️")):
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (320, 180), name).save(path)
        made.append(Photo(path, path.name, PhotoSpec(caption=caption)))
    return made


@pytest.mark.render
@pytest.mark.parametrize("engine", Engine)
def test_cards_and_captions_are_in_the_right_frames(
    engine: Engine, photos: list[Photo], tmp_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    facts = render_slideshow(photos, CARDS, output, engine=engine, on_progress=ignore)
    frames = read_frames(output)
    assert facts.frames == len(frames) == 12 + 8 + 8 + 4
    start, green, red, end = (frames[number].astype(int) for number in (0, 12, 20, 28))
    assert start[5, 5] == pytest.approx([0, 54, 0], abs=12)  # the dark photo next to it
    assert green.std(axis=(0, 1)).max() < 3  # no caption
    assert red[100:].std(axis=(0, 1)).max() < 3
    assert red[9:40].std(axis=(0, 1)).max() > 20
    assert end[5, 5] == pytest.approx([0x20, 0x40, 0x60], abs=6)
    for card in (start, end):
        assert card[60:120, 100:220].max() > 200


@pytest.mark.render
def test_poster_is_the_first_picture(photos: list[Photo], tmp_path: Path) -> None:
    poster = tmp_path / "poster.jpg"
    render_slideshow(photos, CARDS, tmp_path / "out.mp4", poster=poster, on_progress=ignore)
    with Image.open(poster) as picture:
        assert np.asarray(picture.convert("L")).max() > 230


@pytest.mark.render
def test_card_next_to_a_skipped_photo_shows_another_photo(
    photos: list[Photo], tmp_path: Path
) -> None:
    photos[0].path.write_bytes(photos[0].path.read_bytes()[:100])
    spec = CARDS.model_copy(update={"on_bad_photo": "skip"})
    facts = render_slideshow(photos, spec, tmp_path / "out.mp4", on_progress=ignore)
    assert (facts.skipped_photos, facts.frames) == (("green.png",), 12 + 8 + 4)
    assert read_frames(tmp_path / "out.mp4")[0][5, 5].argmax() == 0


def test_text_without_a_font_fails_before_the_render_begins(
    photos: list[Photo], tmp_path: Path
) -> None:
    photos[1] = photos[1]._replace(spec=PhotoSpec(caption="\U0003ffff"))
    with pytest.raises(InvalidSpecError, match=r"U\+3FFFF") as caught:
        render_slideshow(photos, CARDS, tmp_path / "out.mp4", on_progress=ignore)
    assert caught.value.field == "photos.1.caption"
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.render
def test_clip_caption_without_a_font_is_refused(bikes: Path, tmp_path: Path) -> None:
    spec = ClipSpec(end=0.5, captions=(Cue(start=0, end=1, text="Salut \U0003ffff"),))
    with pytest.raises(InvalidSpecError, match=r"U\+3FFFF") as caught:
        render_clip(bikes, spec, tmp_path / "clip.mp4", on_progress=ignore)
    assert caught.value.field == "captions.0.text"
