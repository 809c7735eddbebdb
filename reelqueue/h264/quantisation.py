"""How transform coefficients are scaled and ordered (ITU-T H.264, 8.5)."""

from __future__ import annotations

MAX_QP = 51  # the highest `SliceQPY`, 7.4.3

ZIGZAG = (0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15)
"""Where each coefficient of a 4x4 block is, row after row, in the order of coding (8.5.6)."""

# v of 8.5.9, for each qP % 6.
_NORM_ADJUST = ((10, 16, 13), (11, 18, 14), (13, 20, 16), (14, 23, 18), (16, 25, 20), (18, 29, 23))

# QPC for each qPI from 30 on (Table 8-15); below, both are the same.
_FIRST_CHROMA_QP = 30
_CHROMA_QPS = (29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, *(39,) * 4)


def list_norm_adjust(qp: int) -> list[int]:
    """Return normAdjust4x4 of a QP for each place of a block, row after row (8.5.9)."""
    both_even, both_odd, other = _NORM_ADJUST[qp % 6]
    even_row, odd_row = [both_even, other] * 2, [other, both_odd] * 2
    return (even_row + odd_row) * 2


def find_chroma_qp(qp: int, chroma_qp_index_offset: int) -> int:
    """Return QPC, the QP of Cb or Cr where luma has this one (8.5.8)."""
    index = min(max(qp + chroma_qp_index_offset, 0), MAX_QP)
    return index if index < _FIRST_CHROMA_QP else _CHROMA_QPS[index - _FIRST_CHROMA_QP]
