"""I pictures: photos encoded on their own, which the still engine makes all other frames of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import parse_idr_access_unit
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.parameter_sets import ParameterSets
from reelqueue.h264.slice_header import ISlice
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.still_drawn import number_frames
from reelqueue.render.frames.yuv import draw_grey
from reelqueue.render.threads import count_encoder_threads

CRF = 15
PREVIEW_CRF = 24
PRESET = "superfast"

_INTRA_ONLY = (
    "keyint=1:bframes=0:weightp=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:mbtree=0"
    # One quality throughout: otherwise the bits of a photo depend on those of photos before it.
    # At this quality there is no detail to invent: without psy-RD the same PSNR takes 6 % fewer
    # bytes.
    ":qcomp=1:no-psy=1"
)

EncodedStill = tuple[ParameterSets, ISlice]


def find_parameter_sets(timeline: Timeline) -> ParameterSets:
    """Return the parameter sets of all stills of a timeline: their content makes no difference."""
    parameter_sets, _ = next(encode_intra(iter([draw_grey(timeline.size, 0)]), timeline))
    return parameter_sets


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
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = timeline.size
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / timeline.frame_rate
    context.thread_count = count_encoder_threads()
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    crf = PREVIEW_CRF if timeline.is_preview else CRF
    context.options = {"preset": PRESET, "crf": str(crf), "x264-params": _INTRA_ONLY}
    for packet in chain.from_iterable(map(context.encode, number_frames(pictures))):
        found, i_slice = parse_idr_access_unit(bytes(packet))
        parameter_sets = parameter_sets or found
        if found != parameter_sets or found.sps.size != timeline.size:
            raise UnexpectedStreamError("x264 wrote other parameter sets than before.")
        yield found, i_slice
