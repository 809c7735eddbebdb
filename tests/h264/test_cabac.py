from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelqueue.h264.cabac import SkipContext, code_skipped, find_state

# Table 9-44 from pStateIdx 42 to 62, once more: a wrong digit in the coder must not go unseen.
RANGES = bytes.fromhex(
    "1014171b 0f131619 0e121518 0e111417 0d101316 0c0f1215 0c0e1114 0b0e1013 0b0d0f12 0a0c0f11"
    "0a0c0e10 090b0d0f 090b0c0e 080a0c0e 08090b0d 07090b0c 07090a0c 07080a0b 0608090b 0607090a"
    "06070809"
)


def count_skipped(data: bytes, context: SkipContext) -> int:
    """Decode slice data (9.3.1.2, 9.3.3.2) until its end; nothing but skips is known here."""
    bits = iter(f"{int.from_bytes(b'1' + data, 'big'):b}"[6:])
    state, code_range = find_state(context), 510
    offset = int("".join(next(bits) for _ in range(9)), 2)
    count = 0
    while True:
        code_range -= RANGES[4 * (state - 42) + (code_range >> 6 & 3)]
        assert offset < code_range, "not skipped"
        state = min(state + 1, 62)
        count += 1
        if code_range < 256:
            code_range, offset = code_range << 1, offset << 1 | int(next(bits))
        code_range -= 2
        if offset >= code_range:
            break
        if code_range < 256:
            code_range, offset = code_range << 1, offset << 1 | int(next(bits))
    assert offset & 1, "the last bit read is rbsp_stop_one_bit (9.3.1.2)"
    assert not "".join(bits).strip("0")
    return count


def test_skipping_is_probable_from_the_start() -> None:
    assert find_state(SkipContext.P) == 42
    assert find_state(SkipContext.B) == 57


def test_full_hd_takes_39_bytes() -> None:
    assert code_skipped(120 * 68, SkipContext.P) == bytes(37) + b"\x02\x82"
    assert code_skipped(120 * 68, SkipContext.B) == bytes(37) + b"\x03\x66"


@pytest.mark.parametrize("context", SkipContext)
@settings(max_examples=60)
@given(macroblocks=st.integers(1, 2000))
def test_decoder_counts_the_same_macroblocks(context: SkipContext, macroblocks: int) -> None:
    assert count_skipped(code_skipped(macroblocks, context), context) == macroblocks
