"""Macroblocks that copy one picture left of an edge and another right of it, without a residual.

All rows of macroblocks are alike, so a picture's motion is that of its columns, half a macroblock
(8 samples) wide. The edge moves in steps of 8 samples; where it falls within a column, that column
is a mixture of both pictures, by how much of it each covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reelqueue.render.h264.bits import code_signed, code_unsigned
from reelqueue.render.h264.errors import OutOfRangeError

COLUMN = 8  # samples
FARTHEST = 2047  # samples sideways, at every level (A.3.1)
_UNCODED = code_unsigned(0)  # coded_block_pattern: nothing (Table 9-4)


class Motion(NamedTuple):
    """Which pictures a column is predicted from, and from how far to the right of itself.

    One entry a list: `refIdx`, or None where that list is not used, and quarter samples.
    """

    pictures: tuple[int | None, int | None]
    vectors: tuple[int, int] = (0, 0)


class _Neighbour(NamedTuple):
    """What one list's motion is predicted from (8.4.1.3.2)."""

    picture: int | None
    vector: int


# `mb_type` by the lists that the halves use: 1 is list 0, 2 is list 1, 3 is both (Table 7-14).
_WHOLE_TYPES = {1: 1, 2: 2, 3: 3}
_HALVES_TYPES = {
    (1, 1): 5,
    (2, 2): 7,
    (1, 2): 9,
    (2, 1): 11,
    (1, 3): 13,
    (2, 3): 15,
    (3, 1): 17,
    (3, 2): 19,
    (3, 3): 21,
}


def copy_old(shift: int = 0) -> Motion:
    """Return the motion of a copy of the picture shown before, from `shift` samples to the right.

    Raises:
        OutOfRangeError: if that is too far.
    """
    return Motion((0, None), (_to_quarters(shift), 0))


def copy_new(shift: int = 0) -> Motion:
    """Return the same of the picture shown after."""
    return Motion((None, 0), (0, _to_quarters(shift)))


def mix(old: Motion, new: Motion) -> Motion:
    """Return the motion of a mixture of two copies.

    By default list 0 is (old, new) and list 1 is (new, old) (8.2.4.2.3), so the second pictures
    can carry weights of their own: list 0's those of the new one.
    """
    return Motion((1, 1), (new.vectors[1], old.vectors[0]))


def code_columns(columns: tuple[Motion, ...], rows: int) -> str:
    """Return the slice data of `rows` equal rows of macroblocks as a text of 0 and 1 (7.3.4)."""
    pieces: list[str] = []
    skipped = 0
    first, other = _code_row(columns, is_first=True), _code_row(columns, is_first=False)
    for row in range(rows):
        codes, rest = other if row else first
        for run, code in codes:
            pieces += code_unsigned(skipped + run), code
            skipped = 0
        skipped += rest
    if skipped:
        pieces.append(code_unsigned(skipped))
    return "".join(pieces)


def _code_row(columns: tuple[Motion, ...], *, is_first: bool) -> tuple[list[tuple[int, str]], int]:
    """Return the macroblocks that must be coded, each after so many skipped ones, and the rest."""
    codes = []
    skipped = 0
    for left in range(0, len(columns), 2):
        if _is_skipped(columns, left, is_first):
            skipped += 1
            continue
        code = _code_whole if columns[left] == columns[left + 1] else _code_halves
        codes.append((skipped, code(columns, left, is_first)))
        skipped = 0
    return codes, skipped


def _is_skipped(columns: tuple[Motion, ...], left: int, is_first: bool) -> bool:
    motion = columns[left]
    around = columns[max(left - 1, 0) : left + 3]
    if around.count(motion) == len(around) and (left or not is_first):
        return True  # as all neighbours move alike: the same as below, but sooner
    return columns[left + 1] == motion == _predict_direct(columns, left, is_first)


def _code_whole(columns: tuple[Motion, ...], left: int, is_first: bool) -> str:
    """Return `B_L0_16x16`, `B_L1_16x16` or `B_Bi_16x16` (7.3.5, 7.3.5.1)."""
    motion = columns[left]
    differences = []
    for list_number in _used_lists(motion):
        near = _find_neighbours(columns, left, 2, is_first, list_number)
        predicted = _predict(near, motion.pictures[list_number])
        differences.append(motion.vectors[list_number] - predicted)
    kind = _WHOLE_TYPES[_name_lists(motion)]
    return code_unsigned(kind) + _code_prediction([motion], differences)


def _code_halves(columns: tuple[Motion, ...], left: int, is_first: bool) -> str:
    """Return one of `B_..._8x16` (7.3.5, 7.3.5.1); its halves are predicted as 8.4.1.3 says."""
    halves = columns[left], columns[left + 1]
    differences = []
    for list_number in (0, 1):
        for side, motion in enumerate(halves):
            if motion.pictures[list_number] is None:
                continue
            near = _find_neighbours(columns, left + side, 1, is_first, list_number)
            preferred = near[2 if side else 0]
            predicted = (
                preferred.vector
                if preferred and preferred.picture == motion.pictures[list_number]
                else _predict(near, motion.pictures[list_number])
            )
            differences.append(motion.vectors[list_number] - predicted)
    kind = _HALVES_TYPES[_name_lists(halves[0]), _name_lists(halves[1])]
    return code_unsigned(kind) + _code_prediction(halves, differences)


def _code_prediction(parts: Sequence[Motion], differences: Sequence[int]) -> str:
    """Return `mb_pred` and an empty `coded_block_pattern`; nothing moves up or down (7.3.5.1).

    `ref_idx` is te(v) of 0 or 1, one inverted bit (9.1).
    """
    indexes = [
        "1" if part.pictures[list_number] == 0 else "0"
        for list_number in (0, 1)
        for part in parts
        if part.pictures[list_number] is not None
    ]
    vectors = [code_signed(difference) + code_signed(0) for difference in differences]
    return "".join(indexes + vectors) + _UNCODED


def _predict_direct(columns: tuple[Motion, ...], left: int, is_first: bool) -> Motion:
    """Return what a skipped macroblock gets: spatial direct prediction (8.4.1.2.2).

    The co-located picture is intra, so that `colZeroFlag` is never set.
    """
    near = [_find_neighbours(columns, left, 2, is_first, list_number) for list_number in (0, 1)]
    pictures = [
        min((one.picture for one in around if one and one.picture is not None), default=None)
        for around in near
    ]
    if pictures == [None, None]:
        return Motion((0, 0))
    vectors = [
        0 if picture is None else _predict(around, picture)
        for around, picture in zip(near, pictures, strict=True)
    ]
    return Motion((pictures[0], pictures[1]), (vectors[0], vectors[1]))


def _find_neighbours(
    columns: tuple[Motion, ...], left: int, width: int, is_first: bool, list_number: int
) -> list[_Neighbour | None]:
    """Return A, B and C of 8.4.1.3.2: beside, above, and above to the right, else to the left."""

    def look(column: int, is_above: bool) -> _Neighbour | None:
        if (is_above and is_first) or not 0 <= column < len(columns):
            return None
        motion = columns[column]
        picture = motion.pictures[list_number]
        return _Neighbour(picture, 0 if picture is None else motion.vectors[list_number])

    diagonal = look(left + width, True) or look(left - 1, True)
    return [look(left - 1, False), look(left, True), diagonal]


def _predict(near: Sequence[_Neighbour | None], picture: int | None) -> int:
    """Return the median prediction of a vector (8.4.1.3.1)."""
    beside, above, diagonal = near
    if beside and not above and not diagonal:
        return beside.vector
    known = [one or _Neighbour(None, 0) for one in near]
    same = [one.vector for one in known if one.picture == picture]
    return same[0] if len(same) == 1 else sorted(one.vector for one in known)[1]


def _used_lists(motion: Motion) -> list[int]:
    return [number for number, picture in enumerate(motion.pictures) if picture is not None]


def _name_lists(motion: Motion) -> int:
    return sum(1 << number for number in _used_lists(motion))


def _to_quarters(shift: int) -> int:
    if abs(shift) > FARTHEST:
        raise OutOfRangeError(f"H.264 cannot move a picture by {shift} samples.")
    return 4 * shift
