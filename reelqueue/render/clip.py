"""Render a clip: ffmpeg trims, scales and encodes the pictures while the sound is made.

`reelqueue/render/ffmpeg/graph.py` has the filters of the pictures,
`reelqueue/render/audio/clip_sound.py` the sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from reelqueue.errors import InputError, RenderError
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.captions import Caption, plan_captions
from reelqueue.planning.cut import Cut, align_cut, plan_cut
from reelqueue.planning.soundtrack import SoundCut, Track
from reelqueue.render.audio.clip_sound import encode_clip_sound
from reelqueue.render.audio.parallel import encoding_sound
from reelqueue.render.ffmpeg.graph import build_graph, build_loopback
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.overlay import INPUT, send_pictures
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, choose_track, count_frames, probe_source
from reelqueue.render.images.caption_stack import draw_stacks
from reelqueue.render.images.captions import find_clip_area
from reelqueue.render.mp4.mux import mux_streams
from reelqueue.render.shaper import has_shaper
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.sound import ClipAudio

CRF = 20  # of x264
TIMEOUT_SECONDS = 3600.0


def render_clip(
    source: Path,
    spec: ClipSpec,
    output: Path,
    *,
    tracks: Sequence[Track] = (),
    poster: Path | None = None,
    preset: str = "veryfast",
    on_progress: OnProgress,
) -> RenderFacts:
    """Render a clip as an MP4 and return the facts of the finished file.

    Args:
        source: the video.
        spec: range, aspect ratio, fit, sound and captions.
        output: the file to write; like the poster, it appears only when it is complete.
        tracks: the music, track after track, looped or cut to the duration of the clip.
        poster: the JPEG of the first frame to write; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        on_progress: called with the frames written so far; it can raise to stop the render.

    Raises:
        UnsupportedMediaError: if the format or a codec of the source is not supported.
        UnreadableMediaError: if the source is damaged or beyond the limits.
        InvalidSpecError: if the range is outside the source, the source has fewer sound tracks, or
            a caption needs a missing font.
        RenderError: if ffmpeg fails.
    """
    on_progress(0, 1, "preparing")
    video = _choose_sound(source, probe_source(source), spec.audio)
    cut = plan_cut(spec, video.duration, video.rate.fps, video.size)
    captions = plan_captions(spec, cut, has_shaper)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        clip = _encode_clip(
            source, spec, video, cut, captions.captions, tracks, folder, preset, on_progress
        )
        facts = _verify_clip(clip, cut)
        if poster:
            write_poster(clip, folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(clip, output)
    warnings = (*video.warnings, *captions.warnings)
    return facts.model_copy(update={"warnings": warnings or None})


def _choose_sound(source: Path, video: VideoSource, audio: ClipAudio) -> VideoSource:
    """Return the video with the sound that the clip has of it."""
    if audio.mute:
        return replace(video, sound=None)
    return choose_track(source, video, audio.track) if audio.track else video


def _encode_clip(
    source: Path,
    spec: ClipSpec,
    video: VideoSource,
    cut: Cut,
    captions: Sequence[Caption],
    tracks: Sequence[Track],
    folder: Path,
    preset: str,
    on_progress: OnProgress,
) -> Path:
    """Write the clip into a folder, pictures and sound at the same time, and return its path."""
    alignment = align_cut(cut, video.times)
    pictures, sound, clip = (folder / name for name in ("pictures.mp4", "sound.m4a", "clip.mp4"))

    def encode_sound(on_sound: Callable[[int], None]) -> None:
        heard = [SoundCut(alignment.start, cut.duration)]
        encode_clip_sound(
            source, video, heard, sound, spec=spec, music=tracks, on_progress=on_sound
        )

    def report(stage: RenderStage, done: int = cut.frames) -> None:
        on_progress(min(done, cut.frames), cut.frames, stage)

    has_sound = video.sound is not None or len(tracks) > 0
    area = find_clip_area(cut.size) if captions else None
    arguments = [
        *_build_source_arguments(source, video, alignment.seek),
        *(INPUT if area else ()),
        *("-filter_complex", build_graph(spec, video, cut, alignment, area)),
        *_build_output_arguments(cut, preset, is_final=not has_sound),
        pictures.name,
        *build_loopbacks(build_loopback(spec, video, cut, alignment)),
    ]
    with encoding_sound(encode_sound if has_sound else None, partial(report, "audio")) as check:

        def report_pictures(done: int) -> None:
            check()
            report("rendering", done)

        run_ffmpeg(
            arguments,
            timeout=TIMEOUT_SECONDS,
            cwd=folder,
            on_progress=report_pictures,
            feed=partial(_send_captions, captions, cut) if area else None,
        )
    report("saving")
    if not has_sound:
        return pictures
    mux_streams(pictures, sound, clip)
    return clip


def _build_source_arguments(source: Path, video: VideoSource, start: float) -> list[str]:
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    seek = ["-noaccurate_seek", "-ss", f"{start:.6f}"] if start else []
    return [
        *seek,
        *build_input_arguments(source, video.media_format.demuxer, video.stream.decoder),
    ]


def _build_output_arguments(cut: Cut, preset: str, *, is_final: bool) -> Sequence[str]:
    return [
        *("-map", "[v]", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-t", f"{cut.duration + 1:.6f}"),  # the graph ends by itself before
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(count_encoder_threads())),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", *(("-movflags", "+faststart") if is_final else ())),
        *("-f", "mp4"),
    ]


def _send_captions(captions: Sequence[Caption], cut: Cut, pipe: IO[bytes]) -> None:
    left, top, right, bottom = find_clip_area(cut.size)
    send_pictures(draw_stacks(captions, cut.size), (right - left, bottom - top), cut.fps, pipe)


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
