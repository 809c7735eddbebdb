"""The pictures between the stills of a group, made of these stills: pure.

A decoder makes each frame of a transition from two stills: as a mixture of both, or as a copy of
one on each side of an edge.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from reelqueue.h264.gop import Copy, Mixture
from reelqueue.h264.macroblocks import MACROBLOCK, Motion, Strips, copy_new, copy_old, mix
from reelqueue.h264.slice_header import WHOLE
from reelqueue.planning.still_plan import Plain, StillGroup
from reelqueue.planning.transitions.base import (
    STRIP,
    Blur,
    Crossfade,
    Edge,
    LumaWipe,
    TransitionFrame,
    Zoom,
)
from reelqueue.planning.transitions.registry import list_frames


def plan_changes(group: StillGroup, size: tuple[int, int]) -> list[list[Mixture | Copy]]:
    """Return the pictures that lead to each of a group's targets.

    Args:
        size: of the video, (width, height).
    """
    if group.blend is None:
        return []
    frames = list(list_frames(group.blend.transition, group.blend.frames, size))
    first = frames[0] if group.drawn else None
    changes: list[list[Mixture | Copy]] = []
    start = group.drawn
    for end, target in group.targets:
        between = frames[start : end - 1]
        changes.append(
            [_code_frame(frame, first, isinstance(target, Plain), size) for frame in between]
        )
        start, first = end, None
    return changes


def _code_frame(
    frame: TransitionFrame, first: TransitionFrame | None, to_plain: bool, size: tuple[int, int]
) -> Mixture | Copy:
    """Return a frame as a picture made of the stills around it.

    Args:
        first: the frame that the still before it shows, None if that is a photo or a plain grey.
    """
    match frame:
        case Edge():
            return _put_beside(frame, first if isinstance(first, Edge) else None, size)
        case Crossfade():
            done = _find_progress(frame, to_plain)
            begun = _find_progress(first, to_plain) if isinstance(first, Crossfade) else Fraction(0)
            return _mix((done - begun) / (1 - begun))
        case LumaWipe() | Zoom() | Blur():
            raise ValueError(f"The decoder cannot make {frame}: it must be drawn.")
        case _:
            assert_never(frame)


def _find_progress(fade: Crossfade, to_plain: bool) -> Fraction:
    return 1 - fade.old if to_plain else fade.new


def _mix(new: Fraction) -> Mixture:
    """Return the mixture with a share of `new`, 0 to 1; both weights are at least 1 (7.4.3.2)."""
    weight = min(max(round(WHOLE * new), 1), WHOLE - 1)
    return Mixture(WHOLE - weight, weight)


def _put_beside(edge: Edge, begun: Edge | None, size: tuple[int, int]) -> Copy:
    """Return the picture with the stills on either side of an edge.

    Args:
        begun: the edge in the old still, if that still is a frame of the transition.
    """
    shifts = (-edge.old_shift, -edge.new_shift)
    away = [(0, shift) if edge.is_level else (shift, 0) for shift in shifts]
    old, new = copy_old(*away[0]), copy_new(*away[1])
    first, second = (new, old) if edge.is_new_first else (old, new)
    old_share = edge.old_share
    if begun and begun.strip == edge.strip and begun.old_share:
        old_share /= begun.old_share
    motions = _lay_strips(edge, size[edge.is_level], first, second, mix(old, new))
    return Copy(Strips(motions, edge.is_level), _mix(1 - old_share))


def _lay_strips(
    edge: Edge, length: int, first: Motion, second: Motion, mixed: Motion
) -> tuple[Motion, ...]:
    """Return the motion of every strip of a coded picture, which is whole macroblocks long."""
    count = 2 * -(-length // MACROBLOCK)
    middle = (mixed,) if edge.first_share else ()
    before = -(-edge.strip // STRIP)
    return (first,) * before + middle + (second,) * (count - before - len(middle))
