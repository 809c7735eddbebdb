"""The still engine: photos are encoded once each, and all that is between them is written by hand.

libx264 encodes every photo as an intra picture; holds are slices of skipped macroblocks, fades are
mixed and moving edges are copied by the decoder. Compared with encoding every frame, a crossfade
slideshow takes a small part of the time and of the bytes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import chain
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelqueue.render.drawn import encode_drawn, number_frames, write_drawn_parameters
from reelqueue.render.frames import draw_frames
from reelqueue.render.groups import (
    Alone,
    DrawnGroup,
    Opening,
    Still,
    StillGroup,
    list_stills,
    plan_changes,
    plan_groups,
)
from reelqueue.render.h264.errors import UnexpectedStreamError
from reelqueue.render.h264.slices import IntraSlice
from reelqueue.render.h264.stream import (
    Change,
    CodedPicture,
    Group,
    Layout,
    code_group,
    read_still,
    write_parameters,
)
from reelqueue.render.mux import FAST_START
from reelqueue.render.picture import draw_plain
from reelqueue.render.timeline import Blend, Timeline

CRF = 15
PRESET = "superfast"
MAX_THREADS = 8

_INTRA_ONLY = (
    "keyint=1:bframes=0:weightp=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:mbtree=0"
    # One quality throughout: x264 would let a photo's bits depend on those before it. And at this
    # quality there is no detail to make up: without psy-RD the same PSNR takes 6 % fewer bytes.
    ":qcomp=1:no-psy=1"
)

EncodedStill = tuple[Layout, IntraSlice]


def prepare_stills(
    load: Callable[[int], VideoFrame], photo_count: int
) -> Generator[VideoFrame, None, None]:
    """Yield the pictures of all photos, the next few of them made by all cores meanwhile."""
    threads = min(len(os.sched_getaffinity(0)), MAX_THREADS)
    ahead = 2 * threads  # so that no thread waits while x264 has the picture that is next
    waiting: deque[Future[VideoFrame]] = deque()
    pool = ThreadPoolExecutor(threads, "photos")
    try:
        for photo in range(photo_count + ahead):
            if photo < photo_count:
                waiting.append(pool.submit(load, photo))
            if photo >= ahead:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def encode_stills(
    timeline: Timeline,
    pictures: Iterator[VideoFrame],
    output: Path,
    *,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range, with a key frame at every photo.

    Args:
        pictures: of all photos, in order, YUV 4:2:0 of the timeline's size.
        on_frame: told how many frames are done.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
        OutOfRangeError: if no level of H.264 has room for the size and the rate.
    """
    plan = plan_groups(timeline)
    photos = PhotoWindow(pictures)
    stills = encode_pictures(draw_stills(timeline, list_stills(plan), photos), timeline)
    parameters = b""
    if first := next(stills, None):
        stills = chain((first,), stills)
        parameters += write_parameters(first[0], timeline.frame_rate)
    if any(isinstance(group, DrawnGroup) for group in plan):
        parameters += write_drawn_parameters(timeline.size, timeline.frame_rate)
    coded = _code_pictures(timeline, plan, photos, stills)
    opening = next(coded)
    time_base = 1 / timeline.frame_rate
    with av.open(str(output), "w", format="mp4", options=FAST_START) as container:
        stream = _add_stream(container, parameters + opening.data, timeline.frame_rate)
        for decoded, picture in enumerate(chain((opening,), coded)):
            packet = Packet(picture.data)
            packet.stream, packet.time_base = stream, time_base
            packet.pts, packet.dts, packet.duration = picture.number, decoded - 1, 1
            packet.is_keyframe = picture.is_key
            container.mux(packet)
            on_frame(decoded + 1)


class PhotoWindow:
    """The photos' pictures, each made when it is first needed and kept until it is forgotten."""

    def __init__(self, pictures: Iterator[VideoFrame]) -> None:
        self._numbered = enumerate(pictures)
        self._kept: dict[int, VideoFrame] = {}

    def take(self, photo: int) -> VideoFrame:
        """Return a photo's picture."""
        while photo not in self._kept:
            number, picture = next(self._numbered)
            self._kept[number] = picture
        return self._kept[photo]

    def forget_before(self, photo: int) -> None:
        """Let go of what no frame needs any more."""
        for past in [kept for kept in self._kept if kept < photo]:
            del self._kept[past]


def draw_stills(
    timeline: Timeline, stills: Iterator[Still], photos: PhotoWindow
) -> Iterator[VideoFrame]:
    """Yield the picture of every still."""
    for still in stills:
        if isinstance(still, Alone):
            yield photos.take(still.photo)
        elif isinstance(still, Opening):
            yield next(_draw_blend(timeline, still.blend, photos))
        else:
            yield draw_plain(timeline.size, still.level)


def encode_pictures(pictures: Iterator[VideoFrame], timeline: Timeline) -> Iterator[EncodedStill]:
    """Encode every picture on its own with libx264.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
    """
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    context.options = {"preset": PRESET, "crf": str(CRF), "x264-params": _INTRA_ONLY}
    layout: Layout | None = None
    for packet in chain.from_iterable(map(context.encode, number_frames(pictures))):
        still = read_still(bytes(packet))
        layout = layout or still[0]
        if still[0] != layout or layout.sequence.size != timeline.size:
            raise UnexpectedStreamError("x264 changed the kind of its pictures.")
        yield still


def _draw_blend(timeline: Timeline, blend: Blend, photos: PhotoWindow) -> Iterator[VideoFrame]:
    """Yield the frames of a change; each is good until the next one is asked for."""
    pair = iter((photos.take(blend.photo), photos.take(blend.following)))
    alone = replace(blend, photo=0, following=1)
    return draw_frames(Timeline(timeline.size, timeline.frame_rate, (alone,)), pair)


def _add_stream(container: OutputContainer, sample: bytes, frame_rate: Fraction) -> VideoStream:
    """Add a stream with the sample's parameter sets; PyAV takes them only from another stream."""
    with av.open(BytesIO(sample), format="h264") as source:
        stream = container.add_stream_from_template(source.streams.video[0])
    stream.time_base = 1 / frame_rate
    return stream


def _code_pictures(
    timeline: Timeline,
    plan: Sequence[StillGroup | DrawnGroup],
    photos: PhotoWindow,
    stills: Iterator[EncodedStill],
) -> Iterator[CodedPicture]:
    """Yield all pictures in decoding order, numbered by the frames that show them."""
    coder = _StillCoder(stills, timeline.size)
    start = 0
    for key_number, group in enumerate(plan):
        if isinstance(group, DrawnGroup):
            photos.forget_before(group.blend.photo)
            frames = _draw_blend(timeline, group.blend, photos)
            pictures = encode_drawn(frames, timeline.size, timeline.frame_rate)
        else:
            photos.forget_before(group.photo)
            pictures = coder.code(group, key_number)
        for picture in pictures:
            yield picture._replace(number=start + picture.number)
        start += group.total


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
        # x264's groups begin with 0, and two that follow each other must differ.
        return code_group(layout, Group(first, group.frames, changes), 1 + key_number % 2)

    def _take(self, still: Still) -> EncodedStill:
        if self._latest is None or self._latest[0] != still:
            self._latest = still, next(self._stills)
        return self._latest[1]
