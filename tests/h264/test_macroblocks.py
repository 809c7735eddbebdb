from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest

from reelqueue.h264.gop import Gop, MiniGop
from reelqueue.h264.macroblocks import code_slice_data
from reelqueue.h264.motion import (
    InterPrediction,
    Strips,
    predict_from_both,
    predict_from_l0,
    predict_from_l1,
)
from reelqueue.h264.pictures import WEIGHT_SUM, StripPicture, Weights
from tests.h264.streams import Frames, decode_gops, make_still

SIZE = (160, 112)
STRIP_SIZE = 8
WEIGHTS = Weights(48, 80)


def draw_strips(strips: Strips, old: Frames, new: Frames, scale: int) -> Frames:
    """Do 8.4.2 in numpy: what lies beyond a side repeats its last sample.

    Args:
        scale: 1 for luma, 2 for chroma.
    """
    strip_size = STRIP_SIZE // scale
    drawn = []
    for number, prediction in enumerate(strips.predictions):
        start = np.array([number * strip_size, 0] if strips.are_rows else [0, number * strip_size])
        shape = (strip_size, old.shape[1]) if strips.are_rows else (old.shape[0], strip_size)
        l0, l1 = prediction.mv
        if prediction.ref_idx == (1, 1):
            new_part = take(new, start, shape, l0, scale)
            old_part = take(old, start, shape, l1, scale)
            mixed = old_part.astype(int) * WEIGHTS.previous + new_part.astype(int) * (
                WEIGHTS.following
            )
            drawn.append(((mixed + WEIGHT_SUM // 2) // WEIGHT_SUM).astype(np.uint8))
        elif prediction.ref_idx[0] is not None:
            drawn.append(take(old, start, shape, l0, scale))
        else:
            drawn.append(take(new, start, shape, l1, scale))
    return np.concatenate(drawn, axis=0 if strips.are_rows else 1)


def take(
    picture: Frames,
    start: Frames,
    shape: tuple[int, int],
    mv: tuple[int, int],
    scale: int,
) -> Frames:
    rows, columns = (
        np.clip(first + np.arange(count) + quarters // 4 // scale, 0, limit - 1)
        for first, count, quarters, limit in zip(
            start, shape, reversed(mv), picture.shape, strict=True
        )
    )
    return picture[np.ix_(rows, columns)]


def choose_strips(random: Random, are_rows: bool) -> Strips:
    """Return a few runs of strips, each with a prediction of its own."""
    count = SIZE[are_rows] // STRIP_SIZE
    predictions: list[InterPrediction] = []
    while len(predictions) < count:
        l0, l1 = (
            predict(random.choice((0, 0, 8, -30, 64, -500)), random.choice((0, 0, 6, -40, 90)))
            for predict in (predict_from_l0, predict_from_l1)
        )
        run = random.choice((1, 1, 2, 3, 9))
        predictions += [random.choice((l0, l1, predict_from_both(l0, l1)))] * run
    return Strips(tuple(predictions[:count]), are_rows)


def list_pairs(are_rows: bool, count: int) -> list[Strips]:
    """Return strips that put every two kinds of prediction into one macroblock (Table 7-14)."""
    modes = (
        predict_from_l0(8, 6),
        predict_from_l1(-30, 4),
        predict_from_both(predict_from_l0(8), predict_from_l1(0, 10)),
    )
    return [
        Strips((first, second) * (count // 2), are_rows)
        for first, second in product(modes, repeat=2)
    ]


def assert_decoded(cases: list[Strips], size: tuple[int, int]) -> None:
    parameter_sets, old = make_still("astronaut", size)
    _, new = make_still("coffee", size)
    b_pictures = [StripPicture(strips, WEIGHTS) for strips in cases]

    earlier = make_still("chelsea", size)[1], 1, [MiniGop((), old), MiniGop(b_pictures, new)]
    luma, chroma = (planes[1:] for planes in decode_gops(parameter_sets, [Gop(*earlier)], size))

    assert len(luma) == len(cases) + 2
    middle = size[1] // 2
    planes = [(luma, 1), ([both[:middle] for both in chroma], 2)]
    planes.append(([both[middle:] for both in chroma], 2))
    for number, strips in enumerate(cases, 1):
        for plane, scale in planes:
            drawn = draw_strips(strips, plane[0], plane[-1], scale)
            assert np.array_equal(plane[number], drawn), strips


@pytest.mark.render
@pytest.mark.parametrize("are_rows", [False, True])
def test_decoders_show_what_the_strips_say(are_rows: bool) -> None:
    """Any mixture of strips: what is skipped and how vectors are predicted must be right."""
    random = Random(264)
    count = SIZE[are_rows] // STRIP_SIZE
    both = predict_from_both(predict_from_l0(4, 4), predict_from_l1())
    cases = [choose_strips(random, are_rows) for _ in range(120)]
    cases += list_pairs(are_rows, count)
    cases += [
        Strips((prediction,) * count, are_rows)
        for prediction in (predict_from_l0(), predict_from_l1(-16), predict_from_l1(0, 10), both)
    ]

    assert_decoded(cases, SIZE)


@pytest.mark.render
@pytest.mark.parametrize("are_rows", [False, True])
@pytest.mark.parametrize("size", [(16, 64), (64, 16), (32, 32)])
def test_narrow_pictures_are_right_too(are_rows: bool, size: tuple[int, int]) -> None:
    """One macroblock wide or high: there is no neighbour on some sides."""
    assert_decoded(list_pairs(are_rows, size[are_rows] // STRIP_SIZE), size)


@pytest.mark.parametrize("are_rows", [False, True])
def test_edge_is_nearly_free(are_rows: bool) -> None:
    l0, l1 = predict_from_l0(), predict_from_l1()
    count = (2 * 120, 2 * 68)[are_rows]
    predictions = (l0,) * 40 + (predict_from_both(l0, l1),) + (l1,) * (count - 41)

    slice_data = code_slice_data(Strips(predictions, are_rows), 120, 68)

    assert len(slice_data) < 120 * 68 / 2  # bits


@pytest.mark.parametrize(
    ("predictions", "slice_data"),
    [
        # No neighbour at all, so spatial direct prediction would be from both lists, and the
        # predicted vector is 0: mb_skip_run, mb_type, ref_idx, mvd, coded_block_pattern.
        ((predict_from_l0(), predict_from_l0()), "1 010 1 11 1"),
        ((predict_from_l1(1, -1),) * 2, "1 011 1 0001000 0001001 1"),
        # B_L0_L1_8x16: the second mvd is not predicted from list 0.
        ((predict_from_l0(), predict_from_l1()), "1 0001010 1 1 11 11 1"),
        # B_L0_L0_8x16: the second partition has the vector of the first as its prediction.
        ((predict_from_l0(1), predict_from_l0(2)), "1 00110 1 1 0001000 1 0001000 1 1"),
    ],
)
def test_one_macroblock_is_as_worked_out_by_hand(
    predictions: tuple[InterPrediction, InterPrediction], slice_data: str
) -> None:
    assert code_slice_data(Strips(predictions), 1, 1) == slice_data.replace(" ", "")


def test_what_is_skipped_is_counted() -> None:
    """mb_skip_run before each macroblock, and at the end (7.3.4)."""
    l0 = predict_from_l0()

    assert code_slice_data(Strips((l0,) * 6), 3, 2) == "1" + "010" + "1111" + "00110"


def test_strips_fill_the_picture() -> None:
    strips = Strips((predict_from_l0(),) * 6)

    for width in (2, 4):
        with pytest.raises(ValueError, match=f"{2 * width} strips, not 6"):
            code_slice_data(strips, width, 2)
