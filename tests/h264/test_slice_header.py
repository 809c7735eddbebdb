from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.gop import Change, Group, Mixture, read_still
from reelqueue.h264.parameter_sets import FRAME_NUM_BITS, ORDER_BITS
from reelqueue.h264.slice_header import WHOLE, parse_intra, write_key
from tests.h264.streams import Frames, decode_groups, encode_still, make_still

SIZE = (96, 80)


def test_intra_slice_keeps_its_data_under_a_new_header() -> None:
    layout, intra = make_still("astronaut", SIZE)
    ours = replace(layout.sequence, frame_num_bits=FRAME_NUM_BITS, order_bits=ORDER_BITS)

    for key_number in (0, 1, 65535):
        assert parse_intra(write_key(intra, key_number), ours, layout.picture) == intra


@pytest.mark.render
def test_intra_slice_shows_the_same_as_idr_and_as_no_idr() -> None:
    layout, astronaut = make_still("astronaut", SIZE)
    _, coffee = make_still("coffee", SIZE)

    luma, chroma = decode_groups(
        layout,
        [Group(astronaut, 1, [Change((), coffee)]), Group(coffee, 1), Group(astronaut, 1)],
        SIZE,
    )

    assert len(luma) == 4
    for planes in (luma, chroma):
        assert np.array_equal(planes[1], planes[2])
        assert np.array_equal(planes[0], planes[3])
        assert not np.array_equal(planes[0], planes[1])


@pytest.mark.render
def test_hold_repeats_every_sample() -> None:
    layout, intra = make_still("astronaut", SIZE)

    luma, chroma = decode_groups(layout, [Group(intra, 40), Group(intra, 3)], SIZE)

    assert len(luma) == 43
    assert all(np.array_equal(frame, luma[0]) for frame in luma)
    assert all(np.array_equal(frame, chroma[0]) for frame in chroma)


@pytest.mark.render
def test_order_reaches_over_thousands_of_frames() -> None:
    """`pic_order_cnt_lsb` counts two a frame, in 16 bits; half of them lie ahead (8.2.1.1)."""
    layout, intra = make_still("astronaut", (16, 16))
    _, other = make_still("coffee", (16, 16))

    luma, _ = decode_groups(
        layout, [Group(intra, 16_000, [Change((), other)]), Group(other, 1)], (16, 16)
    )

    assert len(luma) == 16_002
    assert np.array_equal(luma[15_999], luma[0])
    assert np.array_equal(luma[16_000], luma[16_001])


def mix(old: Frames, new: Frames, weights: Mixture) -> Frames:
    """Do 8.4.2.3.2, formula 8-299."""
    mixed = (old.astype(int) * weights.old + new.astype(int) * weights.new + WHOLE // 2) // WHOLE
    shown: Frames = mixed.astype(np.uint8)
    return shown


@pytest.mark.render
def test_mixture_is_exactly_its_weights() -> None:
    layout, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    cases = [Mixture(128 - new, new) for new in (1, 2, 31, 64, 65, 96, 126, 127)]

    luma, chroma = decode_groups(layout, [Group(old, 1, [Change(cases, new)])], SIZE)

    assert len(luma) == len(cases) + 2
    for number, weights in enumerate(cases, 1):
        assert np.array_equal(luma[number], mix(luma[0], luma[-1], weights)), weights
        assert np.array_equal(chroma[number], mix(chroma[0], chroma[-1], weights)), weights


@pytest.mark.render
def test_each_change_mixes_the_two_stills_around_it() -> None:
    """The decoder lets go of the first still when it keeps the third (8.2.5.3)."""
    layout, astronaut = make_still("astronaut", SIZE)
    others = [make_still(name, SIZE)[1] for name in ("coffee", "chelsea", "rocket")]
    weights = Mixture(96, 32)

    luma, _ = decode_groups(
        layout, [Group(astronaut, 2, [Change([weights] * 3, other) for other in others])], SIZE
    )

    assert len(luma) == 14
    for before, after in ((0, 5), (5, 9), (9, 13)):
        expected = mix(luma[before], luma[after], weights)
        for number in range(after - 3, after):
            assert np.array_equal(luma[number], expected), number


@pytest.mark.parametrize(
    "options", ["slices=2:keyint=1", "keyint=1:cabac=0", "keyint=1:interlaced=1"]
)
def test_other_choices_of_x264_are_refused(options: str) -> None:
    with pytest.raises(UnexpectedStreamError):
        read_still(encode_still("astronaut", SIZE, options))


X264 = encode_still("astronaut", (64, 64))


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6))
@example([(4, 0x68)])
def test_damaged_stream_is_refused_or_read(changes: list[tuple[int, int]]) -> None:
    """Nothing but UnexpectedStreamError: the render falls back on it."""
    damaged = bytearray(b"".join(cut_information(X264)))
    for position, byte in changes:
        damaged[position] = byte
    try:
        _, intra = read_still(bytes(damaged))
    except UnexpectedStreamError:
        return
    assert intra.data


@given(st.integers(0, 200), st.binary(max_size=40))
def test_cut_stream_is_refused_or_read(length: int, end: bytes) -> None:
    try:
        read_still(b"".join(cut_information(X264))[:length] + end)
    except UnexpectedStreamError:
        return


def cut_information(data: bytes) -> list[bytes]:
    """Leave x264's long note on itself out, so that changes hit the headers."""
    pieces = data.split(b"\0\0\1")
    return [b"\0\0\1" + piece for piece in pieces[1:] if piece[0] & 31 != 6]
