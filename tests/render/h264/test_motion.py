from __future__ import annotations

from functools import partial
from random import Random

import numpy as np
import pytest

from reelqueue.render.h264.errors import OutOfRangeError
from reelqueue.render.h264.motion import COLUMN, Motion, code_columns, copy_new, copy_old, mix
from reelqueue.render.h264.slices import WHOLE, Weight
from reelqueue.render.h264.stream import Copy, Group
from tests.render.h264.streams import Frames, decode_groups, make_still

SIZE = (160, 48)
COLUMNS = SIZE[0] // COLUMN
EDGE = (48, 80)


def draw_columns(columns: tuple[Motion, ...], old: Frames, new: Frames, scale: int) -> Frames:
    """Do 8.4.2 in numpy: copies from beyond a side repeat its last sample.

    Args:
        scale: 1 for luma, 2 for chroma.
    """
    width = COLUMN // scale
    drawn = []
    for number, motion in enumerate(columns):
        look = partial(take_columns, range(number * width, (number + 1) * width), scale)
        if motion.pictures == (1, 1):
            new_part, old_part = look(new, motion.vectors[0]), look(old, motion.vectors[1])
            mixed = old_part.astype(int) * EDGE[0] + new_part.astype(int) * EDGE[1]
            drawn.append(((mixed + WHOLE // 2) // WHOLE).astype(np.uint8))
        elif motion.pictures[0] is not None:
            drawn.append(look(old, motion.vectors[0]))
        else:
            drawn.append(look(new, motion.vectors[1]))
    return np.concatenate(drawn, axis=1)


def take_columns(columns: range, scale: int, picture: Frames, vector: int) -> Frames:
    return picture[:, np.clip(np.add(columns, vector // 4 // scale), 0, picture.shape[1] - 1)]


def choose_columns(random: Random) -> tuple[Motion, ...]:
    """Return a few runs of columns, each with a motion of its own."""
    columns: list[Motion] = []
    while len(columns) < COLUMNS:
        old, new = (copy(random.choice((0, 0, 8, -30, 64, -500))) for copy in (copy_old, copy_new))
        run = random.choice((1, 1, 2, 3, 9))
        columns += [random.choice((old, new, mix(old, new)))] * run
    return tuple(columns[:COLUMNS])


def test_decoders_show_what_the_columns_say() -> None:
    """Any mixture of columns: what is skipped and how vectors are predicted must be right."""
    random = Random(264)
    layout, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    cases = [choose_columns(random) for _ in range(120)]
    cases += [(motion,) * COLUMNS for motion in (copy_old(), copy_new(-16), mix(*cases[0][:1] * 2))]
    weights = [Weight(factor, factor) for factor in EDGE]

    luma, chroma = decode_groups(
        layout, [Group(old, 2, [Copy(columns, *weights) for columns in cases], new)], SIZE
    )

    assert len(luma) == len(cases) + 3
    for number, columns in enumerate(cases, 2):
        assert np.array_equal(luma[number], draw_columns(columns, luma[0], luma[-1], 1)), columns
        half = draw_columns(columns, chroma[0], chroma[-1], 2)
        assert np.array_equal(chroma[number], half), columns


def test_rows_of_an_edge_are_nearly_free() -> None:
    columns = (copy_old(),) * 100 + (mix(copy_old(), copy_new()),) + (copy_new(),) * 139

    assert len(code_columns(columns, 68)) < 68 * 50  # bits


def test_motion_ends_where_the_standard_says() -> None:
    """-2048 to 2047.75 samples (A.3.1)."""
    assert copy_new(2047).vectors == (0, 8188)

    for shift in (2048, -2048, 3840):
        with pytest.raises(OutOfRangeError):
            copy_new(shift)
