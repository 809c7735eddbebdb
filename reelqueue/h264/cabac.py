"""The arithmetic coder, as far as pictures of skipped macroblocks need it."""

from __future__ import annotations

from enum import Enum
from functools import cache

from reelqueue.h264.bitstream import BitWriter

MAX_QP = 51

_FIRST_STATE = 42
# Table 9-44, `rangeTabLPS`, from `pStateIdx` 42 on: a row a state, a column a quarter of the range.
_LESS_PROBABLE = (
    *((16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22)),
    *((12, 15, 18, 21), (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17)),
    *((10, 12, 14, 16), (9, 11, 13, 15), (9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13)),
    *((7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11), (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9)),
)
_LAST_STATE = 62


class SkipContext(Enum):
    """Where `mb_skip_flag` starts: (m, n) of Tables 9-13 and 9-14 at `cabac_init_idc` 0.

    The context is always the first of its three, as its increment counts the neighbours that are
    not skipped (9.3.3.1.1.1).
    """

    P = (23, 33)  # ctxIdx 11
    B = (18, 64)  # ctxIdx 24


@cache
def code_skipped(macroblocks: int, context: SkipContext) -> bytes:
    """Return the slice data of a picture whose macroblocks are all skipped (7.3.4, 9.3.4.2).

    For each, `mb_skip_flag` 1 and `end_of_slice_flag` 0, but 1 for the last. All bins up to that
    one are the more probable, so `codILow` stays 0 and its code is a row of zeros.
    """
    state = find_state(context)
    code_range, zeros = 510, 0
    for _ in range(macroblocks):
        code_range -= _LESS_PROBABLE[state - _FIRST_STATE][code_range >> 6 & 3]
        state = min(state + 1, _LAST_STATE)
        code_range, shifts = _renormalize(code_range)
        code_range, more_shifts = _renormalize(code_range - 2)
        zeros, last_zeros = zeros + shifts + more_shifts, zeros + shifts
        last_range = code_range >> more_shifts
    writer = BitWriter()
    writer.write_code("0" * last_zeros + _flush(last_range))
    return writer.to_rbsp()


def find_state(context: SkipContext) -> int:
    """Return `pStateIdx` at `MAX_QP`, where skipping is probable from the start (9.3.1.1)."""
    m, n = context.value
    return min((m * MAX_QP >> 4) + n, 126) - 64


def _renormalize(code_range: int) -> tuple[int, int]:
    """Return the range from 256 on, and by how many bits it was shifted (9.3.4.3)."""
    shifts = 1 if code_range < 256 else 0
    return code_range << shifts, shifts


def _flush(code_range: int) -> str:
    """Return the ten bits of `codILow` that end a slice (9.3.4.5).

    The very first bit of a slice is never written, and the last bit of all is `rbsp_stop_one_bit`,
    which the writer appends.
    """
    return f"{code_range:010b}"[1:-1]
