"""Sequence and picture parameter sets (ITU-T H.264, 7.3.2.1 and 7.3.2.2).

Those of another encoder are parsed, as far as its I and P slices depend on them; our own are
written so that these slices are decoded under them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from reelqueue.h264.bitstream import (
    BitReader,
    BitWriter,
    NalUnitType,
    extract_rbsp,
    to_byte_stream,
    write_nal_unit,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.levels import choose_level
from reelqueue.h264.vui import write_vui_parameters

ONE_REFERENCE_PPS_ID = 0  # of I, P and B_Skip; one reference picture in each list
TWO_REFERENCES_PPS_ID = 1  # of strips and vectors; two reference pictures in each list
IMPLICIT_PPS_ID = 3  # the same, with weights by distance; another encoder may have 2
LOG2_MAX_FRAME_NUM = 4
LOG2_MAX_PIC_ORDER_CNT_LSB = 16  # the most, so that a picture can be repeated for long
MAX_NUM_REF_FRAMES = 3  # and max_dec_frame_buffering
MAX_NUM_REORDER_FRAMES = 2

_NAL_REF_IDC = 3  # the highest: no picture can do without them
_HIGH_PROFILE_IDC = 100
_PROFILE_IDCS = (66, 77, _HIGH_PROFILE_IDC)  # Baseline and Main have no chroma_format_idc


@dataclass(frozen=True)
class SequenceParameterSet:
    """What is needed of a sequence parameter set, "sps" (ITU-T H.264, 7.4.2.1.1).

    Attributes:
        profile_idc: 66 (Baseline), 77 (Main) or 100 (High).
        constraint_set_flags: all six of them and the two reserved bits, as one number.
        log2_max_frame_num: bits of `frame_num`.
        log2_max_pic_order_cnt_lsb: bits of `pic_order_cnt_lsb`; None if `pic_order_cnt_type` is
            not 0, so that slice headers have none.
        pic_width_in_mbs: macroblocks.
        pic_height_in_mbs: macroblocks.
        frame_crop_offsets: left, right, top and bottom, in units of two luma samples.
    """

    profile_idc: int
    constraint_set_flags: int
    log2_max_frame_num: int
    log2_max_pic_order_cnt_lsb: int | None
    pic_width_in_mbs: int
    pic_height_in_mbs: int
    frame_crop_offsets: tuple[int, int, int, int]

    @property
    def pic_size_in_mbs(self) -> int:
        """How many macroblocks a picture has."""
        return self.pic_width_in_mbs * self.pic_height_in_mbs

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of what is shown, in luma samples."""
        left, right, top, bottom = self.frame_crop_offsets
        width, height = 16 * self.pic_width_in_mbs, 16 * self.pic_height_in_mbs
        return width - 2 * (left + right), height - 2 * (top + bottom)


@dataclass(frozen=True)
class PictureParameterSet:
    """What is needed of a picture parameter set, "pps" (ITU-T H.264, 7.4.2.2).

    Attributes:
        pic_init_qp: the QP that `slice_qp_delta` is added to, 0 to 51.
        chroma_qp_index_offsets: `chroma_qp_index_offset`, `second_chroma_qp_index_offset`.
        deblocking_filter_control_present: whether slice headers say how edges are filtered.
        transform_8x8_mode: whether a macroblock may have 8x8 transforms.
        num_ref_idx_l0_default_active: from how many pictures P slices are predicted, if their
            headers do not say it.
        weighted_pred: whether headers of P slices have weights.
    """

    pic_init_qp: int
    chroma_qp_index_offsets: tuple[int, int]
    deblocking_filter_control_present: bool
    transform_8x8_mode: bool
    num_ref_idx_l0_default_active: int = 1
    weighted_pred: bool = False


class ParameterSets(NamedTuple):
    """The parameter sets of a stream."""

    sps: SequenceParameterSet
    pps: PictureParameterSet


def parse_sps(nal_unit: bytes) -> SequenceParameterSet:
    """Read a sequence parameter set, up to its VUI (ITU-T H.264, 7.3.2.1.1).

    Raises:
        UnexpectedStreamError: if it is not one of progressive 8-bit 4:2:0 video in the Baseline,
            Main or High profile, or has another `pic_order_cnt_type` than 0 and 2.
    """
    reader = BitReader(extract_rbsp(nal_unit))
    profile_idc, constraint_set_flags = reader.read_bits(8), reader.read_bits(8)
    reader.read_bits(8)  # level_idc
    _expect(profile_idc in _PROFILE_IDCS, "profile_idc")
    _expect(reader.read_ue() == 0, "seq_parameter_set_id")
    if profile_idc == _HIGH_PROFILE_IDC:
        _expect(reader.read_ue() == 1, "chroma_format_idc")
        _expect(reader.read_ue() == reader.read_ue() == 0, "bit_depth_luma_minus8")
        _expect(not reader.read_flag(), "qpprime_y_zero_transform_bypass_flag")
        _expect(not reader.read_flag(), "seq_scaling_matrix_present_flag")
    log2_max_frame_num = _read_log2(reader, "log2_max_frame_num_minus4")
    log2_max_pic_order_cnt_lsb = _read_log2_max_pic_order_cnt_lsb(reader)
    reader.read_ue()  # max_num_ref_frames
    reader.read_flag()  # gaps_in_frame_num_value_allowed_flag
    pic_width_in_mbs, pic_height_in_mbs = reader.read_ue() + 1, reader.read_ue() + 1
    _expect(reader.read_flag(), "frame_mbs_only_flag")
    reader.read_flag()  # direct_8x8_inference_flag
    frame_crop_offsets = (0, 0, 0, 0)
    if reader.read_flag():  # frame_cropping_flag
        left, right, top, bottom = (reader.read_ue() for _ in range(4))
        frame_crop_offsets = (left, right, top, bottom)
    return SequenceParameterSet(
        profile_idc,
        constraint_set_flags,
        log2_max_frame_num,
        log2_max_pic_order_cnt_lsb,
        pic_width_in_mbs,
        pic_height_in_mbs,
        frame_crop_offsets,
    )


def parse_pps(nal_unit: bytes) -> PictureParameterSet:
    """Read a picture parameter set (ITU-T H.264, 7.3.2.2).

    Raises:
        UnexpectedStreamError: if it is not one of CAVLC, or has anything else that `write_pps` does
            not write, such as slice groups or scaling matrices.
    """
    reader = BitReader(extract_rbsp(nal_unit))
    _expect(reader.read_ue() == reader.read_ue() == 0, "pic_parameter_set_id")
    _expect(not reader.read_flag(), "entropy_coding_mode_flag")
    _expect(not reader.read_flag(), "bottom_field_pic_order_in_frame_present_flag")
    _expect(reader.read_ue() == 0, "num_slice_groups_minus1")
    num_ref_idx_l0_default_active = reader.read_ue() + 1
    reader.read_ue()  # num_ref_idx_l1_default_active_minus1
    weighted_pred = reader.read_flag()
    reader.read_bits(2)  # weighted_bipred_idc
    pic_init_qp = 26 + reader.read_se()
    reader.read_se()  # pic_init_qs_minus26
    cb_offset = cr_offset = reader.read_se()
    deblocking_filter_control_present = reader.read_flag()
    _expect(not reader.read_flag(), "constrained_intra_pred_flag")
    _expect(not reader.read_flag(), "redundant_pic_cnt_present_flag")
    transform_8x8_mode = False
    if reader.has_more_rbsp_data():
        transform_8x8_mode = reader.read_flag()
        _expect(not reader.read_flag(), "pic_scaling_matrix_present_flag")
        cr_offset = reader.read_se()
    _expect(0 <= pic_init_qp <= 51, "pic_init_qp_minus26")
    _expect(min(cb_offset, cr_offset) >= -12, "chroma_qp_index_offset")
    _expect(max(cb_offset, cr_offset) <= 12, "chroma_qp_index_offset")
    return PictureParameterSet(
        pic_init_qp,
        (cb_offset, cr_offset),
        deblocking_filter_control_present,
        transform_8x8_mode,
        num_ref_idx_l0_default_active,
        weighted_pred,
    )


def write_parameter_sets(parameter_sets: ParameterSets, frame_rate: Fraction) -> bytes:
    """Return all parameter sets that our pictures refer to, as a byte stream.

    Args:
        parameter_sets: those that the I and P slices were made with.
        frame_rate: frames a second.

    Raises:
        OutOfRangeError: if no level has room for the frames.
    """
    return to_byte_stream(
        write_sps(parameter_sets.sps, frame_rate),
        write_pps(parameter_sets.pps, ONE_REFERENCE_PPS_ID),
        write_pps(parameter_sets.pps, TWO_REFERENCES_PPS_ID),
        write_pps(parameter_sets.pps, IMPLICIT_PPS_ID),
    )


def write_sps(sps: SequenceParameterSet, frame_rate: Fraction) -> bytes:
    """Return our sequence parameter set as a NAL unit (ITU-T H.264, 7.3.2.1.1).

    The size is that of `sps`; the profile is High, and `frame_num` and `pic_order_cnt_lsb` have our
    lengths.

    Raises:
        OutOfRangeError: if no level has room for the frames.
    """
    level = choose_level(
        sps.pic_width_in_mbs, sps.pic_height_in_mbs, frame_rate, MAX_NUM_REF_FRAMES
    )
    writer = BitWriter()
    for byte in (_HIGH_PROFILE_IDC, 0, level.level_idc):  # the 0 is all constraint_set_flags
        writer.write_bits(byte, 8)
    writer.write_ue(0)  # seq_parameter_set_id
    writer.write_ue(1, 0, 0)  # chroma_format_idc, bit_depth_luma_minus8, bit_depth_chroma_minus8
    writer.write_flags(False)  # qpprime_y_zero_transform_bypass_flag
    writer.write_flags(False)  # seq_scaling_matrix_present_flag
    writer.write_ue(LOG2_MAX_FRAME_NUM - 4)
    writer.write_ue(0)  # pic_order_cnt_type
    writer.write_ue(LOG2_MAX_PIC_ORDER_CNT_LSB - 4)
    writer.write_ue(MAX_NUM_REF_FRAMES)
    writer.write_flags(False)  # gaps_in_frame_num_value_allowed_flag
    writer.write_ue(sps.pic_width_in_mbs - 1, sps.pic_height_in_mbs - 1)
    writer.write_flags(True)  # frame_mbs_only_flag
    writer.write_flags(True)  # direct_8x8_inference_flag
    is_cropped = any(sps.frame_crop_offsets)
    writer.write_flags(is_cropped)  # frame_cropping_flag
    if is_cropped:
        writer.write_ue(*sps.frame_crop_offsets)
    writer.write_flags(True)  # vui_parameters_present_flag
    write_vui_parameters(writer, frame_rate, MAX_NUM_REORDER_FRAMES, MAX_NUM_REF_FRAMES)
    return write_nal_unit(NalUnitType.SPS, _NAL_REF_IDC, writer.to_rbsp())


def write_pps(pps: PictureParameterSet, pic_parameter_set_id: int) -> bytes:
    """Return our picture parameter set as a NAL unit (ITU-T H.264, 7.3.2.2).

    All that the data of I and P slices depends on is that of `pps`.

    Args:
        pps: that of the I and P slices.
        pic_parameter_set_id: `ONE_REFERENCE_PPS_ID`, `TWO_REFERENCES_PPS_ID` or
            `IMPLICIT_PPS_ID`.
    """
    num_ref_idx_active = 1 if pic_parameter_set_id == ONE_REFERENCE_PPS_ID else 2
    cb_offset, cr_offset = pps.chroma_qp_index_offsets
    writer = BitWriter()
    writer.write_ue(pic_parameter_set_id, 0)  # seq_parameter_set_id
    writer.write_flags(False)  # entropy_coding_mode_flag
    writer.write_flags(False)  # bottom_field_pic_order_in_frame_present_flag
    writer.write_ue(0)  # num_slice_groups_minus1
    writer.write_ue(num_ref_idx_active - 1)  # num_ref_idx_l0_default_active_minus1
    writer.write_ue(num_ref_idx_active - 1)  # num_ref_idx_l1_default_active_minus1
    writer.write_flags(False)  # weighted_pred_flag
    is_implicit = pic_parameter_set_id == IMPLICIT_PPS_ID
    writer.write_bits(2 if is_implicit else 1, 2)  # weighted_bipred_idc
    writer.write_se(pps.pic_init_qp - 26, 0)  # pic_init_qs_minus26
    writer.write_se(cb_offset)  # chroma_qp_index_offset
    writer.write_flags(True)  # deblocking_filter_control_present_flag
    writer.write_flags(False)  # constrained_intra_pred_flag
    writer.write_flags(False)  # redundant_pic_cnt_present_flag
    writer.write_flags(pps.transform_8x8_mode)
    writer.write_flags(False)  # pic_scaling_matrix_present_flag
    writer.write_se(cr_offset)  # second_chroma_qp_index_offset
    return write_nal_unit(NalUnitType.PPS, _NAL_REF_IDC, writer.to_rbsp())


def _read_log2_max_pic_order_cnt_lsb(reader: BitReader) -> int | None:
    """Read `pic_order_cnt_type` and, if it is 0, what belongs to it (ITU-T H.264, 7.3.2.1.1)."""
    pic_order_cnt_type = reader.read_ue()
    _expect(pic_order_cnt_type in (0, 2), "pic_order_cnt_type")
    if pic_order_cnt_type == 2:
        return None
    return _read_log2(reader, "log2_max_pic_order_cnt_lsb_minus4")


def _read_log2(reader: BitReader, name: str) -> int:
    log2 = reader.read_ue() + 4
    _expect(log2 <= 16, name)
    return log2


def _expect(is_so: bool, name: str) -> None:
    """Raise UnexpectedStreamError, with the name of a syntax element, if something is not so."""
    if not is_so:
        raise UnexpectedStreamError(f"The parameter sets have an unexpected {name}.")
