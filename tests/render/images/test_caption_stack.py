"""Captions at the same moment have room above each other, and keep their places."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.captions.cues import Caption
from reelqueue.render.images.clip_captions.stack import draw_stacks
from reelqueue.specs.clips.captions import ClipCaptionStyle
from reelqueue.specs.text import Backing, Position
from reelqueue.text.layout import find_clip_area

LONG = "words that need more than one line of any clip, whatever its shape may be"
SIZES = [(1080, 1920), (1920, 1080), (1080, 1080), (320, 180)]
PLAIN = ClipCaptionStyle()


def draw(
    *captions: tuple[int, int, str], size: tuple[int, int], style: ClipCaptionStyle = PLAIN
) -> dict[int, Image.Image]:
    return dict(draw_stacks([Caption(0, *caption) for caption in captions], style, size))


def find_blocks(picture: Image.Image) -> list[tuple[int, int]]:
    """Return the upper and lower edges of what is drawn, from the top."""
    rows = np.asarray(picture.getchannel("A")).max(axis=1) > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.astype(int), [0]))))
    return [(int(top), int(bottom)) for top, bottom in edges.reshape(-1, 2)]


def test_pictures_change_where_captions_begin_and_end() -> None:
    pictures = draw((10, 20, "one"), (15, 30, "two"), (30, 40, "three"), size=(320, 180))
    assert list(pictures) == [0, 10, 15, 20, 30, 40]
    assert [len(find_blocks(picture)) for picture in pictures.values()] == [0, 1, 2, 1, 1, 0]


def test_without_captions_nothing_is_seen() -> None:
    ((frame, picture),) = draw_stacks([], PLAIN, (320, 180))
    assert (frame, picture.getbbox()) == (0, None)


@pytest.mark.render
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_eight_long_captions_have_room(size: tuple[int, int]) -> None:
    pictures = draw(*((number, 20, LONG) for number in range(8)), size=size)
    left, top, right, bottom = find_clip_area(size)
    heights = []
    for picture in pictures.values():
        assert picture.size == (right - left, bottom - top)
        heights.append(sum(low - high for high, low in find_blocks(picture)))
    assert heights == [*sorted(heights[:-1]), 0]
    assert heights[8 - 1] >= 8 * heights[0] * 0.9  # none hides another


def test_captions_move_only_where_there_is_no_other_room() -> None:
    """Tall ones end, and leave a gap that is too low for the next."""
    size = (320, 180)
    short, tall = "x", "one\ntwo\nthree\nfour"
    pictures = draw((0, 9, short), (0, 5, tall), (0, 9, short), (6, 9, tall), size=size)
    assert [len(find_blocks(pictures[frame])) for frame in (0, 5)] == [6, 2]
    assert find_blocks(pictures[5])[-1] == find_blocks(pictures[0])[-1]
    blocks = find_blocks(pictures[6])
    assert sum(low - high for high, low in blocks) >= sum(
        low - high for high, low in find_blocks(pictures[0])
    )


@pytest.mark.parametrize("backing", Backing)
@pytest.mark.parametrize("position", Position)
def test_frame_without_room_shows_what_it_can(backing: Backing, position: Position) -> None:
    style = ClipCaptionStyle(backing=backing, position=position)
    pictures = draw(*((0, 9, LONG) for _ in range(8)), size=(2, 2), style=style)
    assert list(pictures) == [0, 9]


def test_stack_at_the_top_grows_downwards() -> None:
    top = ClipCaptionStyle(position=Position.TOP)
    pictures = draw((0, 20, "one"), (10, 20, "two"), size=(320, 180), style=top)
    first, both = (find_blocks(pictures[frame]) for frame in (0, 10))
    assert first[0] == both[0]
    assert both[1] > both[0]
