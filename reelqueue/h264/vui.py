"""Video usability information: square samples, BT.709 in limited range, a fixed frame rate."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.h264.bitstream import BitWriter

_BT709 = 1  # Tables E-3, E-4 and E-5
_UNSPECIFIED_VIDEO_FORMAT = 5  # Table E-2
_SQUARE_SAMPLES = 1  # aspect_ratio_idc, Table E-1
_LOG2_MAX_MV_LENGTH = 13  # in quarter samples


def write_vui_parameters(
    writer: BitWriter,
    frame_rate: Fraction,
    max_num_reorder_frames: int,
    max_dec_frame_buffering: int,
) -> None:
    """Append `vui_parameters` (ITU-T H.264, E.1.1).

    Args:
        writer: of a sequence parameter set.
        frame_rate: frames a second.
        max_num_reorder_frames: how many frames are decoded before one that is shown before them.
        max_dec_frame_buffering: how many frames a decoder stores.
    """
    writer.write_flags(True)  # aspect_ratio_info_present_flag
    writer.write_bits(_SQUARE_SAMPLES, 8)
    writer.write_flags(False)  # overscan_info_present_flag
    writer.write_flags(True)  # video_signal_type_present_flag
    writer.write_bits(_UNSPECIFIED_VIDEO_FORMAT, 3)
    writer.write_flags(False)  # video_full_range_flag
    writer.write_flags(True)  # colour_description_present_flag
    writer.write_bits(_BT709, 8)  # colour_primaries
    writer.write_bits(_BT709, 8)  # transfer_characteristics
    writer.write_bits(_BT709, 8)  # matrix_coefficients
    writer.write_flags(False)  # chroma_loc_info_present_flag
    writer.write_flags(True)  # timing_info_present_flag
    writer.write_bits(frame_rate.denominator, 32)  # num_units_in_tick
    writer.write_bits(2 * frame_rate.numerator, 32)  # time_scale: a tick is half a frame, E.2.1
    writer.write_flags(True)  # fixed_frame_rate_flag
    writer.write_flags(False)  # nal_hrd_parameters_present_flag
    writer.write_flags(False)  # vcl_hrd_parameters_present_flag
    writer.write_flags(False)  # pic_struct_present_flag
    writer.write_flags(True)  # bitstream_restriction_flag
    writer.write_flags(True)  # motion_vectors_over_pic_boundaries_flag
    writer.write_ue(0, 0)  # max_bytes_per_pic_denom, max_bits_per_mb_denom: unlimited
    writer.write_ue(_LOG2_MAX_MV_LENGTH, _LOG2_MAX_MV_LENGTH)  # horizontal, vertical
    writer.write_ue(max_num_reorder_frames, max_dec_frame_buffering)
