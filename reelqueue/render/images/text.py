"""Draw lines of text in every script: each run in a font that has it, with colour emoji."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from reelqueue.planning.framing import Size
from reelqueue.text.bidi import order_runs
from reelqueue.text.fonts import Font, split_runs, to_title_font
from reelqueue.text.line_breaking import LINE_HEIGHT, Block, Line, to_line

_EMOJI_SIZE = 109  # the only size of the bitmaps in Noto Color Emoji
_EMOJI_SCALE = 0.9  # of the font size, because emoji are wide
_ASCENT = 1.02  # from the top of a line to its baseline, as a part of the font size
_FONTS_KEPT = 64

Direction = Literal["ltr", "rtl"]


class TextRun(NamedTuple):
    """A part of a line in one font and one direction."""

    text: str
    font: Font
    direction: Direction


def measure_text(text: str, size: int) -> float:
    """Return the width in pixels, at a font size in pixels, of a text that is one paragraph."""
    return measure_line(to_line(text), size)


def measure_title(text: str, size: int) -> float:
    """Return the same as `measure_text` for a title, whose letters are bolder."""
    return measure_line(to_line(text), size, is_title=True)


def measure_line(line: Line, size: int, *, is_title: bool = False) -> float:
    """Return the width of a line in pixels at a font size in pixels."""
    return sum(_measure_run(run, size) for run in order_line(line, is_title=is_title))


def order_line(line: Line, context: str = "", *, is_title: bool = False) -> list[TextRun]:
    """Return the runs of a line in visual order, from left to right (UAX #9, rule L2).

    Args:
        line: the text in logical order, with its embedding levels.
        context: the other lines; they decide between Japanese and Chinese forms of characters.
        is_title: whether the letters are those of titles.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    split = split_runs(line.text, context)
    fonts = [
        to_title_font(run) if is_title else run.font for run in split for _ in range(len(run.text))
    ]
    marked = zip(line.text, fonts, line.levels, strict=True)
    runs, levels = [], []
    for (font, level), group in groupby(marked, key=lambda mark: mark[1:]):
        text = "".join(character for character, _, _ in group)
        runs.append(TextRun(text, font, "rtl" if level % 2 else "ltr"))
        levels.append(level)
    return [runs[number] for number in order_runs(levels)]


def draw_block(block: Block, size: Size, *, stroke: int = 0, is_title: bool = False) -> Image.Image:
    """Return centred white text on a transparent RGBA image; what does not fit is cut off.

    Args:
        block: the lines and their font size.
        size: `(width, height)` of the image in pixels.
        stroke: width of a dark outline in pixels.
        is_title: whether the letters are those of titles.
    """
    canvas = Image.new("RGBA", size)
    height = block.size * LINE_HEIGHT
    top = (size[1] - height * len(block.lines)) / 2
    text = "".join(line.text for line in block.lines)
    for number, line in enumerate(block.lines):
        baseline = top + number * height + block.size * (_ASCENT + (LINE_HEIGHT - 1.25) / 2)
        runs = order_line(line, text, is_title=is_title)
        left = (size[0] - sum(_measure_run(run, block.size) for run in runs)) / 2
        for run in runs:
            _draw_run(canvas, run, block.size, (left, baseline), stroke)
            left += _measure_run(run, block.size)
    return canvas


def _draw_run(
    canvas: Image.Image, run: TextRun, size: int, origin: tuple[float, float], stroke: int
) -> None:
    if run.font.is_emoji:
        _draw_emoji(canvas, run, size, origin)
        return
    ImageDraw.Draw(canvas).text(
        origin,
        run.text,
        fill="white",
        font=_open_font(run.font, size),
        anchor="ls",
        direction=run.direction,
        stroke_width=stroke,
        stroke_fill=(16, 16, 16),
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
    return size * _EMOJI_SCALE / _EMOJI_SIZE


@lru_cache(_FONTS_KEPT)
def _open_font(font: Font, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font.path, size, index=font.face, layout_engine=ImageFont.Layout.RAQM)
