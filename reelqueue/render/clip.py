"""Render a clip: its pictures in pieces, its sound as a whole, and both in one file."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InputError, RenderError
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.planning.captions import plan_captions
from reelqueue.planning.edit import Edit, plan_edit
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.source import count_frames, probe_source
from reelqueue.render.mp4.mux import mux_pieces
from reelqueue.render.pieces import encode_pieces
from reelqueue.render.shaper import has_shaper
from reelqueue.specs.clip import ClipSpec


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
        spec: segments, aspect ratio, fit and captions.
        output: the file to write; like the poster, it appears only when it is complete.
        poster: the JPEG of the first frame to write; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        on_progress: called with the frames written so far; it can raise to stop the render.

    Raises:
        UnsupportedMediaError: if the format or a codec of the source is not supported.
        UnreadableMediaError: if the source is damaged or beyond the limits.
        InvalidSpecError: if a segment is outside the source, or a caption needs a missing font.
        RenderError: if ffmpeg fails.
    """
    on_progress(0, 1, "preparing")
    video = probe_source(source)
    edit = plan_edit(spec, video.duration, video.rate.fps, video.size)
    captions = plan_captions(spec, edit, has_shaper)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        pieces = encode_pieces(
            source,
            video,
            spec,
            edit,
            captions.captions,
            folder,
            preset=preset,
            on_frames=lambda done: on_progress(done, edit.frames, "rendering"),
        )
        on_progress(edit.frames, edit.frames, "saving")
        mux_pieces(pieces, edit.fps, None, folder / "clip.mp4")
        facts = _verify_clip(folder / "clip.mp4", edit)
        if poster:
            write_poster(folder / "clip.mp4", folder / "poster.jpg")
            os.replace(folder / "poster.jpg", poster)
        os.replace(folder / "clip.mp4", output)
    warnings = (*video.warnings, *captions.warnings)
    return facts.model_copy(update={"warnings": warnings or None})


def _verify_clip(clip: Path, edit: Edit) -> RenderFacts:
    """Return the facts of the finished file, and verify that it has all frames.

    ffmpeg can exit with 0 and still leave an incomplete file.
    """
    try:
        frames = count_frames(clip)
    except InputError as error:
        raise RenderError("The finished clip cannot be read.") from error
    if frames != edit.frames:
        raise RenderError(f"The finished clip has {frames} frames instead of {edit.frames}.")
    return RenderFacts(
        duration=edit.duration,
        width=edit.size[0],
        height=edit.size[1],
        fps=float(edit.fps),
        frames=frames,
        file_size=clip.stat().st_size,
    )
