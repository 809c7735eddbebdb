"""GOPs of drawn frames: coded, or taken from an earlier render that drew the same.

A part's name is a hash of all that it is made of. Parts of photos whose files have no known digest
have no name and are coded in each render.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain, islice, pairwise
from pathlib import Path
from typing import Protocol

import av
import PIL
from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.planning.still_plan import DrawnGop, StillGop
from reelqueue.planning.timeline import Span, Timeline, TransitionSpan
from reelqueue.render.engines.still_drawn import PRESET, X264_PARAMS, choose_crf, encode_drawn
from reelqueue.render.frames.draw import PhotoWindow, draw_spans
from reelqueue.specs.slideshow import RENDER_VERSION

Describe = Callable[[int], str | None]
"""Tells all that a photo's picture depends on; None if that is not known."""


class Parts(Protocol):
    """Where parts are kept from one render to the next."""

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        """Return those that are kept, by their names, as files that stay for this render."""

    def keep(self, name: str, data: bytes) -> None:
        """Keep a part."""


class DrawnCoder:
    """Codes GOPs of drawn frames, or takes the access units that an earlier render stored."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Sequence[StillGop | DrawnGop],
        parts: Parts | None,
        describe: Describe,
    ) -> None:
        self._timeline = timeline
        self._parts = parts
        self._names: dict[DrawnGop, str] = {}
        self._found: Mapping[str, Path] = {}
        if parts:
            drawn = (gop for gop in plan if isinstance(gop, DrawnGop))
            named = ((gop, name_part(gop, timeline, describe)) for gop in drawn)
            self._names = {gop: name for gop, name in named if name}
            found = parts.find(set(self._names.values()))
            self._found = {
                name: found[name]
                for gop, name in self._names.items()
                if name in found and is_whole(found[name], gop.frames)
            }

    def has(self, gop: StillGop | DrawnGop) -> bool:
        """Tell whether a GOP is stored already, so that none of its photos is needed."""
        return isinstance(gop, DrawnGop) and self._find(gop) is not None

    def code(self, gops: Sequence[DrawnGop], photos: PhotoWindow) -> Iterator[Iterator[AccessUnit]]:
        """Yield the access units of each GOP."""
        missing = chain.from_iterable(gop.spans for gop in gops if not self.has(gop))
        frames = draw_spans(missing, self._timeline.size, photos)
        for gop in gops:
            if path := self._find(gop):
                yield iter(unpack_part(path.read_bytes()))
            else:
                yield self._draw(islice(frames, gop.frames), self._names.get(gop))

    def _find(self, gop: DrawnGop) -> Path | None:
        name = self._names.get(gop)
        return self._found.get(name) if name else None

    def _draw(self, frames: Iterator[VideoFrame], name: str | None) -> Iterator[AccessUnit]:
        coded: list[AccessUnit] = []
        for access_unit in encode_drawn(frames, self._timeline):
            if name:
                coded.append(access_unit)
            yield access_unit
        if name and self._parts:
            self._parts.keep(name, pack_part(coded))


def name_part(gop: DrawnGop, timeline: Timeline, describe: Describe) -> str | None:
    """Return the name of a GOP's part, the same wherever in a video the GOP is; None if unknown."""
    described = [describe(photo) for photo in sorted(gop.photos)]
    if None in described:
        return None
    spans = [_number_from(gop.photo, span) for span in gop.spans]
    versions = RENDER_VERSION, av.__version__, PIL.__version__
    coding = choose_crf(timeline), PRESET, X264_PARAMS
    made_of = repr((versions, coding, timeline.size, timeline.frame_rate, spans, described))
    return hashlib.sha256(made_of.encode()).hexdigest()


def pack_part(access_units: Iterable[AccessUnit]) -> bytes:
    """Return access units as one part."""
    access_units = list(access_units)
    index = [(len(unit.data), unit.frame, unit.is_idr) for unit in access_units]
    return b"\n".join([json.dumps(index).encode(), b"".join(unit.data for unit in access_units)])


def is_whole(path: Path, frames: int) -> bool:
    """Tell whether a file has a part of so many frames, and all of it."""
    with path.open("rb") as file:
        head = file.readline()
    try:
        sizes = [int(size) for size, _, _ in json.loads(head)]
    except (ValueError, TypeError):
        return False
    return len(sizes) == frames and path.stat().st_size == len(head) + sum(sizes)


def unpack_part(part: bytes) -> list[AccessUnit]:
    """Return the access units of a part."""
    head, _, data = part.partition(b"\n")
    index = json.loads(head)
    ends = list(accumulate((size for size, _, _ in index), initial=0))
    return [
        AccessUnit(data[start:end], frame, is_idr)
        for (start, end), (_, frame, is_idr) in zip(pairwise(ends), index, strict=True)
    ]


def _number_from(first: int, span: Span) -> Span:
    """Return a span with its photos numbered from a GOP's first photo."""
    if isinstance(span, TransitionSpan):
        return replace(span, photo=span.photo - first, next_photo=span.next_photo - first)
    return replace(span, photo=span.photo - first)
