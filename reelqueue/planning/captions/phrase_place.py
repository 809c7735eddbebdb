"""Where the phrases of a clip stand: one font size and one place for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from reelqueue.planning.captions.phrases import Room, Utterance
from reelqueue.planning.framing import Rows, Size
from reelqueue.specs.clips.captions import ClipCaptionStyle, ClipPosition, Preset
from reelqueue.text.layout import SCALES, Corners, find_clip_area, find_font_size
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST_FONT_SIZE, Measure

_POP_SCALE = 1.6  # a single word has room for larger letters
_PADDING = 0.2  # around the lines, as a part of the font size
_SIDE = 0.3  # left and right of them, where a word can have a box
_ROUNDING = 2  # pixels by which a line may be wider than its words
_MEASURED = 60  # of the longest words
_SMALLEST_PART = 0.6  # of the wanted font size, to have the longest word in one line
_STEP = 0.95
_REMEMBERED = 10_000  # words, of which the width is known
# Of upright frames: the middle of a block is at 60 to 70 % of the height, as in the phone apps.
_UPRIGHT_BOTTOM = 0.28
_GAP = 0.01  # of the height of the frame, to a picture above
_BAND_PART = 0.7  # of the wanted font size: with less, captions are not squeezed below a picture


@dataclass(frozen=True)
class Place:
    """The area of all phrases in the frame, and their font size in pixels.

    Phrases that are seen together have a block each, of `block=(width, height)`. `tops` are those
    of the blocks in the area.
    """

    area: Corners
    size: int
    block: Size
    tops: tuple[int, ...]
    lines: int

    @property
    def width(self) -> int:
        """The width of the lines."""
        return self.block[0] - 2 * round(self.size * _SIDE)

    def find_room(self, measure: Measure) -> Room:
        """Return what a phrase can hold; most words of a text come again and again."""
        remembered = lru_cache(_REMEMBERED)(lambda text: measure(text, self.size))
        return Room(self.width - _ROUNDING, self.lines, remembered)


def find_place(
    size: Size,
    style: ClipCaptionStyle,
    utterances: Sequence[Utterance],
    measure: Measure,
    picture: Rows | None = None,
) -> Place:
    """Return where phrases stand in a clip of `size`: it and the font size never change.

    Args:
        size: `(width, height)` of the clip in pixels.
        style: how they look, and where they stand.
        utterances: what is said.
        measure: returns the width of a text at a font size.
        picture: the rows of what is shown whole; at the bottom, phrases stand below it if they can.
    """
    left, top, right, bottom = find_clip_area(size)
    is_pop = style.preset is Preset.POP
    lines, scale = (1, _POP_SCALE) if is_pop else (2, 1.0)
    lanes = 1 + max((utterance.lane for utterance in utterances), default=0)
    wanted = find_font_size(size) * SCALES[style.size] * scale
    needed = lanes * (lines * LINE_HEIGHT + _PADDING)
    is_at_bottom = style.position in (ClipPosition.BOTTOM, ClipPosition.AUTO)
    least = max(_BAND_PART * wanted, SMALLEST_FONT_SIZE)
    band = _to_even(picture[1] + size[1] * _GAP) if picture else bottom
    room = bottom - band - 2 * lanes  # the height of each block is rounded up
    is_below = is_at_bottom and room >= least * needed
    if is_below:
        top = band
    elif is_at_bottom and size[1] > size[0] * 1.5:
        bottom = round(size[1] * (1 - _UPRIGHT_BOTTOM) / 2) * 2
    wanted = min(wanted, (room if is_below else bottom - top) / needed)
    letters = _fit_longest(max(int(wanted), SMALLEST_FONT_SIZE), right - left, utterances, measure)
    block = right - left, _to_even(letters * (lines * LINE_HEIGHT + _PADDING))
    height = block[1] * lanes
    tops = [block[1] * lane for lane in range(lanes)]
    if is_below:
        bottom -= max(bottom - top - height, 0) // 4 * 2
    if style.position is ClipPosition.TOP:
        bottom = top + height
    else:  # the first one stays where it would be alone
        tops.reverse()
        if style.position is ClipPosition.MIDDLE:
            bottom = min((size[1] + block[1]) // 4 * 2, bottom)
    area = left, max(bottom - height, top), right, max(bottom - height, top) + height
    return Place(area, letters, block, tuple(tops), lines)


def _fit_longest(wanted: int, width: int, utterances: Sequence[Utterance], measure: Measure) -> int:
    """Return the font size at which the longest word fits into a line, down to a part of it."""
    words = {word.text.strip() for utterance in utterances for word in utterance.words}
    longest = sorted(words, key=len)[-_MEASURED:]
    smallest = max(round(wanted * _SMALLEST_PART), SMALLEST_FONT_SIZE)
    size = wanted
    while size > smallest:
        line = width - 2 * round(size * _SIDE) - _ROUNDING
        if all(measure(word, size) <= line for word in longest):
            return size
        size = max(min(round(size * _STEP), size - 1), smallest)
    return size


def _to_even(side: float) -> int:
    return -int(-side // 2) * 2
