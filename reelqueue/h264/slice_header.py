"""Slice headers (ITU-T H.264, 7.3.3), and slices made of a header and slice data.

Slice data does not depend on most of the header. So the I and P slices of another encoder keep
their slice data, unread, under headers of ours. With CAVLC it begins at any bit, right behind the
header. `slice_parsing` takes them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from reelqueue.h264.bitstream import Bits, BitWriter, NalUnitType, write_nal_unit
from reelqueue.h264.parameter_sets import (
    LOG2_MAX_FRAME_NUM,
    LOG2_MAX_PIC_ORDER_CNT_LSB,
    ONE_REFERENCE_PPS_ID,
)

LOG2_WEIGHT_DENOM = 6  # `luma_log2_weight_denom`, `chroma_log2_weight_denom`

NO_DEBLOCKING = 1  # `disable_deblocking_filter_idc`
_DEBLOCKING_WITHIN_SLICE = 2
_REFERENCE, _NON_REFERENCE = 3, 0  # `nal_ref_idc`

DeblockingFilter = tuple[int, ...]
"""`disable_deblocking_filter_idc`; unless that is 1, `slice_alpha_c0_offset_div2` and
`slice_beta_offset_div2`."""

PredWeightTable = tuple[tuple[int | None, ...], tuple[int | None, ...]]
"""The weight of each reference picture in list 0 and list 1, in 1/64; None: the default one."""


class SliceType(IntEnum):
    """`slice_type` where a picture may have slices of other types (ITU-T H.264, Table 7-6)."""

    P = 0
    B = 1
    I = 2  # noqa: E741  # its name in the standard


ALL_ALIKE = 5  # added to `slice_type` where all slices of the picture are of that type


@dataclass(frozen=True)
class ISlice:
    """An I slice: its slice data, and what the decoding of that depends on.

    Attributes:
        slice_qp_delta: what is added to `pic_init_qp`.
        deblocking_filter: how edges are filtered.
        slice_data: with CAVLC, unread.
    """

    slice_qp_delta: int
    deblocking_filter: DeblockingFilter
    slice_data: Bits


@dataclass(frozen=True)
class PSlice:
    """A P slice that is predicted from the latest reference picture alone.

    Attributes:
        slice_qp_delta: what is added to `pic_init_qp`.
        deblocking_filter: how edges are filtered.
        slice_data: with CAVLC, unread.
    """

    slice_qp_delta: int
    deblocking_filter: DeblockingFilter
    slice_data: Bits


class SliceHeader(NamedTuple):
    """The syntax elements that differ between our slices (ITU-T H.264, 7.4.3).

    Attributes:
        slice_type: I, P or B. A B slice needs a `pred_weight_table` unless its weights are
            implicit.
        pic_parameter_set_id: which of our picture parameter sets the slice refers to.
        frame_num: how many reference pictures precede the picture since the IDR picture.
        pic_order_cnt: when the picture is shown, twice the number of frames since the IDR picture.
        slice_qp_delta: what is added to `pic_init_qp`.
        deblocking_filter: how edges are filtered.
        is_reference: whether other pictures are predicted from this one.
        idr_pic_id: None if the picture is no IDR picture.
        pred_weight_table: for explicit weighted prediction.
        first_mb_in_slice: the number of its first macroblock, row after row.
        is_mixed: whether the picture has slices of another type.
        forgets_reference: whether the last but one reference picture is stored no longer.
    """

    slice_type: SliceType
    pic_parameter_set_id: int
    frame_num: int
    pic_order_cnt: int
    slice_qp_delta: int
    deblocking_filter: DeblockingFilter = (NO_DEBLOCKING,)
    is_reference: bool = False
    idr_pic_id: int | None = None
    pred_weight_table: PredWeightTable | None = None
    first_mb_in_slice: int = 0
    is_mixed: bool = False
    forgets_reference: bool = False


def keep_within_slice(deblocking_filter: DeblockingFilter) -> DeblockingFilter:
    """Return a filter that leaves the edges of its slice alone (ITU-T H.264, 7.4.3)."""
    disable_deblocking_filter_idc, *offsets = deblocking_filter
    return disable_deblocking_filter_idc or _DEBLOCKING_WITHIN_SLICE, *offsets


def write_slice(header: SliceHeader, slice_data: Bits) -> bytes:
    """Return a slice as a NAL unit (ITU-T H.264, 7.3.2.8).

    Args:
        header: of the slice.
        slice_data: with CAVLC.
    """
    is_idr = header.idr_pic_id is not None
    nal_unit_type = NalUnitType.IDR_SLICE if is_idr else NalUnitType.NON_IDR_SLICE
    nal_ref_idc = _REFERENCE if header.is_reference else _NON_REFERENCE
    rbsp = _write_header(header).to_rbsp_with(slice_data)
    return write_nal_unit(nal_unit_type, nal_ref_idc, rbsp)


def _write_header(header: SliceHeader) -> BitWriter:
    """Begin a slice with its header, in the order of 7.3.3."""
    writer = BitWriter()
    slice_type = header.slice_type + (0 if header.is_mixed else ALL_ALIKE)
    writer.write_ue(header.first_mb_in_slice, slice_type, header.pic_parameter_set_id)
    writer.write_bits(header.frame_num % (1 << LOG2_MAX_FRAME_NUM), LOG2_MAX_FRAME_NUM)
    if header.idr_pic_id is not None:
        writer.write_ue(header.idr_pic_id)
    pic_order_cnt_lsb = header.pic_order_cnt % (1 << LOG2_MAX_PIC_ORDER_CNT_LSB)
    writer.write_bits(pic_order_cnt_lsb, LOG2_MAX_PIC_ORDER_CNT_LSB)
    if header.slice_type is SliceType.B:
        writer.write_flags(True)  # direct_spatial_mv_pred_flag
    if header.slice_type is not SliceType.I:
        writer.write_flags(False)  # num_ref_idx_active_override_flag
        _write_list_0_modification(writer, header)
    if header.slice_type is SliceType.B:
        writer.write_flags(False)  # ref_pic_list_modification_flag_l1
    if header.pred_weight_table:
        _write_pred_weight_table(writer, header.pred_weight_table)
    if header.is_reference:
        _write_dec_ref_pic_marking(writer, header)
    writer.write_se(header.slice_qp_delta)
    disable_deblocking_filter_idc, *offsets = header.deblocking_filter
    writer.write_ue(disable_deblocking_filter_idc)
    writer.write_se(*offsets)
    return writer


def _write_list_0_modification(writer: BitWriter, header: SliceHeader) -> None:
    """Begin list 0 with the last two I or P pictures, in output order, where it has two pictures.

    A decoder may store an earlier one as well, which would come before the picture that is shown
    after this one (ITU-T H.264, 7.3.3.1 and 8.2.4.3.1).
    """
    has_two = header.pic_parameter_set_id != ONE_REFERENCE_PPS_ID
    writer.write_flags(has_two)  # ref_pic_list_modification_flag_l0
    if has_two:
        writer.write_ue(0, 1)  # picNumL0Pred - 2: the last but one
        writer.write_ue(1, 0)  # and 1 more than that: the last one
        writer.write_ue(3)  # the end


def _write_pred_weight_table(writer: BitWriter, table: PredWeightTable) -> None:
    """Append `pred_weight_table`, without offsets (ITU-T H.264, 7.3.3.2)."""
    writer.write_ue(LOG2_WEIGHT_DENOM, LOG2_WEIGHT_DENOM)  # of luma and of chroma
    for weights in table:
        for weight in weights:
            if weight is None:
                writer.write_flags(False, False)  # luma_weight_lX_flag, chroma_weight_lX_flag
                continue
            writer.write_flags(True)  # luma_weight_lX_flag
            writer.write_se(weight, 0)
            writer.write_flags(True)  # chroma_weight_lX_flag
            writer.write_se(*(weight, 0) * 2)  # Cb and Cr


def _write_dec_ref_pic_marking(writer: BitWriter, header: SliceHeader) -> None:
    """Append `dec_ref_pic_marking` (ITU-T H.264, 7.3.3.3).

    Most is done by the sliding window (8.2.5.3).
    """
    if header.idr_pic_id is not None:
        writer.write_flags(False, False)  # no_output_of_prior_pics_flag, long_term_reference_flag
    else:
        writer.write_flags(header.forgets_reference)  # adaptive_ref_pic_marking_mode_flag
    if header.forgets_reference:
        writer.write_ue(1, 1)  # memory_management_control_operation, difference_of_pic_nums_minus1
        writer.write_ue(0)  # the end
