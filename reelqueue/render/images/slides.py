"""What a slideshow shows one after the other: photos with their captions, between title cards."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from reelqueue.planning.camera import ZOOM
from reelqueue.planning.framing import Size, enlarge
from reelqueue.planning.slides import add_cards
from reelqueue.render.images.captions import Overlay, draw_caption, lay_over
from reelqueue.render.images.photos import Photo, load_photo
from reelqueue.render.images.title_cards import draw_card, find_backdrop_size
from reelqueue.specs.slideshow import Fit, PhotoLook, PhotoSpec, SlideshowSpec
from reelqueue.specs.text import TitleCard


class Slides:
    """The pictures of a slideshow, by their number in its timeline."""

    def __init__(self, photos: Sequence[Photo], spec: SlideshowSpec) -> None:
        self._spec = spec
        self._photos = photos
        self._first = 1 if spec.title else 0
        self.specs: list[PhotoSpec] = add_cards(spec, [photo.spec for photo in photos])

    def __len__(self) -> int:
        return len(self.specs)

    def load(self, number: int, size: Size, *, moves: bool = False) -> Image.Image:
        """Return a picture as RGB of `size`, with its words; see `load_slide` for one that moves.

        Raises:
            UnsupportedMediaError, UnreadableMediaError: for a photo that cannot be shown.
        """
        card, photo = self._find(number)
        if card:
            return self._draw_card(card, photo, size)
        return load_slide(photo, size, self._spec, moves=moves)

    def describe(self, number: int) -> str | None:
        """Return all that a picture and its words depend on, None where a file is not known."""
        card, photo = self._find(number)
        if not photo.digest:
            return None
        spec = self._spec.for_photo(photo.spec)
        look = spec.model_dump_json(include={*PhotoLook.model_fields, "caption_style"})
        words = card.model_dump_json() if card else None
        return repr((photo.digest, look, words, photo.spec.caption))

    def draw_words(self, number: int, size: Size) -> Overlay | None:
        """Return the caption that stands still while its photo moves."""
        return _draw_words(self.specs[number], size, self._spec)

    def _find(self, number: int) -> tuple[TitleCard | None, Photo]:
        """Return the photo that is shown, or the card and the photo beside it."""
        place = number - self._first
        if place < 0:
            return self._spec.title, self._photos[0]
        if place >= len(self._photos):
            return self._spec.end_title, self._photos[-1]
        return None, self._photos[place]

    def _draw_card(self, card: TitleCard, beside: Photo, size: Size) -> Image.Image:
        if card.background:
            return draw_card(card, size, None)
        look = self._spec.for_photo(beside.spec).model_copy(update={"fit": Fit.COVER})
        photo = load_photo(beside.path, find_backdrop_size(size), look, beside.name)
        return draw_card(card, size, photo)


def load_slide(
    photo: Photo, size: Size, spec: SlideshowSpec, *, moves: bool = False
) -> Image.Image:
    """Return a photo as RGB of `size`, with its caption.

    One that moves comes without it, and larger, so that its nearest view is as sharp as others.

    Raises:
        UnsupportedMediaError, UnreadableMediaError: for a photo that cannot be shown.
    """
    look = spec.for_photo(photo.spec)
    if moves:
        return load_photo(photo.path, enlarge(size, ZOOM), look, photo.name, moves=True)
    picture = load_photo(photo.path, size, look, photo.name)
    if words := _draw_words(photo.spec, size, spec):
        lay_over(picture, words)
    return picture


def _draw_words(photo: PhotoSpec, size: Size, spec: SlideshowSpec) -> Overlay | None:
    return draw_caption(photo.caption, spec.caption_style, size) if photo.caption else None
