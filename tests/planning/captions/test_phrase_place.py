"""Where phrases stand beside a picture that is shown whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.captions.cues import Caption
from reelqueue.planning.captions.phrase_place import Place, find_place
from reelqueue.planning.captions.phrases import SpokenWord, Utterance
from reelqueue.planning.framing import Rows, Size
from reelqueue.specs.clips.captions import ClipCaptionStyle, ClipPosition, Preset
from reelqueue.text.layout import find_clip_area

REEL, SQUARE, POST = (1080, 1920), (1080, 1080), (1080, 1350)


def place(size: Size, picture: Rows | None, lanes: int = 1, **choices: object) -> Place:
    style = ClipCaptionStyle.model_validate({"preset": "phrase"} | choices)
    words, caption = (SpokenWord("word ", 0, 5),), Caption(0, 0, 5, "word")
    utterances = [Utterance(caption, words, lane) for lane in range(lanes)]
    return find_place(size, style, utterances, lambda text, size: len(text) * size / 2, picture)


@pytest.mark.parametrize("preset", [Preset.PHRASE, Preset.KARAOKE, Preset.POP])
@pytest.mark.parametrize("position", [ClipPosition.BOTTOM, ClipPosition.AUTO])
@pytest.mark.parametrize(
    ("size", "picture"), [(REEL, (656, 1264)), (SQUARE, (236, 844)), (POST, (371, 979))]
)
def test_phrases_stand_below_a_wide_picture(
    size: Size, picture: Rows, position: ClipPosition, preset: Preset
) -> None:
    found = place(size, picture, preset=preset, position=position)
    _, top, _, bottom = found.area
    assert picture[1] < top
    assert bottom <= find_clip_area(size)[3]
    assert found.size >= 0.7 * place(size, None, preset=preset, position=position).size


@pytest.mark.parametrize("position", [ClipPosition.TOP, ClipPosition.MIDDLE])
def test_other_places_are_as_they_were(position: ClipPosition) -> None:
    assert place(REEL, (656, 1264), position=position) == place(REEL, None, position=position)


def test_phrases_are_not_squeezed_below_a_high_picture() -> None:
    assert place(REEL, (420, 1500)) == place(REEL, None)
    assert place(REEL, (0, 1920)) == place(REEL, None)
    assert place(REEL, (656, 1264), lanes=3) == place(REEL, None, lanes=3)


@given(
    st.sampled_from([REEL, SQUARE, POST, (1920, 1080), (90, 160)]),
    st.integers(0, 900),
    st.sampled_from(list(ClipPosition)),
    st.integers(1, 3),
)
def test_phrases_are_in_their_area_and_below_the_picture_or_as_without_it(
    size: Size, below: int, position: ClipPosition, lanes: int
) -> None:
    picture = min(below, size[1] // 2), max(size[1] - below, size[1] // 2)
    found = place(size, picture, lanes, position=position)
    area = find_clip_area(size)
    assert found.area[1] >= min(area[1], found.area[3])
    assert found.area[1] > picture[1] or found == place(size, None, lanes, position=position)
    assert found.area[3] <= area[3] or found == place(size, None, lanes, position=position)
    assert all(row % 2 == 0 for row in found.area[1::2])
