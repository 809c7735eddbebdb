from __future__ import annotations

from io import BytesIO

import av
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from reelqueue.h264.bitstream import START_CODE
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.gop import (
    Change,
    Copy,
    Group,
    Mixture,
    code_group,
    join,
    read_still,
)
from reelqueue.h264.macroblocks import Strips, copy_new, copy_old
from tests.h264.streams import RATE, encode_still, make_still

SIZE = (64, 48)
EVEN = Mixture(64, 64)


def test_group_is_coded_last_picture_first() -> None:
    layout, intra = make_still("astronaut", SIZE)
    copy = Copy(Strips((copy_old(),) * 4 + (copy_new(),) * 4), EVEN)
    group = Group(intra, 3, [Change([EVEN, copy], intra), Change([EVEN], intra)])

    pictures = list(code_group(layout, group, 0))

    assert [picture.number for picture in pictures] == [0, 1, 2, 5, 3, 4, 7, 6]
    assert [picture.is_key for picture in pictures] == [True] + [False] * 7
    assert all(len(picture.data) < 60 for picture in pictures if picture.number not in (0, 5, 7))


def test_stream_says_what_it_is() -> None:
    layout, intra = make_still("astronaut", (322, 182))

    with av.open(BytesIO(join(layout, [Group(intra, 3)], RATE)), format="h264") as source:
        context = source.streams.video[0].codec_context
        rate = source.streams.video[0].average_rate

    assert (context.width, context.height) == (322, 182)
    assert context.sample_aspect_ratio == 1
    assert rate == RATE
    assert context.profile == "High"
    assert context.color_range == ColorRange.MPEG
    assert context.colorspace == Colorspace.ITU709
    assert context.color_primaries == ColorPrimaries.BT709
    assert context.color_trc == ColorTrc.BT709


def test_still_of_several_slices_is_refused() -> None:
    data = encode_still("astronaut", SIZE)
    key = data[data.rindex(START_CODE[1:]) :]

    with pytest.raises(UnexpectedStreamError, match="several slices"):
        read_still(data + key)
