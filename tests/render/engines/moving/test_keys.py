"""The frames of moving photos that libx264 encodes."""

from __future__ import annotations

import pytest
from av.video.frame import PictureType

from reelqueue.render.engines.moving.keys import Key, encode_keys
from reelqueue.render.engines.still_intra import encode_black
from reelqueue.render.frames.yuv import draw_grey
from reelqueue.specs.photo import PhotoSpec
from tests.render.engines.moving.test_coder import SIZE, plan


@pytest.mark.render
def test_picture_that_two_groups_share_is_left_as_it_is() -> None:
    """Both are encoded at once, each with times and types of its own."""
    timeline, picture = plan([PhotoSpec()]), draw_grey(SIZE, 128)
    picture.pts = 40
    keys = [Key(picture, is_intra, is_shared=True) for is_intra in (True, False)]

    encoded = encode_keys(keys, timeline, encode_black(timeline)[0])

    assert [(picture.pts, picture.pict_type) for _ in encoded] == [(40, PictureType.NONE)] * 2
