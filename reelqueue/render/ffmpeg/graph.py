"""The filter graphs of a clip: they contain only numbers and words from this package."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reelqueue.planning.clips.cut import Cut, Shot
from reelqueue.planning.focus.view import CropPath
from reelqueue.planning.framing import (
    Size,
    Window,
    center,
    contain,
    cover,
    find_window,
    place_crop,
    turn,
)
from reelqueue.render.ffmpeg.color import (
    build_color_filters,
    build_fit_filters,
    build_tag_filter,
    is_plain,
)
from reelqueue.render.ffmpeg.loopback import Loopback
from reelqueue.render.ffmpeg.overlay import Area, build_overlay_filters
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.focus.moving_crop import build_moving_crop
from reelqueue.render.look.filters import build_grade_filters
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.reframe import Aspect, ClipFit
from reelqueue.specs.picture import Point

_BACKDROP_SCALE = 10  # the backdrop is blurred at a tenth of the frame's size
_BACKDROP_BRIGHTNESS = 0.55
_LARGEST_BLUR = 4
_SURPLUS_SECONDS = 0.1  # decoded after the end: a picture may come early or late
_MOST_INTERLACED_LINES = 1088
_TURNS = {0: (), 90: ("transpose=clock",), 180: ("hflip", "vflip"), 270: ("transpose=cclock",)}
MIDDLE = Point(x=0.5, y=0.5)
"""What a crop keeps that has no focus."""
SCENES = "scenes.txt"
"""Written by ffmpeg's filter `metadata`, in its working directory."""
_SCENE_SCORE = 10  # of 100, as ffmpeg's filter `scdet` scores a cut
TO_RGB = ("scale=in_color_matrix=bt709:in_range=tv:out_range=pc", "format=rgb24")
"""Filters for frames that a program looks at."""
_TAIL = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"


def build_graph(
    spec: ClipCut,
    video: VideoSource,
    shots: Sequence[Shot],
    areas: Sequence[Area] = (),
    paths: Sequence[CropPath | None] = (None, None),
    finish: Sequence[str] = (),
    *,
    is_smart: bool = False,
) -> str:
    """Return ffmpeg's filter graph for the pictures of a piece; its output is `[v]`.

    Its inputs are the loopbacks of `list_loopbacks`, and an input for each area after those of the
    shots.

    Args:
        spec: how the frames are filled.
        video: the source.
        shots: one, or two of which the first fades into the second.
        areas: where pictures are drawn over the frames, the later ones above the others.
        paths: where the crop of each shot is, frame by frame; None for one that stays around the
            focus of its cut.
        finish: filters for all that is seen.
        is_smart: whether the pictures stand beside copied ones, and so stay as they are.
    """
    chains = []
    names = [f"shot{number}" for number in range(len(shots))]
    for number, (shot, name) in enumerate(zip(shots, names, strict=True)):
        frames = f"[dec:{number}]{_build_frame_filters(video, shot)}"
        if is_smart:
            chains.append(f"{frames},{build_tag_filter(video.color)},format=yuv420p[{name}]")
        else:
            chains += _build_video_chains(frames, spec, video, shot, number, paths[number], name)
    if len(shots) > 1:
        seconds = float(shots[0].frames / shots[0].cut.fps)
        fade = f"xfade=transition=fade:duration={seconds:.6f}"
        chains.append(f"[{names[0]}][{names[1]}]{fade}[faded]")
    last = "faded" if len(shots) > 1 else names[0]
    chains += _build_finish(last, len(shots), areas, shots[0].frames, finish)
    return ";".join(chains)


def build_card_graph(frames: int, areas: Sequence[Area], finish: Sequence[str]) -> str:
    """Return the graph that shows a picture for some frames; its output is `[v]`.

    Its inputs are the picture, in RGB and as large as the frame, and after it one for each area.

    Args:
        frames: how many.
        areas: as `build_graph` has them.
        finish: as `build_graph` has it.
    """
    still = f"tpad=stop=-1:stop_mode=clone,trim=end_frame={frames},setpts=N"
    card = f"[0:v]scale=out_color_matrix=bt709:out_range=tv,setsar=1,{_TAIL},{still}[card]"
    return ";".join([card, *_build_finish("card", 1, areas, frames, finish)])


def _build_finish(
    last: str, number: int, areas: Sequence[Area], frames: int, finish: Sequence[str]
) -> list[str]:
    """Return the chains that draw the inputs from `number` on over `[last]`, and filter it all."""
    chains = []
    for over, area in enumerate(areas, number):
        chains += build_overlay_filters(last, over, area, frames, f"drawn{over}")
        last = f"drawn{over}"
    return [*chains, f"[{last}]{','.join(finish) or 'null'}[v]"]


def build_sample_graph(spec: ClipCut, video: VideoSource, shot: Shot, step: int, size: Size) -> str:
    """Return the graph whose output `[v]` is each `step`-th frame of a shot, whole and in RGB.

    It writes the frames with which scenes begin to a file, `SCENES`; its input is the first
    loopback.

    Args:
        spec: how the frames are turned.
        video: the source.
        shot: the frames.
        step: frames from one to the next.
        size: `(width, height)` of the turned pictures.
    """
    frames = f"[dec:0]{_build_frame_filters(video, shot)}"
    scenes = f"scdet={_SCENE_SCORE},metadata=mode=print:key=lavfi.scd.time:file={SCENES}"
    pictures = _build_picture_filters(spec, video, size)
    return f"{frames},{pictures},{scenes},framestep={step},format=rgb24[v]"


def list_loopbacks(
    spec: ClipCut,
    video: VideoSource,
    shots: Sequence[Shot],
    paths: Sequence[CropPath | None] = (None, None),
) -> list[Loopback]:
    """Return what the graph gets: the pictures of each shot, those of one shot in one size.

    Each shot has an input of its own. The times are those of the source, at the clip's speed.
    """
    loopbacks = []
    for number, (shot, path) in enumerate(zip(shots, paths, strict=False)):
        size = _choose_passed_size(spec, video, shot.cut)
        fit = build_fit_filters(video.color, video.coded_size, size)
        if size != video.coded_size and is_plain(video.color, video.size) and not video.has_alpha:
            fit = f"{fit},format=yuv420p"  # as they are encoded; more bits would wait in memory
        if size != video.coded_size and (part := _build_part(spec, video, shot.cut, path)):
            fit = f"{fit},{part},copy"  # without it, the whole pictures would wait in memory
        # Times do not count from where decoding starts: an output drops what comes before 0.
        speed = shot.cut.speed
        seek = video.find_seek(shot.alignment.seek)
        times = f"setpts=(PTS+round({seek:.6f}/TB))/({speed})"
        last = max(shot.end, video.first_shown)  # the first picture is shown before it, too
        end = f"trim=end={(last + _SURPLUS_SECONDS) / float(speed):.6f}"
        loopbacks.append(Loopback("v", f"{number}:{video.stream.index}", f"{fit},{times},{end}"))
    return loopbacks


def _is_large(video: VideoSource) -> bool:
    """Tell whether the pictures of a video take much memory; they have no fields then."""
    return video.coded_size[1] > _MOST_INTERLACED_LINES


def _choose_passed_size(spec: ClipCut, video: VideoSource, cut: Cut) -> Size:
    """Return the size in which pictures are passed on.

    Many of them wait in memory, so large ones get their size in the clip before.
    """
    width, height = video.coded_size
    if not _is_large(video):  # fields must not be mixed
        return video.coded_size
    fitted = turn(fit_picture(spec, video, cut), spec.rotate)
    return fitted if fitted[0] * fitted[1] < width * height else video.coded_size


def fit_picture(spec: ClipCut, video: VideoSource, cut: Cut) -> Size:
    """Return the size of the turned picture in the clip."""
    if spec.aspect is Aspect.ORIGINAL:
        return cut.size
    shown = turn(video.size, spec.rotate)
    return (cover if cut.fit is ClipFit.CROP else contain)(shown, cut.size)


def _build_video_chains(
    frames: str,
    spec: ClipCut,
    video: VideoSource,
    shot: Shot,
    number: int,
    path: CropPath | None,
    name: str,
) -> list[str]:
    """Return the chains that fit the frames into those of the clip, as `[name]`."""
    size, picture = shot.cut.size, fit_picture(spec, video, shot.cut)
    if shot.cut.fit is ClipFit.CROP and picture != size:
        crop = _build_crop_filters(spec, video, shot, number, path)
        return [f"{','.join([frames, *crop])},{_TAIL}[{name}]"]
    filters = [_build_picture_filters(spec, video, picture), *_build_grade_filters(spec, shot)]
    main = ",".join([frames, *filters])
    if picture == size:
        return [f"{main},{_TAIL}[{name}]"]
    width, height = size
    x, y = center(picture, size)
    if shot.cut.fit is ClipFit.PAD:
        return [f"{main},pad={width}:{height}:{x}:{y}:color=black,{_TAIL}[{name}]"]
    return [
        f"{main},split[picture][copy]",
        f"[copy]{_build_backdrop_filters(picture, size)}[backdrop]",
        f"[backdrop][picture]overlay={x}:{y}:format=yuv420,{_TAIL}[{name}]",
    ]


def _build_picture_filters(spec: ClipCut, video: VideoSource, size: Size) -> str:
    """Return filters that scale and turn the pictures, so that they have `size` then."""
    upright = turn(size, spec.rotate)
    colors = build_color_filters(video.color, video.size, upright, has_alpha=video.has_alpha)
    return ",".join([colors, *_TURNS[spec.rotate]])


def _build_crop_filters(
    spec: ClipCut, video: VideoSource, shot: Shot, number: int, path: CropPath | None
) -> list[str]:
    """Return the filters that scale and crop the pictures of shot `number`."""
    cut = shot.cut
    window, (width, height) = _find_window(spec, video, cut, path), cut.size
    is_whole = _choose_passed_size(spec, video, cut) == video.coded_size
    part = _build_part(spec, video, cut, path) if is_whole else None
    place = f"{width}:{height}:{window.crop[0]}:{window.crop[1]}"
    crop = f"crop={place}"
    if path and _moves(cut, path):
        crop = build_moving_crop(number, place, path)
    elif path and spec.rotate:
        across, down = path[0].picture
        crop = f"scale={across}:{down}:flags=bicubic,{crop},setsar=1"
    pictures = _build_picture_filters(spec, video, window.scaled)
    filters = [pictures, *_build_grade_filters(spec, shot), crop]
    return [part, *filters] if part else filters


def _build_part(spec: ClipCut, video: VideoSource, cut: Cut, path: CropPath | None) -> str | None:
    """Return the filter that leaves the part that a crop is made of; None if that is all."""
    (left, top), (width, height), *_ = _find_window(spec, video, cut, path)
    if (width, height) == _choose_passed_size(spec, video, cut):
        return None
    return f"crop={width}:{height}:{left}:{top}"


def _find_window(spec: ClipCut, video: VideoSource, cut: Cut, path: CropPath | None) -> Window:
    """Return what is scaled of the pictures that are passed on.

    That is all of them, if they are turned or the crop moves. Then what is shown from closer is
    enlarged only after that: the colours of large HDR pictures are converted in four bytes a
    sample, which takes much memory.
    """
    source, picture = _choose_passed_size(spec, video, cut), fit_picture(spec, video, cut)
    focus = cut.focus if isinstance(cut.focus, Point) else MIDDLE
    corner = path[0].corner if path else place_crop(cut.size, picture, focus)
    if cut.fit is not ClipFit.CROP or spec.rotate or _moves(cut, path):
        return Window((0, 0), source, picture, corner)
    return find_window(source, path[0].picture if path else picture, corner, cut.size)


def _moves(cut: Cut, path: CropPath | None) -> bool:
    """Tell whether a crop moves, or may, as long as its path is not known."""
    return len(set(path)) > 1 if path else cut.follows


def _build_grade_filters(spec: ClipCut, shot: Shot) -> list[str]:
    """Return the filters that grade the pictures, and drop those that only lead to the first."""
    lead = [f"trim=start_frame={shot.lead}", "setpts=N"] if shot.lead else []
    return [*build_grade_filters(spec), *lead]


def _build_frame_filters(video: VideoSource, shot: Shot) -> str:
    """Return filters that make a shot's frames; however odd the source, others get only these."""
    filters = _build_deinterlacing(video)
    cut, held = shot.cut, shot.alignment.held
    start = (shot.begin - float(held * cut.step)) / float(cut.speed)
    if video.rate.is_steady:
        filters.append(f"fps={cut.fps}:start_time={start:.6f}")
    else:
        filters += [*_space_pictures(cut.fps, start), f"fps={cut.fps}:start_time=0"]
    trim = f"trim=start_frame={held}:end_frame={held + cut.frames}"
    return ",".join([*filters, "tpad=stop=-1:stop_mode=clone", trim, "setpts=N"])


def _build_deinterlacing(video: VideoSource) -> list[str]:
    """Return filters that make whole pictures of fields; none for large ones, which have no fields.

    They would keep three of them in memory.
    """
    if _is_large(video):
        return []
    fields = [f"setfield={video.first_field}"] if video.first_field else []
    # Interlaced pictures can come after others; those are passed on as they are.
    return [*fields, "bwdif=mode=send_frame:deint=interlaced"]


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
