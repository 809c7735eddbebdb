"""A stream of closed groups: a photo, held, and what leads to the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from reelqueue.h264 import parameter_sets as parameters
from reelqueue.h264 import slice_header as slices
from reelqueue.h264.bitstream import (
    NalUnitType,
    find_nal_unit_type,
    split_byte_stream,
    to_byte_stream,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.macroblocks import Strips, code_macroblocks
from reelqueue.h264.slice_header import IntraSlice, Place

_IGNORED_UNITS = (NalUnitType.SEI, NalUnitType.ACCESS_UNIT_DELIMITER)


@dataclass(frozen=True)
class Layout:
    """What all pictures of a stream have in common."""

    sequence: parameters.Sequence
    picture: parameters.Picture


class Mixture(NamedTuple):
    """A picture mixed of the one shown before and the one shown after, in parts of `WHOLE`."""

    old: int
    new: int


class Copy(NamedTuple):
    """A picture of which each strip is copied from one of the two, or mixed; see `macroblocks`."""

    strips: Strips
    edge: Mixture


@dataclass(frozen=True)
class Change:
    """Pictures that lead to `last`, one frame each."""

    between: Sequence[Mixture | Copy]
    last: IntraSlice


@dataclass(frozen=True)
class Group:
    """Pictures that need none outside of them: `first`, shown for `frames`, then the changes."""

    first: IntraSlice
    frames: int
    changes: Sequence[Change] = ()


class CodedPicture(NamedTuple):
    """A picture in a byte stream (B.1), and which frame of its group shows it."""

    data: bytes
    number: int
    is_key: bool = False


def read_still(data: bytes) -> tuple[Layout, IntraSlice]:
    """Take x264's access unit of an intra picture and its parameter sets apart (7.4.1.2.3).

    Raises:
        UnexpectedStreamError: if it holds anything else.
    """
    units: dict[int, bytes] = {}
    for unit in split_byte_stream(data):
        kind = find_nal_unit_type(unit)
        if kind in units:
            raise UnexpectedStreamError("x264 cut a picture into several slices.")
        if kind not in _IGNORED_UNITS:
            units[kind] = unit
    expected = (NalUnitType.SPS, NalUnitType.PPS, NalUnitType.IDR_SLICE)
    if sorted(units) != sorted(expected):
        raise UnexpectedStreamError("x264 made other units than one intra picture has.")
    sequence, picture, key = (units[kind] for kind in expected)
    layout = Layout(parameters.parse_sequence(sequence), parameters.parse_picture(picture))
    return layout, slices.parse_intra(key, layout.sequence, layout.picture)


def write_parameters(layout: Layout, frame_rate: Fraction) -> bytes:
    """Return all our parameter sets as a byte stream (B.1).

    Raises:
        OutOfRangeError: if no level has room for the pictures.
    """
    sequence = parameters.write_sequence(layout.sequence, frame_rate)
    numbers = (parameters.SKIPPING, parameters.COPYING)
    pictures = [parameters.write_picture(layout.picture, number) for number in numbers]
    return to_byte_stream(sequence, *pictures)


def code_group(layout: Layout, group: Group, key_number: int) -> Iterator[CodedPicture]:
    """Yield a group's pictures in decoding order: each change's last before those between (8.2.1).

    A decoder keeps two pictures, so those between are made of the two that were kept last.

    Args:
        key_number: `idr_pic_id`; two groups that follow each other must differ.
    """
    yield CodedPicture(to_byte_stream(slices.write_key(group.first, key_number)), 0, is_key=True)
    for number in range(1, group.frames):
        hold = slices.write_hold(layout.sequence, layout.picture, Place(1, number))
        yield CodedPicture(to_byte_stream(hold), number)
    start = group.frames
    for kept, change in enumerate(group.changes, 1):
        end = start + len(change.between)
        yield CodedPicture(to_byte_stream(slices.write_kept(change.last, Place(kept, end))), end)
        for number, picture in enumerate(change.between, start):
            data = _code_change(layout, picture, Place(kept + 1, number))
            yield CodedPicture(to_byte_stream(data), number)
        start = end + 1


def join(layout: Layout, groups: Sequence[Group], frame_rate: Fraction) -> bytes:
    """Return a whole byte stream (B.1)."""
    coded = chain.from_iterable(
        code_group(layout, group, number % 2) for number, group in enumerate(groups)
    )
    return write_parameters(layout, frame_rate) + b"".join(picture.data for picture in coded)


def _code_change(layout: Layout, picture: Mixture | Copy, place: Place) -> bytes:
    sequence = layout.sequence
    if isinstance(picture, Mixture):
        return slices.write_mixture(sequence, layout.picture, place, picture)
    macroblocks = code_macroblocks(picture.strips, sequence.width, sequence.height)
    return slices.write_copy(place, (picture.edge.new, picture.edge.old), macroblocks)
