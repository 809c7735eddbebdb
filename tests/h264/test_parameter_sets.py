from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264.bitstream import find_nal_unit_type, split_byte_stream
from reelqueue.h264.errors import OutOfRangeError, UnexpectedStreamError
from reelqueue.h264.gop import Gop, write_byte_stream
from reelqueue.h264.parameter_sets import (
    LOG2_MAX_FRAME_NUM,
    LOG2_MAX_PIC_ORDER_CNT_LSB,
    ONE_REFERENCE_PPS_ID,
    PictureParameterSet,
    SequenceParameterSet,
    parse_pps,
    parse_sps,
    write_pps,
    write_sps,
)
from reelqueue.specs.formats import FRAME_RATES
from tests.h264.streams import encode_still, make_still, trace_headers

crops = st.integers(0, 7)
sps_strategy = st.builds(
    SequenceParameterSet,
    profile_idc=st.just(100),
    constraint_set_flags=st.just(0),
    log2_max_frame_num=st.just(LOG2_MAX_FRAME_NUM),
    log2_max_pic_order_cnt_lsb=st.just(LOG2_MAX_PIC_ORDER_CNT_LSB),
    pic_width_in_mbs=st.integers(1, 240),
    pic_height_in_mbs=st.integers(1, 240),
    frame_crop_offsets=st.tuples(crops, crops, crops, crops),
)
pps_strategy = st.builds(
    PictureParameterSet,
    pic_init_qp=st.integers(0, 51),
    chroma_qp_index_offsets=st.tuples(st.integers(-12, 12), st.integers(-12, 12)),
    deblocking_filter_control_present=st.just(True),
    transform_8x8_mode=st.booleans(),
)


def find_nal_unit(nal_unit_type: int, size: tuple[int, int] = (320, 180)) -> bytes:
    nal_units = split_byte_stream(encode_still("astronaut", size))
    return next(unit for unit in nal_units if find_nal_unit_type(unit) == nal_unit_type)


@given(sps_strategy, st.sampled_from(list(FRAME_RATES.values())))
def test_sps_is_read_as_it_was_written(sps: SequenceParameterSet, rate: Fraction) -> None:
    assert parse_sps(write_sps(sps, rate)) == sps


@given(pps_strategy)
def test_pps_is_read_as_it_was_written(pps: PictureParameterSet) -> None:
    assert parse_pps(write_pps(pps, ONE_REFERENCE_PPS_ID)) == pps


@pytest.mark.render
def test_ffmpeg_reads_what_was_written() -> None:
    parameter_sets, i_slice = make_still("astronaut", (322, 182))

    stream = write_byte_stream(parameter_sets, [Gop(i_slice, 1)], Fraction(30000, 1001))
    sps, one_reference_pps, two_references_pps, implicit_pps, _ = trace_headers(stream)

    assert (
        sps.items()
        >= {
            "nal_ref_idc": 3,
            "nal_unit_type": 7,
            "profile_idc": 100,
            "level_idc": 13,
            "chroma_format_idc": 1,
            "log2_max_frame_num_minus4": 0,
            "pic_order_cnt_type": 0,
            "log2_max_pic_order_cnt_lsb_minus4": 12,
            "max_num_ref_frames": 3,
            "pic_width_in_mbs_minus1": 20,
            "pic_height_in_map_units_minus1": 11,
            "frame_mbs_only_flag": 1,
            "frame_crop_left_offset": 0,
            "frame_crop_right_offset": 7,
            "frame_crop_top_offset": 0,
            "frame_crop_bottom_offset": 5,
            "aspect_ratio_idc": 1,
            "video_full_range_flag": 0,
            "colour_primaries": 1,
            "transfer_characteristics": 1,
            "matrix_coefficients": 1,
            "num_units_in_tick": 1001,
            "time_scale": 60000,
            "fixed_frame_rate_flag": 1,
            "max_num_reorder_frames": 2,
            "max_dec_frame_buffering": 3,
        }.items()
    )
    shared = {
        "nal_unit_type": 8,
        "entropy_coding_mode_flag": 0,
        "num_slice_groups_minus1": 0,
        "weighted_pred_flag": 0,
        "pic_init_qp_minus26": parameter_sets.pps.pic_init_qp - 26,
        "chroma_qp_index_offset": -2,
        "second_chroma_qp_index_offset": -2,
        "deblocking_filter_control_present_flag": 1,
        "transform_8x8_mode_flag": 1,
    }
    own = ((one_reference_pps, 0, 1, 1), (two_references_pps, 1, 2, 1), (implicit_pps, 3, 2, 2))
    for pps, pps_id, num_ref_idx_active, weighted_bipred_idc in own:
        assert pps.items() >= shared.items()
        assert pps["pic_parameter_set_id"] == pps_id
        assert pps["weighted_bipred_idc"] == weighted_bipred_idc
        assert pps["num_ref_idx_l0_default_active_minus1"] == num_ref_idx_active - 1
        assert pps["num_ref_idx_l1_default_active_minus1"] == num_ref_idx_active - 1


@pytest.mark.parametrize("size", [(320, 180), (322, 242), (64, 64), (180, 320)])
def test_size_is_read_from_x264(size: tuple[int, int]) -> None:
    assert parse_sps(find_nal_unit(7, size)).size == size


def test_x264s_choices_are_read() -> None:
    pps = parse_pps(find_nal_unit(8))

    assert pps.deblocking_filter_control_present
    assert pps.transform_8x8_mode
    assert pps.chroma_qp_index_offsets == (-2, -2)  # of psychovisual rate-distortion


def test_other_kinds_of_stream_are_refused() -> None:
    sps, pps = bytearray(find_nal_unit(7)), bytearray(find_nal_unit(8))
    sps[1] = 88  # profile_idc: Extended
    pps[1] ^= 0x20  # entropy_coding_mode_flag: CABAC

    with pytest.raises(UnexpectedStreamError, match="profile_idc"):
        parse_sps(bytes(sps))
    with pytest.raises(UnexpectedStreamError, match="entropy_coding_mode_flag"):
        parse_pps(bytes(pps))


def test_size_beyond_every_level_is_refused() -> None:
    sps = replace(parse_sps(find_nal_unit(7)), pic_width_in_mbs=1000, pic_height_in_mbs=1000)

    with pytest.raises(OutOfRangeError):
        write_sps(sps, Fraction(25))


def test_crop_is_written_only_where_there_is_one() -> None:
    sps = parse_sps(find_nal_unit(7, (320, 180)))

    whole = replace(sps, frame_crop_offsets=(0, 0, 0, 0))

    assert sps.frame_crop_offsets == (0, 0, 0, 6)
    assert len(write_sps(whole, Fraction(25))) <= len(write_sps(sps, Fraction(25)))
