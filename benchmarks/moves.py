"""Moving photos as users of MoviePy make them: with its own effects, on whole pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.material import Slideshow
from benchmarks.ways import Render
from reelqueue.planning.camera import Move, find_box
from reelqueue.planning.delivery.crf import CRFS
from reelqueue.planning.spans import TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.delivery import Quality


def use_moviepy_moves(slideshow: Slideshow, output: Path) -> Render:
    """MoviePy's `resized` and `with_position` with the same motions, crossfades, preset medium."""
    from moviepy import CompositeVideoClip  # slow to import

    timeline = slideshow.timeline

    def render() -> None:
        clips = [_make_clip(slideshow, timeline, number) for number in range(timeline.photo_count)]
        CompositeVideoClip(clips, size=timeline.size).write_videofile(
            str(output),
            fps=float(timeline.frame_rate),
            codec="libx264",
            preset="medium",
            ffmpeg_params=["-crf", str(CRFS[Quality.STANDARD].frames)],
            audio=False,
            logger=None,
        )

    return render


def _make_clip(slideshow: Slideshow, timeline: Timeline, number: int) -> Any:
    from moviepy import ImageClip, vfx

    picture = slideshow.load(number)
    focus, rate = find_focus(picture), float(timeline.frame_rate)
    move, first_frame, faded = _find_way(timeline, number)

    def find_zoom(seconds: float) -> float:
        left, _, right, _ = find_box(
            move, round(seconds * rate), picture.size, focus, timeline.size
        )
        return timeline.size[0] / (right - left)

    def find_corner(seconds: float) -> tuple[float, float]:
        left, top, *_ = find_box(move, round(seconds * rate), picture.size, focus, timeline.size)
        return -left * find_zoom(seconds), -top * find_zoom(seconds)

    clip = ImageClip(np.asarray(picture)).with_duration(move.frames / rate)
    clip = clip.resized(find_zoom).with_position(find_corner).with_start(first_frame / rate)
    return clip.with_effects([vfx.CrossFadeIn(faded / rate)]) if faded else clip


def _find_way(timeline: Timeline, number: int) -> tuple[Move, int, int]:
    """Return a photo's whole motion, its first frame, and the number of frames it fades in for."""
    position = 0
    for span in timeline.spans:
        if isinstance(span, TransitionSpan) and span.next_photo == number:
            assert isinstance(span.next_move, Move)
            return span.next_move, position, span.frames
        if span.photo == number:
            assert isinstance(span.move, Move)
            return span.move, position, 0
        position += span.frames
    raise ValueError(f"Photo {number} does not move.")
