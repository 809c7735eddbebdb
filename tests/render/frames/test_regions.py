"""Regions beside the same part of whole frames."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import skimage.data
from PIL import Image

from reelqueue.planning.camera import ZOOM, CameraPath, Move, View
from reelqueue.planning.framing import enlarge
from reelqueue.planning.spans import TransitionSpan
from reelqueue.planning.transitions.base import Crossfade, Edge
from reelqueue.planning.transitions.registry import EFFECTS, list_frames
from reelqueue.render.frames.draw import PhotoWindow, Picture, list_drawings
from reelqueue.render.frames.ken_burns import MovingPhoto, Region, to_moving_photo
from reelqueue.render.frames.overlays import to_yuv_overlay
from reelqueue.render.frames.regions import (
    draw_parted_region,
    draw_transition_region,
    find_words,
    show_region,
)
from reelqueue.render.frames.yuv import cut_picture, to_picture
from reelqueue.render.images.captions import Overlay
from reelqueue.specs.photo import Transition

SIZE = (192, 106)
FRAMES = 9
MOVE = Move(CameraPath(View(1, 0.5, -0.5), View(ZOOM)), 3, 30)
REGIONS: list[Region] = [
    (0, 0, 192, 16),
    (0, 96, 192, 106),
    (0, 16, 32, 96),
    (160, 16, 192, 96),
    (64, 48, 96, 64),
    (0, 0, *SIZE),
]
WRITTEN = [transition for transition, effect in EFFECTS.items() if not effect.must_be_drawn]


def open_photo(name: str) -> Image.Image:
    return Image.fromarray(getattr(skimage.data, name)()).resize(enlarge(SIZE, ZOOM))


@pytest.mark.parametrize("transition", WRITTEN)
@pytest.mark.parametrize("moves", [(MOVE, MOVE), (None, MOVE)], ids=["both move", "one moves"])
def test_region_is_that_part_of_the_frame(
    transition: Transition, moves: tuple[Move | None, Move | None]
) -> None:
    """Up to the rounding of where its samples are: a 32nd of a sample at most."""
    photos = [open_photo("chelsea"), open_photo("coffee")]
    pictures: list[Picture] = [
        to_moving_photo(photo) if move else to_picture(photo.resize(SIZE))
        for photo, move in zip(photos, moves, strict=True)
    ]
    span = TransitionSpan(transition, 0, 1, FRAMES, *moves)
    drawings = list_drawings(span, SIZE, PhotoWindow(enumerate(pictures)))

    for number, (draw, frame) in enumerate(
        zip(drawings, list_frames(transition, FRAMES, SIZE), strict=True)
    ):
        assert isinstance(frame, Crossfade | Edge)
        old, new = (
            partial(show_region, picture, move, number, SIZE)
            for picture, move in zip(pictures, moves, strict=True)
        )
        whole = draw()
        for region in REGIONS:
            part = draw_transition_region(frame, old, new, region, SIZE)
            expected = cut_picture(whole, region).to_ndarray()
            error = np.abs(np.subtract(part.to_ndarray(), expected, dtype=int))
            assert error.max() <= 5
            assert error.mean() < 0.4


def caption(photo: MovingPhoto, top: int) -> MovingPhoto:
    box = Image.new("RGBA", (90, 22), (0, 60, 0, 128))
    box.paste((255, 255, 255, 255), (4, 4, 60, 10))
    return photo._replace(caption=to_yuv_overlay(Overlay(box, 50, top)))


@pytest.mark.parametrize("parts_words", [True, False])
def test_region_has_its_part_of_the_words(parts_words: bool) -> None:
    old, new = (
        caption(to_moving_photo(open_photo(name)), top)
        for name, top in (("chelsea", 8), ("coffee", 70))
    )
    span = TransitionSpan(Transition.FADE, 0, 1, FRAMES, MOVE, MOVE, parts_words=parts_words)
    drawings = list_drawings(span, SIZE, PhotoWindow(enumerate([old, new])))
    assert find_words(new) == (50, 70, 140, 92)

    for number, (draw, frame) in enumerate(
        zip(drawings, list_frames(Transition.FADE, FRAMES, SIZE), strict=True)
    ):
        assert isinstance(frame, Crossfade)
        shown, plain = (
            [
                partial(show_region, photo, MOVE, number, SIZE, is_plain=is_plain)
                for photo in (old, new)
            ]
            for is_plain in (False, True)
        )
        whole = draw()
        for region in REGIONS:
            part = (
                draw_parted_region(
                    (shown[0], shown[1]), (plain[0], plain[1]), number, FRAMES, region
                )
                if parts_words
                else draw_transition_region(frame, shown[0], shown[1], region, SIZE)
            )
            expected = cut_picture(whole, region).to_ndarray()
            assert np.abs(np.subtract(part.to_ndarray(), expected, dtype=int)).max() <= 5
