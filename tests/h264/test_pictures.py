from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import Gop, MiniGop, write_byte_stream
from reelqueue.h264.parameter_sets import (
    LOG2_MAX_FRAME_NUM,
    LOG2_MAX_PIC_ORDER_CNT_LSB,
    ParameterSets,
)
from reelqueue.h264.pictures import (
    WEIGHT_SUM,
    BandPicture,
    BSkipPicture,
    Weights,
    write_b_picture,
    write_idr_picture,
)
from reelqueue.h264.slice_parsing import parse_i_slice
from tests.h264.streams import RATE, Frames, decode, decode_gops, encode_still, make_still

SIZE = (96, 80)


def test_i_slice_keeps_its_data_under_a_new_header() -> None:
    (sps, pps), i_slice = make_still("astronaut", SIZE)
    ours = replace(
        sps,
        log2_max_frame_num=LOG2_MAX_FRAME_NUM,
        log2_max_pic_order_cnt_lsb=LOG2_MAX_PIC_ORDER_CNT_LSB,
    )

    for idr_pic_id in (0, 1, 65535):
        nal_unit = write_idr_picture(i_slice, idr_pic_id)
        assert parse_i_slice(nal_unit, ParameterSets(ours, pps)) == i_slice


@pytest.mark.render
@pytest.mark.parametrize(
    "options",
    [
        "keyint=1",
        "keyint=1:8x8dct=0:no-psy=1",  # Main profile, whose pps ends early
        "keyint=1:qp=40:deblock=3,-2",
        "keyint=1:no-deblock=1:chroma-qp-offset=5",
        "keyint=1:bframes=1",  # pic_order_cnt_type 0
    ],
)
def test_i_slice_shows_what_its_encoder_meant(options: str) -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE, options)

    ours = write_byte_stream(parameter_sets, [Gop(i_slice, 1)], RATE)

    assert np.array_equal(
        decode(ours, SIZE), decode(encode_still("astronaut", SIZE, options), SIZE)
    )


@pytest.mark.render
def test_i_slice_shows_the_same_in_an_idr_picture_and_in_another() -> None:
    parameter_sets, astronaut = make_still("astronaut", SIZE)
    _, coffee = make_still("coffee", SIZE)

    luma, chroma = decode_gops(
        parameter_sets,
        [Gop(astronaut, 1, [MiniGop((), coffee)]), Gop(coffee, 1), Gop(astronaut, 1)],
        SIZE,
    )

    assert len(luma) == 4
    for planes in (luma, chroma):
        assert np.array_equal(planes[1], planes[2])
        assert np.array_equal(planes[0], planes[3])
        assert not np.array_equal(planes[0], planes[1])


@pytest.mark.render
def test_p_skip_picture_repeats_every_sample() -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE)

    luma, chroma = decode_gops(parameter_sets, [Gop(i_slice, 40), Gop(i_slice, 3)], SIZE)

    assert len(luma) == 43
    assert all(np.array_equal(frame, luma[0]) for frame in luma)
    assert all(np.array_equal(frame, chroma[0]) for frame in chroma)


def mix(old: Frames, new: Frames, weights: Weights) -> Frames:
    """Do 8.4.2.3.2, formula 8-299."""
    mixed = old.astype(int) * weights.previous + new.astype(int) * weights.following
    shown: Frames = ((mixed + WEIGHT_SUM // 2) // WEIGHT_SUM).astype(np.uint8)
    return shown


@pytest.mark.render
def test_b_skip_picture_is_exactly_its_weighted_sum() -> None:
    parameter_sets, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    cases = [Weights(128 - following, following) for following in (1, 2, 31, 64, 65, 96, 126, 127)]

    gop = Gop(old, 1, [MiniGop([BSkipPicture(weights) for weights in cases], new)])
    luma, chroma = decode_gops(parameter_sets, [gop], SIZE)

    assert len(luma) == len(cases) + 2
    for number, weights in enumerate(cases, 1):
        assert np.array_equal(luma[number], mix(luma[0], luma[-1], weights)), weights
        assert np.array_equal(chroma[number], mix(chroma[0], chroma[-1], weights)), weights


@pytest.mark.render
def test_b_pictures_are_made_of_the_i_pictures_around_them() -> None:
    """A decoder still stores an earlier one, and then drops it (8.2.5.3)."""
    parameter_sets, astronaut = make_still("astronaut", SIZE)
    others = [make_still(name, SIZE)[1] for name in ("coffee", "chelsea", "rocket")]
    weights = Weights(96, 32)

    mini_gops = [MiniGop([BSkipPicture(weights)] * 3, other) for other in others]
    luma, _ = decode_gops(parameter_sets, [Gop(astronaut, 2, mini_gops)], SIZE)

    assert len(luma) == 14
    for before, after in ((0, 5), (5, 9), (9, 13)):
        expected = mix(luma[before], luma[after], weights)
        for number in range(after - 3, after):
            assert np.array_equal(luma[number], expected), number


@pytest.mark.render
@pytest.mark.parametrize(("first_row", "rows"), [(0, 2), (1, 2), (3, 1), (0, 4)])
def test_band_picture_is_a_weighted_sum_around_its_band(first_row: int, rows: int) -> None:
    parameter_sets, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    band_size = SIZE[0], 16 * rows
    band_sets, own = make_still("chelsea", band_size)
    (band_luma,), (band_chroma,) = decode_gops(band_sets, [Gop(own, 1)], band_size)
    band = BandPicture(Weights(32, 96), first_row, rows, own)
    before, after = BSkipPicture(Weights(96, 32)), BSkipPicture(Weights(48, 80))

    gop = Gop(old, 2, [MiniGop([before, before, band, after], new)] * 2)
    luma, chroma = decode_gops(parameter_sets, [gop, Gop(new, 1)], SIZE)

    assert len(luma) == 13
    chroma_parts = [np.vsplit(both, 2) for both in chroma]
    planes = [luma, *([parts[half] for parts in chroma_parts] for half in (0, 1))]
    bands = [band_luma, *np.vsplit(band_chroma, 2)]
    for plane, own_samples, height in zip(planes, bands, (16, 8, 8), strict=True):
        rest = mix(plane[1], plane[6], band.weights)
        rest[height * first_row : height * (first_row + rows)] = own_samples
        assert np.array_equal(plane[4], rest)
        assert np.array_equal(plane[2], mix(plane[1], plane[4], before.weights))
        assert np.array_equal(plane[3], plane[2])
        assert np.array_equal(plane[5], mix(plane[4], plane[6], after.weights))
        assert np.array_equal(plane[10], mix(plane[9], plane[11], Weights(48, 80)))


@pytest.mark.parametrize(("first_row", "rows"), [(-1, 2), (4, 2), (2, 0), (3, 2)])
def test_band_that_is_not_within_the_picture_is_refused(first_row: int, rows: int) -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE)
    band = BandPicture(Weights(64, 64), first_row, rows, i_slice)

    with pytest.raises(ValueError, match="no band"):
        write_b_picture(parameter_sets, band, frame_num=2, pic_order_cnt=2)


@pytest.mark.parametrize("weights", [(0, 128), (128, 0), (64, 63), (-1, 129)])
def test_weights_that_the_standard_has_not_are_refused(weights: tuple[int, int]) -> None:
    """7.4.3.2."""
    parameter_sets, _ = make_still("astronaut", SIZE)

    with pytest.raises(OutOfRangeError):
        write_b_picture(
            parameter_sets, BSkipPicture(Weights(*weights)), frame_num=2, pic_order_cnt=2
        )
