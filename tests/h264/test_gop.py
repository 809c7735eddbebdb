from __future__ import annotations

from io import BytesIO

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from reelqueue.h264.access_unit import parse_idr_access_unit, parse_p_access_unit
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import MAX_REFERENCE_DISTANCE, Gop, MiniGop, code_gop, write_byte_stream
from reelqueue.h264.motion import Strips, predict_from_l0, predict_from_l1
from reelqueue.h264.pictures import BandPicture, BPicture, BSkipPicture, StripPicture, Weights
from tests.h264.streams import RATE, decode, decode_gops, encode_move, make_still, trace_headers

SIZE = (64, 48)
EVEN = Weights(64, 64)
FADE = BSkipPicture(EVEN)


def test_i_picture_is_coded_before_the_b_pictures_that_precede_it() -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE)
    wipe = StripPicture(Strips((predict_from_l0(),) * 4 + (predict_from_l1(),) * 4), EVEN)
    gop = Gop(i_slice, 3, [MiniGop([FADE, wipe], i_slice), MiniGop([FADE], i_slice)])

    access_units = list(code_gop(parameter_sets, gop, 0))

    assert [unit.frame for unit in access_units] == [0, 1, 2, 5, 3, 4, 7, 6]
    assert [unit.is_idr for unit in access_units] == [True] + [False] * 7
    assert all(len(unit.data) < 60 for unit in access_units if unit.frame not in (0, 5, 7))


def test_stream_says_what_it_is() -> None:
    parameter_sets, i_slice = make_still("astronaut", (322, 182))

    stream = write_byte_stream(parameter_sets, [Gop(i_slice, 3)], RATE)
    with av.open(BytesIO(stream), format="h264") as source:
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


@pytest.mark.render
def test_pictures_stay_in_order_over_thousands_of_frames() -> None:
    """`pic_order_cnt_lsb` counts two a frame, in 16 bits; half of them lie ahead (8.2.1.1)."""
    parameter_sets, astronaut = make_still("astronaut", (16, 16))
    _, coffee = make_still("coffee", (16, 16))
    mini_gops = [
        MiniGop((), coffee),
        MiniGop([FADE] * (MAX_REFERENCE_DISTANCE - 1), astronaut),
        MiniGop([FADE] * (MAX_REFERENCE_DISTANCE - 1), coffee),
    ]
    gops = [Gop(astronaut, MAX_REFERENCE_DISTANCE, mini_gops), Gop(coffee, 1)]

    luma, _ = decode_gops(parameter_sets, gops, (16, 16))

    assert len(luma) == 3 * MAX_REFERENCE_DISTANCE + 2
    first, second, third, fourth = (number * MAX_REFERENCE_DISTANCE for number in range(4))
    assert np.array_equal(luma[second - 1], luma[first])
    assert np.array_equal(luma[second], luma[-1])
    assert np.array_equal(luma[third], luma[first])
    assert np.array_equal(luma[fourth], luma[second])
    assert not np.array_equal(luma[second], luma[first])


def test_reference_pictures_too_far_apart_are_refused() -> None:
    parameter_sets, i_slice = make_still("astronaut", (16, 16))
    gops = [
        Gop(i_slice, MAX_REFERENCE_DISTANCE + 1, [MiniGop((), i_slice)]),
        Gop(i_slice, MAX_REFERENCE_DISTANCE + 2),
        Gop(i_slice, 1, [MiniGop([FADE] * MAX_REFERENCE_DISTANCE, i_slice)]),
    ]

    for gop in gops:
        with pytest.raises(OutOfRangeError):
            list(code_gop(parameter_sets, gop, 0))


def test_pictures_that_do_not_go_together_are_refused() -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE)
    band = BandPicture(EVEN, 0, 1, make_still("astronaut", (SIZE[0], 16))[1])
    wipe = StripPicture(Strips((predict_from_l0(),) * 8), EVEN)

    groups: list[list[BPicture]] = [[band, band], [band, wipe]]
    for b_pictures in groups:
        with pytest.raises(ValueError, match="band picture"):
            list(code_gop(parameter_sets, Gop(i_slice, 1, [MiniGop(b_pictures, i_slice)]), 0))


@pytest.mark.render
def test_frame_num_starts_again_after_sixteen_reference_pictures() -> None:
    parameter_sets, astronaut = make_still("astronaut", SIZE)
    _, coffee = make_still("coffee", SIZE)
    mini_gops = [MiniGop([FADE], still) for still in (coffee, astronaut)] * 20

    luma, _ = decode_gops(parameter_sets, [Gop(astronaut, 1, mini_gops)], SIZE)

    assert len(luma) == 81
    for number in range(0, 81, 4):
        assert np.array_equal(luma[number], luma[0])
    assert all(np.array_equal(luma[number], luma[1]) for number in range(1, 81, 2))


@pytest.mark.render
def test_p_pictures_show_what_their_encoder_meant() -> None:
    """Their slice data is under other headers, and B pictures are between them."""
    idr, *others = encode_move(SIZE)
    parameter_sets, i_slice = parse_idr_access_unit(idr)
    slices = [parse_p_access_unit(data, parameter_sets) for data in others]

    gop = Gop(i_slice, 1, [MiniGop([FADE], p_slice) for p_slice in slices])
    stream = write_byte_stream(parameter_sets, [gop], RATE)

    shown = decode(stream, SIZE)
    assert np.array_equal(shown[::2], decode(b"".join((idr, *others)), SIZE))
    # All but the latest two are forgotten, as `write_p_picture` says.
    headers = [header for header in trace_headers(stream) if header.get("slice_type") == 5]
    operation = "memory_management_control_operation"
    adaptive = [header["adaptive_ref_pic_marking_mode_flag"] for header in headers]
    assert adaptive == [0, 1, 1]
    assert [operation in str(header) for header in headers] == [False, True, True]
