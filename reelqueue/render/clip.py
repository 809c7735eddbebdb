"""Render a clip: one run of ffmpeg trims, scales and encodes a video.

`reelqueue/render/ffmpeg/graph.py` has the filters.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InputError, RenderError
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.cut import Cut, align_cut, plan_cut
from reelqueue.render.audio.encode import BITRATE
from reelqueue.render.ffmpeg.graph import build_graphs, list_loopbacks
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.overlay import INPUT, feed_pictures
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, count_frames, probe_source
from reelqueue.render.images.caption_film import film_captions
from reelqueue.render.shaper import has_shaper
from reelqueue.render.soft_track import SoftTrack, add_soft_track
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clip import ClipSpec

CRF = 20  # of x264
TIMEOUT_SECONDS = 3600.0


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
    on_progress(0, 1, "preparing")
    video = probe_source(source)
    cut = plan_cut(spec, video.duration, video.rate.fps, video.size)
    captions = plan_captions(spec, cut, has_shaper)
    film = film_captions(spec, cut, captions)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        alignment = align_cut(cut, video.times)
        soft = SoftTrack()
        if spec.soft_captions and captions.captions:
            path = folder / "captions.mp4"
            soft = add_soft_track(captions.captions, spec.cue_sheet, cut, path)
        graphs = build_graphs(spec, video, cut, alignment, film.area if film else None)
        arguments = [
            *_build_source_arguments(source, video, alignment.seek),
            *(INPUT if film else soft.inputs),
            *(argument for graph in graphs for argument in ("-filter_complex", graph)),
            *_build_output_arguments(video, cut, preset, soft),
            "clip.mp4",
            *build_loopbacks(*list_loopbacks(spec, video, cut, alignment)),
        ]
        run_ffmpeg(
            arguments,
            timeout=TIMEOUT_SECONDS,
            cwd=folder,
            on_progress=lambda done: on_progress(min(done, cut.frames), cut.frames, "rendering"),
            feed=feed_pictures(*film, cut.fps) if film else None,
        )
        on_progress(cut.frames, cut.frames, "saving")
        facts = _verify_clip(folder / "clip.mp4", cut)
        if poster:
            write_poster(folder / "clip.mp4", folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(folder / "clip.mp4", output)
    warnings = (*video.warnings, *captions.warnings)
    return facts.model_copy(update={"warnings": warnings or None})


def _build_source_arguments(source: Path, video: VideoSource, start: float) -> list[str]:
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    seek = ["-noaccurate_seek", "-ss", f"{start:.6f}"] if start else []
    return [
        *seek,
        *build_input_arguments(source, video.media_format.demuxer, video.stream.decoder),
    ]


def _build_output_arguments(
    video: VideoSource, cut: Cut, preset: str, soft: SoftTrack
) -> Sequence[str]:
    has_sound = video.sound is not None
    sound = ("-map", "[a]", "-c:a", "aac", "-b:a", str(BITRATE)) if has_sound else ()
    return [
        *("-map", "[v]", *sound, "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *soft.outputs,
        # Both graphs end by themselves. `-frames` would end sound with the last frame's beginning.
        *("-t", f"{cut.duration + 1:.6f}"),
        # Of coded frames before sound begins.
        *("-max_muxing_queue_size", str(cut.frames)),
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(count_encoder_threads())),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
    ]


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
