"""The still engine: photos are encoded once each, and all that is between them is written by hand.

libx264 encodes every photo as an intra picture; holds are slices of skipped macroblocks, fades are
mixed and moving edges are copied by the decoder. Compared with encoding every frame, a crossfade
slideshow takes a small part of the time and of the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from functools import partial
from io import BytesIO
from itertools import chain, groupby
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelqueue.h264.gop import (
    Change,
    CodedPicture,
    Group,
    Layout,
    code_group,
    write_parameters,
)
from reelqueue.planning.still_pictures import plan_changes
from reelqueue.planning.still_plan import (
    Alone,
    DrawnGroup,
    Plain,
    Still,
    StillGroup,
    list_stills,
    plan_groups,
)
from reelqueue.planning.timeline import Hold, Timeline
from reelqueue.render.engines.segments import Describe, DrawnCoder, SegmentStore
from reelqueue.render.engines.still_drawn import write_drawn_parameters
from reelqueue.render.engines.still_intra import EncodedStill, encode_intra, find_layout
from reelqueue.render.frames.draw import (
    Loaded,
    PhotoWindow,
    Picture,
    list_drawings,
    prepare_pictures,
)
from reelqueue.render.frames.prefetch import call_ahead, count_threads, lower_priority
from reelqueue.render.frames.yuv import draw_plain
from reelqueue.render.mp4.mux import FAST_START


def prepare_stills(
    load: Callable[[int], Loaded], photos: Iterable[int]
) -> Generator[Loaded, None, None]:
    """Yield the pictures of some photos, the next few of them made by all cores meanwhile."""
    threads = count_threads()
    with ThreadPoolExecutor(threads, "photos", lower_priority) as pool:
        # So many that no thread waits while x264 has the picture that is next.
        yield from call_ahead((partial(load, photo) for photo in photos), pool, 2 * threads)


def encode_stills(
    timeline: Timeline,
    load: Callable[[int], Picture],
    output: Path,
    *,
    segments: SegmentStore | None = None,
    describe: Describe = lambda _: None,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range, with a key frame at every photo.

    Args:
        load: returns the picture of a photo, YUV 4:2:0 of the timeline's size; called by threads,
            and only for photos whose picture is needed.
        segments: what earlier renders drew, and where this one leaves what it draws.
        describe: tells what the segments that show a photo are to be known by.
        on_frame: told how many frames are done.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
        OutOfRangeError: if no level of H.264 has room for the size and the rate.
    """
    plan = plan_groups(timeline)
    parameters, layout = b"", None
    if any(isinstance(group, StillGroup) for group in plan):
        layout = find_layout(timeline)
        parameters += write_parameters(layout, timeline.frame_rate)
    if any(isinstance(group, DrawnGroup) for group in plan):
        parameters += write_drawn_parameters(timeline)
    drawn = DrawnCoder(timeline, plan, segments, describe)
    needed = sorted(set().union(*(group.photos for group in plan if not drawn.has(group))))
    prepare = prepare_pictures if timeline.moving_photos else prepare_stills
    with closing(prepare(load, needed)) as pictures:
        photos = PhotoWindow(zip(needed, pictures, strict=True))
        coded = _code_pictures(timeline, plan, layout, drawn, photos)
        _write(coded, parameters, timeline.frame_rate, output, on_frame)


def _write(
    coded: Iterator[CodedPicture],
    parameters: bytes,
    frame_rate: Fraction,
    output: Path,
    on_frame: Callable[[int], None],
) -> None:
    opening = next(coded)
    time_base = 1 / frame_rate
    with av.open(str(output), "w", format="mp4", options=FAST_START) as container:
        stream = _add_stream(container, parameters + opening.data, frame_rate)
        for decoded, picture in enumerate(chain((opening,), coded)):
            packet = Packet(picture.data)
            packet.stream, packet.time_base = stream, time_base
            packet.pts, packet.dts, packet.duration = picture.number, decoded - 1, 1
            packet.is_keyframe = picture.is_key
            container.mux(packet)
            on_frame(decoded + 1)


def draw_stills(
    timeline: Timeline, stills: Iterator[Still], photos: PhotoWindow
) -> Iterator[VideoFrame]:
    """Yield the picture of every still."""
    for still in stills:
        if isinstance(still, Plain):
            yield draw_plain(timeline.size, still.level)
        else:
            span = Hold(still.photo, 1) if isinstance(still, Alone) else still.blend
            yield next(list_drawings(span, timeline.size, photos))()


def _add_stream(container: OutputContainer, sample: bytes, frame_rate: Fraction) -> VideoStream:
    """Add a stream with the sample's parameter sets; PyAV takes them only from another stream."""
    with av.open(BytesIO(sample), format="h264") as source:
        stream = container.add_stream_from_template(source.streams.video[0])
    stream.time_base = 1 / frame_rate
    return stream


def _code_pictures(
    timeline: Timeline,
    plan: Sequence[StillGroup | DrawnGroup],
    layout: Layout | None,
    drawn_coder: DrawnCoder,
    photos: PhotoWindow,
) -> Iterator[CodedPicture]:
    """Yield all pictures in decoding order, numbered by the frames that show them."""
    start = 0
    # x264 takes stills ahead, so each run has its own: no photo between them is needed so early.
    for _, run in groupby(plan, type):
        groups = list(run)
        drawn = [group for group in groups if isinstance(group, DrawnGroup)]
        stills = [group for group in groups if isinstance(group, StillGroup)]
        coded = (
            drawn_coder.code(drawn, photos)
            if drawn
            else _code_stills(timeline, stills, layout, photos)
        )
        for group, pictures in zip(groups, coded, strict=True):
            for picture in pictures:
                yield picture._replace(number=start + picture.number)
            start += group.total


def _code_stills(
    timeline: Timeline, groups: Sequence[StillGroup], layout: Layout | None, photos: PhotoWindow
) -> Iterator[Iterator[CodedPicture]]:
    """Yield the pictures of each group."""
    drawn = draw_stills(timeline, list_stills(groups), photos)
    coder = _StillCoder(encode_intra(drawn, timeline, layout), timeline.size)
    for key_number, group in enumerate(groups):
        photos.forget_before(group.photo)
        yield coder.code(group, key_number)


class _StillCoder:
    """Codes one group after the other; a still that ends one and begins the next is coded once."""

    def __init__(self, stills: Iterator[EncodedStill], size: tuple[int, int]) -> None:
        self._stills = stills
        self._size = size
        self._latest: tuple[Still, EncodedStill] | None = None

    def code(self, group: StillGroup, key_number: int) -> Iterator[CodedPicture]:
        layout, first = self._take(group.first)
        changes = [
            Change(between, self._take(target)[1])
            for (_, target), between in zip(
                group.targets, plan_changes(group, self._size), strict=True
            )
        ]
        # x264 numbers its own groups 0 and 1, and two that follow each other must differ.
        return code_group(layout, Group(first, group.frames, changes), 2 + key_number % 2)

    def _take(self, still: Still) -> EncodedStill:
        if self._latest is None or self._latest[0] != still:
            self._latest = still, next(self._stills)
        return self._latest[1]
