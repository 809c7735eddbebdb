from __future__ import annotations

import pytest

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.motion import (
    InterPrediction,
    MotionVector,
    Neighbour,
    NeighbourFinder,
    Neighbours,
    PredMode,
    Strips,
    predict_from_both,
    predict_from_l0,
    predict_from_l1,
    predict_mv,
    predict_spatial_direct,
)

UNUSED = Neighbour(None, MotionVector())
NOWHERE = Neighbours(None, None, None)


def make_neighbour(ref_idx: int, x: int, y: int) -> Neighbour:
    return Neighbour(ref_idx, MotionVector(x, y))


A, B, C = make_neighbour(0, 4, 40), make_neighbour(0, 8, 0), make_neighbour(0, -12, 20)


@pytest.mark.parametrize(
    ("neighbours", "ref_idx", "mv"),
    [
        (NOWHERE, 0, (0, 0)),
        (Neighbours(A, None, None), 1, (4, 40)),  # B and C become A, whatever its refIdx is
        (Neighbours(A, B, C), 0, (4, 20)),  # the median of each component
        (Neighbours(A, B, C), 1, (4, 20)),
        (Neighbours(A, make_neighbour(1, 8, 0), C), 1, (8, 0)),  # the only one with this refIdx
        (Neighbours(UNUSED, B, UNUSED), 0, (8, 0)),
        (Neighbours(A, B, UNUSED), 0, (4, 0)),
        (Neighbours(None, B, C), 0, (0, 0)),
        (Neighbours(None, None, C), 0, (-12, 20)),
        (Neighbours(None, None, C), 1, (0, 0)),
    ],
)
def test_mv_is_predicted_by_the_median(
    neighbours: Neighbours, ref_idx: int, mv: tuple[int, int]
) -> None:
    """8.4.1.3.1."""
    assert predict_mv(neighbours, ref_idx) == mv


def test_mv_of_half_a_macroblock_is_that_of_the_preferred_neighbour() -> None:
    """8.4.1.3: if it has the same refIdx."""
    neighbours = Neighbours(A, B, C)

    assert predict_mv(neighbours, 0, preferred=B) == B.mv
    assert predict_mv(neighbours, 1, preferred=B) == (4, 20)
    assert predict_mv(neighbours, 0, preferred=None) == (4, 20)


@pytest.mark.parametrize(
    ("l0", "l1", "prediction"),
    [
        (NOWHERE, NOWHERE, InterPrediction((0, 0))),
        (Neighbours(UNUSED, UNUSED, UNUSED), NOWHERE, InterPrediction((0, 0))),
        (
            Neighbours(A, make_neighbour(1, 80, 80), UNUSED),
            Neighbours(UNUSED, UNUSED, UNUSED),
            InterPrediction((0, None), (A.mv, MotionVector())),
        ),
        (
            Neighbours(UNUSED, UNUSED, UNUSED),
            Neighbours(UNUSED, make_neighbour(1, 80, 80), UNUSED),
            InterPrediction((None, 1), (MotionVector(), MotionVector(80, 80))),
        ),
    ],
)
def test_b_skip_is_predicted_from_its_neighbours(
    l0: Neighbours, l1: Neighbours, prediction: InterPrediction
) -> None:
    """8.4.1.2.2: the lowest refIdx of each list; 0 and no motion in both, if none is used."""
    assert predict_spatial_direct(l0, l1) == prediction


def test_neighbours_are_those_of_the_standard() -> None:
    """8.4.1.3.2, Figure 6-12: A is to the left, B above, C above to the right, else D."""
    columns = [predict_from_l0(number) for number in range(6)]
    finder = NeighbourFinder(Strips(tuple(columns)), 6)

    def list_columns(x: int, y: int, width: int) -> list[int | None]:
        found = finder.find(x, y, width, 0)
        return [neighbour and neighbour.mv.x // 4 for neighbour in found]

    assert list_columns(0, 0, 2) == [None, None, None]
    assert list_columns(2, 0, 2) == [1, None, None]
    assert list_columns(2, 2, 2) == [1, 2, 4]
    assert list_columns(3, 2, 1) == [2, 3, 4]
    assert list_columns(4, 2, 2) == [3, 4, 3]  # no C at the right side: D
    assert list_columns(0, 2, 6) == [None, 0, None]


def test_lower_partition_has_nothing_to_its_right() -> None:
    """It comes later in decoding order (6.4.12.1); D is taken instead."""
    rows = [predict_from_l1(0, number) for number in range(4)]
    finder = NeighbourFinder(Strips(tuple(rows), are_rows=True), 6)

    def list_rows(y: int) -> list[int | None]:
        return [neighbour and neighbour.mv.y // 4 for neighbour in finder.find(2, y, 2, 1)]

    assert list_rows(2) == [2, 1, 1]
    assert list_rows(3) == [3, 2, 2]
    assert finder.find(2, 3, 2, 0) == Neighbours(UNUSED, UNUSED, UNUSED)


def test_pred_mode_is_which_lists_are_used() -> None:
    l0, l1 = predict_from_l0(1), predict_from_l1(2)

    assert l0.pred_mode is PredMode.PRED_L0
    assert l1.pred_mode is PredMode.PRED_L1
    assert predict_from_both(l0, l1).pred_mode is PredMode.BI_PRED


def test_both_lists_name_the_pictures_the_other_way_round() -> None:
    """refIdx 1 of list 0 is what refIdx 0 of list 1 is (8.2.4.2.3)."""
    both = predict_from_both(predict_from_l0(1), predict_from_l1(2))

    assert both == InterPrediction((1, 1), (MotionVector(8, 0), MotionVector(4, 0)))


def test_mv_ends_where_the_standard_says() -> None:
    """-2048 to 2047.75 samples (A.3.1)."""
    assert predict_from_l1(2047).mv[1] == (8188, 0)

    for x in (2048, -2048, 3840):
        with pytest.raises(OutOfRangeError):
            predict_from_l1(x)
