"""Slices: an intra picture under a new header, skipped pictures, and copies of two pictures."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from typing import NamedTuple

from reelqueue.h264.bitstream import (
    BitReader,
    BitWriter,
    NalUnitType,
    extract_rbsp,
    find_nal_unit_type,
    write_nal_unit,
)
from reelqueue.h264.cabac import MAX_QP, SkipFlagContext, code_skipped_slice_data
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import (
    COPYING,
    FRAME_NUM_BITS,
    ORDER_BITS,
    SKIPPING,
    Picture,
    Sequence,
)

WEIGHT_BITS = 6
WHOLE = 1 << WEIGHT_BITS + 1  # the two weights of a mixture add up to this (8.4.2.3.2)

_P, _B, _I = 5, 6, 7  # `slice_type` where all slices of a picture are alike, Table 7-6
_KEPT, _SHOWN_ONLY = 3, 0  # `nal_ref_idc`
_UNFILTERED = 1  # `disable_deblocking_filter_idc`
_MEDIAN_QP = 26


class Place(NamedTuple):
    """Where a picture stands: after how many kept pictures of its group, and when it is shown."""

    frame_num: int
    number: int  # of the frame within its group, from 0


@dataclass(frozen=True)
class IntraSlice:
    """An intra picture of x264: the coded macroblocks and what their decoding depends on."""

    qp: int  # `slice_qp_delta`
    deblocking: tuple[int, ...]  # the filter's fields as they follow each other
    data: bytes


def parse_intra(unit: bytes, sequence: Sequence, picture: Picture) -> IntraSlice:
    """Read the header of x264's intra slice (7.3.3).

    Raises:
        UnexpectedStreamError: if it is not a whole IDR picture in one slice.
    """
    if find_nal_unit_type(unit) != NalUnitType.IDR_SLICE:
        raise UnexpectedStreamError("x264 made another picture than an IDR.")
    reader = BitReader(extract_rbsp(unit))
    first, kind, parameters = (reader.read_ue() for _ in range(3))
    if first or kind not in (_I, _I - 5) or parameters:
        raise UnexpectedStreamError("x264 made another slice than a whole intra picture.")
    reader.read_bits(sequence.frame_num_bits)
    reader.read_ue()  # idr_pic_id
    if sequence.order_bits is not None:
        reader.read_bits(sequence.order_bits)
    reader.read_bits(2)  # no_output_of_prior_pics_flag, long_term_reference_flag
    qp = reader.read_se()
    deblocking = _take_deblocking(reader) if picture.has_deblocking else (0, 0, 0)
    data = reader.read_cabac_slice_data()
    if not data:
        raise UnexpectedStreamError("x264 made a slice without data.")
    return IntraSlice(qp, deblocking, data)


def write_key(intra: IntraSlice, key_number: int) -> bytes:
    """Return an IDR picture as a NAL unit (7.3.3).

    Args:
        key_number: `idr_pic_id`; two that follow each other must differ.
    """
    writer = _start_slice(_I, SKIPPING, Place(0, 0), key_number)
    writer.write_flags(False, False)  # no_output_of_prior_pics_flag, long_term_reference_flag
    return write_nal_unit(NalUnitType.IDR_SLICE, _KEPT, _finish_intra(writer, intra))


def write_kept(intra: IntraSlice, place: Place) -> bytes:
    """Return an intra picture that is no IDR as a NAL unit (7.3.3)."""
    writer = _start_slice(_I, SKIPPING, place)
    writer.write_flags(False)  # adaptive_ref_pic_marking_mode_flag
    return write_nal_unit(NalUnitType.NON_IDR_SLICE, _KEPT, _finish_intra(writer, intra))


def write_hold(sequence: Sequence, picture: Picture, place: Place) -> bytes:
    """Return a picture that repeats the one kept last: a P slice of skipped macroblocks (7.3.3)."""
    writer = _start_slice(_P, SKIPPING, place)
    writer.write_flags(False)  # num_ref_idx_active_override_flag
    writer.write_flags(False)  # ref_pic_list_modification_flag_l0
    return _finish_skipped(writer, sequence, picture, SkipFlagContext.P)


def write_mixture(
    sequence: Sequence, picture: Picture, place: Place, weights: tuple[int, int]
) -> bytes:
    """Return a mixture of the two kept pictures: a B slice of skipped macroblocks (7.3.3).

    With spatial direct prediction and no neighbour that moves, each of them is predicted from both
    pictures without motion (8.4.1.2.2).

    Args:
        weights: of the picture shown before and of the one shown after, in 1/64; they add up to
            `WHOLE`, and each is 1 at least (7.4.3.2).
    """
    writer = _start_pair(SKIPPING, place)
    _put_weights(writer, [[weight] for weight in weights])
    return _finish_skipped(writer, sequence, picture, SkipFlagContext.B)


def write_copy(place: Place, edge_weights: tuple[int, int], macroblocks: str) -> bytes:
    """Return a picture copied from the two kept ones: a B slice with CAVLC (7.3.3).

    Args:
        edge_weights: of list 0's and list 1's second picture, in 1/64, as `macroblocks`
            uses them at the edge.
        macroblocks: slice data as a text of 0 and 1.
    """
    writer = _start_pair(COPYING, place)
    _put_weights(writer, [[None, weight] for weight in edge_weights])
    writer.write_se(0)  # slice_qp_delta
    writer.write_ue(_UNFILTERED)
    writer.write_code(macroblocks)
    return write_nal_unit(NalUnitType.NON_IDR_SLICE, _SHOWN_ONLY, writer.to_rbsp())


def _start_slice(
    kind: int, parameters: int, place: Place, key_number: int | None = None
) -> BitWriter:
    """Begin a slice header: the syntax elements that every slice has (7.3.3)."""
    writer = BitWriter()
    writer.write_ue(0, kind, parameters)  # first_mb_in_slice
    writer.write_bits(place.frame_num, FRAME_NUM_BITS)
    if key_number is not None:
        writer.write_ue(key_number)
    writer.write_bits(2 * place.number, ORDER_BITS)  # pic_order_cnt_lsb counts fields (8.2.1)
    return writer


def _start_pair(parameters: int, place: Place) -> BitWriter:
    """Begin a B slice whose lists hold the two kept pictures in their natural order (8.2.4.2.3)."""
    writer = _start_slice(_B, parameters, place)
    writer.write_flags(True)  # direct_spatial_mv_pred_flag
    writer.write_flags(False)  # num_ref_idx_active_override_flag
    writer.write_flags(False, False)  # ref_pic_list_modification_flag_l0, ..._l1
    return writer


def _put_weights(writer: BitWriter, lists: SequenceOf[SequenceOf[int | None]]) -> None:
    """Append `pred_weight_table` (7.3.3.2), without offsets; None leaves a picture as it is."""
    writer.write_ue(WEIGHT_BITS, WEIGHT_BITS)  # of luma and of chroma
    for weights in lists:
        for weight in weights:
            if weight is None:
                writer.write_flags(False, False)
                continue
            writer.write_flags(True)
            writer.write_se(weight, 0)
            writer.write_flags(True)
            writer.write_se(*(weight, 0) * 2)


def _finish_intra(writer: BitWriter, intra: IntraSlice) -> bytes:
    """Append what x264's data depends on, `cabac_alignment_one_bit`s and the data (7.3.4)."""
    writer.write_se(intra.qp)
    writer.write_ue(intra.deblocking[0])
    writer.write_se(*intra.deblocking[1:])
    return writer.to_cabac_aligned() + intra.data


def _finish_skipped(
    writer: BitWriter, sequence: Sequence, picture: Picture, context: SkipFlagContext
) -> bytes:
    writer.write_ue(0)  # cabac_init_idc
    writer.write_se(MAX_QP - _MEDIAN_QP - picture.qp)  # slice_qp_delta
    writer.write_ue(_UNFILTERED)
    data = code_skipped_slice_data(sequence.macroblocks, context)
    return write_nal_unit(NalUnitType.NON_IDR_SLICE, _SHOWN_ONLY, writer.to_cabac_aligned() + data)


def _take_deblocking(reader: BitReader) -> tuple[int, ...]:
    """Read `disable_deblocking_filter_idc` and, unless it is 1, the two offsets (7.3.3)."""
    disable = reader.read_ue()
    if disable == _UNFILTERED:
        return (disable,)
    return disable, reader.read_se(), reader.read_se()
