from __future__ import annotations

from random import Random

import numpy as np
import pytest

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import Change, Copy, Group, Mixture
from reelqueue.h264.macroblocks import Motion, Strips, code_macroblocks, copy_new, copy_old, mix
from reelqueue.h264.slice_header import WHOLE
from tests.h264.streams import Frames, decode_groups, make_still

SIZE = (160, 112)
STRIP = 8
EDGE = Mixture(48, 80)


def draw_strips(strips: Strips, old: Frames, new: Frames, scale: int) -> Frames:
    """Do 8.4.2 in numpy: copies from beyond a side repeat its last sample.

    Args:
        scale: 1 for luma, 2 for chroma.
    """
    size = STRIP // scale
    drawn = []
    for number, motion in enumerate(strips.motions):
        start = np.array([number * size, 0] if strips.are_rows else [0, number * size])
        shape = (size, old.shape[1]) if strips.are_rows else (old.shape[0], size)
        new_vector, old_vector = motion.vectors[1], motion.vectors[0]
        if motion.pictures == (1, 1):
            new_part = take(new, start, shape, motion.vectors[0], scale)
            old_part = take(old, start, shape, motion.vectors[1], scale)
            mixed = old_part.astype(int) * EDGE.old + new_part.astype(int) * EDGE.new
            drawn.append(((mixed + WHOLE // 2) // WHOLE).astype(np.uint8))
        elif motion.pictures[0] is not None:
            drawn.append(take(old, start, shape, old_vector, scale))
        else:
            drawn.append(take(new, start, shape, new_vector, scale))
    return np.concatenate(drawn, axis=0 if strips.are_rows else 1)


def take(
    picture: Frames,
    start: Frames,
    shape: tuple[int, int],
    vector: tuple[int, int],
    scale: int,
) -> Frames:
    rows, columns = (
        np.clip(first + np.arange(count) + quarters // 4 // scale, 0, limit - 1)
        for first, count, quarters, limit in zip(
            start, shape, reversed(vector), picture.shape, strict=True
        )
    )
    return picture[np.ix_(rows, columns)]


def choose_strips(random: Random, are_rows: bool) -> Strips:
    """Return a few runs of strips, each with a motion of its own."""
    count = SIZE[are_rows] // STRIP
    motions: list[Motion] = []
    while len(motions) < count:
        old, new = (
            copy(random.choice((0, 0, 8, -30, 64, -500)), random.choice((0, 0, 6, -40, 90)))
            for copy in (copy_old, copy_new)
        )
        run = random.choice((1, 1, 2, 3, 9))
        motions += [random.choice((old, new, mix(old, new)))] * run
    return Strips(tuple(motions[:count]), are_rows)


@pytest.mark.render
@pytest.mark.parametrize("are_rows", [False, True])
def test_decoders_show_what_the_strips_say(are_rows: bool) -> None:
    """Any mixture of strips: what is skipped and how vectors are predicted must be right."""
    random = Random(264)
    layout, old = make_still("astronaut", SIZE)
    _, new = make_still("coffee", SIZE)
    cases = [choose_strips(random, are_rows) for _ in range(120)]
    cases += [
        Strips((motion,) * (SIZE[are_rows] // STRIP), are_rows)
        for motion in (copy_old(), copy_new(-16), copy_new(0, 10), mix(copy_old(4, 4), copy_new()))
    ]

    changes = [Change([Copy(strips, EDGE) for strips in cases], new)]
    luma, chroma = decode_groups(layout, [Group(old, 2, changes)], SIZE)

    assert len(luma) == len(cases) + 3
    blue, red = (
        [half[side * SIZE[1] // 2 : (side + 1) * SIZE[1] // 2] for half in chroma]
        for side in (0, 1)
    )
    for number, strips in enumerate(cases, 2):
        for plane, scale in ((luma, 1), (blue, 2), (red, 2)):
            drawn = draw_strips(strips, plane[0], plane[-1], scale)
            assert np.array_equal(plane[number], drawn), strips


@pytest.mark.parametrize("are_rows", [False, True])
def test_edge_is_nearly_free(are_rows: bool) -> None:
    sides = (2 * 120, 2 * 68)
    rest = sides[are_rows] - 41
    motions = (copy_old(),) * 40 + (mix(copy_old(), copy_new()),) + (copy_new(),) * rest

    code = code_macroblocks(Strips(motions, are_rows), 120, 68)

    assert len(code) < 120 * 68 / 2  # bits


def test_motion_ends_where_the_standard_says() -> None:
    """-2048 to 2047.75 samples (A.3.1)."""
    assert copy_new(2047).vectors[1] == (8188, 0)

    for shift in (2048, -2048, 3840):
        with pytest.raises(OutOfRangeError):
            copy_new(shift)
