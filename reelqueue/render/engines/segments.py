"""Segments: coded GOPs of drawn frames, kept so that later renders need not draw them again.

Those of photos that move are written where they can be.

A segment's name is a hash of everything that it was made of. A GOP with a photo whose content has
no known hash has no name, and is always coded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain, groupby, islice, pairwise
from pathlib import Path
from typing import Protocol

import av
import PIL
from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.planning.keys import can_be_written
from reelqueue.planning.spans import Span, TransitionSpan
from reelqueue.planning.still_plan import DrawnGop, StillGop
from reelqueue.planning.timeline import Timeline
from reelqueue.processes.cores import count_cores
from reelqueue.render.engines.moving.coder import MovingCoder
from reelqueue.render.engines.moving.keys import describe_coding
from reelqueue.render.engines.still_drawn import (
    PRESET,
    choose_params,
    encode_drawn,
)
from reelqueue.render.frames.draw import PhotoWindow, draw_spans
from reelqueue.render.frames.prefetch import WatchedPool, call_ahead
from reelqueue.specs.slideshow import RENDER_VERSION

_MOST_WRITTEN_AT_ONCE = 4  # GOPs, each with an encoder and a decoder in memory

Describe = Callable[[int], str | None]
"""Returns a text of everything that a photo's picture depends on, None if that is not known."""


class SegmentStore(Protocol):
    """Keeps segments from one render to the next."""

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        """Return the kept ones of these by name, as files that stay until the render ends."""

    def keep(self, name: str, data: bytes) -> None:
        """Keep a segment."""


class DrawnCoder:
    """Codes GOPs of drawn frames, or takes the segments that an earlier render made of them.

    Args:
        timeline: of the video.
        plan: all its GOPs.
        moving: what writes those of photos that move; needed if there are any.
        segments: what earlier renders made.
        describe: returns all that a photo's picture depends on.
    """

    def __init__(
        self,
        timeline: Timeline,
        plan: Sequence[StillGop | DrawnGop],
        moving: MovingCoder | None,
        segments: SegmentStore | None,
        describe: Describe,
    ) -> None:
        self._timeline = timeline
        self._moving = moving
        self._segments = segments
        self._names: dict[DrawnGop, str] = {}
        self._found: Mapping[str, Path] = {}
        if segments:
            drawn = (gop for gop in plan if isinstance(gop, DrawnGop))
            named = ((gop, name_segment(gop, timeline, describe)) for gop in drawn)
            self._names = {gop: name for gop, name in named if name}
            found = segments.find(set(self._names.values()))
            self._found = {
                name: found[name]
                for gop, name in self._names.items()
                if name in found and is_complete(found[name], gop.frames)
            }

    def has(self, gop: StillGop | DrawnGop) -> bool:
        """Tell whether a GOP's segment was found, so that its photos are not needed."""
        return isinstance(gop, DrawnGop) and self._find(gop) is not None

    def code(self, gops: Sequence[DrawnGop], photos: PhotoWindow) -> Iterator[Iterator[AccessUnit]]:
        """Yield the access units of each GOP."""
        for is_written, run in groupby(gops, lambda gop: can_be_written(gop.spans)):
            if is_written:
                yield from self._write_run(run, photos)
            else:
                yield from self._draw_run(list(run), photos)

    def _write_run(
        self, gops: Iterable[DrawnGop], photos: PhotoWindow
    ) -> Iterator[Iterator[AccessUnit]]:
        threads = min(count_cores(), _MOST_WRITTEN_AT_ONCE)
        if threads == 1:
            yield from (self._write(gop, photos, lambda: None)() for gop in gops)
            return
        with ThreadPoolExecutor(threads, "gops") as threads_of_gops:
            pool = WatchedPool(threads_of_gops)
            writes = (self._write(gop, photos, pool.wait) for gop in gops)
            yield from call_ahead(writes, pool, threads - 1)

    def _write(
        self, gop: DrawnGop, photos: PhotoWindow, wait: Callable[[], None]
    ) -> Callable[[], Iterator[AccessUnit]]:
        """Return what writes a GOP, or draws it if that is not alike.

        Args:
            gop: the GOP.
            photos: all that are to come.
            wait: called before it is drawn, until no other one is written.
        """
        if path := self._find(gop):
            return lambda: iter(unpack_segment(path.read_bytes()))
        photos.forget_before(gop.photo)
        return partial(self._write_or_draw, gop, photos.take_all(gop.photos), wait)

    def _write_or_draw(
        self, gop: DrawnGop, photos: PhotoWindow, wait: Callable[[], None]
    ) -> Iterator[AccessUnit]:
        assert self._moving
        coded = self._moving.code(gop, photos)
        if coded is None:
            return self._draw_alone(gop, photos, wait)
        return self._keep(gop, coded)

    def _draw_alone(
        self, gop: DrawnGop, photos: PhotoWindow, wait: Callable[[], None]
    ) -> Iterator[AccessUnit]:
        """Yield the access units of a GOP; its encoder uses all cores, and much memory."""
        wait()
        yield from self._draw(gop, draw_spans(gop.spans, self._timeline.size, photos))

    def _draw_run(
        self, gops: Sequence[DrawnGop], photos: PhotoWindow
    ) -> Iterator[Iterator[AccessUnit]]:
        missing = chain.from_iterable(gop.spans for gop in gops if not self.has(gop))
        frames = draw_spans(missing, self._timeline.size, photos)
        for gop in gops:
            if path := self._find(gop):
                yield iter(unpack_segment(path.read_bytes()))
            else:
                yield self._draw(gop, islice(frames, gop.frames))

    def _find(self, gop: DrawnGop) -> Path | None:
        name = self._names.get(gop)
        return self._found.get(name) if name else None

    def _draw(self, gop: DrawnGop, frames: Iterator[VideoFrame]) -> Iterator[AccessUnit]:
        coded = encode_drawn(frames, self._timeline, plays_video=gop.plays_video)
        return self._keep(gop, coded)

    def _keep(self, gop: DrawnGop, coded: Iterable[AccessUnit]) -> Iterator[AccessUnit]:
        """Yield access units, and keep them as a segment."""
        name, kept = self._names.get(gop), list[AccessUnit]()
        for access_unit in coded:
            if name:
                kept.append(access_unit)
            yield access_unit
        if name and self._segments:
            self._segments.keep(name, pack_segment(kept))


def name_segment(gop: DrawnGop, timeline: Timeline, describe: Describe) -> str | None:
    """Return the name of a GOP's segment, None if a photo's content is not known.

    The name does not depend on where in the slideshow the GOP stands.
    """
    described = [describe(photo) for photo in sorted(gop.photos)]
    if None in described:
        return None
    spans = [_number_from(gop.photo, span) for span in gop.spans]
    versions = RENDER_VERSION, av.__version__, PIL.__version__
    coding = timeline.crfs.drawn, PRESET, choose_params(plays_video=gop.plays_video)
    keys = describe_coding(timeline)
    made_of = repr((versions, coding, keys, timeline.size, timeline.frame_rate, spans, described))
    return hashlib.sha256(made_of.encode()).hexdigest()


def pack_segment(access_units: Iterable[AccessUnit]) -> bytes:
    """Return access units as one segment: a line of JSON that lists them, then their data."""
    access_units = list(access_units)
    index = [(len(unit.data), unit.frame, unit.is_idr) for unit in access_units]
    return b"\n".join([json.dumps(index).encode(), b"".join(unit.data for unit in access_units)])


def is_complete(path: Path, frames: int) -> bool:
    """Tell whether a file is a complete segment of `frames` access units."""
    with path.open("rb") as file:
        head = file.readline()
    try:
        sizes = [int(size) for size, _, _ in json.loads(head)]
    except (ValueError, TypeError):
        return False
    return len(sizes) == frames and path.stat().st_size == len(head) + sum(sizes)


def unpack_segment(segment: bytes) -> list[AccessUnit]:
    """Return the access units of a segment."""
    head, _, data = segment.partition(b"\n")
    index = json.loads(head)
    ends = list(accumulate((size for size, _, _ in index), initial=0))
    return [
        AccessUnit(data[start:end], frame, is_idr)
        for (start, end), (_, frame, is_idr) in zip(pairwise(ends), index, strict=True)
    ]


def _number_from(first: int, span: Span) -> Span:
    """Return a span with its photos numbered from its GOP's first photo."""
    if isinstance(span, TransitionSpan):
        return replace(span, photo=span.photo - first, next_photo=span.next_photo - first)
    return replace(span, photo=span.photo - first)
