"""Keys: the frames of a photo that moves that libx264 encodes, each predicted from the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from reelqueue.h264.access_unit import parse_idr_access_unit, parse_p_access_unit
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import ParameterSets
from reelqueue.h264.slice_header import ISlice, PSlice
from reelqueue.planning.timeline import Timeline
from reelqueue.render.frames.yuv import copy_picture

PRESET = "superfast"

# Whatever decoding depends on is as `still_intra` has it, so that both have one pps.
PARAMS = (
    "cabac=0:stitchable=1:keyint=infinite:scenecut=0:bframes=0:ref=1:weightp=0:rc-lookahead=0"
    ":sync-lookahead=0:mbtree=0:no-psy=1"
    # One quality for all keys, which lie close to each other, or it would be seen to change.
    ":qcomp=1:ipratio=1:aq-mode=0"
    # A little more is left out of P pictures (21 is usual), for 7 % of their bytes and 0.1 dB.
    ":deadzone-inter=24"
)


class Key(NamedTuple):
    """A frame that is drawn and encoded.

    Attributes:
        picture: of the video's size.
        is_intra: whether it shows something else than the key before.
        is_shared: whether another GOP may have the same picture, as that of a photo that stands.
    """

    picture: VideoFrame
    is_intra: bool
    is_shared: bool


def encode_keys(
    keys: Iterable[Key], timeline: Timeline, parameter_sets: ParameterSets
) -> Iterator[ISlice | PSlice]:
    """Encode keys; an I slice for each that is intra, such as the first, and P slices for others.

    Args:
        keys: in their order.
        timeline: of the video.
        parameter_sets: those of the stream.

    Raises:
        UnexpectedStreamError: if x264's stream is not built as we know it.
    """
    context = _open_encoder(timeline)
    found = parameter_sets
    kinds: list[bool] = []
    for number, packet in enumerate(chain.from_iterable(map(context.encode, _number(keys, kinds)))):
        if not kinds[number]:
            yield parse_p_access_unit(bytes(packet), found)
            continue
        found, i_slice = parse_idr_access_unit(bytes(packet))
        if found.pps != parameter_sets.pps or found.sps.size != timeline.size:
            raise UnexpectedStreamError("x264 wrote other parameter sets than before.")
        yield i_slice


def describe_coding(timeline: Timeline) -> Sequence[object]:
    """Return all that a key's coding depends on."""
    return timeline.crfs.keys, PRESET, PARAMS


def _number(keys: Iterable[Key], kinds: list[bool]) -> Iterator[VideoFrame | None]:
    """Yield the pictures with their times and types, and None at the end."""
    for number, (picture, is_intra, is_shared) in enumerate(keys):
        key = copy_picture(picture) if is_shared else picture
        key.pts = number
        key.pict_type = PictureType.I if is_intra else PictureType.P
        kinds.append(is_intra)
        yield key
    yield None


def _open_encoder(timeline: Timeline) -> VideoCodecContext:
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.thread_count = 1  # other cores draw, and write other GOPs
    context.options = {
        "preset": PRESET,
        # As its rate control rounds a CRF, at a tenth less work: that looks at each picture first.
        "qp": str(int(timeline.crfs.keys + 0.5)),
        "forced-idr": "1",
        "x264-params": PARAMS,
    }
    return context
