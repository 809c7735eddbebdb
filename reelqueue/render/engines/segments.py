"""Segments: coded groups of drawn pictures, kept so that later renders need not draw them again.

A segment's name is a hash of everything that it was made of. A group with a photo whose content has
no known hash has no name, and is always coded.
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

from reelqueue.h264.gop import CodedPicture
from reelqueue.planning.still_plan import DrawnGroup, StillGroup
from reelqueue.planning.timeline import Blend, Span, Timeline
from reelqueue.render.engines.still_drawn import PARAMETERS, PRESET, choose_crf, encode_drawn
from reelqueue.render.frames.draw import PhotoWindow, draw_spans
from reelqueue.specs.slideshow import RENDER_VERSION

Describe = Callable[[int], str | None]
"""Returns a text of everything that a photo's picture depends on, None if that is not known."""


class SegmentStore(Protocol):
    """Keeps segments from one render to the next."""

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        """Return the kept ones of these by name, as files that stay until the render ends."""

    def keep(self, name: str, data: bytes) -> None:
        """Keep a segment."""


class DrawnCoder:
    """Codes drawn groups, or takes the segments that an earlier render made of them."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Sequence[StillGroup | DrawnGroup],
        segments: SegmentStore | None,
        describe: Describe,
    ) -> None:
        self._timeline = timeline
        self._segments = segments
        self._names: dict[DrawnGroup, str] = {}
        self._found: Mapping[str, Path] = {}
        if segments:
            drawn = (group for group in plan if isinstance(group, DrawnGroup))
            named = ((group, name_segment(group, timeline, describe)) for group in drawn)
            self._names = {group: name for group, name in named if name}
            found = segments.find(set(self._names.values()))
            self._found = {
                name: found[name]
                for group, name in self._names.items()
                if name in found and is_complete(found[name], group.total)
            }

    def has(self, group: StillGroup | DrawnGroup) -> bool:
        """Tell whether a group's segment was found, so that its photos are not needed."""
        return isinstance(group, DrawnGroup) and self._find(group) is not None

    def code(
        self, groups: Sequence[DrawnGroup], photos: PhotoWindow
    ) -> Iterator[Iterator[CodedPicture]]:
        """Yield the coded pictures of each group."""
        missing = chain.from_iterable(group.spans for group in groups if not self.has(group))
        frames = draw_spans(missing, self._timeline.size, photos)
        for group in groups:
            if path := self._find(group):
                yield iter(unpack_segment(path.read_bytes()))
            else:
                yield self._draw(islice(frames, group.total), self._names.get(group))

    def _find(self, group: DrawnGroup) -> Path | None:
        name = self._names.get(group)
        return self._found.get(name) if name else None

    def _draw(self, frames: Iterator[VideoFrame], name: str | None) -> Iterator[CodedPicture]:
        coded: list[CodedPicture] = []
        for picture in encode_drawn(frames, self._timeline):
            if name:
                coded.append(picture)
            yield picture
        if name and self._segments:
            self._segments.keep(name, pack_segment(coded))


def name_segment(group: DrawnGroup, timeline: Timeline, describe: Describe) -> str | None:
    """Return the name of a group's segment, None if a photo's content is not known.

    The name does not depend on where in the slideshow the group stands.
    """
    described = [describe(photo) for photo in sorted(group.photos)]
    if None in described:
        return None
    spans = [_number_from(group.photo, span) for span in group.spans]
    versions = RENDER_VERSION, av.__version__, PIL.__version__
    coding = choose_crf(timeline), PRESET, PARAMETERS
    made_of = repr((versions, coding, timeline.size, timeline.frame_rate, spans, described))
    return hashlib.sha256(made_of.encode()).hexdigest()


def pack_segment(pictures: Iterable[CodedPicture]) -> bytes:
    """Return pictures as one segment: a line of JSON that lists them, then their data."""
    pictures = list(pictures)
    index = [(len(picture.data), picture.number, picture.is_key) for picture in pictures]
    return b"\n".join([json.dumps(index).encode(), b"".join(picture.data for picture in pictures)])


def is_complete(path: Path, frames: int) -> bool:
    """Tell whether a file is a complete segment of `frames` pictures."""
    with path.open("rb") as file:
        head = file.readline()
    try:
        sizes = [int(size) for size, _, _ in json.loads(head)]
    except (ValueError, TypeError):
        return False
    return len(sizes) == frames and path.stat().st_size == len(head) + sum(sizes)


def unpack_segment(segment: bytes) -> list[CodedPicture]:
    """Return the pictures of a segment."""
    head, _, data = segment.partition(b"\n")
    index = json.loads(head)
    ends = list(accumulate((size for size, _, _ in index), initial=0))
    return [
        CodedPicture(data[start:end], number, is_key)
        for (start, end), (_, number, is_key) in zip(pairwise(ends), index, strict=True)
    ]


def _number_from(first: int, span: Span) -> Span:
    """Return a span with its photos numbered from its group's first photo."""
    if isinstance(span, Blend):
        return replace(span, photo=span.photo - first, following=span.following - first)
    return replace(span, photo=span.photo - first)
