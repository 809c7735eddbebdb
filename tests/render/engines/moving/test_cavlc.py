"""Codes of whole arrays beside those of one number after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264 import bitstream
from reelqueue.render.engines.moving.cavlc import (
    MAX_DIFFERENCE,
    Codes,
    code_se,
    code_ue,
    pack,
)


@given(st.lists(st.text("01", max_size=32)))
def test_codes_are_packed_one_after_the_other(texts: list[str]) -> None:
    codes = Codes(
        np.array([int(text or "0", 2) for text in texts], np.int64),
        np.array([len(text) for text in texts], np.int64),
    )

    assert pack(codes) == bitstream.pack_bits("".join(texts))


@given(st.lists(st.integers(0, 10_000)))
def test_ue_is_that_of_each_number(numbers: list[int]) -> None:
    text = "".join(map(bitstream.code_ue, numbers))

    assert pack(code_ue(np.array(numbers, np.int64))) == bitstream.pack_bits(text)


@given(st.lists(st.integers(-MAX_DIFFERENCE, MAX_DIFFERENCE)))
def test_se_is_that_of_each_number(numbers: list[int]) -> None:
    text = "".join(map(bitstream.code_se, numbers))

    assert pack(code_se(np.array(numbers, np.int32))) == bitstream.pack_bits(text)


@given(st.lists(st.tuples(st.text("01", max_size=16), st.text("01", max_size=16))))
def test_appended_codes_follow_each_code(pairs: list[tuple[str, str]]) -> None:
    first, second = (
        Codes(
            np.array([int(pair[place] or "0", 2) for pair in pairs], np.int64),
            np.array([len(pair[place]) for pair in pairs], np.int64),
        )
        for place in (0, 1)
    )

    text = "".join(one + other for one, other in pairs)
    assert pack(first.append(second)) == bitstream.pack_bits(text)
