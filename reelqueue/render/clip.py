"""A clip: a piece of a video, cut to time and to shape by one ffmpeg with one filter graph.

The graph is made of numbers and of words from this file; a user's text reaches libass in a file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InputError, RenderError
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.planning.cut import Cut, plan_cut
from reelqueue.planning.framing import Size, center, contain, cover
from reelqueue.planning.soundtrack import RATE
from reelqueue.render.audio.encode import BITRATE
from reelqueue.render.ffmpeg.ass import format_ass
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.probe import Color, Video, count_frames, inspect_video
from reelqueue.render.ffmpeg.run import input_arguments, run_ffmpeg
from reelqueue.specs.clip import ClipFit, ClipSpec
from reelqueue.text.fonts import BUNDLED, check_cues, list_outlines

CRF = 20
TIMEOUT_SECONDS = 3600.0

_BACKDROP_SCALE = 10
_BACKDROP_LIGHT = 0.55
_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
_HD_SIZE = (1280, 720)
_MOST_THREADS = 8
_FONTS_CONF = """<?xml version="1.0"?>
<fontconfig>
  <dir prefix="cwd">fonts</dir>
  <cachedir prefix="cwd">fonts</cachedir>
</fontconfig>
"""


def render_clip(
    source: Path,
    spec: ClipSpec,
    output: Path,
    *,
    poster: Path | None = None,
    preset: str = "veryfast",
    on_progress: OnProgress,
) -> RenderFacts:
    """Write a clip as an MP4 and return what was really written; nothing half-done stays.

    Args:
        poster: where to write the first frame as a JPEG.
        preset: one of x264's, from `ultrafast` to `veryslow`.

    Raises:
        UnsupportedMediaError, UnreadableMediaError: for a source that cannot be used.
        InvalidSpecError: for a start or end beyond the source, or captions that no font has.
        RenderError: if ffmpeg fails; whatever `on_progress` raises ends it as well.
    """
    check_cues(spec.captions)
    on_progress(0, 1, "preparing")
    video = inspect_video(source)
    cut = plan_cut(spec, video.duration, video.fps, video.size)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        if spec.captions:
            _write_captions(spec, cut.size, folder)
        arguments = [
            *_source_arguments(source, video, cut),
            *("-filter_complex", build_graph(spec, video, cut)),
            *_encoder_arguments(video, cut, preset),
            "clip.mp4",
        ]
        run_ffmpeg(
            arguments,
            timeout=TIMEOUT_SECONDS,
            cwd=folder,
            environment={"FONTCONFIG_FILE": str(folder / "fonts.conf")},
            on_progress=lambda done: on_progress(min(done, cut.frames), cut.frames, "rendering"),
        )
        on_progress(cut.frames, cut.frames, "saving")
        facts = _check_clip(folder / "clip.mp4", cut)
        if poster:
            write_poster(folder / "clip.mp4", folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(folder / "clip.mp4", output)
    return facts


def build_graph(spec: ClipSpec, video: Video, cut: Cut) -> str:
    """Return the filter graph; its outputs are `[v]` and, where the video has sound, `[a]`."""
    chains = [*_picture_chains(spec, video, cut)]
    if video.has_audio:
        chains.append(
            # Gaps become silence, so that sound which starts late stays in time.
            f"[0:a:0]atrim=start=0,aresample={RATE}:async=1:first_pts=0,"
            f"atrim=end={cut.duration:.6f},aformat=channel_layouts=stereo[a]"
        )
    return ";".join(chains)


def _picture_chains(spec: ClipSpec, video: Video, cut: Cut) -> list[str]:
    # The frame rate first: whatever times a file claims, no more than these frames go further.
    head = (
        f"[0:V:0]fps={cut.fps}:start_time=0,tpad=stop=-1:stop_mode=clone,"
        f"trim=end_frame={cut.frames}"
    )
    tail = (
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"
    )
    if spec.captions:
        tail = f"{tail},ass=filename=captions.ass"
    fit = cover if spec.fit is ClipFit.CROP else contain
    picture = fit(video.size, cut.size)
    main = f"{head},{_convert_color(video, picture)}"
    if picture == cut.size:
        return [f"{main},{tail}[v]"]
    width, height = cut.size
    if spec.fit is ClipFit.CROP:
        x, y = center(cut.size, picture)
        return [f"{main},crop={width}:{height}:{x}:{y},{tail}[v]"]
    x, y = center(picture, cut.size)
    if spec.fit is ClipFit.PAD:
        return [f"{main},pad={width}:{height}:{x}:{y}:color=black,{tail}[v]"]
    return [
        f"{main},split[picture][copy]",
        f"[copy]{_blur(picture, cut.size)}[backdrop]",
        f"[backdrop][picture]overlay={x}:{y}:format=yuv420,{tail}[v]",
    ]


def _convert_color(video: Video, size: Size) -> str:
    """Return filters that scale to square pixels and to BT.709, limited range, 8 bits."""
    color = video.color
    filters = [f"setparams={_assume_color(color, video.size)}"]
    width, height = size
    if color.transfer in _HDR_TRANSFERS:
        # zscale's tone mapping works in linear light, on few pixels: hence the size first.
        filters += [
            f"scale={width}:{height}:flags=bicubic,format=yuv420p10le",
            "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709",
            "tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=limited",
        ]
    else:
        filters.append(f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv")
    return ",".join([*filters, "format=yuv420p", "setsar=1"])


def _assume_color(color: Color, size: Size) -> str:
    """Return what a frame's colours mean where it does not say: SD is BT.601, HD is BT.709."""
    space, primaries = "smpte170m", "bt709"
    if color.transfer in _HDR_TRANSFERS:
        space, primaries = "bt2020nc", "bt2020"
    elif max(size) >= _HD_SIZE[0] or min(size) >= _HD_SIZE[1]:
        space = "bt709"
    guessed = {
        "range": (color.range, "tv"),
        "colorspace": (color.space, space),
        "color_primaries": (color.primaries, primaries),
    }
    known = {
        name: guess if said in ("unknown", "unspecified", "reserved") else "auto"
        for name, (said, guess) in guessed.items()
    }
    return ":".join(f"{name}={value}" for name, value in known.items())


def _blur(picture: Size, frame: Size) -> str:
    """Return filters that make the dark, blurred backdrop: at a tenth of the size, it is cheap."""
    small = (max(2, frame[0] // _BACKDROP_SCALE), max(2, frame[1] // _BACKDROP_SCALE))
    width, height = (side + side % 2 for side in small)
    across, down = cover(picture, (width, height))
    light = _BACKDROP_LIGHT
    dark = f"lutyuv=y='16+(val-16)*{light}':u='128+(val-128)*{light}':v='128+(val-128)*{light}'"
    return (
        f"scale={across}:{down}:flags=area,crop={width}:{height},boxblur=4:2,{dark},"
        f"scale={frame[0]}:{frame[1]}:flags=bicubic,setsar=1"
    )


def _source_arguments(source: Path, video: Video, cut: Cut) -> list[str]:
    # Not ffmpeg's accurate seek, which drops the frame that is still shown at `start` when it
    # began before: the `fps` filter is given all from the key frame on, and holds that one.
    seek = ["-noaccurate_seek", "-ss", f"{cut.start:.6f}"] if cut.start else []
    return [*seek, *input_arguments(source, video.kind.demuxer)]


def _encoder_arguments(video: Video, cut: Cut, preset: str) -> Sequence[str]:
    sound = ("-map", "[a]", "-c:a", "aac", "-b:a", str(BITRATE)) if video.has_audio else ()
    return [
        *("-map", "[v]", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-frames:v", str(cut.frames), "-t", f"{cut.duration + 1:.6f}"),
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(min(_MOST_THREADS, os.cpu_count() or 1))),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
    ]


def _write_captions(spec: ClipSpec, size: Size, folder: Path) -> None:
    """Write the captions beside the clip, with links to just the fonts that they are set in."""
    (folder / "captions.ass").write_text(format_ass(spec.captions, size), encoding="utf-8")
    (folder / "fonts.conf").write_text(_FONTS_CONF, encoding="ascii")
    (folder / "fonts").mkdir()
    for font in {*BUNDLED.glob("*.ttf"), *list_outlines(spec.captions)}:
        (folder / "fonts" / font.name).symlink_to(font)


def _check_clip(clip: Path, cut: Cut) -> RenderFacts:
    """Return the facts of the file that was written; an exit code of 0 alone proves nothing."""
    try:
        frames = count_frames(clip)
    except InputError as error:
        raise RenderError("The clip that was written cannot be read.") from error
    if frames != cut.frames:
        raise RenderError(f"The clip has {frames} frames instead of {cut.frames}.")
    return RenderFacts(
        duration=cut.duration,
        width=cut.size[0],
        height=cut.size[1],
        fps=float(cut.fps),
        frames=frames,
        file_size=clip.stat().st_size,
    )
