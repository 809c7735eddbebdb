"""Render a clip: one run of ffmpeg with one filter graph trims, scales and encodes a video.

`reelqueue/render/ffmpeg/graph.py` has the graph.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InputError, RenderError
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.planning.cut import Cut, align_cut, plan_cut
from reelqueue.planning.framing import Size
from reelqueue.render.audio.encode import BITRATE
from reelqueue.render.ffmpeg.ass import format_ass
from reelqueue.render.ffmpeg.graph import CAPTIONS, build_graph
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, count_frames, probe_source
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clip import ClipSpec
from reelqueue.text.fonts import BUNDLED, check_cues, list_outlines

CRF = 20  # of x264
TIMEOUT_SECONDS = 3600.0

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
    cut = plan_cut(spec, video.duration, video.rate.fps, video.size)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        if spec.captions:
            _write_captions(spec, cut.size, folder)
        alignment = align_cut(cut, video.times)
        arguments = [
            *_build_source_arguments(source, video, alignment.seek),
            *("-filter_complex", build_graph(spec, video, cut, alignment)),
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
        if video.warnings:
            facts = facts.model_copy(update={"warnings": video.warnings})
        if poster:
            write_poster(folder / "clip.mp4", folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(folder / "clip.mp4", output)
    return facts


def _build_source_arguments(source: Path, video: VideoSource, start: float) -> list[str]:
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    seek = ["-noaccurate_seek", "-ss", f"{start:.6f}"] if start else []
    return [
        *seek,
        *build_input_arguments(source, video.media_format.demuxer, video.stream.decoder),
    ]


def _build_output_arguments(video: VideoSource, cut: Cut, preset: str) -> Sequence[str]:
    has_sound = video.sound is not None
    sound = ("-map", "[a]", "-c:a", "aac", "-b:a", str(BITRATE)) if has_sound else ()
    return [
        *("-map", "[v]", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        # Both graphs end by themselves. `-frames` would end sound with the last frame's beginning.
        *("-t", f"{cut.duration + 1:.6f}"),
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(count_encoder_threads())),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
    ]


def _write_captions(spec: ClipSpec, size: Size, folder: Path) -> None:
    """Write the captions next to the clip, with links to the fonts that they use and no others."""
    (folder / CAPTIONS).write_text(format_ass(spec.captions, size), encoding="utf-8")
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
