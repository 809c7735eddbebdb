"""Parameter sets: x264's are read, our own are made from them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from reelqueue.h264.bitstream import BitReader, BitWriter, NalUnitType, extract_rbsp, write_nal_unit
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.levels import choose_level

SKIPPING, COPYING = 0, 1  # our picture parameter sets: CABAC or CAVLC
FRAME_NUM_BITS = 4
ORDER_BITS = 16  # x264's few would not span a long hold
STORED_PICTURES = 2

_NAL_REF_IDC = 3  # the highest: no picture can do without them
_HIGH_PROFILE = 100
_PROFILES = (66, 77, _HIGH_PROFILE)
_BT709 = 1  # Tables E-3, E-4 and E-5
_UNSPECIFIED_FORMAT = 5  # Table E-2
_SQUARE = 1  # Table E-1
_FARTHEST = 13  # motion of up to 2^13 quarter samples


@dataclass(frozen=True)
class Sequence:
    """What we need of a sequence parameter set (7.3.2.1.1)."""

    profile: int
    constraints: int
    frame_num_bits: int
    order_bits: int | None  # of `pic_order_cnt_lsb`; None: the order is not sent
    width: int  # macroblocks
    height: int  # macroblocks
    crop: tuple[int, int, int, int]  # left, right, top, bottom, in chroma samples

    @property
    def macroblocks(self) -> int:
        """How many macroblocks a picture has."""
        return self.width * self.height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is shown, in pixels."""
        left, right, top, bottom = self.crop
        return 16 * self.width - 2 * (left + right), 16 * self.height - 2 * (top + bottom)


@dataclass(frozen=True)
class Picture:
    """What the coded data of x264's pictures depends on (7.3.2.2)."""

    qp: int  # `pic_init_qp_minus26`
    chroma_offsets: tuple[int, int]
    has_deblocking: bool
    transform_8x8: bool


def parse_sequence(unit: bytes) -> Sequence:
    """Read x264's sequence parameter set (7.3.2.1.1), up to its VUI.

    Raises:
        UnexpectedStreamError: if it is of another kind than x264 writes for 8-bit 4:2:0 frames.
    """
    reader = BitReader(extract_rbsp(unit))
    profile, constraints, _level = reader.read_bits(8), reader.read_bits(8), reader.read_bits(8)
    _expect(profile in _PROFILES, "profile")
    _expect(reader.read_ue() == 0, "seq_parameter_set_id")
    if profile == _HIGH_PROFILE:
        _expect(reader.read_ue() == 1, "chroma_format_idc")
        _expect(reader.read_ue() == reader.read_ue() == 0, "bit_depth")
        _expect(not reader.read_bits(2), "seq_scaling_matrix_present_flag")
    frame_num_bits = _take_logarithm(reader)
    order_bits = _take_order_bits(reader)
    reader.read_ue()  # max_num_ref_frames
    reader.read_flag()  # gaps_in_frame_num_value_allowed_flag
    width, height = reader.read_ue() + 1, reader.read_ue() + 1
    _expect(reader.read_flag(), "frame_mbs_only_flag")
    reader.read_flag()  # direct_8x8_inference_flag
    crop = (0, 0, 0, 0)
    if reader.read_flag():
        left, right, top, bottom = (reader.read_ue() for _ in range(4))
        crop = (left, right, top, bottom)
    return Sequence(profile, constraints, frame_num_bits, order_bits, width, height, crop)


def parse_picture(unit: bytes) -> Picture:
    """Read x264's picture parameter set (7.3.2.2).

    Raises:
        UnexpectedStreamError: if it is of another kind than x264 writes.
    """
    reader = BitReader(extract_rbsp(unit))
    _expect(reader.read_ue() == reader.read_ue() == 0, "pic_parameter_set_id")
    _expect(reader.read_flag(), "entropy_coding_mode_flag")
    _expect(not reader.read_flag(), "bottom_field_pic_order_in_frame_present_flag")
    _expect(reader.read_ue() == 0, "num_slice_groups_minus1")
    reader.read_ue()  # num_ref_idx_l0_default_active_minus1
    reader.read_ue()  # num_ref_idx_l1_default_active_minus1
    reader.read_bits(3)  # weighted_pred_flag, weighted_bipred_idc
    qp = reader.read_se()
    reader.read_se()  # pic_init_qs_minus26
    blue = red = reader.read_se()
    has_deblocking = reader.read_flag()
    _expect(
        reader.read_bits(2) == 0, "constrained_intra_pred_flag or redundant_pic_cnt_present_flag"
    )
    transform_8x8 = False
    if reader.has_more_rbsp_data():
        transform_8x8 = reader.read_flag()
        _expect(not reader.read_flag(), "pic_scaling_matrix_present_flag")
        red = reader.read_se()
    _expect(-26 <= qp <= 25 and -12 <= min(blue, red) <= max(blue, red) <= 12, "pic_init_qp")
    return Picture(qp, (blue, red), has_deblocking, transform_8x8)


def write_sequence(sequence: Sequence, frame_rate: Fraction) -> bytes:
    """Return our sequence parameter set as a NAL unit (7.3.2.1.1): x264's pictures, our order.

    Raises:
        OutOfRangeError: if no level has room for it.
    """
    level = choose_level(sequence.width, sequence.height, frame_rate, STORED_PICTURES).level_idc
    writer = BitWriter()
    for byte in (_HIGH_PROFILE, 0, level):
        writer.write_bits(byte, 8)
    writer.write_ue(0)  # seq_parameter_set_id
    writer.write_ue(1, 0, 0)  # chroma_format_idc, bit depths
    writer.write_flags(False, False)  # qpprime_y_zero_transform_bypass, seq_scaling_matrix_present
    writer.write_ue(FRAME_NUM_BITS - 4)
    writer.write_ue(0, ORDER_BITS - 4)  # pic_order_cnt_type
    writer.write_ue(STORED_PICTURES)
    writer.write_flags(False)  # gaps_in_frame_num_value_allowed_flag
    writer.write_ue(sequence.width - 1, sequence.height - 1)
    writer.write_flags(True, True)  # frame_mbs_only_flag, direct_8x8_inference_flag
    writer.write_flags(any(sequence.crop))
    if any(sequence.crop):
        writer.write_ue(*sequence.crop)
    writer.write_flags(True)  # vui_parameters_present_flag
    _put_usability(writer, frame_rate)
    return write_nal_unit(NalUnitType.SPS, _NAL_REF_IDC, writer.to_rbsp())


def write_picture(picture: Picture, number: int) -> bytes:
    """Return our picture parameter set `SKIPPING` or `COPYING` as a NAL unit (7.3.2.2).

    Skipped pictures name one picture in each list; copies name both, in either order.
    """
    writer = BitWriter()
    writer.write_ue(number, 0)  # pic_parameter_set_id, seq_parameter_set_id
    writer.write_flags(number == SKIPPING)  # entropy_coding_mode_flag
    writer.write_flags(False)  # bottom_field_pic_order_in_frame_present_flag
    writer.write_ue(0)  # num_slice_groups_minus1
    writer.write_ue(number, number)  # num_ref_idx_l0_default_active_minus1, ..._l1_...
    writer.write_flags(False)  # weighted_pred_flag
    writer.write_bits(1, 2)  # weighted_bipred_idc: explicit
    writer.write_se(picture.qp, 0, picture.chroma_offsets[0])
    writer.write_flags(True)  # deblocking_filter_control_present_flag
    writer.write_flags(False, False)  # constrained_intra_pred_flag, redundant_pic_cnt_present_flag
    writer.write_flags(picture.transform_8x8, False)  # pic_scaling_matrix_present_flag
    writer.write_se(picture.chroma_offsets[1])
    return write_nal_unit(NalUnitType.PPS, _NAL_REF_IDC, writer.to_rbsp())


def _put_usability(writer: BitWriter, frame_rate: Fraction) -> None:
    """Append the VUI: square pixels, BT.709 in limited range, a fixed rate (E.1.1)."""
    writer.write_flags(True)  # aspect_ratio_info_present_flag
    writer.write_bits(_SQUARE, 8)
    writer.write_flags(False)  # overscan_info_present_flag
    writer.write_flags(True)  # video_signal_type_present_flag
    writer.write_bits(_UNSPECIFIED_FORMAT, 3)
    writer.write_flags(False, True)  # video_full_range_flag, colour_description_present_flag
    for _ in ("primaries", "transfer", "matrix"):
        writer.write_bits(_BT709, 8)
    writer.write_flags(False)  # chroma_loc_info_present_flag
    writer.write_flags(True)  # timing_info_present_flag
    writer.write_bits(frame_rate.denominator, 32)
    writer.write_bits(2 * frame_rate.numerator, 32)  # ticks are fields (E.2.1)
    writer.write_flags(True)  # fixed_frame_rate_flag
    writer.write_flags(False, False, False)  # both hrd_parameters, pic_struct_present_flag
    writer.write_flags(True)  # bitstream_restriction_flag
    writer.write_flags(True)  # motion_vectors_over_pic_boundaries_flag
    writer.write_ue(0, 0)  # max_bytes_per_pic_denom, max_bits_per_mb_denom: unlimited
    writer.write_ue(_FARTHEST, _FARTHEST)
    writer.write_ue(1, STORED_PICTURES)  # max_num_reorder_frames, max_dec_frame_buffering


def _take_logarithm(reader: BitReader) -> int:
    bits = reader.read_ue() + 4
    _expect(bits <= 16, "log2_max")
    return bits


def _take_order_bits(reader: BitReader) -> int | None:
    """Read `pic_order_cnt_type` and what belongs to it; x264 uses types 0 and 2 (8.2.1)."""
    kind = reader.read_ue()
    _expect(kind in (0, 2), "pic_order_cnt_type")
    return _take_logarithm(reader) if kind == 0 else None


def _expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise UnexpectedStreamError(f"x264's stream is not as expected: {what}.")
