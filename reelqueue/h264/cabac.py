"""CABAC, as far as slices of skipped macroblocks need it (ITU-T H.264, 9.3)."""

from __future__ import annotations

from enum import Enum
from functools import cache

from reelqueue.h264.bitstream import BitWriter
from reelqueue.h264.quantisation import MAX_QP

_FIRST_P_STATE_IDX = 42
# Table 9-44, `rangeTabLPS`, from pStateIdx 42 to 62: a row for each, a column for each
# qCodIRangeIdx.
_RANGE_TAB_LPS = (
    *((16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22)),
    *((12, 15, 18, 21), (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17)),
    *((10, 12, 14, 16), (9, 11, 13, 15), (9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13)),
    *((7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11), (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9)),
)
_LAST_P_STATE_IDX = 62


class SkipFlagContext(Enum):
    """(m, n) of the context of `mb_skip_flag`, for `cabac_init_idc` 0 (Tables 9-13 and 9-14).

    Of the three contexts that a slice type has, it is always the first: ctxIdxInc counts the
    neighbours that are not skipped (9.3.3.1.1.1).
    """

    P = (23, 33)  # ctxIdx 11
    B = (18, 64)  # ctxIdx 24


@cache
def code_skipped_slice_data(macroblocks: int, context: SkipFlagContext) -> bytes:
    """Return the slice data of a slice in which every macroblock is skipped.

    Each macroblock has an `mb_skip_flag` of 1 and an `end_of_slice_flag` of 0, which is 1 for the
    last one only. Up to there all bins are the most probable symbol, so codILow stays 0 and every
    bit that it puts out is 0.

    See ITU-T H.264, 7.3.4 and 9.3.4.

    Args:
        macroblocks: how many macroblocks the picture has.
        context: that of the slice's type.
    """
    p_state_idx = find_p_state_idx(context)
    cod_i_range, bits = 510, 0
    for _ in range(macroblocks):
        q_cod_i_range_idx = cod_i_range >> 6 & 3
        cod_i_range -= _RANGE_TAB_LPS[p_state_idx - _FIRST_P_STATE_IDX][q_cod_i_range_idx]
        p_state_idx = min(p_state_idx + 1, _LAST_P_STATE_IDX)
        cod_i_range, skip_flag_bits = _renormalize(cod_i_range)
        bits_before_end, range_before_end = bits + skip_flag_bits, cod_i_range - 2
        cod_i_range, end_flag_bits = _renormalize(range_before_end)
        bits = bits_before_end + end_flag_bits
    writer = BitWriter()
    writer.write_code("0" * bits_before_end + _flush(range_before_end))
    return writer.to_rbsp()


def find_p_state_idx(context: SkipFlagContext) -> int:
    """Return pStateIdx at the start of a slice whose QP is `MAX_QP` (ITU-T H.264, 9.3.1.1).

    At this QP, 1 is the most probable symbol of `mb_skip_flag` from the start.
    """
    m, n = context.value
    return min((m * MAX_QP >> 4) + n, 126) - 64


def _renormalize(cod_i_range: int) -> tuple[int, int]:
    """Return codIRange from 256 on, and how many bits were put out (RenormE, 9.3.4.3)."""
    bits = 1 if cod_i_range < 256 else 0
    return cod_i_range << bits, bits


def _flush(cod_i_low: int) -> str:
    """Return the bits of codILow that end a slice (EncodeFlush, 9.3.4.5).

    The first bit of a slice is never written, and the last one is `rbsp_stop_one_bit`, which the
    writer appends.
    """
    return f"{cod_i_low:010b}"[1:-1]
