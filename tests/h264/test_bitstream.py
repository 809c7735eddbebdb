from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264.bitstream import (
    BitReader,
    BitWriter,
    NalUnitType,
    append_bits,
    code_se,
    code_ue,
    extract_rbsp,
    find_nal_unit_type,
    insert_emulation_prevention,
    pack_bits,
    remove_emulation_prevention,
    split_byte_stream,
    to_byte_stream,
    write_nal_unit,
)
from reelqueue.h264.errors import UnexpectedStreamError

payloads = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255])).map(bytes)


# Table 9-2.
UE = ["1", "010", "011", "00100", "00101", "00110", "00111", "0001000", "0001001", "0001010"]


def test_ue_is_as_in_the_standard() -> None:
    assert [code_ue(code_num) for code_num in range(10)] == UE


def test_se_is_as_in_the_standard() -> None:
    """Table 9-3: codeNum 0, 1, 2, ... are 0, 1, -1, 2, -2 ..."""
    assert [code_se(value) for value in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5)] == UE


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("unsigned"), st.integers(0, 2**32 - 2)),
            st.tuples(st.just("signed"), st.integers(-(2**31) + 1, 2**31 - 1)),
            st.tuples(st.just("byte"), st.integers(0, 255)),
        )
    )
)
def test_what_is_written_is_read_again(numbers: list[tuple[str, int]]) -> None:
    writer = BitWriter()
    for kind, number in numbers:
        if kind == "unsigned":
            writer.write_ue(number)
        elif kind == "signed":
            writer.write_se(number)
        else:
            writer.write_bits(number, 8)

    reader = BitReader(writer.to_rbsp())

    for kind, number in numbers:
        assert reader.has_more_rbsp_data()
        read = {"unsigned": reader.read_ue, "signed": reader.read_se}.get(kind)
        assert (read() if read else reader.read_bits(8)) == number
    assert not reader.has_more_rbsp_data()


texts = st.text("01", max_size=40)


@given(texts, texts, texts)
def test_bits_are_written_as_their_text(head: str, text: str, tail: str) -> None:
    writer, whole = BitWriter(), BitWriter()
    writer.write_code(head)
    whole.write_code(head + text + tail)

    bits = append_bits(pack_bits(text), tail)

    assert bits == pack_bits(text + tail)
    assert writer.to_rbsp_with(bits) == whole.to_rbsp()


def test_reader_refuses_what_ends_within_a_header() -> None:
    with pytest.raises(UnexpectedStreamError):
        BitReader(b"\x01").read_bits(9)
    with pytest.raises(UnexpectedStreamError):
        BitReader(b"\0\0").read_ue()
    with pytest.raises(UnexpectedStreamError):
        BitReader(b"\0" * 9).read_ue()


def test_rbsp_ends_with_a_one_and_zeros() -> None:
    """rbsp_trailing_bits (7.3.2.11): a byte of their own where the bits end with a byte."""
    writer = BitWriter()
    writer.write_bits(0b101, 3)
    assert writer.to_rbsp() == b"\xb0"
    writer.write_bits(0, 5)
    assert writer.to_rbsp() == b"\xa0\x80"


@given(texts, texts)
def test_what_precedes_the_trailing_bits_is_read(head: str, text: str) -> None:
    writer = BitWriter()
    writer.write_code(head + text)
    reader = BitReader(writer.to_rbsp())
    reader.read_bits(len(head))

    assert reader.read_to_trailing_bits() == pack_bits(text)


@pytest.mark.parametrize("rbsp", [b"\xa0", b"\xa0\0", b""])
def test_reader_refuses_what_ends_without_trailing_bits(rbsp: bytes) -> None:
    reader = BitReader(rbsp)
    reader.read_bits(min(3, 8 * len(rbsp)))

    with pytest.raises(UnexpectedStreamError, match="trailing"):
        reader.read_to_trailing_bits()


@pytest.mark.parametrize(
    ("payload", "escaped"),
    [
        (b"\0\0\0", b"\0\0\3\0\3"),
        (b"\0\0\1", b"\0\0\3\1"),
        (b"\0\0\3", b"\0\0\3\3"),
        (b"\0\0\4", b"\0\0\4"),
        (b"\0\0\0\0\0\1", b"\0\0\3\0\0\3\0\1"),
        (b"\1\0\0", b"\1\0\0\3"),
    ],
)
def test_escaping_breaks_start_codes(payload: bytes, escaped: bytes) -> None:
    assert insert_emulation_prevention(payload) == escaped


@given(payloads)
def test_escaping_is_undone(payload: bytes) -> None:
    escaped = insert_emulation_prevention(payload)

    assert not re.search(rb"\x00\x00[\x00-\x02]", escaped)
    assert not escaped.endswith(b"\0")
    assert (
        remove_emulation_prevention(escaped).removesuffix(b"\3" if payload.endswith(b"\0") else b"")
        == payload
    )


@given(st.lists(payloads, max_size=5))
def test_units_are_found_again(contents: list[bytes]) -> None:
    units = [write_nal_unit(NalUnitType.IDR_SLICE, 3, content) for content in contents]

    stream = to_byte_stream(*units)

    assert list(split_byte_stream(stream)) == units
    assert all(unit[0] == 0x65 for unit in units)
    assert all(find_nal_unit_type(unit) == NalUnitType.IDR_SLICE for unit in units)


def test_nothing_comes_after_the_end() -> None:
    reader = BitReader(b"\xff")
    reader.read_bits(8)

    assert not reader.has_more_rbsp_data()


def test_empty_nal_unit_has_no_type() -> None:
    assert find_nal_unit_type(b"") == 0


@given(payloads)
def test_rbsp_is_extracted_as_it_was_written(rbsp: bytes) -> None:
    rbsp += b"\x80"  # as every RBSP ends with a stop bit

    assert extract_rbsp(write_nal_unit(NalUnitType.SPS, 3, rbsp)) == rbsp
