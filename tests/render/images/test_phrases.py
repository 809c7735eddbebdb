"""Phrases stand still while their words are marked, and are legible in any colour."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.cut import Cut
from reelqueue.planning.clips.edit import Edit
from reelqueue.render.images.clip_captions.film import Film, film_captions
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.text.contrast import (
    choose_box,
    choose_dimmed,
    choose_letters,
    choose_opposite,
    from_hex,
    measure_contrast,
    mix,
)

UPRIGHT, WIDE = (1080, 1920), (1920, 1080)
TEXTS = {
    "latin": "So the funny part is: nobody told me that the bridge was closed on Sundays",
    "arabic": "مرحبا بكم في عرض iPhone الجديد، هذا هو 123 أفضل هاتف! شكرا لكم",
    "japanese": "こんにちは世界、日本語の字幕は改行されますか。とても長い文章なのです",
    "emoji": "So good 🔥😂 I love this 🏖️ family 👨‍👩‍👧 trip ❤️ yes",
    "long": "Die Rechtsschutzversicherungsgesellschaften zahlen nicht",
}
Pictures = list[tuple[int, Image.Image]]


def film(text: str, size: tuple[int, int] = UPRIGHT, **style: object) -> tuple[Film, Pictures]:
    captions = [{"start": 0.0, "end": 4.0, "text": text}]
    return film_all(captions, size, **style)


def film_all(
    captions: list[dict[str, Any]], size: tuple[int, int], **style: object
) -> tuple[Film, Pictures]:
    spec = ClipSpec.model_validate({"captions": captions, "caption_style": style})
    cut = Edit((Cut(0.0, 200, Fraction(25), size),))
    made = film_captions(spec, cut, plan_captions(spec, cut, lambda: True))
    assert made
    return made, list(made.draw(0))


def find_shape(picture: Image.Image) -> bytes:
    """Return where anything is drawn."""
    return picture.getchannel("A").point(lambda level: 255 * (level > 200)).tobytes()


def find_middle(picture: Image.Image) -> tuple[float, float]:
    left, top, right, bottom = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
    return (left + right) / 2, (top + bottom) / 2


def group_by_phrase(pictures: Pictures) -> list[list[Image.Image]]:
    """Group pictures in which the same letters are drawn."""
    groups: list[list[Image.Image]] = []
    for _, picture in pictures:
        if picture.getbbox() is None:
            continue
        if groups and find_shape(groups[-1][0]) == find_shape(picture):
            groups[-1].append(picture)
        else:
            groups.append([picture])
    return groups


@pytest.mark.parametrize("preset", ["phrase", "karaoke"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_letters_stay_where_they_are_while_words_are_marked(text: str, preset: str) -> None:
    made, pictures = film(text, preset=preset)
    phrases = group_by_phrase(pictures)
    assert len(phrases) < len(pictures) - 1  # some differ only in colours
    middles = [find_middle(states[0]) for states in phrases]
    width, height = made.area[2] - made.area[0], made.area[3] - made.area[1]
    for across, down in middles:
        assert across == pytest.approx(width / 2, abs=width * 0.05)
        assert down == pytest.approx(height / 2, abs=height * 0.09)  # letters differ in height
    for states in phrases:
        assert len({state.tobytes() for state in states}) == len(states)


@pytest.mark.parametrize(
    ("size", "position", "low", "high"),
    [
        (UPRIGHT, "bottom", 0.6, 0.7),
        (UPRIGHT, "middle", 0.49, 0.51),
        (UPRIGHT, "top", 0.14, 0.28),
        (WIDE, "bottom", 0.8, 0.9),
        (WIDE, "top", 0.06, 0.2),
        ((1080, 1080), "middle", 0.49, 0.51),
    ],
)
@pytest.mark.parametrize("preset", ["phrase", "pop"])
def test_block_is_in_the_safe_area(
    size: tuple[int, int], position: str, low: float, high: float, preset: str
) -> None:
    made, pictures = film(TEXTS["latin"], size, preset=preset, position=position)
    left, top, right, bottom = made.area
    assert low <= (top + bottom) / 2 / size[1] <= high
    above, below, side = (0.14, 0.2, 120 / 1080) if size == UPRIGHT else (0.05, 0.05, 0.05)
    assert top >= size[1] * above
    assert bottom <= size[1] * (1 - below)
    assert left >= size[0] * side
    assert right <= size[0] * (1 - side)
    assert {picture.size for _, picture in pictures} == {(right - left, bottom - top)}
    for _, picture in pictures:  # nothing is cut off at the sides
        alpha = np.asarray(picture.getchannel("A"))
        assert not alpha[:, 0].any()
        assert not alpha[:, -1].any()


def count_color(picture: Image.Image, color: str) -> int:
    near = np.abs(np.asarray(picture).astype(int)[..., :3] - from_hex(color)).max(axis=2) < 12
    return int((near & (np.asarray(picture.getchannel("A")) > 250)).sum())


@pytest.mark.parametrize(
    ("preset", "backing", "counts"),
    [
        ("phrase", "outline", (True, True, False)),
        ("phrase", "shadow", (True, True, False)),
        ("phrase", "box", (True, True, False)),
        ("karaoke", "outline", (False, True, True)),
        ("karaoke", "box", (False, True, True)),
    ],
)
def test_first_word_is_marked_first(
    preset: str, backing: str, counts: tuple[bool, bool, bool]
) -> None:
    """In karaoke, nothing is spoken yet, and words to come are dimmed."""
    _, pictures = film("one two three", preset=preset, backing=backing, highlight="#00c000")
    first = pictures[0][1]
    colors = ("#ffffff", "#00c000", "#888888")
    assert tuple(count_color(first, color) > 300 for color in colors) == counts


def test_words_settle_in_their_colour() -> None:
    _, pictures = film("one two three", preset="karaoke", color="#40c0ff")
    spoken = [count_color(picture, "#40c0ff") for _, picture in pictures[:-1]]
    assert spoken == sorted(spoken)
    assert spoken[0] == 0 < spoken[-1]


def test_pop_shows_one_word_at_a_time_in_larger_letters() -> None:
    _, pictures = film("now now now", preset="pop")
    boxes = [picture.getbbox() for _, picture in pictures]
    assert boxes[0] == boxes[1] == boxes[2]
    assert boxes[3] is None
    _, whole = film("now now now", preset="phrase")
    low, high = ((box[3] - box[1]) for box in (whole[0][1].getbbox(), boxes[0]) if box)
    assert high > 1.4 * low


def test_uppercase_makes_capitals() -> None:
    _, small = film("straße", preset="pop", uppercase=True)
    _, large = film("STRASSE", preset="pop")
    assert small[0][1].tobytes() == large[0][1].tobytes()


def test_letters_have_one_size_however_long_a_word_is() -> None:
    """The longest word of the clip decides it for all."""
    cues = [
        {"start": 0.0, "end": 2.0, "text": "now"},
        {"start": 2.0, "end": 4.0, "text": TEXTS["long"]},
    ]
    alone, _ = film("now", preset="phrase")
    together, pictures = film_all(cues, UPRIGHT, preset="phrase")
    heights = [made.area[3] - made.area[1] for made in (alone, together)]
    assert heights[1] < heights[0]
    assert all(picture.height == heights[1] for _, picture in pictures)


def test_two_speakers_have_a_block_each() -> None:
    cues = [
        {"start": 0.0, "end": 4.0, "text": "one speaker talks"},
        {"start": 1.0, "end": 3.0, "text": "another one too"},
    ]
    _, alone = film_all(cues[:1], UPRIGHT, preset="phrase")
    made, pictures = film_all(cues, UPRIGHT, preset="phrase")
    height = (made.area[3] - made.area[1]) // 2
    by_frame = dict(pictures)
    assert by_frame[25].crop((0, 0, by_frame[25].width, height)).getbbox()
    below = by_frame[0].crop((0, height, by_frame[0].width, 2 * height))
    assert below.tobytes() == alone[0][1].tobytes()


COLORS = ["#ffffff", "#000000", "#808080", "#ff0000", "#ffd60a", "#0000ff", "#7f7f00", "#00ff7f"]


@pytest.mark.parametrize("color", COLORS)
def test_letters_are_legible_on_any_picture(color: str) -> None:
    letters = from_hex(color)
    assert measure_contrast(letters, choose_opposite(letters)) >= 4.3
    assert measure_contrast(choose_dimmed(letters), choose_opposite(letters)) >= 3
    *box, opacity = choose_box(letters)
    for picture in ((0, 0, 0), (255, 255, 255), (128, 128, 128)):
        behind = mix(picture, (box[0], box[1], box[2]), opacity / 255)
        assert measure_contrast(letters, behind) >= 4.3
    for highlight in COLORS:
        on_box = choose_letters(letters, from_hex(highlight))
        assert measure_contrast(on_box, from_hex(highlight)) >= 3


def test_contrast_is_that_of_the_standard() -> None:
    assert measure_contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert measure_contrast((255, 255, 255), from_hex("#767676")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("preset", ["plain", "karaoke"])
def test_pictures_are_drawn_from_any_frame_on(preset: str) -> None:
    captions = [{"start": second, "end": second + 0.8, "text": "two words"} for second in (1, 2, 4)]
    made, whole = film_all(captions, (320, 180), preset=preset)
    frames = [frame for frame, _ in whole]
    for first in (0, *(frame + late for frame in frames for late in (0, 1))):
        part = list(made.draw(first))
        assert part == whole[bisect_right(frames, first) - 1 :]
