"""A few stills of a slideshow, encoded with several CRFs to learn how many bytes come of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from av.video.frame import VideoFrame

from reelqueue.planning.still_plan import PhotoStill, StillGop, list_stills, plan_gops
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.still import draw_stills
from reelqueue.render.engines.still_intra import encode_intra
from reelqueue.render.frames.draw import PhotoWindow, Picture

_MOST_STILLS = 4


class StillSample:
    """Stills spread over a slideshow.

    Args:
        timeline: of the slideshow.
        load: returns a photo's picture.
    """

    def __init__(self, timeline: Timeline, load: Callable[[int], Picture]) -> None:
        self._timeline = timeline
        self._load = load
        self._sizes: dict[float, int] = {}

    @cached_property
    def is_typical(self) -> bool:
        """Whether nearly all bytes of the slideshow are those of stills."""
        return all(isinstance(gop, StillGop) for gop in plan_gops(self._timeline))

    def measure(self, step: float) -> int:
        """Return the bytes of the stills, with CRFs that are raised by `step`."""
        if step not in self._sizes:
            coarse = replace(self._timeline, crfs=self._timeline.crfs.coarsen(step))
            coded = encode_intra(iter(self._pictures), coarse)
            self._sizes[step] = sum(i_slice.slice_data.length // 8 for _, i_slice in coded)
        return self._sizes[step]

    @cached_property
    def _pictures(self) -> list[VideoFrame]:
        gops = plan_gops(self._timeline)
        photos = [still for still in list_stills(gops) if isinstance(still, PhotoStill)]
        step = -(-len(photos) // _MOST_STILLS)
        chosen = photos[step // 2 :: step]
        loaded = ((still.photo, self._load(still.photo)) for still in chosen)
        return list(draw_stills(self._timeline, iter(chosen), PhotoWindow(loaded)))
