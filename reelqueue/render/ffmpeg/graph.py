"""The filter graphs of a clip: they contain only numbers and words from this package."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reelqueue.planning.cut import Cut, Shot
from reelqueue.planning.framing import Size, center, contain, cover
from reelqueue.render.ffmpeg.color import build_color_filters, build_fit_filters, build_tag_filter
from reelqueue.render.ffmpeg.loopback import Loopback
from reelqueue.render.ffmpeg.overlay import build_overlay_filters
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.specs.clip import ClipCut
from reelqueue.specs.reframe import Aspect, ClipFit

_BACKDROP_SCALE = 10  # the backdrop is blurred at a tenth of the frame's size
_BACKDROP_BRIGHTNESS = 0.55
_LARGEST_BLUR = 4
_SURPLUS_SECONDS = 0.1  # decoded after the end: a picture may come early or late
_MOST_INTERLACED_LINES = 1088
_TAIL = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"


def build_graph(
    spec: ClipCut,
    video: VideoSource,
    shots: Sequence[Shot],
    area: tuple[int, int, int, int] | None = None,
    *,
    is_smart: bool = False,
) -> str:
    """Return ffmpeg's filter graph for the pictures of a piece; its output is `[v]`.

    Its inputs are the loopbacks of `list_loopbacks`, and for captions the input after those of the
    shots.

    Args:
        spec: how the frames are filled.
        video: the source.
        shots: one, or two of which the first fades into the second.
        area: `(left, top, right, bottom)` of the captions in pixels; None if there are none.
        is_smart: whether the pictures stand beside copied ones, and so stay as they are.
    """
    chains, size = [], shots[0].cut.size
    names = [f"shot{number}" for number in range(len(shots))]
    for number, (shot, name) in enumerate(zip(shots, names, strict=True)):
        frames = f"[dec:{number}]{_build_frame_filters(video, shot)}"
        if is_smart:
            chains.append(f"{frames},{build_tag_filter(video.color)},format=yuv420p[{name}]")
        else:
            chains += _build_video_chains(frames, spec, video, size, name)
    if len(shots) > 1:
        fade = f"xfade=transition=fade:duration={shots[0].cut.duration:.6f}"
        chains.append(f"[{names[0]}][{names[1]}]{fade}[faded]")
    last = "faded" if len(shots) > 1 else names[0]
    if area:
        chains += build_overlay_filters(last, len(shots), area, shots[0].cut.frames)
    else:
        chains.append(f"[{last}]null[v]")
    return ";".join(chains)


def list_loopbacks(spec: ClipCut, video: VideoSource, shots: Sequence[Shot]) -> list[Loopback]:
    """Return what the graph gets: the pictures of each shot in one size.

    Each shot has an input of its own. The times are those of the source, at the clip's speed.
    """
    size = _choose_passed_size(spec, video, shots[0].cut)
    fit = build_fit_filters(video.color, video.coded_size, size)
    loopbacks = []
    for number, shot in enumerate(shots):
        # Times do not count from where decoding starts: an output drops what comes before 0.
        speed = shot.cut.speed
        times = f"setpts=(PTS+round({shot.alignment.seek:.6f}/TB))/({speed})"
        end = f"trim=end={(shot.end + _SURPLUS_SECONDS) / float(speed):.6f}"
        loopbacks.append(Loopback("v", f"{number}:{video.stream.index}", f"{fit},{times},{end}"))
    return loopbacks


def _choose_passed_size(spec: ClipCut, video: VideoSource, cut: Cut) -> Size:
    """Return the size in which pictures are passed on.

    Some thirty of them wait in memory, so large ones get their size in the clip before.
    """
    width, height = video.coded_size
    if height <= _MOST_INTERLACED_LINES:  # fields must not be mixed
        return video.coded_size
    fitted = _fit_picture(spec, video, cut.size)
    return fitted if fitted[0] * fitted[1] < width * height else video.coded_size


def _fit_picture(spec: ClipCut, video: VideoSource, size: Size) -> Size:
    if spec.aspect is Aspect.ORIGINAL:
        return size
    return (cover if spec.fit is ClipFit.CROP else contain)(video.size, size)


def _build_video_chains(
    frames: str, spec: ClipCut, video: VideoSource, size: Size, name: str
) -> list[str]:
    """Return the chains that fit the frames into those of the clip, as `[name]`."""
    picture = _fit_picture(spec, video, size)
    colors = build_color_filters(video.color, video.size, picture, has_alpha=video.has_alpha)
    main = f"{frames},{colors}"
    if picture == size:
        return [f"{main},{_TAIL}[{name}]"]
    width, height = size
    if spec.fit is ClipFit.CROP:
        x, y = center(size, picture)
        return [f"{main},crop={width}:{height}:{x}:{y},{_TAIL}[{name}]"]
    x, y = center(picture, size)
    if spec.fit is ClipFit.PAD:
        return [f"{main},pad={width}:{height}:{x}:{y}:color=black,{_TAIL}[{name}]"]
    return [
        f"{main},split[picture][copy]",
        f"[copy]{_build_backdrop_filters(picture, size)}[backdrop]",
        f"[backdrop][picture]overlay={x}:{y}:format=yuv420,{_TAIL}[{name}]",
    ]


def _build_frame_filters(video: VideoSource, shot: Shot) -> str:
    """Return filters that make a shot's frames; however odd the source, others get only these."""
    fields = [f"setfield={video.first_field}"] if video.first_field else []
    # Interlaced pictures can come after others; those are passed on as they are.
    filters = [*fields, "bwdif=mode=send_frame:deint=interlaced"]
    cut, held = shot.cut, shot.alignment.held
    start = (shot.begin - float(held * cut.step)) / float(cut.speed)
    if video.rate.is_steady:
        filters.append(f"fps={cut.fps}:start_time={start:.6f}")
    else:
        filters += [*_space_pictures(cut.fps, start), f"fps={cut.fps}:start_time=0"]
    trim = f"trim=start_frame={held}:end_frame={held + cut.frames}"
    return ",".join([*filters, "tpad=stop=-1:stop_mode=clone", trim, "setpts=N"])


def _space_pictures(fps: Fraction, start: float) -> list[str]:
    """Return filters that give pictures of a variable rate their frames.

    Of two that are nearest to the same frame, the second one gets the next.
    """
    slot = f"round((T-({start:.6f}))*{fps})"
    earlier = f"round(PREV_OUTPTS*TB*{fps})"
    spaced = f"if(isnan(PREV_OUTPTS),ld(0),max(ld(0),min({earlier}+1,ld(0)+1)))"
    return ["settb=AVTB", f"setpts='st(0,{slot});({spaced})/({fps})/TB'"]


def _build_backdrop_filters(picture: Size, frame: Size) -> str:
    """Return filters that make the dark, blurred backdrop; they work on a small copy, for speed."""
    small = (max(2, frame[0] // _BACKDROP_SCALE), max(2, frame[1] // _BACKDROP_SCALE))
    width, height = (side + side % 2 for side in small)
    across, down = cover(picture, (width, height))
    light = _BACKDROP_BRIGHTNESS
    dark = f"lutyuv=y='16+(val-16)*{light}':u='128+(val-128)*{light}':v='128+(val-128)*{light}'"
    radius = min(_LARGEST_BLUR, (min(width, height) - 1) // 4)  # of chroma, ffmpeg takes no more
    return (
        f"scale={across}:{down}:flags=area,crop={width}:{height},boxblur={radius}:2,{dark},"
        f"scale={frame[0]}:{frame[1]}:flags=bicubic,setsar=1"
    )
