"""Macroblocks that copy one picture before an edge and another behind it, without a residual.

A picture is cut into strips of 8 samples, half a macroblock: all columns or all rows. Each strip
has one motion. The edge moves in steps of a strip; where it falls within one, that strip is a
mixture of both pictures, by how much of it each covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reelqueue.h264.bitstream import code_se, code_ue
from reelqueue.h264.errors import OutOfRangeError

MACROBLOCK = 16  # samples a side
FARTHEST = 2047  # samples sideways, at every level (A.3.1); up and down see `levels`
_UNCODED = code_ue(0)  # coded_block_pattern: nothing (Table 9-4)


class Vector(NamedTuple):
    """From where a prediction is taken: quarter samples to the right and down."""

    right: int = 0
    down: int = 0


_STILL = Vector()


class Motion(NamedTuple):
    """Which pictures a strip is predicted from, and from where.

    One entry a list: `refIdx`, or None where that list is not used, and the vector.
    """

    pictures: tuple[int | None, int | None]
    vectors: tuple[Vector, Vector] = (_STILL, _STILL)


class Strips(NamedTuple):
    """The strips of a whole picture by their motion: columns, or rows if `are_rows`."""

    motions: tuple[Motion, ...]
    are_rows: bool = False


class _Neighbour(NamedTuple):
    """What one list's motion is predicted from (8.4.1.3.2)."""

    picture: int | None
    vector: Vector


# `mb_type` by the lists that the halves use: 1 is list 0, 2 is list 1, 3 is both (Table 7-14).
_WHOLE_TYPES = {1: 1, 2: 2, 3: 3}
_ROWS_TYPES = {  # 16x8; one more is 8x16
    (1, 1): 4,
    (2, 2): 6,
    (1, 2): 8,
    (2, 1): 10,
    (1, 3): 12,
    (2, 3): 14,
    (3, 1): 16,
    (3, 2): 18,
    (3, 3): 20,
}


def copy_old(right: int = 0, down: int = 0) -> Motion:
    """Return the motion of a copy of the picture shown before, from so many samples away.

    Raises:
        OutOfRangeError: if that is too far sideways.
    """
    return Motion((0, None), (_to_vector(right, down), _STILL))


def copy_new(right: int = 0, down: int = 0) -> Motion:
    """Return the same of the picture shown after."""
    return Motion((None, 0), (_STILL, _to_vector(right, down)))


def mix(old: Motion, new: Motion) -> Motion:
    """Return the motion of a mixture of two copies.

    By default list 0 is (old, new) and list 1 is (new, old) (8.2.4.2.3), so the second pictures
    can carry weights of their own: list 0's those of the new one.
    """
    return Motion((1, 1), (new.vectors[1], old.vectors[0]))


def code_macroblocks(strips: Strips, width: int, height: int) -> str:
    """Return the slice data of a picture as a text of 0 and 1 (7.3.4).

    Args:
        width, height: of the picture in macroblocks; each macroblock has two strips.
    """
    pieces: list[str] = []
    skipped = 0
    for codes in _code_rows(strips, width, height):
        for code in codes:
            if code is None:
                skipped += 1
                continue
            pieces += code_ue(skipped), code
            skipped = 0
    if skipped:
        pieces.append(code_ue(skipped))
    return "".join(pieces)


def _code_rows(strips: Strips, width: int, height: int) -> Iterator[list[str | None]]:
    """Yield the macroblocks of every row, None where one is skipped."""
    if strips.are_rows:
        for y in range(height):
            first, other, last = (_code_macroblock(strips, x, y, width) for x in (0, 1, width - 1))
            yield [first, *[other] * (width - 2), last]
        return
    above = [_code_macroblock(strips, x, 0, width) for x in range(width)]
    others = [_code_macroblock(strips, x, 1, width) for x in range(width)]
    yield above
    for _ in range(height - 1):
        yield others


def _code_macroblock(strips: Strips, x: int, y: int, width: int) -> str | None:
    """Return `macroblock_layer` of the macroblock in column x, row y; None if skipped (7.3.5)."""
    number = y if strips.are_rows else x
    halves = strips.motions[2 * number], strips.motions[2 * number + 1]
    around = strips.motions[max(2 * number - 1, 0) : 2 * number + 3]
    if around.count(halves[0]) == len(around) and (x or y):
        return None  # as all neighbours move alike: the same as below, but sooner
    look = _Surroundings(strips, 2 * width)
    if halves[0] == halves[1]:
        if halves[0] == _predict_direct(look, 2 * x, 2 * y):
            return None
        return _code_whole(look, halves[0], 2 * x, 2 * y)
    return _code_halves(look, halves, 2 * x, 2 * y)


class _Surroundings:
    """Finds what is left, above, and above to the right of a partition, in strips."""

    def __init__(self, strips: Strips, width: int) -> None:
        self._strips = strips
        self._width = width

    def find(self, x: int, y: int, width: int, list_number: int) -> list[_Neighbour | None]:
        """Return A, B and C of 8.4.1.3.2; D, above to the left, where C is not decoded yet."""
        is_lower_half = y % 2 == 1
        beyond = None if is_lower_half else self._look(x + width, y - 1, list_number)
        return [
            self._look(x - 1, y, list_number),
            self._look(x, y - 1, list_number),
            beyond or self._look(x - 1, y - 1, list_number),
        ]

    def _look(self, x: int, y: int, list_number: int) -> _Neighbour | None:
        if y < 0 or not 0 <= x < self._width:
            return None
        motion = self._strips.motions[y if self._strips.are_rows else x]
        picture = motion.pictures[list_number]
        return _Neighbour(picture, _STILL if picture is None else motion.vectors[list_number])

    @property
    def are_rows(self) -> bool:
        """Tell whether macroblocks are halved into an upper and a lower part."""
        return self._strips.are_rows


def _code_whole(look: _Surroundings, motion: Motion, x: int, y: int) -> str:
    """Return `B_L0_16x16`, `B_L1_16x16` or `B_Bi_16x16` (7.3.5, 7.3.5.1)."""
    differences = []
    for list_number in _used_lists(motion):
        near = look.find(x, y, 2, list_number)
        predicted = _predict(near, motion.pictures[list_number])
        differences.append(_subtract(motion.vectors[list_number], predicted))
    kind = _WHOLE_TYPES[_name_lists(motion)]
    return code_ue(kind) + _code_prediction([motion], differences)


def _code_halves(look: _Surroundings, halves: tuple[Motion, Motion], x: int, y: int) -> str:
    """Return one of `B_..._16x8` or `B_..._8x16` (7.3.5, 7.3.5.1).

    Each half is predicted from the neighbour that 8.4.1.3 prefers, where that uses its picture.
    """
    differences = []
    for list_number in (0, 1):
        for second, motion in enumerate(halves):
            if motion.pictures[list_number] is None:
                continue
            if look.are_rows:
                near = look.find(x, y + second, 2, list_number)
                preferred = near[0 if second else 1]
            else:
                near = look.find(x + second, y, 1, list_number)
                preferred = near[2 if second else 0]
            predicted = (
                preferred.vector
                if preferred and preferred.picture == motion.pictures[list_number]
                else _predict(near, motion.pictures[list_number])
            )
            differences.append(_subtract(motion.vectors[list_number], predicted))
    kind = _ROWS_TYPES[_name_lists(halves[0]), _name_lists(halves[1])] + (not look.are_rows)
    return code_ue(kind) + _code_prediction(halves, differences)


def _code_prediction(parts: Sequence[Motion], differences: Sequence[Vector]) -> str:
    """Return `mb_pred` and an empty `coded_block_pattern` (7.3.5.1).

    `ref_idx` is te(v) of 0 or 1, one inverted bit (9.1).
    """
    indexes = [
        "1" if part.pictures[list_number] == 0 else "0"
        for list_number in (0, 1)
        for part in parts
        if part.pictures[list_number] is not None
    ]
    vectors = [code_se(part) for difference in differences for part in difference]
    return "".join(indexes + vectors) + _UNCODED


def _predict_direct(look: _Surroundings, x: int, y: int) -> Motion:
    """Return what a skipped macroblock gets: spatial direct prediction (8.4.1.2.2).

    The co-located picture is intra, so that `colZeroFlag` is never set.
    """
    near = [look.find(x, y, 2, list_number) for list_number in (0, 1)]
    pictures = [
        min((one.picture for one in around if one and one.picture is not None), default=None)
        for around in near
    ]
    if pictures == [None, None]:
        return Motion((0, 0))
    vectors = [
        _STILL if picture is None else _predict(around, picture)
        for around, picture in zip(near, pictures, strict=True)
    ]
    return Motion((pictures[0], pictures[1]), (vectors[0], vectors[1]))


def _predict(near: Sequence[_Neighbour | None], picture: int | None) -> Vector:
    """Return the median prediction of a vector (8.4.1.3.1)."""
    beside, above, diagonal = near
    if beside and not above and not diagonal:
        return beside.vector
    known = [one or _Neighbour(None, _STILL) for one in near]
    same = [one.vector for one in known if one.picture == picture]
    if len(same) == 1:
        return same[0]
    right, down = (sorted(parts)[1] for parts in zip(*(one.vector for one in known), strict=True))
    return Vector(right, down)


def _subtract(vector: Vector, predicted: Vector) -> Vector:
    return Vector(vector.right - predicted.right, vector.down - predicted.down)


def _used_lists(motion: Motion) -> list[int]:
    return [number for number, picture in enumerate(motion.pictures) if picture is not None]


def _name_lists(motion: Motion) -> int:
    return sum(1 << number for number in _used_lists(motion))


def _to_vector(right: int, down: int) -> Vector:
    if abs(right) > FARTHEST:
        raise OutOfRangeError(f"H.264 cannot move a picture by {right} samples.")
    return Vector(4 * right, 4 * down)
