"""Slides: the photos and videos of a slideshow with their captions, between title cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from av.video.frame import VideoFrame
from PIL import Image

from reelqueue.planning.camera import CANVAS
from reelqueue.planning.framing import Size, enlarge
from reelqueue.planning.narration import Spoken, stretch_slides
from reelqueue.planning.slides import add_cards
from reelqueue.render.frames.overlays import blend_overlay, to_yuv_overlay
from reelqueue.render.frames.yuv import copy_picture, to_picture
from reelqueue.render.images.captions import Overlay, draw_caption, paste_overlay
from reelqueue.render.images.photos import Photo, load_frame, load_photo
from reelqueue.render.images.title_cards import draw_card, find_backdrop_size, write_card
from reelqueue.render.video_slide import see_video
from reelqueue.specs.photo import Fit, PhotoLook, PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard


class Slides:
    """The photos and title cards of a slideshow, by their number in its timeline.

    `spec` has the settings of the slideshow, and `specs` those of each slide, which lasts as long
    as its words. `spoken` are all texts that are spoken.
    """

    def __init__(
        self, photos: Sequence[Photo], spec: SlideshowSpec, spoken: Mapping[str, Spoken] = {}
    ) -> None:
        self.spec, self.spoken = spec, spoken
        self._photos = photos
        self._first = 1 if spec.title else 0
        slides = add_cards(spec, [photo.spec for photo in photos])
        seconds = {text: speech.seconds for text, speech in spoken.items()}
        self.specs: list[PhotoSpec] = stretch_slides(spec, slides, seconds)

    def __len__(self) -> int:
        return len(self.specs)

    def list_videos(self) -> dict[int, Photo]:
        """Return the videos by their numbers in the timeline."""
        numbered = enumerate(self._photos, self._first)
        return {number: photo for number, photo in numbered if photo.spec.video}

    def load(self, number: int, size: Size, *, moves: bool = False) -> Image.Image:
        """Load a slide as an RGB image of `size=(width, height)`, with its text.

        Args:
            number: of the slide in the timeline.
            size: in pixels.
            moves: load a photo larger, so that it stays sharp when the camera is nearest, and
                without its caption, which stands still.

        Raises:
            UnsupportedMediaError: if a photo has no supported format.
            UnreadableMediaError: if a photo is damaged or too large.
        """
        picture = self.load_plain(number, size, moves=moves)
        if not moves:
            self.write_words(number, picture)
        return picture

    def load_frames(self, number: int, size: Size) -> tuple[VideoFrame, VideoFrame, range]:
        """Load a slide that stands still, in YUV 4:2:0 of `size=(width, height)`, both even.

        Returns:
            `(worded, plain, rows)`: it with its text and without it, and the rows that differ.

        Raises:
            Errors of `load`.
        """
        card, photo = self._find_slide(number)
        if card or photo.spec.video:
            picture = self.load_plain(number, size)
            plain = to_picture(picture)
            rows = self.write_words(number, picture)
            return (to_picture(picture) if rows else plain), plain, rows
        plain = load_frame(photo.path, size, self.spec.for_photo(photo.spec), photo.name)
        caption = _draw_caption(photo.spec, size, self.spec)
        if caption is None:
            return plain, plain, range(0)
        worded = copy_picture(plain)
        blend_overlay(worded, to_yuv_overlay(caption))
        return worded, plain, range(caption.top, caption.top + caption.image.height)

    def load_plain(self, number: int, size: Size, *, moves: bool = False) -> Image.Image:
        """Load a slide as `load` does, but without its text."""
        card, photo = self._find_slide(number)
        if card:
            return self._draw_card(card, photo, size, is_last=number > 0)
        return _load_plain(photo, size, self.spec, moves=moves)

    def write_words(self, number: int, picture: Image.Image) -> range:
        """Draw the text of a slide that stands still into its picture; return the rows of it."""
        card, photo = self._find_slide(number)
        if card:
            return write_card(card, picture)
        caption = _draw_caption(photo.spec, picture.size, self.spec)
        if caption is None:
            return range(0)
        paste_overlay(picture, caption)
        return range(caption.top, caption.top + caption.image.height)

    def describe(self, number: int) -> str | None:
        """Return everything that a slide's look depends on; None if its file has no digest."""
        card, photo = self._find_slide(number)
        if not photo.digest:
            return None
        spec = self.spec.for_photo(photo.spec)
        look = spec.model_dump_json(include={*PhotoLook.model_fields, "caption_style"})
        title = card.model_dump_json() if card else None
        part = photo.spec.video and (photo.spec.video.start, photo.spec.video.end)
        described = photo.digest, look, title, photo.spec.caption, part
        spoken = self.spoken.get(self.specs[number].narration)
        if not (self.spec.captions and spoken):
            return repr(described)
        style = self.spec.narration_style.model_dump_json()
        return repr((*described, style, spoken.seconds, spoken.words))

    def draw_caption(self, number: int, size: Size) -> Overlay | None:
        """Draw the caption of a photo that moves, for frames of `size`; None without a caption."""
        return _draw_caption(self.specs[number], size, self.spec)

    def _find_slide(self, number: int) -> tuple[TitleCard | None, Photo]:
        """Return `(card, photo)`: a title card and the photo next to it, or None and the photo."""
        index = number - self._first
        if index < 0:
            return self.spec.title, self._photos[0]
        if index >= len(self._photos):
            return self.spec.end_title, self._photos[-1]
        return None, self._photos[index]

    def _draw_card(
        self, card: TitleCard, neighbour: Photo, size: Size, *, is_last: bool
    ) -> Image.Image:
        if card.background:
            return draw_card(card, size, None)
        path, name, photo, _ = neighbour
        if photo.video:
            covering = neighbour._replace(spec=photo.model_copy(update={"fit": Fit.COVER}))
            backdrop = see_video(covering, self.spec, find_backdrop_size(size), at_end=is_last)
            return draw_card(card, size, backdrop)
        look = self.spec.for_photo(photo).model_copy(update={"fit": Fit.COVER})
        backdrop = load_photo(path, find_backdrop_size(size), look, name)
        return draw_card(card, size, backdrop)


def load_slide(photo: Photo, size: Size, spec: SlideshowSpec) -> Image.Image:
    """Load a photo that stands still as an RGB image of `size=(width, height)`, with its caption.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    picture = _load_plain(photo, size, spec)
    if caption := _draw_caption(photo.spec, size, spec):
        paste_overlay(picture, caption)
    return picture


def _load_plain(
    photo: Photo, size: Size, spec: SlideshowSpec, *, moves: bool = False
) -> Image.Image:
    """Load a photo without its caption; larger if it `moves`, to stay sharp under the camera.

    Of a video, load the first picture that plays.
    """
    if photo.spec.video:
        return see_video(photo, spec, size)
    look = spec.for_photo(photo.spec)
    if moves:
        return load_photo(photo.path, enlarge(size, CANVAS), look, photo.name, moves=True)
    return load_photo(photo.path, size, look, photo.name)


def _draw_caption(photo: PhotoSpec, size: Size, spec: SlideshowSpec) -> Overlay | None:
    return draw_caption(photo.caption, spec.caption_style, size) if photo.caption else None
