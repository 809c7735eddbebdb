"""Pictures encoded as they are, each on its own: what the still engine makes all else of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.h264.gop import Layout, read_still
from reelqueue.h264.slice_header import IntraSlice
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.still_drawn import number_frames
from reelqueue.render.frames.yuv import draw_plain

CRF = 15
PREVIEW_CRF = 24
PRESET = "superfast"

_INTRA_ONLY = (
    "keyint=1:bframes=0:weightp=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:mbtree=0"
    # One quality throughout: x264 would let a photo's bits depend on those before it. And at this
    # quality there is no detail to make up: without psy-RD the same PSNR takes 6 % fewer bytes.
    ":qcomp=1:no-psy=1"
)

EncodedStill = tuple[Layout, IntraSlice]


def find_layout(timeline: Timeline) -> Layout:
    """Return what all stills of a timeline have in common; the content makes no difference."""
    layout, _ = next(encode_intra(iter([draw_plain(timeline.size, 0)]), timeline))
    return layout


def encode_intra(
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
    crf = PREVIEW_CRF if timeline.is_preview else CRF
    context.options = {"preset": PRESET, "crf": str(crf), "x264-params": _INTRA_ONLY}
    for packet in chain.from_iterable(map(context.encode, number_frames(pictures))):
        still = read_still(bytes(packet))
        layout = layout or still[0]
        if still[0] != layout or layout.sequence.size != timeline.size:
            raise UnexpectedStreamError("x264 changed the kind of its pictures.")
        yield still
