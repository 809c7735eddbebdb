"""Macroblocks of B slices without residual: the slice data of pictures of strips.

A macroblock that lies within strips that are predicted alike is a 16x16 partition; one that two
different strips share is cut into 8x16 or 16x8 partitions. Most are B_Skip and cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from reelqueue.h264.bitstream import code_se, code_ue
from reelqueue.h264.motion import (
    InterPrediction,
    MotionVector,
    NeighbourFinder,
    Neighbours,
    PredMode,
    Strips,
    predict_mv,
    predict_spatial_direct,
)

CODED_BLOCK_PATTERNS = (
    *(0, 16, 1, 2, 4, 8, 32, 3, 5, 10, 12, 15, 47, 7, 11, 13),
    *(14, 6, 9, 31, 35, 37, 42, 44, 33, 34, 36, 40, 39, 43, 45, 46),
    *(17, 18, 20, 24, 19, 21, 26, 28, 23, 27, 29, 30, 22, 25, 38, 41),
)
"""The coded_block_pattern of inter macroblocks for each codeNum (Table 9-4)."""

_NO_RESIDUAL = code_ue(CODED_BLOCK_PATTERNS.index(0))

_L0, _L1, _BI = PredMode
# mb_type, Table 7-14.
MB_TYPES_16X16 = {_L0: 1, _L1: 2, _BI: 3}
_MB_TYPES_16X8 = {  # one more is 8x16
    (_L0, _L0): 4,
    (_L1, _L1): 6,
    (_L0, _L1): 8,
    (_L1, _L0): 10,
    (_L0, _BI): 12,
    (_L1, _BI): 14,
    (_BI, _L0): 16,
    (_BI, _L1): 18,
    (_BI, _BI): 20,
}


def code_slice_data(strips: Strips, pic_width_in_mbs: int, pic_height_in_mbs: int) -> str:
    """Return the slice data of a picture as a text of 0 and 1 (ITU-T H.264, 7.3.4).

    Args:
        strips: two for each macroblock of the picture's width, or height if they are rows.
        pic_width_in_mbs: macroblocks.
        pic_height_in_mbs: macroblocks.

    Raises:
        ValueError: if there are more or fewer strips.
    """
    count = 2 * (pic_height_in_mbs if strips.are_rows else pic_width_in_mbs)
    if len(strips.predictions) != count:
        raise ValueError(f"The picture has {count} strips, not {len(strips.predictions)}.")
    codes: list[str] = []
    mb_skip_run = 0
    for row in _code_rows(strips, pic_width_in_mbs, pic_height_in_mbs):
        if not any(row):  # as in most rows of strips that lie above each other
            mb_skip_run += len(row)
            continue
        for macroblock_layer in row:
            if macroblock_layer is None:
                mb_skip_run += 1
                continue
            codes += code_ue(mb_skip_run), macroblock_layer
            mb_skip_run = 0
    if mb_skip_run:
        codes.append(code_ue(mb_skip_run))
    return "".join(codes)


def _code_rows(strips: Strips, width: int, height: int) -> Iterator[list[str | None]]:
    """Yield the macroblocks of every row, None where one is skipped.

    Most are like the one beside or above, so only some are worked out. A macroblock whose strips
    are predicted like those around it is skipped, unless it is the very first.
    """
    code = partial(_code_macroblock, strips, NeighbourFinder(strips, 2 * width))
    if strips.are_rows:
        for y in range(height):
            if y and _is_uniform(strips, y):
                yield [None] * width
                continue
            first, other, last = code(0, y), code(1, y), code(width - 1, y)
            yield [first, *[other] * (width - 2), last][:width]
        return
    are_uniform = [_is_uniform(strips, x) for x in range(width)]
    yield [None if x and is_uniform else code(x, 0) for x, is_uniform in enumerate(are_uniform)]
    others = [None if is_uniform else code(x, 1) for x, is_uniform in enumerate(are_uniform)]
    for _ in range(height - 1):
        yield others


def _is_uniform(strips: Strips, number: int) -> bool:
    """Tell whether a row or column of macroblocks, and all around it, is predicted alike."""
    around = strips.predictions[max(2 * number - 1, 0) : 2 * number + 3]
    return around.count(around[0]) == len(around)


def _code_macroblock(strips: Strips, finder: NeighbourFinder, x: int, y: int) -> str | None:
    """Return the `macroblock_layer` in column x, row y; None if it is skipped (7.3.5)."""
    number = y if strips.are_rows else x
    first, second = strips.predictions[2 * number : 2 * number + 2]
    if first != second:
        return _code_two_partitions(finder, (first, second), 2 * x, 2 * y, strips.are_rows)
    l0, l1 = (finder.find(2 * x, 2 * y, 2, ref_pic_list) for ref_pic_list in (0, 1))
    if first == predict_spatial_direct(l0, l1):
        return None
    return _code_16x16((l0, l1), first)


def _code_16x16(neighbours: tuple[Neighbours, Neighbours], prediction: InterPrediction) -> str:
    """Return a B_L0_16x16, B_L1_16x16 or B_Bi_16x16 macroblock (7.3.5, 7.3.5.1).

    Args:
        neighbours: for list 0 and list 1.
        prediction: of the macroblock.
    """
    mvd = [
        mv.subtract(predict_mv(around, ref_idx))
        for around, ref_idx, mv in zip(neighbours, *prediction, strict=True)
        if ref_idx is not None
    ]
    return code_ue(MB_TYPES_16X16[prediction.pred_mode]) + _code_mb_pred([prediction], mvd)


def _code_two_partitions(
    finder: NeighbourFinder,
    predictions: tuple[InterPrediction, InterPrediction],
    x: int,
    y: int,
    are_rows: bool,
) -> str:
    """Return a macroblock of two 16x8 partitions, if they are rows, or 8x16 (7.3.5, 7.3.5.1)."""
    mvd = []
    for ref_pic_list in (0, 1):
        for mb_part_idx, prediction in enumerate(predictions):
            ref_idx = prediction.ref_idx[ref_pic_list]
            if ref_idx is None:
                continue
            # Which neighbour is preferred: 8.4.1.3, Figure 8-3.
            if are_rows:
                neighbours = finder.find(x, y + mb_part_idx, 2, ref_pic_list)
                preferred = neighbours.a if mb_part_idx else neighbours.b
            else:
                neighbours = finder.find(x + mb_part_idx, y, 1, ref_pic_list)
                preferred = neighbours.c if mb_part_idx else neighbours.a
            mvp = predict_mv(neighbours, ref_idx, preferred)
            mvd.append(prediction.mv[ref_pic_list].subtract(mvp))
    first, second = predictions
    mb_type = _MB_TYPES_16X8[first.pred_mode, second.pred_mode] + (not are_rows)
    return code_ue(mb_type) + _code_mb_pred(predictions, mvd)


def _code_mb_pred(predictions: Sequence[InterPrediction], mvd: Sequence[MotionVector]) -> str:
    """Return `mb_pred` and an empty `coded_block_pattern` (7.3.5.1).

    A `ref_idx` is te(v) of 0 or 1, which is one inverted bit (9.1).
    """
    ref_idx_codes = [
        "1" if prediction.ref_idx[ref_pic_list] == 0 else "0"
        for ref_pic_list in (0, 1)
        for prediction in predictions
        if prediction.ref_idx[ref_pic_list] is not None
    ]
    mvd_codes = [code_se(component) for difference in mvd for component in difference]
    return "".join(ref_idx_codes + mvd_codes) + _NO_RESIDUAL
