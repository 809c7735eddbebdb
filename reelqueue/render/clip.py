"""Render a clip: one run of ffmpeg with one filter graph trims, scales and encodes a video.

The graph contains only numbers and words from this module; the text of captions is in a file.
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
from reelqueue.render.ffmpeg.probe import Color, VideoSource, count_frames, probe_source
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clip import ClipFit, ClipSpec
from reelqueue.text.fonts import BUNDLED, check_cues, list_outlines

CRF = 20  # of x264
TIMEOUT_SECONDS = 3600.0

_BACKDROP_SCALE = 10  # the backdrop is blurred at a tenth of the frame's size
_BACKDROP_BRIGHTNESS = 0.55
_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
_HD_SIZE = (1280, 720)
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
    """Render a clip as an MP4 and return the facts of the finished file.

    Args:
        source: the video.
        spec: range, aspect ratio, fit and captions.
        output: the file to write; like the poster, it appears only when it is complete.
        poster: the JPEG of the first frame to write; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        on_progress: called with the frames written so far; it can raise to stop the render.

    Raises:
        UnsupportedMediaError: if the format or a codec of the source is not supported.
        UnreadableMediaError: if the source is damaged or beyond the limits.
        InvalidSpecError: if the range is outside the source, or a caption needs a missing font.
        RenderError: if ffmpeg fails.
    """
    check_cues(spec.captions)
    on_progress(0, 1, "preparing")
    video = probe_source(source)
    cut = plan_cut(spec, video.duration, video.fps, video.size)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        if spec.captions:
            _write_captions(spec, cut.size, folder)
        arguments = [
            *_build_source_arguments(source, video, cut),
            *("-filter_complex", build_graph(spec, video, cut)),
            *_build_output_arguments(video, cut, preset),
            "clip.mp4",
        ]
        run_ffmpeg(
            arguments,
            timeout=TIMEOUT_SECONDS,
            cwd=folder,
            environment={"FONTCONFIG_FILE": str(folder / "fonts.conf")},
            reads=[path.resolve() for path in folder.glob("fonts/*")],
            on_progress=lambda done: on_progress(min(done, cut.frames), cut.frames, "rendering"),
        )
        on_progress(cut.frames, cut.frames, "saving")
        facts = _verify_clip(folder / "clip.mp4", cut)
        if poster:
            write_poster(folder / "clip.mp4", folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(folder / "clip.mp4", output)
    return facts


def build_graph(spec: ClipSpec, video: VideoSource, cut: Cut) -> str:
    """Return ffmpeg's filter graph; its outputs are `[v]` and, if the video has sound, `[a]`."""
    chains = [*_build_video_chains(spec, video, cut)]
    if video.has_audio:
        chains.append(
            # Gaps become silence, so that sound which starts late stays in sync.
            f"[0:a:0]atrim=start=0,aresample={RATE}:async=1:first_pts=0,"
            f"atrim=end={cut.duration:.6f},aformat=channel_layouts=stereo[a]"
        )
    return ";".join(chains)


def _build_video_chains(spec: ClipSpec, video: VideoSource, cut: Cut) -> list[str]:
    # `fps` comes first: however odd the timestamps are, the other filters get only these frames.
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
    main = f"{head},{_build_color_filters(video, picture)}"
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
        f"[copy]{_build_backdrop_filters(picture, cut.size)}[backdrop]",
        f"[backdrop][picture]overlay={x}:{y}:format=yuv420,{tail}[v]",
    ]


def _build_color_filters(video: VideoSource, size: Size) -> str:
    """Return filters that scale to `size` with square pixels, in limited-range BT.709, 8 bits."""
    color = video.color
    filters = [f"setparams={_build_setparams(color, video.size)}"]
    width, height = size
    if color.transfer in _HDR_TRANSFERS:
        # Tone mapping in linear light is slow, so the picture is scaled first.
        filters += [
            f"scale={width}:{height}:flags=bicubic,format=yuv420p10le",
            "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709",
            "tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=limited",
        ]
    else:
        filters.append(f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv")
    return ",".join([*filters, "format=yuv420p", "setsar=1"])


def _build_setparams(color: Color, size: Size) -> str:
    """Return the options of `setparams` that fill in what a video does not say of its colours.

    HDR counts as BT.2020, HD as BT.709, and SD has the matrix of BT.601.
    """
    space, primaries = "smpte170m", "bt709"
    if color.transfer in _HDR_TRANSFERS:
        space, primaries = "bt2020nc", "bt2020"
    elif max(size) >= _HD_SIZE[0] or min(size) >= _HD_SIZE[1]:
        space = "bt709"
    guesses = {
        "range": (color.range, "tv"),
        "colorspace": (color.space, space),
        "color_primaries": (color.primaries, primaries),
    }
    known = {
        name: guess if value in ("unknown", "unspecified", "reserved") else "auto"
        for name, (value, guess) in guesses.items()
    }
    return ":".join(f"{name}={value}" for name, value in known.items())


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


def _build_source_arguments(source: Path, video: VideoSource, cut: Cut) -> list[str]:
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    seek = ["-noaccurate_seek", "-ss", f"{cut.start:.6f}"] if cut.start else []
    return [*seek, *build_input_arguments(source, video.media_format.demuxer)]


def _build_output_arguments(video: VideoSource, cut: Cut, preset: str) -> Sequence[str]:
    sound = ("-map", "[a]", "-c:a", "aac", "-b:a", str(BITRATE)) if video.has_audio else ()
    return [
        *("-map", "[v]", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-frames:v", str(cut.frames), "-t", f"{cut.duration + 1:.6f}"),
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(count_encoder_threads())),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
    ]


def _write_captions(spec: ClipSpec, size: Size, folder: Path) -> None:
    """Write the captions next to the clip, with links to the fonts that they use and no others."""
    (folder / "captions.ass").write_text(format_ass(spec.captions, size), encoding="utf-8")
    (folder / "fonts.conf").write_text(_FONTS_CONF, encoding="ascii")
    (folder / "fonts").mkdir()
    for font in {*BUNDLED.glob("*.ttf"), *list_outlines(spec.captions)}:
        (folder / "fonts" / font.name).symlink_to(font)


def _verify_clip(clip: Path, cut: Cut) -> RenderFacts:
    """Return the facts of the finished file, and verify that it has all frames.

    ffmpeg can exit with 0 and still leave an incomplete file.
    """
    try:
        frames = count_frames(clip)
    except InputError as error:
        raise RenderError("The finished clip cannot be read.") from error
    if frames != cut.frames:
        raise RenderError(f"The finished clip has {frames} frames instead of {cut.frames}.")
    return RenderFacts(
        duration=cut.duration,
        width=cut.size[0],
        height=cut.size[1],
        fps=float(cut.fps),
        frames=frames,
        file_size=clip.stat().st_size,
    )
