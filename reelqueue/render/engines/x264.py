"""The x264 engine: encodes all frames of a timeline with libx264 through PyAV.

x264 spends most of its time on finding out what moved, and the timeline knows. So x264 is told the
type of each picture, and not to search where a frame only repeats or mixes others. Six photos with
crossfades (360 frames of 720p, preset medium) took x264 alone 9.7 s of processor time and 4.0 MB;
told so, it takes 1.8 s and 2.9 MB, at the same PSNR.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from reelqueue.planning.delivery.targets import ANY, Profile, Rules
from reelqueue.planning.spans import PhotoSpan, Span
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.render.delivery.x264_options import Pass, list_options, list_params
from reelqueue.render.mp4.mux import FAST_START
from reelqueue.render.threads import count_encoder_threads

_MAX_B_FRAMES = 16  # x264's own limit
_PARAMETERS = ":".join(
    (
        # The type of every picture is given, so x264 need not look ahead.
        "keyint=infinite:min-keyint=1:scenecut=0:b-adapt=0:rc-lookahead=0:mbtree=0:weightp=0",
        f"bframes={_MAX_B_FRAMES}:b-pyramid=none",  # `list_params` can take that back
        # One quality throughout: x264 would spend ever more bits on frames that hardly change.
        # They go to the I pictures, which the others are predicted from (1.4 is usual).
        "qcomp=1:ipratio=1.8",
    )
)
# Without B pictures, a fade is coded again in each picture. This took a third of the bytes away at
# the same VMAF, most of it by weighted prediction, which Baseline profile does not have.
_WITHOUT_B = "rc-lookahead=20:mbtree=1:qcomp=0.6"
_WEIGHTED = "weightp=2"
_UNSEARCHED = "subme=1,ref=1,trellis=0,me=dia"
_I, _P, _B = PictureType.I, PictureType.P, PictureType.B


def encode_frames(
    frames: Iterable[VideoFrame],
    timeline: Timeline,
    output: Path,
    *,
    preset: str,
    rules: Rules = ANY,
    passing: Pass | None = None,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range.

    Args:
        rules: what the stream must be.
        passing: which of two passes this is; None if there is only one.
        on_frame: told how many frames are done.
    """
    kinds, unsearched = plan_pictures(timeline, has_b_pictures=rules.has_b_pictures)
    time_base = 1 / timeline.frame_rate
    with av.open(str(output), "w", format="mp4", options=FAST_START) as container:
        stream = container.add_stream("libx264", rate=timeline.frame_rate)
        _set_up(stream.codec_context, timeline.size, time_base)
        params, zones = list_params(rules, passing), _list_zones(unsearched)
        stream.options = {
            "preset": preset,
            **list_options(rules, timeline.crfs.frames, passing),
            "forced-idr": "1",
            "x264-params": ":".join([*_list_parameters(rules), *params, *zones]),
        }
        for number, (frame, kind) in enumerate(zip(frames, kinds, strict=True)):
            frame.pts, frame.time_base, frame.pict_type = number, time_base, kind
            container.mux(stream.encode(frame))
            on_frame(number + 1)
        container.mux(stream.encode(None))


def _list_parameters(rules: Rules) -> list[str]:
    if rules.has_b_pictures:
        return [_PARAMETERS]
    weighted = [] if rules.profile is Profile.BASELINE else [_WEIGHTED]
    return [_PARAMETERS, _WITHOUT_B, *weighted]


def plan_pictures(
    timeline: Timeline, *, has_b_pictures: bool = True
) -> tuple[list[PictureType], list[bool]]:
    """Return the type of each frame's picture, and whether x264 need not search for its motion.

    The key frames of the timeline are I pictures, which players can start from.
    """
    kinds: list[PictureType] = []
    unsearched: list[bool] = []
    for span in timeline.spans:
        anchors = _find_anchors(span)
        for frame in range(1, span.frames + 1):
            kinds.append(_P if frame in anchors or not has_b_pictures else _B)
            unsearched.append(not _is_moving(span))
    for keyframe in timeline.list_keyframes():
        kinds[keyframe], unsearched[keyframe] = _I, False
        if keyframe and kinds[keyframe - 1] is _B:  # which may not look across an I picture
            kinds[keyframe - 1] = _P
    return kinds, unsearched


def _find_anchors(span: Span) -> set[int]:
    """Return the frames of a span, from 1, that become P pictures: the last one is always one.

    Those between them become B pictures, which are mixed from the P pictures around them.
    """
    if _is_moving(span):
        return set(range(1, span.frames + 1))  # motion is found best from frame to frame
    bend = _find_bend(span)  # the crossfade is linear before it and after it
    second = _spread_anchors(span.frames - bend)
    return _spread_anchors(bend) | {bend + frame for frame in second}


def _find_bend(span: Span) -> int:
    """Return the frame where a span begins to mix other pictures; 0 if there is none."""
    if isinstance(span, PhotoSpan):
        return 0
    if span.parts_words:
        return find_middle(span.frames)
    return 0 if EFFECTS[span.transition].dip is None else find_dip(span.frames)


def _is_moving(span: Span) -> bool:
    if span.is_moving or isinstance(span, PhotoSpan):
        return span.is_moving
    effect = EFFECTS[span.transition]
    return effect.moves_new or effect.must_be_drawn


def _spread_anchors(frames: int) -> set[int]:
    pieces = math.ceil(frames / (_MAX_B_FRAMES + 1))
    return {frames * piece // pieces for piece in range(1, pieces + 1)}


def _list_zones(unsearched: list[bool]) -> list[str]:
    """Return x264's `zones` option for the frames that need no search; none without any."""
    zones = []
    first = 0
    for without_search, run in groupby(unsearched):
        frames = len(list(run))
        if without_search:
            zones.append(f"{first},{first + frames - 1},{_UNSEARCHED}")
        first += frames
    return ["zones=" + "/".join(zones)] if zones else []


def _set_up(context: VideoCodecContext, size: tuple[int, int], time_base: Fraction) -> None:
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = time_base
    context.thread_count = count_encoder_threads()
    context.thread_type = "FRAME"  # PyAV's own choice would cut every picture into slices
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG
