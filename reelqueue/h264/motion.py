"""Inter prediction of a B picture cut into strips: which reference pictures, which motion vectors.

A strip is 8 luma samples wide and as high as the picture, or 8 high and as wide as the picture: one
row or column of 8x16 or 16x8 macroblock partitions. All partitions of a strip are predicted alike.
Motion vectors are predicted from those of neighbouring partitions (ITU-T H.264, 8.4.1), so that
only their differences are coded.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from reelqueue.h264.errors import OutOfRangeError

MAX_HORIZONTAL_MV = 2047  # whole luma samples, at every level (A.3.1); vertically see `levels`

RefIdx = int | None
"""An index into a reference picture list; None where the list is not used (-1 in the standard)."""


class MotionVector(NamedTuple):
    """Where a prediction is taken from: quarter luma samples to the right and down (mvLX)."""

    x: int = 0
    y: int = 0

    def subtract(self, predicted: MotionVector) -> MotionVector:
        """Return `mvd_lX`, what is coded of this vector (ITU-T H.264, 7.4.5.1)."""
        return MotionVector(self.x - predicted.x, self.y - predicted.y)


_NO_MOTION = MotionVector()


class PredMode(Enum):
    """Which lists a partition is predicted from: `MbPartPredMode` (ITU-T H.264, Table 7-14)."""

    PRED_L0 = "L0"
    PRED_L1 = "L1"
    BI_PRED = "Bi"


class InterPrediction(NamedTuple):
    """What a partition is predicted from (ITU-T H.264, 8.4.1).

    Attributes:
        ref_idx: refIdxL0 and refIdxL1.
        mv: mvL0 and mvL1; zero where a list is not used.
    """

    ref_idx: tuple[RefIdx, RefIdx]
    mv: tuple[MotionVector, MotionVector] = (_NO_MOTION, _NO_MOTION)

    @property
    def pred_mode(self) -> PredMode:
        """Which lists are used."""
        if self.ref_idx[1] is None:
            return PredMode.PRED_L0
        return PredMode.PRED_L1 if self.ref_idx[0] is None else PredMode.BI_PRED


class Strips(NamedTuple):
    """The inter prediction of a whole picture.

    Attributes:
        predictions: that of each strip, from the left or from the top, two for each macroblock.
        are_rows: whether strips lie above each other, rather than side by side.
    """

    predictions: tuple[InterPrediction, ...]
    are_rows: bool = False


def predict_from_l0(x: int = 0, y: int = 0) -> InterPrediction:
    """Return the prediction from the reference picture that is shown before (Pred_L0).

    By default list 0 begins with the reference picture that precedes a B picture in output order,
    and list 1 with the one that follows it (ITU-T H.264, 8.2.4.2.3).

    Args:
        x: how far to the right the prediction is taken from, in whole luma samples.
        y: how far down, in whole luma samples.

    Raises:
        OutOfRangeError: if that is too far to the left or right.
    """
    return InterPrediction((0, None), (_to_mv(x, y), _NO_MOTION))


def predict_from_l1(x: int = 0, y: int = 0) -> InterPrediction:
    """Return the prediction from the reference picture that is shown after (Pred_L1).

    For arguments and errors see `predict_from_l0`.
    """
    return InterPrediction((None, 0), (_NO_MOTION, _to_mv(x, y)))


def predict_from_both(l0: InterPrediction, l1: InterPrediction) -> InterPrediction:
    """Return the weighted sum of both predictions (BiPred).

    The second picture in each list is the first one in the other, so with a refIdx of 1 the two
    have weights of their own, and the first ones keep the default weights.

    Args:
        l0: a prediction from the reference picture that is shown before.
        l1: a prediction from the one that is shown after.
    """
    return InterPrediction((1, 1), (l1.mv[1], l0.mv[0]))


class Neighbour(NamedTuple):
    """What one list's motion vector is predicted from (ITU-T H.264, 8.4.1.3.2)."""

    ref_idx: RefIdx
    mv: MotionVector


class Neighbours(NamedTuple):
    """The partitions around one, as 8.4.1.3.2 names them; None where there is none yet.

    Attributes:
        a: to the left.
        b: above.
        c: above to the right; if that is not available, above to the left (D in the standard).
    """

    a: Neighbour | None
    b: Neighbour | None
    c: Neighbour | None


class NeighbourFinder:
    """Finds the neighbours of partitions in a picture of strips (ITU-T H.264, 8.4.1.3.2).

    Args:
        strips: of the picture.
        width: of the picture, in units of 8 luma samples.
    """

    def __init__(self, strips: Strips, width: int) -> None:
        self._predictions, self._are_rows = strips
        self._width = width

    def find(self, x: int, y: int, width: int, ref_pic_list: int) -> Neighbours:
        """Return the neighbours of a partition, for list 0 or list 1.

        Args:
            x: where the partition begins, in units of 8 luma samples.
            y: the same, downwards.
            width: of the partition, in units of 8 luma samples.
            ref_pic_list: 0 or 1.
        """
        # What is to the right of a lower partition comes later in decoding order.
        is_lower_partition = y % 2 == 1
        c = None if is_lower_partition else self._look_at(x + width, y - 1, ref_pic_list)
        return Neighbours(
            self._look_at(x - 1, y, ref_pic_list),
            self._look_at(x, y - 1, ref_pic_list),
            c or self._look_at(x - 1, y - 1, ref_pic_list),
        )

    def _look_at(self, x: int, y: int, ref_pic_list: int) -> Neighbour | None:
        if y < 0 or not 0 <= x < self._width:
            return None
        prediction = self._predictions[y if self._are_rows else x]
        return Neighbour(prediction.ref_idx[ref_pic_list], prediction.mv[ref_pic_list])


def predict_mv(
    neighbours: Neighbours, ref_idx: RefIdx, preferred: Neighbour | None = None
) -> MotionVector:
    """Return the predicted motion vector, mvpLX (ITU-T H.264, 8.4.1.3).

    Args:
        neighbours: of the partition.
        ref_idx: of the partition.
        preferred: the neighbour whose vector is taken if it has the same `ref_idx`: of 8x16 and
            16x8 partitions only.
    """
    if preferred and preferred.ref_idx == ref_idx:
        return preferred.mv
    return _predict_median(neighbours, ref_idx)


def predict_spatial_direct(l0: Neighbours, l1: Neighbours) -> InterPrediction:
    """Return the prediction of a skipped macroblock, B_Skip (ITU-T H.264, 8.4.1.2.2).

    The colocated macroblock must be intra, so that colZeroFlag is 0.

    Args:
        l0: the macroblock's neighbours for list 0.
        l1: the same for list 1.
    """
    ref_idx_l0, ref_idx_l1 = _find_min_ref_idx(l0), _find_min_ref_idx(l1)
    if ref_idx_l0 is None and ref_idx_l1 is None:
        return InterPrediction((0, 0))
    return InterPrediction(
        (ref_idx_l0, ref_idx_l1),
        (
            _NO_MOTION if ref_idx_l0 is None else _predict_median(l0, ref_idx_l0),
            _NO_MOTION if ref_idx_l1 is None else _predict_median(l1, ref_idx_l1),
        ),
    )


def _find_min_ref_idx(neighbours: Neighbours) -> RefIdx:
    """Return the lowest index that a neighbour has: MinPositive (ITU-T H.264, 8.4.1.2.2)."""
    found = (neighbour.ref_idx for neighbour in neighbours if neighbour)
    return min((ref_idx for ref_idx in found if ref_idx is not None), default=None)


def _predict_median(neighbours: Neighbours, ref_idx: RefIdx) -> MotionVector:
    """Return the median of the neighbours' vectors (ITU-T H.264, 8.4.1.3.1)."""
    a, b, c = neighbours
    if a and not b and not c:
        return a.mv
    known = [neighbour or Neighbour(None, _NO_MOTION) for neighbour in neighbours]
    same = [neighbour.mv for neighbour in known if neighbour.ref_idx == ref_idx]
    if len(same) == 1:
        return same[0]
    x, y = (sorted(parts)[1] for parts in zip(*(neighbour.mv for neighbour in known), strict=True))
    return MotionVector(x, y)


def _to_mv(x: int, y: int) -> MotionVector:
    if abs(x) > MAX_HORIZONTAL_MV:
        raise OutOfRangeError(f"H.264 cannot predict from {x} samples to the side.")
    return MotionVector(4 * x, 4 * y)
