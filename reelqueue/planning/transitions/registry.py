"""All transitions by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions import (
    blur,
    circle,
    dip,
    dissolve,
    fade,
    push,
    slide,
    wipe,
    zoom,
)
from reelqueue.planning.transitions.base import Effect, TransitionFrame
from reelqueue.specs.photo import Transition

EFFECTS: Mapping[Transition, Effect] = {
    **fade.EFFECTS,
    **dissolve.EFFECTS,
    **dip.EFFECTS,
    **wipe.EFFECTS,
    **slide.EFFECTS,
    **push.EFFECTS,
    **circle.EFFECTS,
    **zoom.EFFECTS,
    **blur.EFFECTS,
}
"""Every transition but `none`, which has no frames, and `random`, which is one of these."""


def list_frames(transition: Transition, frames: int, size: Size) -> Iterator[TransitionFrame]:
    """Yield what each frame of a transition shows.

    Args:
        frames: how many it has; the last one shows the new photo alone.
        size: the video's `(width, height)` in pixels.
    """
    show = EFFECTS[transition].show
    return (show(frame, frames, size) for frame in range(1, frames + 1))
