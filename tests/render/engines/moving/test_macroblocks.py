"""Slice data beside a slow coder of one macroblock after the other, and through both decoders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reelqueue.h264.bitstream import code_se, code_ue, pack_bits
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import Gop, MiniGop
from reelqueue.h264.motion import (
    InterPrediction,
    MotionVector,
    Neighbour,
    Neighbours,
    predict_mv,
    predict_spatial_direct,
)
from reelqueue.h264.pictures import WEIGHT_SUM, MotionPicture, Weights
from reelqueue.render.engines.moving.macroblocks import ListMotion, code_slice_data
from tests.h264.streams import Frames, decode_gops, make_still

SIZE = (96, 80)
SHAPE = (5, 6)  # rows and columns of macroblocks
MB_TYPES: dict[tuple[bool, ...], int] = {(True, False): 1, (False, True): 2, (True, True): 3}


Lists = tuple[ListMotion, ListMotion]


def make_motion(random: np.random.Generator, shape: tuple[int, int], reach: int) -> ListMotion:
    """Return motion of a few values, so that neighbours often agree, in steps of two samples."""
    x, y = (8 * random.integers(-reach, reach + 1, (3, 3), np.int32) for _ in range(2))
    places = np.minimum(np.indices(shape) // 2, 2)
    is_used = random.random(shape) < random.choice([0.5, 0.9, 1.0])
    return ListMotion(x[tuple(places)], y[tuple(places)], is_used)


def make_pair(seed: int, shape: tuple[int, int], reach: int = 6) -> Lists:
    random = np.random.default_rng(seed)
    l0, l1 = (make_motion(random, shape, reach) for _ in range(2))
    return l0, l1._replace(is_used=l1.is_used | ~l0.is_used)


def code_slowly(lists: Lists) -> str:
    """Code one macroblock after the other, by the neighbours' rules of `h264.motion`."""
    rows, columns = lists[0].is_used.shape
    text, mb_skip_run = "", 0
    for y in range(rows):
        for x in range(columns):
            around = [find_neighbours(motion, x, y) for motion in lists]
            own = InterPrediction(*zip(*(look_at(motion, x, y) for motion in lists), strict=True))
            if own == predict_spatial_direct(*around):
                mb_skip_run += 1
                continue
            used = tuple(ref_idx is not None for ref_idx in own.ref_idx)
            text += code_ue(mb_skip_run) + code_ue(MB_TYPES[used]) + "0" * sum(used)
            mb_skip_run = 0
            for each, mv, is_used in zip(around, own.mv, used, strict=True):
                if is_used:
                    difference = mv.subtract(predict_mv(each, 1))
                    text += code_se(difference.x) + code_se(difference.y)
            text += code_ue(0)
    return text + (code_ue(mb_skip_run) if mb_skip_run else "")


def look_at(motion: ListMotion, x: int, y: int) -> Neighbour:
    if not motion.is_used[y, x]:
        return Neighbour(None, MotionVector())
    return Neighbour(1, MotionVector(int(motion.x[y, x]), int(motion.y[y, x])))


def find_neighbours(motion: ListMotion, x: int, y: int) -> Neighbours:
    rows, columns = motion.is_used.shape

    def look(x: int, y: int) -> Neighbour | None:
        is_there = 0 <= x < columns and 0 <= y < rows
        return look_at(motion, x, y) if is_there else None

    return Neighbours(look(x - 1, y), look(x, y - 1), look(x + 1, y - 1) or look(x - 1, y - 1))


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    reach=st.sampled_from([0, 1, 6, 900]),
)
def test_all_at_once_is_one_after_the_other(seed: int, shape: tuple[int, int], reach: int) -> None:
    lists = make_pair(seed, shape, reach)

    assert code_slice_data(*lists) == pack_bits(code_slowly(lists))


def test_one_macroblock_is_as_worked_out_by_hand() -> None:
    """mb_skip_run, mb_type, a ref_idx of 1 for each list, both mvd, coded_block_pattern."""
    one = np.ones((1, 1), np.int32)
    l0, l1 = ListMotion(one, -one, one == 1), ListMotion(2 * one, 0 * one, one == 1)
    unused = l1._replace(is_used=one == 0)

    both, one_list = "1 00100 0 0" + "010 011" + "00100 1" + "1", "1 010 0 010 011 1"
    assert code_slice_data(l0, l1) == pack_bits(both.replace(" ", ""))
    assert code_slice_data(l0, unused) == pack_bits(one_list.replace(" ", ""))


def test_picture_that_moves_as_a_whole_is_nearly_free() -> None:
    shape = (68, 120)
    l0, l1 = (
        ListMotion(np.full(shape, mv, np.int32), np.full(shape, mv, np.int32), np.full(shape, True))
        for mv in (5, -9)
    )

    assert code_slice_data(l0, l1).length < 70  # bits


def test_vectors_too_far_apart_are_refused() -> None:
    x = np.array([[0, 40_000]], np.int32)
    motion = ListMotion(x, 0 * x, x >= 0)

    with pytest.raises(OutOfRangeError):
        code_slice_data(motion, motion)


def show(lists: Lists, after: Frames, before: Frames, w: Weights) -> Frames:
    """Do 8.4.2 in numpy for one plane: beyond a side its last sample repeats."""
    block = 16 * after.shape[1] // SIZE[0]
    shown = np.empty_like(after)
    for y, x in np.ndindex(lists[0].is_used.shape):
        place = np.s_[y * block : (y + 1) * block, x * block : (x + 1) * block]
        parts = [
            take(plane, motion, y, x, block)
            for plane, motion in zip((after, before), lists, strict=True)
            if motion.is_used[y, x]
        ]
        if len(parts) == 1:
            shown[place] = parts[0]
        else:
            mixed = parts[0] * w.following + parts[1] * w.previous + WEIGHT_SUM // 2
            shown[place] = mixed // WEIGHT_SUM
    return shown


def take(plane: Frames, motion: ListMotion, y: int, x: int, block: int) -> NDArray[np.int64]:
    shift = [int(mv[y, x]) * block // 64 for mv in (motion.y, motion.x)]
    rows, columns = (
        np.clip(at * block + np.arange(block) + by, 0, side - 1)
        for at, by, side in zip((y, x), shift, plane.shape, strict=True)
    )
    return plane[np.ix_(rows, columns)].astype(int)


def decode_pairs(pairs: list[Lists], weights: Weights | None) -> list[list[Frames]]:
    """Return luma and both planes of chroma of pictures made of two stills, and of these stills."""
    parameter_sets, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    pictures = [MotionPicture(code_slice_data(*pair), weights) for pair in pairs]
    gop = Gop(old, 1, [MiniGop(pictures, new)])
    luma, chroma = decode_gops(parameter_sets, [gop], SIZE)
    assert len(luma) == len(pairs) + 2
    return [luma, *([np.vsplit(both, 2)[half] for both in chroma] for half in (0, 1))]


@pytest.mark.render
@pytest.mark.parametrize("first", [0, 15, 30])
def test_decoders_weigh_keys_by_their_distance(first: int) -> None:
    """8.4.2.3.1: 16 frames from one key to the next, so each frame is 8 of 128."""
    pairs = [make_pair(seed, SHAPE) for seed in range(first, first + 15)]

    for plane in decode_pairs(pairs, None):
        for number, pair in enumerate(pairs, 1):
            weights = Weights(WEIGHT_SUM - 8 * number, 8 * number)
            expected = show(pair, plane[-1], plane[0], weights)
            assert np.array_equal(plane[number], expected), number


@pytest.mark.render
def test_decoders_mix_with_weights_of_our_own() -> None:
    weights = Weights(48, 80)
    everywhere = np.full(SHAPE, True)
    pairs = [
        (l0._replace(is_used=everywhere), l1._replace(is_used=everywhere))
        for l0, l1 in (make_pair(seed, SHAPE) for seed in range(60))
    ]

    for plane in decode_pairs(pairs, weights):
        for number, pair in enumerate(pairs, 1):
            expected = show(pair, plane[-1], plane[0], weights)
            assert np.array_equal(plane[number], expected), number
