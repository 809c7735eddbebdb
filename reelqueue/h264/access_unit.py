"""Access units: the NAL units of one picture (ITU-T H.264, 7.4.1.2.3)."""

from __future__ import annotations

from typing import NamedTuple

from reelqueue.h264.bitstream import (
    START_CODE,
    NalUnitType,
    find_nal_unit_type,
    split_byte_stream,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import ParameterSets, parse_pps, parse_sps
from reelqueue.h264.slice_header import ISlice, PSlice
from reelqueue.h264.slice_parsing import parse_i_slice, parse_p_slice

_EXPECTED = (NalUnitType.SPS, NalUnitType.PPS, NalUnitType.IDR_SLICE)
_IGNORED = (NalUnitType.SEI, NalUnitType.ACCESS_UNIT_DELIMITER)


class AccessUnit(NamedTuple):
    """A coded picture.

    Attributes:
        data: its NAL units as a byte stream, without parameter sets.
        frame: which frame of its group of pictures it is, in output order, from 0.
        is_idr: whether it is an IDR picture.
    """

    data: bytes
    frame: int
    is_idr: bool = False

    @property
    def is_reference(self) -> bool:
        """Whether other pictures are predicted from it: nal_ref_idc is not 0 (7.4.1)."""
        return self.data[len(START_CODE)] >> 5 > 0


def parse_idr_access_unit(data: bytes) -> tuple[ParameterSets, ISlice]:
    """Take an IDR picture and its parameter sets apart.

    Args:
        data: an access unit of another encoder as a byte stream: a sequence parameter set, a
            picture parameter set and one slice, and perhaps SEI.

    Raises:
        UnexpectedStreamError: if it has anything else, or they are of a kind that we cannot use.
    """
    found = _list_nal_units(data)
    if sorted(found) != sorted(_EXPECTED):
        raise UnexpectedStreamError("The access unit is not that of one IDR picture.")
    sps, pps, i_slice = (found[nal_unit_type] for nal_unit_type in _EXPECTED)
    parameter_sets = ParameterSets(parse_sps(sps), parse_pps(pps))
    return parameter_sets, parse_i_slice(i_slice, parameter_sets)


def parse_p_access_unit(data: bytes, parameter_sets: ParameterSets) -> PSlice:
    """Take a P picture apart.

    Args:
        data: an access unit of another encoder as a byte stream: one slice, and perhaps SEI.
        parameter_sets: those that it was made with.

    Raises:
        UnexpectedStreamError: if it has anything else, or is of a kind that we cannot use.
    """
    found = _list_nal_units(data)
    if list(found) != [NalUnitType.NON_IDR_SLICE]:
        raise UnexpectedStreamError("The access unit is not that of one P picture.")
    return parse_p_slice(found[NalUnitType.NON_IDR_SLICE], parameter_sets)


def _list_nal_units(data: bytes) -> dict[int, bytes]:
    """Return the NAL units that matter by their types, of which there is one each."""
    found: dict[int, bytes] = {}
    for nal_unit in split_byte_stream(data):
        nal_unit_type = find_nal_unit_type(nal_unit)
        if nal_unit_type in found:
            raise UnexpectedStreamError("The picture has several slices.")
        if nal_unit_type not in _IGNORED:
            found[nal_unit_type] = nal_unit
    return found
