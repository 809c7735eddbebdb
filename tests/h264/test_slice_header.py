from __future__ import annotations

from dataclasses import replace

import pytest

from reelqueue.h264.bitstream import pack_bits, to_byte_stream
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.gop import Gop, MiniGop, write_byte_stream
from reelqueue.h264.motion import Strips, predict_from_l0, predict_from_l1
from reelqueue.h264.parameter_sets import LOG2_MAX_FRAME_NUM, LOG2_MAX_PIC_ORDER_CNT_LSB
from reelqueue.h264.pictures import (
    BPicture,
    BSkipPicture,
    StripPicture,
    Weights,
    write_i_picture,
    write_p_skip_picture,
)
from reelqueue.h264.slice_header import (
    SliceHeader,
    SliceType,
    write_slice,
)
from reelqueue.h264.slice_parsing import parse_i_slice
from tests.h264.streams import RATE, make_still, trace_headers

SIZE = (96, 80)


def test_p_skip_picture_is_as_worked_out_by_hand() -> None:
    """Every bit of 7.3.3, then one skipped macroblock."""
    parameter_sets, _ = make_still("astronaut", (16, 16))

    nal_unit = write_p_skip_picture(parameter_sets, frame_num=1, pic_order_cnt=6)

    header = (
        "1 00110 1"  # first_mb_in_slice 0, slice_type 5 (P), pic_parameter_set_id 0
        "0001 0000000000000110"  # frame_num 1, pic_order_cnt_lsb 6
        "0 0"  # num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0
        "1 010"  # slice_qp_delta 0, no deblocking
    )
    slice_data = "010"  # mb_skip_run 1
    code = (header + slice_data + "1 000").replace(" ", "")  # and the trailing bits
    assert nal_unit == bytes([0x01]) + int(code, 2).to_bytes(len(code) // 8, "big")


@pytest.mark.render
def test_ffmpeg_reads_what_was_written() -> None:
    parameter_sets, first = make_still("astronaut", SIZE)
    _, second = make_still("coffee", SIZE)
    strips = Strips((predict_from_l0(),) * 7 + (predict_from_l1(),) * 5)
    b_pictures: list[BPicture] = [
        BSkipPicture(Weights(96, 32)),
        StripPicture(strips, Weights(20, 108)),
    ]
    gops = [Gop(first, 2, [MiniGop(b_pictures, second)]), Gop(second, 1)]

    headers = trace_headers(write_byte_stream(parameter_sets, gops, RATE))[4:]

    idr, p_skip, i, b_skip, b_strips, last = headers
    shown = ("nal_unit_type", "nal_ref_idc", "slice_type", "pic_parameter_set_id", "frame_num")
    assert [tuple(header[name] for name in shown) for header in headers] == [
        (5, 3, 7, 0, 0),
        (1, 0, 5, 0, 1),
        (1, 3, 7, 0, 1),
        (1, 0, 6, 0, 2),
        (1, 0, 6, 1, 2),
        (5, 3, 7, 0, 0),
    ]
    assert [header["pic_order_cnt_lsb"] for header in headers] == [0, 2, 8, 4, 6, 0]
    assert (idr["idr_pic_id"], last["idr_pic_id"]) == (0, 1)
    assert i["adaptive_ref_pic_marking_mode_flag"] == 0
    assert i["slice_qp_delta"] == second.slice_qp_delta
    assert p_skip["slice_qp_delta"] == b_skip["slice_qp_delta"] == 0
    assert b_skip["direct_spatial_mv_pred_flag"] == 1
    assert b_skip["luma_log2_weight_denom"] == b_skip["chroma_log2_weight_denom"] == 6
    for weight_list, weight in (("l0", 96), ("l1", 32)):
        assert b_skip[f"luma_weight_{weight_list}[0]"] == weight
        assert b_skip[f"chroma_weight_{weight_list}[0][0]"] == weight
        assert b_skip[f"chroma_weight_{weight_list}[0][1]"] == weight
        assert b_skip[f"luma_offset_{weight_list}[0]"] == 0
    for weight_list, weight in (("l0", 108), ("l1", 20)):
        assert b_strips[f"luma_weight_{weight_list}_flag[0]"] == 0
        assert b_strips[f"luma_weight_{weight_list}[1]"] == weight
        assert b_strips[f"chroma_weight_{weight_list}[1][0]"] == weight
    for header in (p_skip, b_skip, b_strips):
        assert header["disable_deblocking_filter_idc"] == 1


@pytest.mark.render
def test_numbers_start_again_after_their_range() -> None:
    """frame_num in 4 bits, pic_order_cnt_lsb in 16 (7.4.3)."""
    parameter_sets, i_slice = make_still("astronaut", (16, 16))
    start = write_byte_stream(parameter_sets, [Gop(i_slice, 1)], RATE)

    nal_unit = write_p_skip_picture(parameter_sets, frame_num=17, pic_order_cnt=65538)
    read = trace_headers(start + to_byte_stream(nal_unit))[-1]

    assert (read["frame_num"], read["pic_order_cnt_lsb"]) == (1, 2)


def test_slice_data_follows_the_header_at_once() -> None:
    header = SliceHeader(SliceType.B, 1, frame_num=2, pic_order_cnt=2, slice_qp_delta=0)

    lengths = [len(write_slice(header, pack_bits("1" * bits))) for bits in range(9)]

    assert lengths[8] == lengths[0] + 1


@pytest.mark.render
@pytest.mark.parametrize(
    ("options", "deblocking_filter"),
    [
        ("keyint=1", (0, 0, 0)),
        ("keyint=1:deblock=-2,1", (0, -2, 1)),
        ("keyint=1:no-deblock=1", (1,)),
    ],
)
def test_deblocking_filter_of_an_i_slice_is_kept(
    options: str, deblocking_filter: tuple[int, ...]
) -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE, options)

    header = trace_headers(write_byte_stream(parameter_sets, [Gop(i_slice, 1)], RATE))[-1]

    names = (
        "disable_deblocking_filter_idc",
        "slice_alpha_c0_offset_div2",
        "slice_beta_offset_div2",
    )
    assert i_slice.deblocking_filter == deblocking_filter
    assert tuple(header[name] for name in names if name in header) == deblocking_filter


def test_only_the_slice_of_an_idr_picture_is_parsed() -> None:
    parameter_sets, i_slice = make_still("astronaut", SIZE)
    slices = [
        write_i_picture(i_slice, frame_num=1, pic_order_cnt=2),
        write_p_skip_picture(parameter_sets, frame_num=1, pic_order_cnt=2),
        b"",
    ]

    for nal_unit in slices:
        with pytest.raises(UnexpectedStreamError, match="IDR"):
            parse_i_slice(nal_unit, parameter_sets)


def test_p_slice_of_an_idr_picture_is_refused() -> None:
    parameter_sets, _ = make_still("astronaut", SIZE)
    header = SliceHeader(SliceType.P, 0, 0, 0, slice_qp_delta=0, idr_pic_id=0)

    with pytest.raises(UnexpectedStreamError, match="intra"):
        parse_i_slice(write_slice(header, pack_bits("1")), parameter_sets)


def test_i_slice_without_slice_data_is_refused() -> None:
    parameter_sets, _ = make_still("astronaut", SIZE)
    sps = replace(
        parameter_sets.sps,
        log2_max_frame_num=LOG2_MAX_FRAME_NUM,
        log2_max_pic_order_cnt_lsb=LOG2_MAX_PIC_ORDER_CNT_LSB,
    )
    header = SliceHeader(SliceType.I, 0, 0, 0, 0, (0, 0, 0), is_reference=True, idr_pic_id=0)

    with pytest.raises(UnexpectedStreamError, match="no slice data"):
        parse_i_slice(write_slice(header, pack_bits("")), parameter_sets._replace(sps=sps))
