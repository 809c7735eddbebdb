"""Closed GOPs of drawn frames, encoded by libx264 to be part of the still engine's stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.h264.bitstream import (
    NalUnitType,
    find_nal_unit_type,
    split_byte_stream,
    to_byte_stream,
)
from reelqueue.planning.timeline import Timeline
from reelqueue.render.threads import count_encoder_threads

PRESET = "superfast"

# The id of the parameter sets is none of our own. As in our GOPs, three pictures are stored:
# OpenH264 loses a frame where this number changes. And libavcodec and OpenH264 sometimes decode
# direct prediction differently. What follows for photos or videos leaves the parameter sets alone.
_PARAMS = (
    "sps-id=2:keyint=infinite:scenecut=0:bframes=3:b-pyramid=none:ref=2:dpb-size=3:weightp=0:"
    "direct=none"
)
# Photos move evenly, so x264 need not look ahead. At this quality, any other `aq-mode` takes a
# quarter more bytes for the same PSNR.
_PHOTO_PARAMS = "b-adapt=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:qcomp=1:aq-mode=0"
# Videos have noise, and have been encoded before: they get about the bytes and the PSNR of clips. A
# higher `crf` would be part of the parameter sets, so a zone takes bytes away.
_VIDEO_PARAMS = (
    "b-adapt=1:rc-lookahead=10:sync-lookahead=0:mbtree=1:qcomp=0.6:aq-mode=1:zones=0,1000000,b=0.6"
)


def choose_params(*, plays_video: bool) -> str:
    """Return x264's parameters for frames of photos, or for those in which a video plays."""
    return f"{_PARAMS}:{_VIDEO_PARAMS if plays_video else _PHOTO_PARAMS}"


def write_drawn_parameter_sets(timeline: Timeline) -> bytes:
    """Return the parameter sets of every `encode_drawn` of a timeline as a byte stream."""
    context = _open_encoder(timeline)
    black = VideoFrame(*timeline.size, "yuv420p")
    black.pts = 0
    data = b"".join(bytes(packet) for packet in [*context.encode(black), *context.encode(None)])
    return _select_units(data, (NalUnitType.SPS, NalUnitType.PPS))


def encode_drawn(
    frames: Iterable[VideoFrame], timeline: Timeline, *, plays_video: bool = False
) -> Iterator[AccessUnit]:
    """Yield the access units of a closed GOP in decoding order.

    Args:
        frames: YUV 4:2:0 of the timeline's size.
        timeline: that they are part of.
        plays_video: whether a video plays in them.
    """
    context = _open_encoder(timeline, plays_video=plays_video)
    for packet in chain.from_iterable(map(context.encode, number_frames(frames))):
        assert packet.pts is not None
        data = _select_units(bytes(packet), (NalUnitType.NON_IDR_SLICE, NalUnitType.IDR_SLICE))
        yield AccessUnit(data, packet.pts, packet.is_keyframe)


def number_frames(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame | None]:
    """Yield frames with their times, and None at the end: x264 hands out the rest then."""
    for number, frame in enumerate(frames):
        frame.pts = number
        yield frame
    yield None


def _open_encoder(timeline: Timeline, *, plays_video: bool = False) -> VideoCodecContext:
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.framerate = timeline.frame_rate
    context.thread_count = count_encoder_threads()
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG
    context.options = {
        "preset": PRESET,
        "crf": str(timeline.crfs.drawn),
        "x264-params": choose_params(plays_video=plays_video),
    }
    return context


def _select_units(data: bytes, nal_unit_types: tuple[NalUnitType, ...]) -> bytes:
    """Return the NAL units of some types as a byte stream."""
    units = split_byte_stream(data)
    return to_byte_stream(*(unit for unit in units if find_nal_unit_type(unit) in nal_unit_types))
