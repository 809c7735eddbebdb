from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264.bitstream import split_byte_stream
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import (
    FRAME_NUM_BITS,
    ORDER_BITS,
    SKIPPING,
    Picture,
    Sequence,
    parse_picture,
    parse_sequence,
    write_picture,
    write_sequence,
)
from reelqueue.specs.formats import FRAME_RATES
from tests.h264.streams import encode_still

crops = st.integers(0, 7)
sequences = st.builds(
    Sequence,
    profile=st.just(100),
    constraints=st.just(0),
    frame_num_bits=st.just(FRAME_NUM_BITS),
    order_bits=st.just(ORDER_BITS),
    width=st.integers(1, 240),
    height=st.integers(1, 240),
    crop=st.tuples(crops, crops, crops, crops),
)
pictures = st.builds(
    Picture,
    qp=st.integers(-26, 25),
    chroma_offsets=st.tuples(st.integers(-12, 12), st.integers(-12, 12)),
    has_deblocking=st.just(True),
    transform_8x8=st.booleans(),
)


def find_unit(kind: int, size: tuple[int, int] = (320, 180)) -> bytes:
    units = split_byte_stream(encode_still("astronaut", size))
    return next(unit for unit in units if unit[0] & 31 == kind)


@given(sequences, st.sampled_from(list(FRAME_RATES.values())))
def test_sequence_is_read_as_it_was_written(sequence: Sequence, rate: Fraction) -> None:
    assert parse_sequence(write_sequence(sequence, rate)) == sequence


@given(pictures)
def test_picture_is_read_as_it_was_written(picture: Picture) -> None:
    assert parse_picture(write_picture(picture, SKIPPING)) == picture


@pytest.mark.parametrize("size", [(320, 180), (322, 242), (64, 64), (180, 320)])
def test_size_is_read_from_x264(size: tuple[int, int]) -> None:
    assert parse_sequence(find_unit(7, size)).size == size


def test_x264s_choices_are_read() -> None:
    picture = parse_picture(find_unit(8))

    assert picture.has_deblocking
    assert picture.transform_8x8
    assert picture.chroma_offsets == (-2, -2)  # of psychovisual rate-distortion


def test_other_kinds_of_stream_are_refused() -> None:
    sequence, picture = bytearray(find_unit(7)), bytearray(find_unit(8))
    sequence[1] = 88  # profile: Extended
    picture[1] ^= 0x20  # entropy_coding_mode_flag: CAVLC

    with pytest.raises(UnexpectedStreamError, match="profile"):
        parse_sequence(bytes(sequence))
    with pytest.raises(UnexpectedStreamError, match="entropy_coding_mode_flag"):
        parse_picture(bytes(picture))


def test_crop_is_written_only_where_there_is_one() -> None:
    sequence = parse_sequence(find_unit(7, (320, 180)))

    whole = replace(sequence, crop=(0, 0, 0, 0))

    assert sequence.crop == (0, 0, 0, 6)
    assert len(write_sequence(whole, Fraction(25))) <= len(write_sequence(sequence, Fraction(25)))
