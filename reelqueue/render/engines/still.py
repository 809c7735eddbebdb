"""The still engine: encodes each photo once and writes the H.264 of all frames between them.

libx264 encodes each photo as an I picture. Skipped macroblocks repeat it while it is shown, and the
decoder itself mixes crossfades and copies both sides of a moving edge. Compared with encoding every
frame, a crossfade slideshow takes a small part of the time and of the bytes.
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
from typing import assert_never

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.h264.gop import Gop, MiniGop, code_gop
from reelqueue.h264.parameter_sets import (
    MAX_NUM_REORDER_FRAMES,
    ParameterSets,
    write_parameter_sets,
)
from reelqueue.h264.pictures import BandPicture, BPicture
from reelqueue.planning.b_pictures import plan_b_pictures
from reelqueue.planning.keys import can_be_written
from reelqueue.planning.spans import PhotoSpan, Span
from reelqueue.planning.still_plan import (
    DrawnGop,
    GreyStill,
    PhotoStill,
    Still,
    StillGop,
    TransitionStill,
    list_stills,
    plan_gops,
)
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.processes.cores import count_cores
from reelqueue.render.engines.moving.coder import MovingCoder
from reelqueue.render.engines.segments import Describe, DrawnCoder, SegmentStore
from reelqueue.render.engines.still_drawn import write_drawn_parameter_sets
from reelqueue.render.engines.still_intra import (
    EncodedStill,
    encode_band,
    encode_black,
    encode_intra,
)
from reelqueue.render.frames.draw import (
    Loaded,
    PhotoWindow,
    Picture,
    draw_band,
    list_drawings,
    prepare_pictures,
)
from reelqueue.render.frames.prefetch import call_ahead, lower_priority
from reelqueue.render.frames.yuv import draw_grey
from reelqueue.render.mp4.mux import FAST_START


def prepare_stills(
    load: Callable[[int], Loaded], photos: Iterable[int], *, gives_way: bool = False
) -> Generator[Loaded, None, None]:
    """Yield the pictures of some photos, in order; all cores load the next few meanwhile.

    With `gives_way`, all other threads go before those that load, which takes up to a tenth longer.
    """
    threads = count_cores()
    with ThreadPoolExecutor(threads, "photos", lower_priority if gives_way else None) as pool:
        # So many that no thread waits while x264 has the picture that is next.
        yield from call_ahead((partial(load, photo) for photo in photos), pool, 2 * threads)


def encode_stills(
    timeline: Timeline,
    load: Callable[[int], Picture],
    output: Path,
    *,
    segments: SegmentStore | None = None,
    describe: Describe = lambda _: None,
    gives_way: bool = False,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range, with a key frame at every photo.

    Args:
        load: returns the picture of a photo, YUV 4:2:0 of the timeline's size; called by threads,
            and only for photos whose picture is needed.
        segments: what earlier renders drew, and where this one stores what it draws.
        describe: returns all that a photo's picture depends on; see `segments.Describe`.
        gives_way: whether other work goes before loading photos that stand.
        on_frame: told how many frames are done.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
        OutOfRangeError: if no level of H.264 has room for the size and the rate.
    """
    plan = plan_gops(timeline)
    written_sets, parameter_sets, moving, sample = b"", None, None, b""
    if any(isinstance(gop, StillGop) or can_be_written(gop.spans) for gop in plan):
        parameter_sets, black = encode_black(timeline)
        if isinstance(plan[0], StillGop):
            sample = next(code_gop(parameter_sets, Gop(black, 1), 0)).data
        written_sets += write_parameter_sets(parameter_sets, timeline.frame_rate)
        moving = MovingCoder(timeline, parameter_sets)
    if any(isinstance(gop, DrawnGop) for gop in plan):
        written_sets += write_drawn_parameter_sets(timeline)
    drawn = DrawnCoder(timeline, plan, moving, segments, describe)
    needed = sorted(set().union(*(gop.photos for gop in plan if not drawn.has(gop))))
    prepare = (
        prepare_pictures if timeline.moving_photos else partial(prepare_stills, gives_way=gives_way)
    )
    with closing(prepare(load, needed)) as pictures:
        photos = PhotoWindow(zip(needed, pictures, strict=True))
        coded = _code_gops(timeline, plan, parameter_sets, drawn, photos)
        _write(coded, written_sets, sample, timeline.frame_rate, output, on_frame)


def _write(
    coded: Iterator[AccessUnit],
    written_sets: bytes,
    sample: bytes,
    frame_rate: Fraction,
    output: Path,
    on_frame: Callable[[int], None],
) -> None:
    """Write the video; the picture `sample`, or else the first one, tells what the stream is.

    A picture is decoded for that, so a plain one takes less time.
    """
    opening = next(coded)
    time_base = 1 / frame_rate
    with av.open(str(output), "w", format="mp4", options=FAST_START) as container:
        stream = _add_stream(container, written_sets + (sample or opening.data), frame_rate)
        for decoded, access_unit in enumerate(chain((opening,), coded)):
            packet = Packet(access_unit.data)
            packet.stream, packet.time_base = stream, time_base
            packet.pts, packet.dts, packet.duration = (
                access_unit.frame,
                decoded - MAX_NUM_REORDER_FRAMES,
                1,
            )
            packet.is_keyframe = access_unit.is_idr
            container.mux(packet)
            on_frame(decoded + 1)


def draw_stills(
    timeline: Timeline, stills: Iterator[Still], photos: PhotoWindow
) -> Iterator[VideoFrame]:
    """Yield the picture of every still."""
    for still in stills:
        match still:
            case GreyStill(level):
                yield draw_grey(timeline.size, level)
            case PhotoStill(photo):
                yield _draw_first_frame(PhotoSpan(photo, 1), timeline.size, photos)
            case TransitionStill(span):
                yield _draw_first_frame(span, timeline.size, photos)
            case _:
                assert_never(still)


def _draw_first_frame(span: Span, size: tuple[int, int], photos: PhotoWindow) -> VideoFrame:
    return next(list_drawings(span, size, photos))()


def _add_stream(container: OutputContainer, sample: bytes, frame_rate: Fraction) -> VideoStream:
    """Add a stream with the sample's parameter sets; PyAV takes them only from another stream."""
    with av.open(BytesIO(sample), format="h264") as source:
        stream = container.add_stream_from_template(source.streams.video[0])
    stream.time_base = 1 / frame_rate
    return stream


def _code_gops(
    timeline: Timeline,
    plan: Sequence[StillGop | DrawnGop],
    parameter_sets: ParameterSets | None,
    drawn_coder: DrawnCoder,
    photos: PhotoWindow,
) -> Iterator[AccessUnit]:
    """Yield all access units in decoding order, numbered by the video's frames."""
    start = 0
    # x264 takes in stills ahead of its output. With an encoder for each run of GOPs of stills, it
    # does not ask for photos behind the drawn GOPs that come first.
    for _, run in groupby(plan, type):
        gops = list(run)
        drawn = [gop for gop in gops if isinstance(gop, DrawnGop)]
        stills = [gop for gop in gops if isinstance(gop, StillGop)]
        coded = (
            drawn_coder.code(drawn, photos)
            if drawn
            else _code_stills(timeline, stills, parameter_sets, photos)
        )
        for gop, access_units in zip(gops, coded, strict=True):
            for access_unit in access_units:
                data, frame, is_idr = access_unit
                yield AccessUnit(data, start + frame, is_idr)  # faster than `_replace`
            start += gop.frames


def _code_stills(
    timeline: Timeline,
    gops: Sequence[StillGop],
    parameter_sets: ParameterSets | None,
    photos: PhotoWindow,
) -> Iterator[Iterator[AccessUnit]]:
    """Yield the access units of each GOP."""
    drawn = draw_stills(timeline, list_stills(gops), photos)
    coder = _StillCoder(encode_intra(drawn, timeline, parameter_sets), timeline, photos)
    for number, gop in enumerate(gops):
        photos.forget_before(gop.photo)
        # x264 gives its IDR pictures the idr_pic_id 0 and 1, and those of two that follow each
        # other must differ.
        yield coder.code(gop, idr_pic_id=2 + number % 2)


class _StillCoder:
    """Codes GOPs in their order; a still that ends one and begins the next is encoded once."""

    def __init__(
        self, stills: Iterator[EncodedStill], timeline: Timeline, photos: PhotoWindow
    ) -> None:
        self._stills = stills
        self._timeline = timeline
        self._photos = photos
        self._latest: tuple[Still, EncodedStill] | None = None

    def code(self, gop: StillGop, idr_pic_id: int) -> Iterator[AccessUnit]:
        parameter_sets, idr_slice = self._take(gop.first)
        planned = plan_b_pictures(gop, self._timeline.size)
        mini_gops = [
            MiniGop(b_pictures, self._take(target)[1])
            for (_, target), b_pictures in zip(gop.targets, planned, strict=True)
        ]
        if gop.middle:
            place = gop.middle - gop.drawn - 1
            planned[0][place] = self._add_band(planned[0][place], gop, parameter_sets)
        return code_gop(parameter_sets, Gop(idr_slice, gop.held, mini_gops), idr_pic_id)

    def _add_band(
        self, picture: BPicture, gop: StillGop, parameter_sets: ParameterSets
    ) -> BandPicture:
        assert gop.span
        assert picture.weights
        rows, band = draw_band(gop.span, self._photos)
        first, end = rows.start // MACROBLOCK, rows.stop // MACROBLOCK
        i_slice = encode_band(band, self._timeline, parameter_sets)
        return BandPicture(picture.weights, first, end - first, i_slice)

    def _take(self, still: Still) -> EncodedStill:
        if self._latest is None or self._latest[0] != still:
            self._latest = still, next(self._stills)
        return self._latest[1]
