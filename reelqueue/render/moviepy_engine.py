"""The timeline drawn by MoviePy: the slow and obvious reference, and a choice for comparison.

Every clip is asked for its pictures in the middle of a frame, where no rounding of MoviePy's times
can fall to the wrong side. MoviePy is loaded when this module is, so import it only where this
engine was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import ColorClip, CompositeVideoClip, VideoClip, concatenate_videoclips
from moviepy.video.fx import CrossFadeIn, FadeIn, FadeOut
from numpy.typing import NDArray
from PIL import Image
from proglog import ProgressBarLogger  # type: ignore[import-untyped]  # it ships no types

from reelqueue.render import encode
from reelqueue.render.changes import STRIP, Edge, find_grey, find_half, list_steps
from reelqueue.render.timeline import Blend, Hold, Timeline
from reelqueue.specs import Transition

_PICTURES_KEPT = 3


def write_with_moviepy(
    timeline: Timeline,
    load: Callable[[int], Image.Image],
    output: Path,
    *,
    preset: str,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range.

    Args:
        load: gives a photo as RGB of the timeline's size.
        on_frame: told how many frames are done.
    """
    draw = _Drawing(timeline, load)
    movie = concatenate_videoclips([draw.span(span) for span in timeline.spans], method="chain")
    movie = movie.time_transform(lambda time: time + draw.half_frame)
    movie.duration = (timeline.frames + 0.5) / draw.fps  # MoviePy rounds down
    movie.write_videofile(
        str(output),
        fps=draw.fps,
        codec="libx264",
        audio=False,
        preset=preset,
        ffmpeg_params=_list_parameters(timeline),
        logger=_FrameLogger(on_frame),
    )


class _Drawing:
    """Makes MoviePy's clips; only the photos around the moment being drawn are kept."""

    def __init__(self, timeline: Timeline, load: Callable[[int], Image.Image]) -> None:
        self.size = timeline.size
        self.fps = float(timeline.frame_rate)
        self.half_frame = 0.5 / self.fps
        self._pixels = lru_cache(_PICTURES_KEPT)(lambda photo: np.asarray(load(photo)))

    def span(self, span: Hold | Blend) -> VideoClip:
        seconds = span.frames / self.fps
        if isinstance(span, Hold):
            return self._photo(span.photo, seconds)
        if span.transition is Transition.FADE:
            layers = self._fade(span, seconds)
        elif find_grey(span.transition) is not None:
            layers = self._fade_through(span, seconds)
        else:
            layers = self._put_beside(span, seconds)
        return CompositeVideoClip(layers, use_bgclip=True).with_duration(seconds)

    def _photo(self, photo: int, seconds: float) -> VideoClip:
        """Return what `ImageClip` does, but load the picture when it is asked for."""
        clip = VideoClip(duration=seconds)
        clip.size = self.size
        clip.frame_function = lambda _time: self._pixels(photo)
        return clip

    def _fade(self, blend: Blend, seconds: float) -> list[VideoClip]:
        # Half a frame early: asked in the middle of frame j, it has had j frames' time.
        incoming = self._photo(blend.following, seconds + 1 / self.fps)
        incoming = incoming.with_effects([CrossFadeIn(seconds)]).with_start(-self.half_frame)
        return [self._photo(blend.photo, seconds), incoming]

    def _fade_through(self, blend: Blend, seconds: float) -> list[VideoClip]:
        colour = (find_grey(blend.transition) or 0,) * 3
        first = find_half(blend) / self.fps
        second = seconds - first
        outgoing = self._photo(blend.photo, first).with_effects([FadeOut(first, colour)])
        incoming = self._photo(blend.following, second + 1 / self.fps)
        incoming = incoming.with_effects([FadeIn(second, colour)])
        return [
            ColorClip(self.size, color=colour, duration=seconds),
            outgoing.with_start(-self.half_frame),
            incoming.with_start(first - self.half_frame),
        ]

    def _put_beside(self, blend: Blend, seconds: float) -> list[VideoClip]:
        edges = [step for step in list_steps(blend, self.size) if isinstance(step, Edge)]

        def find_edge(time: float) -> Edge:
            return edges[min(int(time * self.fps), blend.frames - 1)]

        outgoing, incoming = VideoClip(duration=seconds), VideoClip(duration=seconds)
        outgoing.size = incoming.size = self.size
        outgoing.frame_function = lambda time: _move(
            self._pixels(blend.photo), find_edge(time).old_shift, find_edge(time).is_level
        )
        incoming.frame_function = lambda time: _move(
            self._pixels(blend.following), find_edge(time).new_shift, find_edge(time).is_level
        )
        mask = VideoClip(lambda time: self._cover(find_edge(time)), is_mask=True, duration=seconds)
        return [outgoing, incoming.with_mask(mask)]

    def _cover(self, edge: Edge) -> NDArray[np.float64]:
        """Return how much of the incoming photo is seen in each sample."""
        width, height = self.size
        line = np.zeros(height if edge.is_level else width)
        line[: edge.strip] = 1
        line[edge.strip : edge.strip + STRIP] = edge.first_share
        seen = line if edge.is_new_first else 1 - line
        lines = seen[:, None] if edge.is_level else seen[None, :]
        return np.broadcast_to(lines, (height, width)).copy()


def _move(pixels: NDArray[np.uint8], shift: int, is_level: bool) -> NDArray[np.uint8]:
    """Return a picture moved to the right or down; its border goes on where it is no more."""
    axis = 0 if is_level else 1
    lines = np.clip(np.arange(pixels.shape[axis]) - shift, 0, pixels.shape[axis] - 1)
    return pixels.take(lines, axis)


class _FrameLogger(ProgressBarLogger):  # type: ignore[misc]  # proglog has no types
    """Hands MoviePy's progress bar on."""

    def __init__(self, on_frame: Callable[[int], None]) -> None:
        super().__init__()
        self._on_frame = on_frame

    def bars_callback(self, bar: str, attr: str, value: int, old_value: Any = None) -> None:  # noqa: ARG002  # proglog's
        """Report the frames drawn; `proglog` calls this at every change."""
        if bar == "frame_index" and attr == "index" and value > 0:
            self._on_frame(value)


def _list_parameters(timeline: Timeline) -> list[str]:
    """Return ffmpeg's options for what MoviePy leaves open: colours, quality, exact times."""
    rate = timeline.frame_rate
    frame_time = f"{rate.denominator}/{rate.numerator}"
    filters = (
        f"settb={frame_time},setpts=N",  # MoviePy itself says 29.97 for 30000/1001
        "scale=in_range=pc:out_range=tv:out_color_matrix=bt709"
        ":flags=bicubic+accurate_rnd+full_chroma_inp",
        "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
        "format=yuv420p",
    )
    return [
        *("-vf", ",".join(filters), "-fps_mode", "passthrough", "-enc_time_base", frame_time),
        *("-crf", str(encode.CRF), "-colorspace", "bt709", "-color_primaries", "bt709"),
        *("-color_trc", "bt709", "-color_range", "tv", "-movflags", "+faststart"),
    ]
