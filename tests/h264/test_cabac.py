from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelqueue.h264.cabac import SkipFlagContext, code_skipped_slice_data, find_p_state_idx

# Table 9-44 from pStateIdx 42 to 62, once more: a wrong digit in the coder must not go unseen.
RANGE_TAB_LPS = bytes.fromhex(
    "1014171b 0f131619 0e121518 0e111417 0d101316 0c0f1215 0c0e1114 0b0e1013 0b0d0f12 0a0c0f11"
    "0a0c0e10 090b0d0f 090b0c0e 080a0c0e 08090b0d 07090b0c 07090a0c 07080a0b 0608090b 0607090a"
    "06070809"
)


def count_skipped(slice_data: bytes, context: SkipFlagContext) -> int:
    """Decode slice data (9.3.1.2, 9.3.3.2) until its end; only skipped macroblocks are known."""
    bits = iter(f"{int.from_bytes(b'1' + slice_data, 'big'):b}"[6:])
    p_state_idx, cod_i_range = find_p_state_idx(context), 510
    cod_i_offset = int("".join(next(bits) for _ in range(9)), 2)
    count = 0
    while True:
        cod_i_range -= RANGE_TAB_LPS[4 * (p_state_idx - 42) + (cod_i_range >> 6 & 3)]
        assert cod_i_offset < cod_i_range, "not skipped"
        p_state_idx = min(p_state_idx + 1, 62)
        count += 1
        if cod_i_range < 256:
            cod_i_range, cod_i_offset = cod_i_range << 1, cod_i_offset << 1 | int(next(bits))
        cod_i_range -= 2
        if cod_i_offset >= cod_i_range:
            break
        if cod_i_range < 256:
            cod_i_range, cod_i_offset = cod_i_range << 1, cod_i_offset << 1 | int(next(bits))
    assert cod_i_offset & 1, "the last bit read is rbsp_stop_one_bit (9.3.1.2)"
    assert not "".join(bits).strip("0")
    return count


def test_skipping_is_the_most_probable_symbol_from_the_start() -> None:
    assert find_p_state_idx(SkipFlagContext.P) == 42
    assert find_p_state_idx(SkipFlagContext.B) == 57


def test_full_hd_takes_39_bytes() -> None:
    assert code_skipped_slice_data(120 * 68, SkipFlagContext.P) == bytes(37) + b"\x02\x82"
    assert code_skipped_slice_data(120 * 68, SkipFlagContext.B) == bytes(37) + b"\x03\x66"


@pytest.mark.parametrize("context", SkipFlagContext)
@settings(max_examples=60)
@given(pic_size_in_mbs=st.integers(1, 2000))
def test_decoder_counts_the_same_macroblocks(
    context: SkipFlagContext, pic_size_in_mbs: int
) -> None:
    slice_data = code_skipped_slice_data(pic_size_in_mbs, context)

    assert count_skipped(slice_data, context) == pic_size_in_mbs
