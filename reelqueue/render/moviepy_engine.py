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
from reelqueue.render.timeline import Blend, Hold, Timeline, find_edge
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
        layers = {
            Transition.FADE: self._fade,
            Transition.FADE_BLACK: self._fade_black,
            Transition.WIPE_LEFT: self._wipe,
            Transition.WIPE_RIGHT: self._wipe,
            Transition.SLIDE_LEFT: self._slide,
            Transition.SLIDE_RIGHT: self._slide,
        }[span.transition](span, seconds)
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

    def _fade_black(self, blend: Blend, seconds: float) -> list[VideoClip]:
        half = seconds / 2
        outgoing = self._photo(blend.photo, half).with_effects([FadeOut(half)])
        incoming = self._photo(blend.following, half + 1 / self.fps).with_effects([FadeIn(half)])
        return [
            ColorClip(self.size, color=(0, 0, 0), duration=seconds),
            outgoing.with_start(-self.half_frame),
            incoming.with_start(half - self.half_frame),
        ]

    def _wipe(self, blend: Blend, seconds: float) -> list[VideoClip]:
        width, height = self.size

        def draw_mask(time: float) -> NDArray[np.float64]:
            columns = self._edge(blend, time)
            mask = np.zeros((height, width))
            left = width - columns if blend.transition is Transition.WIPE_LEFT else 0
            mask[:, left : left + columns] = 1
            return mask

        mask = VideoClip(draw_mask, is_mask=True, duration=seconds)
        incoming = self._photo(blend.following, seconds).with_mask(mask)
        return [self._photo(blend.photo, seconds), incoming]

    def _slide(self, blend: Blend, seconds: float) -> list[VideoClip]:
        width = self.size[0]
        side = 1 if blend.transition is Transition.SLIDE_LEFT else -1

        def place(time: float) -> tuple[int, int]:
            return side * (width - self._edge(blend, time)), 0

        incoming = self._photo(blend.following, seconds).with_position(place)
        return [self._photo(blend.photo, seconds), incoming]

    def _edge(self, blend: Blend, time: float) -> int:
        weights = list(blend.weights())
        frame = min(int(time * self.fps), blend.frames - 1)
        return find_edge(weights[frame], self.size[0])


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
        *("-color_trc", "bt709", "-color_range", "tv"),
    ]
