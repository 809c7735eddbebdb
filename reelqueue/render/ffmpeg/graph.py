"""The filter graph of a clip: it contains only numbers and words from this package."""

from __future__ import annotations

from reelqueue.planning.cut import Cut
from reelqueue.planning.framing import Size, center, contain, cover
from reelqueue.render.ffmpeg.color import build_color_filters
from reelqueue.render.ffmpeg.overlay import build_overlay_filters
from reelqueue.render.ffmpeg.probe import VideoSource
from reelqueue.render.ffmpeg.sound import build_sync_filter
from reelqueue.specs.clip import ClipCut, ClipFit

_BACKDROP_SCALE = 10  # the backdrop is blurred at a tenth of the frame's size
_BACKDROP_BRIGHTNESS = 0.55
_TAIL = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"


def build_graph(
    spec: ClipCut, video: VideoSource, cut: Cut, area: tuple[int, int, int, int] | None
) -> str:
    """Return ffmpeg's filter graph; its outputs are `[v]` and, if the video has sound, `[a]`.

    Args:
        area: `(left, top, right, bottom)` of the captions in pixels; None if there are none.
    """
    chains = _build_video_chains(spec, video, cut, "plain" if area else "v")
    if area:
        chains += build_overlay_filters("plain", area)
    if video.has_audio:
        sync = build_sync_filter()
        chains.append(
            f"[0:a:0]atrim=start=0,{sync},"
            f"atrim=end={cut.duration:.6f},aformat=channel_layouts=stereo[a]"
        )
    return ";".join(chains)


def _build_video_chains(spec: ClipCut, video: VideoSource, cut: Cut, name: str) -> list[str]:
    """Return the chains that make the frames, as `[name]`."""
    # `fps` comes first: however odd the timestamps are, the other filters get only these frames.
    head = (
        f"[0:V:0]fps={cut.fps}:start_time=0,tpad=stop=-1:stop_mode=clone,"
        f"trim=end_frame={cut.frames}"
    )
    fit = cover if spec.fit is ClipFit.CROP else contain
    picture = fit(video.size, cut.size)
    main = f"{head},{build_color_filters(video.color, video.size, picture)}"
    if picture == cut.size:
        return [f"{main},{_TAIL}[{name}]"]
    width, height = cut.size
    if spec.fit is ClipFit.CROP:
        x, y = center(cut.size, picture)
        return [f"{main},crop={width}:{height}:{x}:{y},{_TAIL}[{name}]"]
    x, y = center(picture, cut.size)
    if spec.fit is ClipFit.PAD:
        return [f"{main},pad={width}:{height}:{x}:{y}:color=black,{_TAIL}[{name}]"]
    return [
        f"{main},split[picture][copy]",
        f"[copy]{_build_backdrop_filters(picture, cut.size)}[backdrop]",
        f"[backdrop][picture]overlay={x}:{y}:format=yuv420,{_TAIL}[{name}]",
    ]


def _build_backdrop_filters(picture: Size, frame: Size) -> str:
    """Return filters that make the dark, blurred backdrop; they work on a small copy, for speed."""
    small = (max(2, frame[0] // _BACKDROP_SCALE), max(2, frame[1] // _BACKDROP_SCALE))
    width, height = (side + side % 2 for side in small)
    across, down = cover(picture, (width, height))
    light = _BACKDROP_BRIGHTNESS
    dark = f"lutyuv=y='16+(val-16)*{light}':u='128+(val-128)*{light}':v='128+(val-128)*{light}'"
    return (
        f"scale={across}:{down}:flags=area,crop={width}:{height},boxblur=4:2,{dark},"
        f"scale={frame[0]}:{frame[1]}:flags=bicubic,setsar=1"
    )
