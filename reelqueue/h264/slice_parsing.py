"""The I and P slices of another encoder, taken apart (ITU-T H.264, 7.3.3)."""

from __future__ import annotations

from reelqueue.h264.bitstream import (
    BitReader,
    Bits,
    NalUnitType,
    extract_rbsp,
    find_nal_unit_type,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import ParameterSets
from reelqueue.h264.slice_header import (
    ALL_ALIKE,
    NO_DEBLOCKING,
    DeblockingFilter,
    ISlice,
    PSlice,
    SliceType,
)


def parse_i_slice(nal_unit: bytes, parameter_sets: ParameterSets) -> ISlice:
    """Take the I slice of an IDR picture apart (ITU-T H.264, 7.3.3).

    Raises:
        UnexpectedStreamError: if it is not the whole of an IDR picture.
    """
    if find_nal_unit_type(nal_unit) != NalUnitType.IDR_SLICE:
        raise UnexpectedStreamError("The slice is not that of an IDR picture.")
    sps, _ = parameter_sets
    reader = BitReader(extract_rbsp(nal_unit))
    if not _begins_whole_picture(reader, SliceType.I):
        raise UnexpectedStreamError("The slice is not a whole picture of intra macroblocks.")
    reader.read_bits(sps.log2_max_frame_num)  # frame_num
    reader.read_ue()  # idr_pic_id
    if sps.log2_max_pic_order_cnt_lsb is not None:
        reader.read_bits(sps.log2_max_pic_order_cnt_lsb)  # pic_order_cnt_lsb
    reader.read_bits(2)  # no_output_of_prior_pics_flag, long_term_reference_flag
    return ISlice(*_read_rest(reader, parameter_sets))


def parse_p_slice(nal_unit: bytes, parameter_sets: ParameterSets) -> PSlice:
    """Take the P slice of a picture that is no IDR picture apart (ITU-T H.264, 7.3.3).

    Raises:
        UnexpectedStreamError: if it is not the whole of a picture that is predicted from the latest
            reference picture alone, and is one itself.
    """
    if find_nal_unit_type(nal_unit) != NalUnitType.NON_IDR_SLICE or not nal_unit[0] >> 5:
        raise UnexpectedStreamError("The slice is not that of a reference picture.")
    sps, pps = parameter_sets
    reader = BitReader(extract_rbsp(nal_unit))
    if pps.weighted_pred or not _begins_whole_picture(reader, SliceType.P):
        raise UnexpectedStreamError("The slice is not a whole picture of plain prediction.")
    reader.read_bits(sps.log2_max_frame_num)  # frame_num
    if sps.log2_max_pic_order_cnt_lsb is not None:
        reader.read_bits(sps.log2_max_pic_order_cnt_lsb)  # pic_order_cnt_lsb
    num_ref_idx_active = pps.num_ref_idx_l0_default_active
    if reader.read_flag():  # num_ref_idx_active_override_flag
        num_ref_idx_active = reader.read_ue() + 1
    is_modified = reader.read_flag()  # ref_pic_list_modification_flag_l0
    is_adaptive = reader.read_flag()  # adaptive_ref_pic_marking_mode_flag
    if num_ref_idx_active != 1 or is_modified or is_adaptive:
        raise UnexpectedStreamError("The slice is predicted from other pictures than the latest.")
    return PSlice(*_read_rest(reader, parameter_sets))


def _begins_whole_picture(reader: BitReader, slice_type: SliceType) -> bool:
    """Read the first elements of a slice; tell whether it is all of a picture of its type."""
    first_mb_in_slice, found, pic_parameter_set_id = (reader.read_ue() for _ in range(3))
    is_of_type = found in (slice_type, slice_type + ALL_ALIKE)
    return is_of_type and not first_mb_in_slice and not pic_parameter_set_id


def _read_rest(
    reader: BitReader, parameter_sets: ParameterSets
) -> tuple[int, DeblockingFilter, Bits]:
    """Read `slice_qp_delta`, what follows in the header, and the slice data."""
    slice_qp_delta = reader.read_se()
    deblocking_filter: DeblockingFilter = (0, 0, 0)
    if parameter_sets.pps.deblocking_filter_control_present:
        deblocking_filter = _read_deblocking_filter(reader)
    slice_data = reader.read_to_trailing_bits()
    if not slice_data.length:
        raise UnexpectedStreamError("The slice has no slice data.")
    return slice_qp_delta, deblocking_filter, slice_data


def _read_deblocking_filter(reader: BitReader) -> DeblockingFilter:
    disable_deblocking_filter_idc = reader.read_ue()
    if disable_deblocking_filter_idc == NO_DEBLOCKING:
        return (disable_deblocking_filter_idc,)
    return disable_deblocking_filter_idc, reader.read_se(), reader.read_se()
