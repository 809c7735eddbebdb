"""Draw lines of text in every script: each run in a font that has it, with colour emoji."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from reelqueue.planning.captions.phrase_lines import NO_WORD
from reelqueue.planning.framing import Size
from reelqueue.text.bidi import order_runs
from reelqueue.text.fonts import Font, split_runs, to_title_font
from reelqueue.text.layout import find_baselines
from reelqueue.text.line_breaking import Block, Line, to_line
from reelqueue.text.widths import EMOJI_SCALE

_EMOJI_SIZE = 109  # the only size of the bitmaps in Noto Color Emoji
_FONTS_KEPT = 64

Direction = Literal["ltr", "rtl"]


Ink = str | int | tuple[int, int, int]
"""A colour as Pillow takes it; a number is a level of an image with one channel."""


class Colors(NamedTuple):
    """The colours of letters and of their outline."""

    letters: Ink = "white"
    outline: Ink = (16, 16, 16)


_PLAIN = Colors()


class TextRun(NamedTuple):
    """A part of a line in one font and one direction; `word` is the number that it belongs to."""

    text: str
    font: Font
    direction: Direction
    word: int = NO_WORD


class PlacedRun(NamedTuple):
    """A run, where its baseline begins in an image, how wide it is, and the number of its line."""

    run: TextRun
    left: float
    baseline: float
    width: float
    line: int


def measure_text(text: str, size: int) -> float:
    """Return the width in pixels, at a font size in pixels, of a text that is one paragraph."""
    return measure_line(to_line(text), size)


def measure_title(text: str, size: int) -> float:
    """Return the same as `measure_text` for a title, whose letters are bolder."""
    return measure_line(to_line(text), size, is_title=True)


def measure_line(line: Line, size: int, *, is_title: bool = False) -> float:
    """Return the width of a line in pixels at a font size in pixels."""
    return sum(_measure_run(run, size) for run in order_line(line, is_title=is_title))


def order_line(
    line: Line, context: str = "", *, is_title: bool = False, words: Sequence[int] = ()
) -> list[TextRun]:
    """Return the runs of a line in visual order, from left to right (UAX #9, rule L2).

    Args:
        line: the text in logical order, with its embedding levels.
        context: the other lines; they decide between Japanese and Chinese forms of characters.
        is_title: whether the letters are those of titles.
        words: the number of the word of each character, to have each word in runs of its own.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    split = split_runs(line.text, context)
    fonts = [
        to_title_font(run) if is_title else run.font for run in split for _ in range(len(run.text))
    ]
    numbers = words or [NO_WORD] * len(line.text)
    marked = zip(line.text, fonts, line.levels, numbers, strict=True)
    runs, levels = [], []
    for (font, level, word), group in groupby(marked, key=lambda mark: mark[1:]):
        text = "".join(mark[0] for mark in group)
        runs.append(TextRun(text, font, "rtl" if level % 2 else "ltr", word))
        levels.append(level)
    return [runs[number] for number in order_runs(levels)]


def draw_block(
    block: Block, size: Size, *, stroke: int = 0, is_title: bool = False, colors: Colors = _PLAIN
) -> Image.Image:
    """Return centred text on a transparent RGBA image; what does not fit is cut off.

    Args:
        block: the lines and their font size.
        size: `(width, height)` of the image in pixels.
        stroke: width of an outline in pixels.
        is_title: whether the letters are those of titles.
        colors: those of letters and outline.
    """
    canvas = Image.new("RGBA", size)
    for placed in place_runs(block, size, is_title=is_title):
        draw_run(canvas, placed, block.size, stroke, colors)
    return canvas


def place_runs(
    block: Block, size: Size, *, is_title: bool = False, words: Sequence[Sequence[int]] = ()
) -> Iterator[PlacedRun]:
    """Yield the runs of centred lines, from left to right, and where they are in an image.

    Args:
        block: the lines and their font size.
        size: `(width, height)` of the image in pixels.
        is_title: whether the letters are those of titles.
        words: for each line the number of the word of each character.
    """
    text = "".join(line.text for line in block.lines)
    baselines = find_baselines(block, size[1])
    for number, (line, baseline) in enumerate(zip(block.lines, baselines, strict=True)):
        own = words[number] if words else ()
        runs = order_line(line, text, is_title=is_title, words=own)
        widths = [_measure_run(run, block.size) for run in runs]
        left = (size[0] - sum(widths)) / 2
        for run, width in zip(runs, widths, strict=True):
            yield PlacedRun(run, left, baseline, width, number)
            left += width


def draw_run(
    canvas: Image.Image, placed: PlacedRun, size: int, stroke: int, colors: Colors
) -> None:
    """Draw a run into an image, in place; emoji only into one of RGBA, and without an outline."""
    run, left, baseline, _, _ = placed
    if run.font.is_emoji:
        _draw_emoji(canvas, run, size, (left, baseline))
        return
    ImageDraw.Draw(canvas).text(
        (left, baseline),
        run.text,
        fill=colors.letters,
        font=_open_font(run.font, size),
        anchor="ls",
        direction=run.direction,
        stroke_width=stroke,
        stroke_fill=colors.outline,
    )


def _draw_emoji(canvas: Image.Image, run: TextRun, size: int, origin: tuple[float, float]) -> None:
    """Draw emoji at the size of their bitmaps, and scale them to the font size."""
    font = _open_font(run.font, _EMOJI_SIZE)
    left, top, right, bottom = font.getbbox(run.text, direction=run.direction, anchor="ls")
    full = Image.new("RGBA", (max(int(right - left), 1), max(int(bottom - top), 1)))
    ImageDraw.Draw(full).text(
        (-left, -top),
        run.text,
        font=font,
        anchor="ls",
        direction=run.direction,
        embedded_color=True,
    )
    scale = _find_emoji_scale(size)
    scaled = full.resize(
        (max(round(full.width * scale), 1), max(round(full.height * scale), 1)),
        Image.Resampling.LANCZOS,
        reducing_gap=2.0,
    )
    _composite(canvas, scaled, round(origin[0] + left * scale), round(origin[1] + top * scale))


def _composite(canvas: Image.Image, picture: Image.Image, left: int, top: int) -> None:
    """Draw an RGBA picture into a canvas, which can be too small for it."""
    layer = Image.new("RGBA", canvas.size)
    layer.paste(picture, (left, top))
    canvas.alpha_composite(layer)


def _measure_run(run: TextRun, size: int) -> float:
    if run.font.is_emoji:
        font = _open_font(run.font, _EMOJI_SIZE)
        return font.getlength(run.text, direction=run.direction) * _find_emoji_scale(size)
    return _open_font(run.font, size).getlength(run.text, direction=run.direction)


def _find_emoji_scale(size: int) -> float:
    return size * EMOJI_SCALE / _EMOJI_SIZE


@lru_cache(_FONTS_KEPT)
def _open_font(font: Font, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font.path, size, index=font.face, layout_engine=ImageFont.Layout.RAQM)
