"""The pictures of all captions of a clip, as the pieces of the clip take them."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from reelqueue.planning.clips.edit import Edit, Piece
from reelqueue.render.ffmpeg.feed import Feed
from reelqueue.render.ffmpeg.overlay import feed_pictures
from reelqueue.render.images.clip_captions.film import Film


class FilmStrip:
    """The pictures of all captions, which the pieces take in their order."""

    def __init__(self, film: Film) -> None:
        self.area, self._draw = film
        self.rewind(0)

    def rewind(self, first: int) -> None:
        """Go back to a frame, so that the piece that begins there can take its pictures again."""
        self._pictures = self._draw(first)
        self._shown = next(self._pictures)
        self._next = next(self._pictures, None)

    def feed(self, piece: Piece, edit: Edit) -> Feed:
        """Return what sends the pictures of a piece to the ffmpeg that encodes it."""
        pictures = self._take(piece.first, piece.first + piece.frames)
        return feed_pictures(self.area, pictures, edit.fps)

    def _take(self, first: int, end: int) -> Iterator[tuple[int, Image.Image]]:
        self._advance(first + 1)
        yield 0, self._shown[1]
        while self._next and self._next[0] < end:
            self._advance(self._next[0] + 1)
            yield self._shown[0] - first, self._shown[1]

    def _advance(self, end: int) -> None:
        """Go on to the last picture that is shown before frame `end`."""
        while self._next and self._next[0] < end:
            self._shown, self._next = self._next, next(self._pictures, None)
