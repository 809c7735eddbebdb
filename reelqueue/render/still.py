"""The still engine: photos are encoded once each, and all that is between them is written by hand.

libx264 encodes every photo as an intra picture; holds are slices of skipped macroblocks, fades are
mixed and moving edges are copied by the decoder. Compared with encoding every frame, a crossfade
slideshow takes a small part of the time and of the bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import chain, groupby
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelqueue.render.drawn import encode_drawn, number_frames, write_drawn_parameters
from reelqueue.render.frames import (
    Loaded,
    PhotoWindow,
    Picture,
    draw_spans,
    list_drawings,
    prepare_pictures,
)
from reelqueue.render.groups import (
    LONGEST_HOLD,
    Alone,
    DrawnGroup,
    Plain,
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
from reelqueue.render.timeline import Hold, Timeline

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
    load: Callable[[int], Loaded], photo_count: int
) -> Generator[Loaded, None, None]:
    """Yield the pictures of all photos, the next few of them made by all cores meanwhile."""
    threads = min(len(os.sched_getaffinity(0)), MAX_THREADS)
    # So many that no thread waits while x264 has the picture that is next.
    return prepare_pictures(load, photo_count, threads=threads, ahead=2 * threads)


def encode_stills(
    timeline: Timeline,
    pictures: Iterator[Picture],
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
    parameters, layout = b"", None
    if any(isinstance(group, StillGroup) for group in plan):
        layout = find_layout(timeline)
        parameters += write_parameters(layout, timeline.frame_rate)
    if any(isinstance(group, DrawnGroup) for group in plan):
        parameters += write_drawn_parameters(timeline.size, timeline.frame_rate)
    coded = _code_pictures(timeline, plan, layout, PhotoWindow(pictures))
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


def find_layout(timeline: Timeline) -> Layout:
    """Return what all stills of a timeline have in common; the content makes no difference."""
    layout, _ = next(encode_pictures(iter([draw_plain(timeline.size, 0)]), timeline))
    return layout


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


def encode_pictures(
    pictures: Iterator[VideoFrame], timeline: Timeline, layout: Layout | None = None
) -> Iterator[EncodedStill]:
    """Encode every picture on its own with libx264.

    Args:
        layout: what all must be like; unset: like the first one.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
    """
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    context.options = {"preset": PRESET, "crf": str(CRF), "x264-params": _INTRA_ONLY}
    for packet in chain.from_iterable(map(context.encode, number_frames(pictures))):
        still = read_still(bytes(packet))
        layout = layout or still[0]
        if still[0] != layout or layout.sequence.size != timeline.size:
            raise UnexpectedStreamError("x264 changed the kind of its pictures.")
        yield still


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
    photos: PhotoWindow,
) -> Iterator[CodedPicture]:
    """Yield all pictures in decoding order, numbered by the frames that show them."""
    start = 0
    # x264 takes stills ahead, so each run has its own: no photo between them is needed so early.
    for _, run in groupby(plan, type):
        groups = list(run)
        drawn = draw_stills(timeline, list_stills(groups), photos)
        coder = _StillCoder(encode_pictures(drawn, timeline, layout), timeline.size)
        for key_number, group in enumerate(groups):
            photos.forget_before(group.photo)
            if isinstance(group, DrawnGroup):
                pictures = _code_drawn(timeline, group, photos)
            else:
                pictures = coder.code(group, key_number)
            for picture in pictures:
                yield picture._replace(number=start + picture.number)
            start += group.total


def _code_drawn(
    timeline: Timeline, group: DrawnGroup, photos: PhotoWindow
) -> Iterator[CodedPicture]:
    part = replace(timeline, spans=group.spans)
    frames = draw_spans(part.spans, part.size, photos)
    return encode_drawn(frames, part.list_keyframes(LONGEST_HOLD), part.size, part.frame_rate)


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
