"""The slides of a slideshow as the engines take them: they stand, move or play; and its poster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame
from PIL import Image

from reelqueue.planning.camera import Move, find_box
from reelqueue.planning.timeline import Timeline
from reelqueue.render.ffmpeg.poster import POSTER_WIDTH
from reelqueue.render.frames.draw import Picture
from reelqueue.render.frames.ken_burns import MovingPhoto, resample_box, to_moving_photo
from reelqueue.render.frames.narrated_photo import NarratedPhoto
from reelqueue.render.frames.played_video import PlayedVideo
from reelqueue.render.frames.worded_photo import WordedPhoto, to_worded_photo
from reelqueue.render.images.captions import Overlay, paste_overlay
from reelqueue.render.images.saliency import find_focus
from reelqueue.render.images.slides import Slides
from reelqueue.render.narration.film import NarrationFilm, film_narration
from reelqueue.render.video_slide import VideoSlide
from reelqueue.specs.formats import scale_size


class SlidePictures:
    """Loads the pictures of slides; threads may call it.

    Args:
        slides: the photos, videos and title cards.
        timeline: how they are shown.
        videos: those that play, by their numbers in the timeline.
        folder: the working directory of what decodes videos.
        playing: ends the videos that have been begun.
    """

    def __init__(
        self,
        slides: Slides,
        timeline: Timeline,
        videos: Mapping[int, VideoSlide],
        folder: Path,
        playing: ExitStack,
    ) -> None:
        self._slides, self._timeline, self._videos = slides, timeline, videos
        self._folder, self._playing = folder, playing
        self._moving = timeline.moving_photos - timeline.speaking_photos

    def load_picture(self, number: int) -> Picture:
        """Return the picture of a slide in YUV 4:2:0, with its words.

        Raises:
            InputError: if a photo or a video cannot be read.
        """
        if number in self._videos:
            return self.play(number)
        film = self.film(number)
        return NarratedPhoto(self._load_photo(number), film) if film else self._load_photo(number)

    def _load_photo(self, number: int) -> VideoFrame | WordedPhoto | MovingPhoto:
        if number in self._moving:
            return to_moving_photo(self.load(number), self.draw_caption(number))
        worded, plain, rows = self._slides.load_frames(number, self._timeline.size)
        is_parted = number in self._timeline.plain_photos
        return to_worded_photo(worded, plain, rows) if is_parted else worded

    def play(self, number: int) -> PlayedVideo:
        """Begin to play a video."""
        played = self._videos[number].play(self._folder, self.draw_caption(number))
        self._playing.callback(played.reader.close)  # not the pictures, which would stay in memory
        return played

    def load(self, number: int) -> Image.Image:
        """Return a photo or a card as RGB of the timeline's size, with its words.

        One that moves is larger, and has no words. Raises what `load_picture` raises.
        """
        moves = number in self._moving
        return self._slides.load(number, self._timeline.size, moves=moves)

    def load_plain(self, number: int) -> Image.Image:
        """Return the same of a photo that stands still, without its words."""
        return self._slides.load_plain(number, self._timeline.size)

    def film(self, number: int) -> NarrationFilm | None:
        """Return the captions that follow what is spoken over a slide, to be shown in order."""
        timeline, spec = self._timeline, self._slides.spec
        text = self._slides.specs[number].narration
        if not (spec.captions and text):
            return None
        shown = timeline.find_shown(number)
        spoken = self._slides.spoken[text]
        return film_narration(
            spoken, spec.narration_style, shown, timeline.frame_rate, timeline.size
        )

    def draw_caption(self, number: int) -> Overlay | None:
        """Return the caption that stands still over a photo that moves, or over a video."""
        return self._slides.draw_caption(number, self._timeline.size)


@contextmanager
def opening_pictures(
    slides: Slides, timeline: Timeline, videos: Mapping[int, VideoSlide], folder: Path
) -> Iterator[SlidePictures]:
    """Yield the pictures of slides; the videos that play end with the block."""
    with ExitStack() as playing:
        yield SlidePictures(slides, timeline, videos, folder, playing)


def draw_poster(slides: Slides, timeline: Timeline) -> Image.Image:
    """Return the first frame, at most `POSTER_WIDTH` pixels wide."""
    size = _find_poster_size(timeline.size)
    move = timeline.spans[0].move
    picture = slides.load(0, size, moves=isinstance(move, Move))
    if not isinstance(move, Move):
        return picture
    view = resample_box(picture, find_box(move, 0, picture.size, find_focus(picture), size), size)
    if caption := slides.draw_caption(0, size):
        paste_overlay(view, caption)
    return view


def _find_poster_size(size: tuple[int, int]) -> tuple[int, int]:
    return scale_size(size, min(Fraction(POSTER_WIDTH, size[0]), Fraction(1)))
