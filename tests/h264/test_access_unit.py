from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reelqueue.h264.access_unit import parse_idr_access_unit, parse_p_access_unit
from reelqueue.h264.bitstream import (
    NalUnitType,
    find_nal_unit_type,
    split_byte_stream,
    to_byte_stream,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.slice_header import PSlice
from tests.h264.streams import encode_move, encode_still

SIZE = (96, 80)


@pytest.mark.parametrize(
    "options", ["slices=2:keyint=1", "keyint=1:cabac=1", "keyint=1:interlaced=1"]
)
def test_other_choices_of_x264_are_refused(options: str) -> None:
    with pytest.raises(UnexpectedStreamError):
        parse_idr_access_unit(encode_still("astronaut", SIZE, options))


X264 = encode_still("astronaut", (64, 64))


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6))
@example([(4, 0x68)])
def test_damaged_stream_is_refused_or_read(changes: list[tuple[int, int]]) -> None:
    """Nothing but UnexpectedStreamError: the render falls back on it."""
    damaged = bytearray(without_sei(X264))
    for position, byte in changes:
        damaged[position] = byte
    try:
        _, i_slice = parse_idr_access_unit(bytes(damaged))
    except UnexpectedStreamError:
        return
    assert i_slice.slice_data.length


@given(st.integers(0, 200), st.binary(max_size=40))
def test_cut_stream_is_refused_or_read(length: int, end: bytes) -> None:
    try:
        parse_idr_access_unit(without_sei(X264)[:length] + end)
    except UnexpectedStreamError:
        return


def test_picture_of_several_slices_is_refused() -> None:
    data = encode_still("astronaut", SIZE)
    idr_slice = list(split_byte_stream(data))[-1]

    with pytest.raises(UnexpectedStreamError, match="several slices"):
        parse_idr_access_unit(data + to_byte_stream(idr_slice))


def test_access_unit_without_parameter_sets_is_refused() -> None:
    idr_slice = list(split_byte_stream(encode_still("astronaut", SIZE)))[-1]

    with pytest.raises(UnexpectedStreamError, match="not that of one IDR picture"):
        parse_idr_access_unit(to_byte_stream(idr_slice))


def test_sei_and_delimiter_are_passed_over() -> None:
    assert parse_idr_access_unit(
        encode_still("astronaut", SIZE, "keyint=1:aud=1")
    ) == parse_idr_access_unit(without_sei(encode_still("astronaut", SIZE)))


def parse_move(access_units: tuple[bytes, ...]) -> list[PSlice]:
    idr, *others = access_units
    parameter_sets, _ = parse_idr_access_unit(idr)
    return [parse_p_access_unit(data, parameter_sets) for data in others]


def test_p_picture_is_read() -> None:
    slices = parse_move(encode_move(SIZE))

    assert len({p_slice.slice_data for p_slice in slices}) == 3


@pytest.mark.parametrize("options", ["ref=3:weightp=0", "ref=1:weightp=2", "slices=2:ref=1"])
def test_p_picture_of_another_kind_is_refused(options: str) -> None:
    """From several pictures, or with weights, or in several slices."""
    with pytest.raises(UnexpectedStreamError):
        parse_move(encode_move(SIZE, options))


def test_only_p_pictures_are_taken_for_one() -> None:
    idr, *_ = encode_move(SIZE)
    parameter_sets, _ = parse_idr_access_unit(idr)

    for data in (idr, b"", to_byte_stream(bytes([0x01, 0x80]))):
        with pytest.raises(UnexpectedStreamError):
            parse_p_access_unit(data, parameter_sets)


@given(st.integers(0, 3), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 255)), max_size=6))
def test_damaged_p_picture_is_refused_or_read(number: int, changes: list[tuple[int, int]]) -> None:
    access_units = encode_move(SIZE)
    parameter_sets, _ = parse_idr_access_unit(access_units[0])
    damaged = bytearray(access_units[number])
    for position, byte in changes:
        damaged[position % len(damaged)] = byte
    try:
        assert parse_p_access_unit(bytes(damaged), parameter_sets).slice_data.length
    except UnexpectedStreamError:
        return


def without_sei(data: bytes) -> bytes:
    """Leave x264's long note on itself out, so that damage hits the headers."""
    nal_units = split_byte_stream(data)
    return to_byte_stream(
        *(unit for unit in nal_units if find_nal_unit_type(unit) != NalUnitType.SEI)
    )
