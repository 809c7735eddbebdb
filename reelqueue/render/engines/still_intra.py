"""I pictures: photos encoded on their own, which the still engine makes all other frames of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import parse_idr_access_unit
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.levels import choose_level
from reelqueue.h264.parameter_sets import MAX_NUM_REF_FRAMES, ParameterSets
from reelqueue.h264.slice_header import ISlice
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.engines.still_drawn import number_frames
from reelqueue.render.frames.yuv import draw_grey
from reelqueue.render.threads import count_encoder_threads

_PRESET = "superfast"

# A third less time. It would leave both of these out: dark gradients, and blocks, would show that.
_PREVIEW_PRESET, _PREVIEW_PARAMS = "ultrafast", ":aq-mode=1:deblock=0,0"

_INTRA_ONLY = (
    # With CAVLC a photo takes a third less time to encode than with CABAC, and half to decode.
    # "stitchable": the parameter sets are the same at any crf.
    "cabac=0:stitchable=1:keyint=1:bframes=0:weightp=0:scenecut=0"
    ":rc-lookahead=0:sync-lookahead=0:mbtree=0"
    # One quality throughout: otherwise the bits of a photo depend on those of photos before it.
    # At this quality there is no detail to invent: without psy-RD the same PSNR takes 6 % fewer
    # bytes.
    ":qcomp=1:no-psy=1"
    # At 1, even parts take more bytes than they are worth, and more than with CABAC. Where this is
    # lower, dark gradients lose the dither between two levels: at 0.7 they have bands.
    ":aq-strength=0.85"
)

# An eighth less time, for 1 % more bytes at the same PSNR.
_SMALL_TRANSFORMS = ":8x8dct=0"

_COARSER_QUANTIZERS = range(18, 52, 3)

EncodedStill = tuple[ParameterSets, ISlice]


def encode_black(timeline: Timeline) -> EncodedStill:
    """Return a black still, with the parameter sets of all stills of a timeline."""
    return next(encode_intra(iter([draw_grey(timeline.size, 0)]), timeline))


def encode_intra(
    pictures: Iterator[VideoFrame],
    timeline: Timeline,
    parameter_sets: ParameterSets | None = None,
) -> Iterator[EncodedStill]:
    """Encode every picture on its own with libx264.

    Args:
        pictures: YUV 4:2:0 of the timeline's size.
        timeline: of the video.
        parameter_sets: those that every picture must have; None: those of the first one.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
    """
    largest = _find_largest(timeline)
    sent: deque[VideoFrame] = deque()
    context = _open_encoder(timeline.size, timeline)
    for packet in chain.from_iterable(map(context.encode, number_frames(_keep(pictures, sent)))):
        data, picture = bytes(packet), sent.popleft()
        if len(data) > largest:
            data = _encode_smaller(picture, timeline, largest)
        found, i_slice = parse_idr_access_unit(data)
        parameter_sets = parameter_sets or found
        if found != parameter_sets or found.sps.size != timeline.size:
            raise UnexpectedStreamError("x264 wrote other parameter sets than before.")
        yield found, i_slice


def encode_band(picture: VideoFrame, timeline: Timeline, parameter_sets: ParameterSets) -> ISlice:
    """Encode rows of a picture on their own with libx264.

    Args:
        picture: YUV 4:2:0, as wide as the timeline.
        timeline: of the video.
        parameter_sets: those of the whole pictures.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
    """
    data = _encode_alone(picture, timeline)
    largest = _find_largest(timeline)
    if len(data) > largest:
        data = _encode_smaller(picture, timeline, largest)
    found, i_slice = parse_idr_access_unit(data)
    if found.pps != parameter_sets.pps or found.sps.size != (picture.width, picture.height):
        raise UnexpectedStreamError("x264 wrote other parameter sets than before.")
    return i_slice


def _keep(pictures: Iterator[VideoFrame], sent: deque[VideoFrame]) -> Iterator[VideoFrame]:
    for picture in pictures:
        sent.append(picture)
        yield picture


def _find_largest(timeline: Timeline) -> int:
    """Return how many bytes a picture of a timeline may have; only noise comes near it."""
    width, height = (-(-side // MACROBLOCK) for side in timeline.size)
    level = choose_level(width, height, timeline.frame_rate, MAX_NUM_REF_FRAMES)
    return level.find_largest_picture(width * height, timeline.frame_rate)


def _encode_smaller(picture: VideoFrame, timeline: Timeline, largest: int) -> bytes:
    """Return a picture's access unit of at most `largest` bytes, at the least coarse quality."""
    data = b""
    for quantizer in _COARSER_QUANTIZERS:
        data = _encode_alone(picture, timeline, f":zones=0,0,q={quantizer}")
        if len(data) <= largest:
            break
    return data


def _encode_alone(picture: VideoFrame, timeline: Timeline, more: str = "") -> bytes:
    context = _open_encoder((picture.width, picture.height), timeline, more)
    context.thread_count = 1
    picture.pts = 0
    return b"".join(bytes(packet) for packet in (*context.encode(picture), *context.encode()))


def _open_encoder(size: tuple[int, int], timeline: Timeline, more: str = "") -> VideoCodecContext:
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.thread_count = count_encoder_threads()
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    # Photos that move have keys of the same picture parameter set, which differs with the preset
    # and the transforms.
    params = _INTRA_ONLY if timeline.moving_photos else _INTRA_ONLY + _SMALL_TRANSFORMS
    in_hurry = timeline.is_preview and not timeline.moving_photos
    context.options = {
        "preset": _PREVIEW_PRESET if in_hurry else _PRESET,
        "crf": str(timeline.crfs.stills),
        "x264-params": params + (_PREVIEW_PARAMS if in_hurry else "") + more,
    }
    return context
