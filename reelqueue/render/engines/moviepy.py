"""The MoviePy engine: slow and simple, a reference that the other engines are compared with.

Clips are asked for the pictures in the middle of each frame, so that no rounding of MoviePy's times
can pick the frame beside it. Importing this module imports MoviePy, so do that only where this
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

from reelqueue.planning.camera import Move, find_box
from reelqueue.planning.spans import Movement, PhotoSpan, Playback, Speaking, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import TransitionFrame
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import EFFECTS, list_frames
from reelqueue.render.engines.moviepy_pixels import cover, mix, show_new, show_old
from reelqueue.render.frames.ken_burns import resample_box
from reelqueue.render.frames.yuv import to_rgb
from reelqueue.render.images.captions import paste_overlay
from reelqueue.render.images.saliency import find_focus
from reelqueue.render.slide_pictures import SlidePictures
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.photo import Transition

_PICTURES_KEPT = 3


def write_with_moviepy(
    timeline: Timeline,
    pictures: SlidePictures,
    output: Path,
    *,
    preset: str,
    on_frame: Callable[[int], None],
) -> None:
    """Write an MP4 of H.264, tagged as BT.709 in limited range.

    Args:
        pictures: of the slides.
        on_frame: told how many frames are done.
    """
    draw = _Drawing(timeline, pictures)
    movie = concatenate_videoclips([draw.span(span) for span in timeline.spans], method="chain")
    movie = movie.time_transform(lambda time: time + draw.half_frame)
    movie.duration = (timeline.frames + 0.5) / draw.fps  # MoviePy rounds down
    movie.write_videofile(
        str(output),
        fps=draw.fps,
        codec="libx264",
        audio=False,
        preset=preset,
        threads=count_encoder_threads(),
        ffmpeg_params=_list_parameters(timeline),
        logger=_FrameLogger(on_frame),
    )


class _Drawing:
    """Makes MoviePy's clips, and keeps only the photos around the current frame in memory."""

    def __init__(self, timeline: Timeline, pictures: SlidePictures) -> None:
        self.size = timeline.size
        self.fps = float(timeline.frame_rate)
        self.half_frame = 0.5 / self.fps
        self._load = lru_cache(_PICTURES_KEPT)(pictures.load)
        self._pixels = lru_cache(_PICTURES_KEPT)(lambda photo: np.asarray(self._load(photo)))
        self._plain = lru_cache(_PICTURES_KEPT)(
            lambda photo: np.asarray(pictures.load_plain(photo))
        )
        self._words = lru_cache(_PICTURES_KEPT)(pictures.draw_caption)
        self._play = lru_cache(_PICTURES_KEPT)(pictures.play)
        self._film = lru_cache(_PICTURES_KEPT)(pictures.film)
        self._focus = lru_cache(_PICTURES_KEPT)(lambda photo: find_focus(self._load(photo)))

    def span(self, span: PhotoSpan | TransitionSpan) -> VideoClip:
        seconds = span.frames / self.fps
        if isinstance(span, PhotoSpan):
            return self._photo(span.photo, seconds, span.move)
        if span.parts_words:
            return self._part_words(span, seconds)
        if span.transition is Transition.FADE:
            layers = self._fade(span, seconds)
        elif EFFECTS[span.transition].dip is not None:
            layers = self._fade_through(span, seconds)
        else:
            layers = self._lay_over(span, seconds)
        return CompositeVideoClip(layers, use_bgclip=True).with_duration(seconds)

    def _photo(
        self, photo: int, seconds: float, move: Movement | None, offset: float = 0
    ) -> VideoClip:
        """Return a clip of a photo, as `ImageClip` does, but load the photo when it is needed.

        Args:
            offset: seconds from the start of the photo's span to the start of the clip.
        """
        clip = VideoClip(duration=seconds)
        clip.size = self.size
        clip.frame_function = lambda time: self._draw(photo, move, time + offset)
        return clip

    def _draw(self, photo: int, move: Movement | None, time: float) -> NDArray[np.uint8]:
        if move is None:
            return self._pixels(photo)
        if isinstance(move, Playback):
            return to_rgb(self._play(photo).show(move.first + self._count(time)))
        if isinstance(move, Speaking):
            view = self._load(photo).copy()
        else:
            view = self._draw_view(photo, move, time)
            if words := self._words(photo):
                paste_overlay(view, words)
        film = self._film(photo)
        if film and (spoken := film.find(move.first + self._count(time))):
            paste_overlay(view, spoken)
        return np.asarray(view)

    def _draw_plain(self, photo: int, move: Movement | None, time: float) -> NDArray[np.uint8]:
        if move is None or isinstance(move, Speaking):
            return self._plain(photo)
        if isinstance(move, Playback):
            return to_rgb(self._play(photo).show_both(move.first + self._count(time))[1])
        return np.asarray(self._draw_view(photo, move, time))

    def _draw_view(self, photo: int, move: Move, time: float) -> Image.Image:
        image = self._load(photo)
        box = find_box(move, self._count(time), image.size, self._focus(photo), self.size)
        return resample_box(image, box, self.size)

    def _count(self, time: float) -> int:
        """Return the number of the frame at a time."""
        return max(int(time * self.fps), 0)

    def _fade(self, span: TransitionSpan, seconds: float) -> list[VideoClip]:
        # Half a frame early, so that in the middle of frame j it is j frames old.
        early = -self.half_frame
        incoming = self._photo(span.next_photo, seconds + 1 / self.fps, span.next_move, early)
        incoming = incoming.with_effects([CrossFadeIn(seconds)]).with_start(early)
        return [self._photo(span.photo, seconds, span.move), incoming]

    def _part_words(self, span: TransitionSpan, seconds: float) -> VideoClip:
        """Return the clip of a fade by way of both photos mixed without their words."""
        place = find_middle(span.frames)

        def draw(time: float) -> NDArray[np.uint8]:
            number = min(int(time * self.fps), span.frames - 1) + 1
            old = self._draw_plain(span.photo, span.move, time)
            new = self._draw_plain(span.next_photo, span.next_move, time)
            middle = mix(old, new, place / span.frames)
            if number <= place:
                return mix(self._draw(span.photo, span.move, time), middle, number / place)
            share = (number - place) / (span.frames - place)
            return mix(middle, self._draw(span.next_photo, span.next_move, time), share)

        clip = VideoClip(duration=seconds)
        clip.size, clip.frame_function = self.size, draw
        return clip

    def _fade_through(self, span: TransitionSpan, seconds: float) -> list[VideoClip]:
        colour = (EFFECTS[span.transition].dip or 0,) * 3
        first = find_dip(span.frames) / self.fps
        second = seconds - first
        early, late = -self.half_frame, first - self.half_frame
        outgoing = self._photo(span.photo, first, span.move, early)
        incoming = self._photo(span.next_photo, second + 1 / self.fps, span.next_move, late)
        return [
            ColorClip(self.size, color=colour, duration=seconds),
            outgoing.with_effects([FadeOut(first, colour)]).with_start(early),
            incoming.with_effects([FadeIn(second, colour)]).with_start(late),
        ]

    def _lay_over(self, span: TransitionSpan, seconds: float) -> list[VideoClip]:
        frames = list(list_frames(span.transition, span.frames, self.size))

        def find_frame(time: float) -> TransitionFrame:
            return frames[min(int(time * self.fps), span.frames - 1)]

        outgoing, incoming = VideoClip(duration=seconds), VideoClip(duration=seconds)
        outgoing.size = incoming.size = self.size
        outgoing.frame_function = lambda time: show_old(
            self._draw(span.photo, span.move, time), find_frame(time)
        )
        incoming.frame_function = lambda time: show_new(
            self._draw(span.next_photo, span.next_move, time), find_frame(time)
        )
        mask = VideoClip(
            lambda time: cover(find_frame(time), self.size), is_mask=True, duration=seconds
        )
        return [outgoing, incoming.with_mask(mask)]


class _FrameLogger(ProgressBarLogger):  # type: ignore[misc]  # proglog has no types
    """Reports the progress of MoviePy's progress bar."""

    def __init__(self, on_frame: Callable[[int], None]) -> None:
        super().__init__()
        self._on_frame = on_frame

    def bars_callback(self, bar: str, attr: str, value: int, old_value: Any = None) -> None:  # noqa: ARG002  # proglog's
        """Report the frames drawn; `proglog` calls this whenever a bar moves."""
        if bar == "frame_index" and attr == "index" and value > 0:
            self._on_frame(value)


def _list_parameters(timeline: Timeline) -> list[str]:
    """Return ffmpeg's options for what MoviePy does not set: colours, quality, exact times."""
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
        *("-crf", str(timeline.crfs.frames), "-colorspace", "bt709", "-color_primaries", "bt709"),
        *("-color_trc", "bt709", "-color_range", "tv", "-movflags", "+faststart"),
    ]
