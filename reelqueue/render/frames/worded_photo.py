"""Photos that are shown with their words, and for a moment of a fade without them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from av.video.frame import VideoFrame

from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.frames.yuv import list_planes


@dataclass(frozen=True)
class WordedPhoto:
    """A photo with its words, and the rows that they cover without them.

    Attributes:
        shown: the photo with its words, YUV 4:2:0.
        rows: whole rows of macroblocks, in pixels; the last one of the photo is never among them.
        band: these rows without the words.
    """

    shown: VideoFrame
    rows: range
    band: VideoFrame

    @cached_property
    def plain(self) -> VideoFrame:
        """The whole photo without its words."""
        return self.cut_plain(range(self.shown.height))

    def cut_plain(self, rows: range) -> VideoFrame:
        """Return some rows without the words; all of `self.rows` are among them."""
        plain = _cut_rows(self.shown, rows)
        start, stop = self.rows.start - rows.start, self.rows.stop - rows.start
        for out, band in zip(list_planes(plain), list_planes(self.band), strict=True):
            scale = plain.width // out.shape[1]
            out[start // scale : stop // scale] = band
        return plain


def to_worded_photo(worded: VideoFrame, plain: VideoFrame, rows: range) -> WordedPhoto:
    """Return a photo with its words, and as much as needed of it without them.

    Args:
        worded: the photo with its words, YUV 4:2:0.
        plain: the photo without them.
        rows: those that differ.
    """
    last = -(-plain.height // MACROBLOCK) - 1
    first = min(rows.start // MACROBLOCK, last - 1)
    end = max(min(-(-rows.stop // MACROBLOCK), last), first + 1)
    band = range(first * MACROBLOCK, end * MACROBLOCK)
    return WordedPhoto(worded, band, _cut_rows(plain, band))


def _cut_rows(picture: VideoFrame, rows: range) -> VideoFrame:
    cut = VideoFrame(picture.width, len(rows), "yuv420p")
    for out, plane in zip(list_planes(cut), list_planes(picture), strict=True):
        scale = picture.width // plane.shape[1]
        out[:] = plane[rows.start // scale : rows.stop // scale]
    return cut
