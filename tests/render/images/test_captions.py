"""Captions and title cards stay in the safe area, for any text and any size of the video."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reelqueue.errors import InvalidSpecError
from reelqueue.render.images.captions import draw_caption, paste_overlay
from reelqueue.render.images.title_cards import draw_card, write_card
from reelqueue.specs.limits import LONGEST_TEXT
from reelqueue.specs.text import Backing, CaptionStyle, LetterSize, Position, TitleCard, clean_text
from reelqueue.text.fonts import check_text
from reelqueue.text.layout import find_safe_area

SIZES = [(64, 64), (160, 90), (640, 360), (1080, 1920), (1080, 1080), (3840, 2160), (64, 3840)]
TEXTS = [
    "Summer",
    "مرحبا بالعالم " * 12,
    "夏の写真" * 40,
    "Fun 😀👨\u200d👩\u200d👧 " * 20,
    "W" * LONGEST_TEXT,
    "line\n" * 50,
    "Z" + "\u0351\u0327" * 100,
]
STYLES = [
    CaptionStyle(),
    CaptionStyle(position=Position.TOP, size=LetterSize.LARGE, backing=Backing.OUTLINE),
    CaptionStyle(position=Position.MIDDLE, size=LetterSize.SMALL, backing=Backing.SHADOW),
]
PICTURES = {
    "white": Image.new("RGB", (640, 360), "white"),
    "black": Image.new("RGB", (640, 360), "black"),
    "noise": Image.effect_noise((640, 360), 200).convert("RGB"),
}


def assert_safe(picture: Image.Image, plain: Image.Image) -> None:
    changed = np.asarray(picture) != np.asarray(plain)
    rows, columns = np.flatnonzero(changed.any((1, 2))), np.flatnonzero(changed.any((0, 2)))
    assert rows.size, "nothing is drawn"
    left, top, right, bottom = find_safe_area(picture.size)
    assert left <= columns[0]
    assert columns[-1] < right
    assert top <= rows[0]
    assert rows[-1] < bottom


@pytest.mark.render
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.backing)
def test_captions_stay_in_the_safe_area(size: tuple[int, int], style: CaptionStyle) -> None:
    plain = Image.new("RGB", size, "#c08040")
    for text in TEXTS:
        picture = plain.copy()
        overlay = draw_caption(clean_text(text), style, size)
        assert all(side % 2 == 0 for side in (*overlay.image.size, overlay.left, overlay.top))
        paste_overlay(picture, overlay)
        assert_safe(picture, plain)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(min_size=1, max_size=LONGEST_TEXT).map(clean_text).filter(bool),
    size=st.tuples(st.integers(32, 400), st.integers(32, 400)),
    style=st.builds(CaptionStyle),
)
def test_any_text_stays_in_the_safe_area_or_has_no_font(
    text: str, size: tuple[int, int], style: CaptionStyle
) -> None:
    size = size[0] * 2, size[1] * 2
    try:
        check_text(text, "caption")
    except InvalidSpecError:
        return
    overlay = draw_caption(text, style, size)
    left, top, right, bottom = find_safe_area(size)
    assert left <= overlay.left
    assert overlay.left + overlay.image.width <= right
    assert top <= overlay.top
    assert overlay.top + overlay.image.height <= bottom


@pytest.mark.render
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_cards_stay_in_the_safe_area(size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, "#203040")
    for text in TEXTS:
        card = TitleCard(text=text[:100], subtitle=text, background="#203040")
        picture = draw_card(card, size, None)
        write_card(card, picture)
        assert_safe(picture, plain)


@pytest.mark.parametrize("backing", Backing)
@pytest.mark.parametrize("picture", PICTURES)
def test_letters_have_contrast_on_any_picture(picture: str, backing: Backing) -> None:
    """The gap between the strokes of a letter is dark (WCAG 2.2, 1.4.3: a contrast of 4.5 to 1)."""
    photo = PICTURES[picture].copy()
    overlay = draw_caption("H", CaptionStyle(backing=backing, size=LetterSize.LARGE), photo.size)
    paste_overlay(photo, overlay)
    middle = overlay.left + overlay.image.width // 2
    top = overlay.top + overlay.image.height // 2 - 4
    above_the_bar = np.asarray(photo.convert("L"))[top - 4, middle - 12 : middle + 12] / 255
    linear = np.where(
        above_the_bar <= 0.04045, above_the_bar / 12.92, ((above_the_bar + 0.055) / 1.055) ** 2.4
    )
    assert linear.max() > 0.9
    assert (linear.max() + 0.05) / (linear.min() + 0.05) >= 4.5


@pytest.mark.parametrize("position", Position)
def test_caption_is_at_its_position(position: Position) -> None:
    overlay = draw_caption("Here", CaptionStyle(position=position), (640, 360))
    middle = overlay.top + overlay.image.height / 2
    part = {Position.TOP: 0, Position.MIDDLE: 1, Position.BOTTOM: 2}[position]
    assert part == int(middle // 120)


def test_caption_sizes_differ() -> None:
    heights = [
        draw_caption("Here", CaptionStyle(size=size), (1920, 1080)).image.height
        for size in LetterSize
    ]
    assert heights == sorted(set(heights))


def test_card_shows_the_photo_next_to_it_darkly() -> None:
    photo = Image.new("RGB", (128, 72), "#ff8000")
    red, green, blue = draw_card(TitleCard(text="x"), (640, 360), photo).getpixel((5, 5))  # type: ignore[misc]  # an RGB picture has three
    assert (red > 80, green < red, blue) == (True, True, 0)
