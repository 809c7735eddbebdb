"""Captions and the texts of title cards as they stand in the frame, as shares of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from reelqueue.planning.framing import Size
from reelqueue.planning.storyboard.model import TextLine, Words
from reelqueue.specs.text import Backing, CaptionStyle, PlainCard
from reelqueue.text.layout import TextBox, find_baselines, lay_out_caption, lay_out_card
from reelqueue.text.line_breaking import Measure
from reelqueue.text.widths import measure_text, measure_title

_KEPT = 2000  # captions: those of a large slideshow, and of the same with another look
_DIGITS = 5


@lru_cache(_KEPT)
def describe_caption(text: str, style: CaptionStyle, size: Size) -> tuple[Words, ...]:
    """Return a caption in frames of `size=(width, height)`.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    box = lay_out_caption(text, style, size, measure_text)
    return (_describe("caption", box, style.backing, size, measure_text),)


@lru_cache(_KEPT)
def describe_card(card: PlainCard, size: Size) -> tuple[Words, ...]:
    """Return the words of a title card. Raises what `describe_caption` raises."""
    title, *others = lay_out_card(card, size, measure_title, measure_text)
    outline = Backing.OUTLINE
    return (
        _describe("title", title, outline, size, measure_title),
        *(_describe("subtitle", box, outline, size, measure_text) for box in others),
    )


def _describe(
    role: Literal["caption", "title", "subtitle"],
    box: TextBox,
    backing: Backing,
    size: Size,
    measure: Measure,
) -> Words:
    width, height = size
    place = box.left / width, box.top / height, box.width / width, box.height / height
    left, top, across, down = (round(share, _DIGITS) for share in place)
    lines = tuple(_describe_lines(box, size, measure))
    share = round(box.block.size / height, _DIGITS)
    return Words(role, (left, top, across, down), share, lines, backing)


def _describe_lines(box: TextBox, size: Size, measure: Measure) -> Iterator[TextLine]:
    block = box.block
    baselines = find_baselines(block, box.height)
    for line, baseline in zip(block.lines, baselines, strict=True):
        width = measure(line.text, block.size)
        left = box.left + (box.width - width) / 2
        yield TextLine(
            line.text,
            round(left / size[0], _DIGITS),
            round(width / size[0], _DIGITS),
            round((box.top + baseline) / size[1], _DIGITS),
        )
