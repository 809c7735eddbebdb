"""Coded pictures: IDR, I, P and B (ITU-T H.264, 7.3.2.8).

P pictures repeat a reference picture, or are those of another encoder. B pictures are made of the
two reference pictures around them: of their weighted sum, or of strips or macroblocks that are
copied from them. Only the band of a band picture has samples of its own. That is a picture of three
slices, and all others are of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, assert_never

from reelqueue.h264.bitstream import Bits, code_ue, pack_bits
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.macroblocks import code_slice_data
from reelqueue.h264.motion import Strips
from reelqueue.h264.parameter_sets import (
    IMPLICIT_PPS_ID,
    ONE_REFERENCE_PPS_ID,
    TWO_REFERENCES_PPS_ID,
    ParameterSets,
)
from reelqueue.h264.slice_header import (
    LOG2_WEIGHT_DENOM,
    ISlice,
    PredWeightTable,
    PSlice,
    SliceHeader,
    SliceType,
    keep_within_slice,
    write_slice,
)

WEIGHT_SUM = 1 << LOG2_WEIGHT_DENOM + 1  # of the two weights of a prediction from both lists

_CACHED_SLICES = 4096  # each GOP has those of the one before, and most are a few bytes long


class Weights(NamedTuple):
    """Weights of explicit weighted prediction (ITU-T H.264, 8.4.2.3).

    Each is 1 at least, and together they are `WEIGHT_SUM` (7.4.3.2 allows no weight above 127).

    Attributes:
        previous: of the reference picture that is shown before.
        following: of the reference picture that is shown after.
    """

    previous: int
    following: int


@dataclass(frozen=True)
class BSkipPicture:
    """A B picture that is the weighted sum of both reference pictures: all B_Skip."""

    weights: Weights


@dataclass(frozen=True)
class StripPicture:
    """A B picture cut into strips.

    Attributes:
        strips: what each is predicted from.
        weights: of the strips that are predicted from both reference pictures.
    """

    strips: Strips
    weights: Weights


@dataclass(frozen=True)
class BandPicture:
    """A B picture with an intra band, from which other B pictures may be predicted.

    The band ends above the last row: OpenH264 takes a picture whose last slice is intra for one
    that is shown at once.

    Attributes:
        weights: of the pictures around it, whose weighted sum it is above and below the band.
        first_row: of the band, in rows of macroblocks.
        rows: how many rows of macroblocks the band has.
        i_slice: the band, encoded as a picture of its own, as wide as this one.
    """

    weights: Weights
    first_row: int
    rows: int
    i_slice: ISlice


@dataclass(frozen=True)
class MotionPicture:
    """A B picture whose macroblocks have motion vectors of their own.

    Each is predicted from the second picture of a list, or of both. So in list 0 that is the
    reference picture that is shown after, and in list 1 the one that is shown before. No vector of
    a colocated macroblock can make such a prediction stand still (colZeroFlag, 8.4.1.2.2).

    Attributes:
        slice_data: of the picture.
        weights: of what is predicted from both lists; None: by their distances (8.4.2.3.1).
        qp: of the residual, where there is any; None: there is none.
    """

    slice_data: Bits
    weights: Weights | None = None
    qp: int | None = None


BPicture = BSkipPicture | StripPicture | BandPicture | MotionPicture


def write_idr_picture(i_slice: ISlice, idr_pic_id: int) -> bytes:
    """Return an IDR picture as a NAL unit.

    Args:
        i_slice: the picture.
        idr_pic_id: 0 to 65535; that of two consecutive IDR pictures must differ (7.4.3).
    """
    return _write_i_slice(i_slice, frame_num=0, pic_order_cnt=0, idr_pic_id=idr_pic_id)


def write_i_picture(i_slice: ISlice, *, frame_num: int, pic_order_cnt: int) -> bytes:
    """Return an I picture that is no IDR picture, but a reference picture, as a NAL unit.

    For `frame_num` and `pic_order_cnt` see `SliceHeader`.
    """
    return _write_i_slice(i_slice, frame_num=frame_num, pic_order_cnt=pic_order_cnt)


def write_p_picture(p_slice: PSlice, *, frame_num: int, pic_order_cnt: int) -> bytes:
    """Return a P picture, which is a reference picture, as a NAL unit.

    A decoder then stores only this one and the one before it. It could store one more, but OpenH264
    computes implicit weights from lists that are not modified yet (8.2.4.3).

    For `frame_num` and `pic_order_cnt` see `SliceHeader`.
    """
    header = SliceHeader(
        SliceType.P,
        ONE_REFERENCE_PPS_ID,
        frame_num,
        pic_order_cnt,
        p_slice.slice_qp_delta,
        deblocking_filter=p_slice.deblocking_filter,
        is_reference=True,
        forgets_reference=frame_num > 1,
    )
    return write_slice(header, p_slice.slice_data)


def write_p_skip_picture(
    parameter_sets: ParameterSets, *, frame_num: int, pic_order_cnt: int
) -> bytes:
    """Return a P picture that repeats the latest reference picture, as a NAL unit: all P_Skip.

    For `frame_num` and `pic_order_cnt` see `SliceHeader`.
    """
    header = SliceHeader(SliceType.P, ONE_REFERENCE_PPS_ID, frame_num, pic_order_cnt, 0)
    return _write_skipped(header, parameter_sets.sps.pic_size_in_mbs)


def write_b_picture(
    parameter_sets: ParameterSets, picture: BPicture, *, frame_num: int, pic_order_cnt: int
) -> list[bytes]:
    """Return a B picture as NAL units.

    For `frame_num` and `pic_order_cnt` see `SliceHeader`.

    Raises:
        OutOfRangeError: if a weight is below 1, or the weights do not add up to `WEIGHT_SUM`.
        ValueError: if strips do not fill the picture, or a band lies outside of it.
    """
    if picture.weights:
        _check_weights(picture.weights)
    sps = parameter_sets.sps
    match picture:
        case BSkipPicture(weights):
            header = _describe_b_skip(weights, frame_num, pic_order_cnt)
            return [_write_skipped(header, sps.pic_size_in_mbs)]
        case StripPicture(strips, weights):
            header = SliceHeader(
                *(SliceType.B, TWO_REFERENCES_PPS_ID, frame_num, pic_order_cnt, 0),
                pred_weight_table=_weigh_second(weights),
            )
            slice_data = code_slice_data(strips, sps.pic_width_in_mbs, sps.pic_height_in_mbs)
            return [write_slice(header, pack_bits(slice_data))]
        case MotionPicture(slice_data, weights, qp):
            pps_id = TWO_REFERENCES_PPS_ID if weights else IMPLICIT_PPS_ID
            qp_delta = 0 if qp is None else qp - parameter_sets.pps.pic_init_qp
            header = SliceHeader(
                *(SliceType.B, pps_id, frame_num, pic_order_cnt, qp_delta),
                pred_weight_table=_weigh_second(weights) if weights else None,
            )
            return [write_slice(header, slice_data)]
        case BandPicture():
            header = _describe_b_skip(picture.weights, frame_num, pic_order_cnt)
            return _write_band_picture(parameter_sets, picture, header)
        case _:
            assert_never(picture)


def _weigh_second(weights: Weights) -> PredWeightTable:
    """Return weights of the second picture of each list alone; see `predict_from_both`."""
    return (None, weights.following), (None, weights.previous)


def _describe_b_skip(weights: Weights, frame_num: int, pic_order_cnt: int) -> SliceHeader:
    """Return the header of B_Skip macroblocks that are the weighted sum of two pictures.

    Spatial direct prediction, where no neighbour moves, predicts each macroblock from the first
    picture of both lists, without motion (8.4.1.2.2).
    """
    return SliceHeader(
        *(SliceType.B, ONE_REFERENCE_PPS_ID, frame_num, pic_order_cnt, 0),
        pred_weight_table=((weights.previous,), (weights.following,)),
    )


def _write_band_picture(
    parameter_sets: ParameterSets, picture: BandPicture, header: SliceHeader
) -> list[bytes]:
    """Return the slices above the band, of the band, and below it."""
    sps, band = parameter_sets.sps, picture.i_slice
    start_row, end_row = picture.first_row, picture.first_row + picture.rows
    if not 0 <= start_row < end_row < sps.pic_height_in_mbs:
        raise ValueError(
            f"A picture of {sps.pic_height_in_mbs} rows has no band from {start_row} to {end_row}."
        )
    start, end = (row * sps.pic_width_in_mbs for row in (start_row, end_row))
    header = header._replace(is_reference=True, is_mixed=True)
    intra = header._replace(
        slice_type=SliceType.I,
        slice_qp_delta=band.slice_qp_delta,
        deblocking_filter=keep_within_slice(band.deblocking_filter),
        pred_weight_table=None,
        first_mb_in_slice=start,
    )
    above = [_write_skipped(header, start)] if start else []
    below = _write_skipped(header._replace(first_mb_in_slice=end), sps.pic_size_in_mbs - end)
    return [*above, write_slice(intra, band.slice_data), below]


def _check_weights(weights: Weights) -> None:
    if min(weights) < 1 or sum(weights) != WEIGHT_SUM:
        raise OutOfRangeError(f"H.264 cannot weight two pictures with {tuple(weights)}.")


def _write_i_slice(
    i_slice: ISlice, *, frame_num: int, pic_order_cnt: int, idr_pic_id: int | None = None
) -> bytes:
    header = SliceHeader(
        SliceType.I,
        ONE_REFERENCE_PPS_ID,
        frame_num,
        pic_order_cnt,
        i_slice.slice_qp_delta,
        deblocking_filter=i_slice.deblocking_filter,
        is_reference=True,
        idr_pic_id=idr_pic_id,
    )
    return write_slice(header, i_slice.slice_data)


@lru_cache(_CACHED_SLICES)
def _write_skipped(header: SliceHeader, macroblocks: int) -> bytes:
    """Return a slice in which every macroblock is skipped, as a NAL unit."""
    return write_slice(header, pack_bits(code_ue(macroblocks)))  # mb_skip_run, 7.3.4
