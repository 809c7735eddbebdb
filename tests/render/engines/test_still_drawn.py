from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from reelqueue.h264.bitstream import split_byte_stream
from reelqueue.h264.parameter_sets import MAX_NUM_REORDER_FRAMES
from reelqueue.planning.spans import PhotoSpan, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.still_drawn import encode_drawn, write_drawn_parameter_sets
from reelqueue.render.frames.draw import draw_frames
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.photos import load_photo
from reelqueue.specs.photo import Fit, PhotoLook, Transition
from tests.h264.streams import decode

SIZE = (160, 96)
RATE = Fraction(25)


@pytest.mark.render
def test_gop_is_closed_and_two_pictures_early_at_most(photo_paths: list[Path]) -> None:
    timeline = Timeline(SIZE, RATE, (TransitionSpan(Transition.SLIDE_LEFT, 0, 1, 30),))
    photos = [
        to_picture(load_photo(path, SIZE, PhotoLook(fit=Fit.COVER))) for path in photo_paths[:2]
    ]

    pictures = list(encode_drawn(draw_frames(timeline, iter(photos)), timeline))

    assert sorted(picture.frame for picture in pictures) == list(range(30))
    assert [picture.is_idr for picture in pictures] == [True] + [False] * 29
    assert all(
        picture.frame >= decoded - MAX_NUM_REORDER_FRAMES
        for decoded, picture in enumerate(pictures)
    )
    stream = write_drawn_parameter_sets(timeline) + b"".join(picture.data for picture in pictures)
    shown = decode(stream, SIZE)
    assert len(shown) == 30
    assert np.abs(shown[-1].astype(int) - shown[0]).mean() > 10


def test_parameter_sets_stand_apart_from_the_pictures(photo_paths: list[Path]) -> None:
    """Their numbers are not ours, and samples of an MP4 hold none (ISO/IEC 14496-15, 5.3.2)."""
    picture = to_picture(load_photo(photo_paths[0], SIZE, PhotoLook(fit=Fit.COVER)))

    timeline = Timeline(SIZE, RATE, (PhotoSpan(0, 1),))

    (coded,) = encode_drawn([picture], timeline)

    sequence, parameters = split_byte_stream(write_drawn_parameter_sets(timeline))
    assert (sequence[0] & 31, parameters[0] & 31) == (7, 8)
    assert parameters[1] >> 5 == 0b011  # pic_parameter_set_id 2
    assert [unit[0] & 31 for unit in split_byte_stream(coded.data)] == [5]
