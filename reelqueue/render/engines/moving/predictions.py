"""What written frames are predicted from: macroblocks of the keys around them.

Where the keys do not show a macroblock as the frame does, it is lacking, and corrected later.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reelqueue.h264.pictures import MotionPicture, Weights
from reelqueue.planning.b_pictures import find_weights
from reelqueue.planning.camera import Box
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MACROBLOCK, STRIP, Crossfade, Edge
from reelqueue.render.engines.moving.cavlc import Flags
from reelqueue.render.engines.moving.macroblocks import ListMotion, code_slice_data
from reelqueue.render.engines.moving.residual import Residual
from reelqueue.render.engines.moving.samples import stay_on_samples
from reelqueue.render.engines.moving.vectors import (
    TAPS,
    TOLERANCE,
    find_vectors,
    hold_words,
    share_steps,
    use_both,
)
from reelqueue.render.frames.ken_burns import Region
from reelqueue.render.frames.regions import DrawRegion

_LEAST_SHARE = 0.01

Shift = tuple[int, int]


class Written(NamedTuple):
    """A frame that is written: what it is predicted from.

    Attributes:
        l0: in the key behind it.
        l1: in the key before it.
        weights: of both; None: by their distances.
        lacking: the macroblocks that keys do not show like this; None: there are none.
        draw: draws a region of the frame; needed if there are any.
    """

    l0: ListMotion
    l1: ListMotion
    weights: Weights | None = None
    lacking: Flags | None = None
    draw: DrawRegion | None = None

    def write(self, residual: Residual | None = None, qp: int | None = None) -> MotionPicture:
        """Return the picture, with a residual at this QP if there is any."""
        return MotionPicture(code_slice_data(self.l0, self.l1, residual), self.weights, qp)


class Sight(NamedTuple):
    """A photo in a frame.

    Attributes:
        shown: the box of the photo that the frame shows.
        key: the box that its key shows.
        words: the region in which words stand over it; None if there are none.
    """

    shown: Box
    key: Box
    words: Region | None = None


def predict_between(after: Sight, before: Sight, draw: DrawRegion, size: Size) -> Written:
    """Predict a frame from two keys of one photo, which the decoder weighs by their distance."""
    motions = share_steps(*(find_vectors(shown, key, size) for shown, key, _ in (after, before)))
    if after.words is None:
        return Written(*use_both(*motions))
    (l0, has_words), (l1, _) = (hold_words(motion, after.words) for motion in motions)
    lacking = has_words | ~(l0.is_used | l1.is_used)
    return _complete(*use_both(l0, l1), None, lacking, draw)


def predict_mix(
    fade: Crossfade, old: Sight | None, new: Sight | None, draw: DrawRegion, size: Size
) -> Written:
    """Mix two pictures, each in its own motion; None is a grey, which has none."""
    motions = []
    lacking = np.array(False)
    for sight, share in ((new, fade.new), (old, fade.old)):
        # What has a small share may be a little wrong.
        tolerance = TOLERANCE / max(float(share), _LEAST_SHARE)
        motion, has_words = _find_motion(
            sight or Sight((0, 0, *size), (0, 0, *size)), size, tolerance
        )
        lacking = lacking | has_words | ~motion.is_used
        motions.append(motion._replace(is_used=np.full_like(motion.is_used, True)))
    weights = find_weights(fade.new if new else 1 - fade.old)
    return _complete(motions[0], motions[1], weights, lacking, draw)


def predict_edge(
    edge: Edge,
    old: tuple[Sight, Edge],
    new: tuple[Sight, Edge],
    draw: DrawRegion,
    size: Size,
    reach: int,
) -> Written:
    """Show one photo before an edge and the other one behind it, each in its own motion.

    Args:
        edge: in the frame.
        old, new: each photo, and the edge in its key.
        reach: how many samples a vector may point up or down.
    """
    (l0, new_words), (l1, old_words) = (
        _find_motion_beside(edge, *photo, size, reach, is_new=is_new)
        for photo, is_new in ((new, True), (old, False))
    )
    is_before, is_cut = _find_sides(edge, l0.is_used.shape)
    is_new = is_before if edge.is_new_first else ~is_before
    lacking = is_cut | np.where(is_new, new_words | ~l0.is_used, old_words | ~l1.is_used)
    lists = l0._replace(is_used=is_new), l1._replace(is_used=~is_new)
    return _complete(*lists, None, lacking, draw)


def _complete(
    l0: ListMotion, l1: ListMotion, weights: Weights | None, lacking: Flags, draw: DrawRegion
) -> Written:
    """Return a frame in which some macroblocks are lacking: these are copied from whole samples."""
    l0, l1 = (stay_on_samples(motion, lacking) for motion in (l0, l1))
    return Written(l0, l1, weights, lacking, draw)


def _find_motion(
    sight: Sight,
    size: Size,
    tolerance: float = TOLERANCE,
    shift: Shift = (0, 0),
    key_shift: Shift = (0, 0),
) -> tuple[ListMotion, Flags]:
    """Return the motion of a photo, and which macroblocks have words.

    Args:
        shift: how many samples the photo is moved to the right and down.
        key_shift: how many it is in its key.
    """
    boxes = _move(sight.shown, shift, size), _move(sight.key, key_shift, size)
    motion = find_vectors(*boxes, size, tolerance)
    if sight.words is None:
        return motion, np.zeros_like(motion.is_used)
    left, top, right, bottom = sight.words
    across, down = key_shift
    words = left + across, top + down, right + across, bottom + down
    return hold_words(motion, words, (shift[0] - across, shift[1] - down))


def _find_motion_beside(
    edge: Edge, sight: Sight, key_edge: Edge, size: Size, reach: int, *, is_new: bool
) -> tuple[ListMotion, Flags]:
    """Return the motion of a photo beside an edge; used is what its key shows within reach."""
    shifts = (
        (0, by) if edge.is_level else (by, 0)
        for by in (each.new_shift if is_new else each.old_shift for each in (edge, key_edge))
    )
    motion, has_words = _find_motion(sight, size, TOLERANCE, *shifts)
    starts = MACROBLOCK * np.indices(motion.is_used.shape)[int(not edge.is_level)]
    starts = starts + (motion.y if edge.is_level else motion.x) / 4
    if is_new == edge.is_new_first:
        is_shown = starts + MACROBLOCK + TAPS <= key_edge.strip
        is_alone = key_edge.strip >= size[edge.is_level]
    else:
        is_shown = starts - TAPS >= _find_end(key_edge)
        is_alone = _find_end(key_edge) <= 0
    y = np.clip(motion.y, -4 * reach, 4 * reach)
    is_used = motion.is_used & (is_shown | is_alone) & (y == motion.y)
    return ListMotion(motion.x, y, is_used), has_words


def _move(box: Box, shift: Shift, size: Size) -> Box:
    """Return the box of a photo that a frame shows when the photo is moved, with its view."""
    left, top, right, bottom = box
    across = shift[0] * (right - left) / size[0]
    down = shift[1] * (bottom - top) / size[1]
    return left - across, top - down, right - across, bottom - down


def _find_sides(edge: Edge, shape: tuple[int, ...]) -> tuple[Flags, Flags]:
    """Return which macroblocks are before an edge, by their middle, and which it cuts."""
    starts = MACROBLOCK * np.indices(shape)[int(not edge.is_level)]
    end = _find_end(edge)
    is_cut = (starts < end) & (starts + MACROBLOCK > edge.strip)
    return starts + MACROBLOCK // 2 < end, is_cut


def _find_end(edge: Edge) -> int:
    """Return where only the photo behind an edge is shown from."""
    return edge.strip + (STRIP if edge.first_share else 0)
