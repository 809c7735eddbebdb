"""Lines of text drawn: each piece in a font that has it, in its direction, emoji in colour."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from reelqueue.planning.framing import Size
from reelqueue.text.bidi import order_runs
from reelqueue.text.fonts import Font, split_runs
from reelqueue.text.line_breaking import LINE_HEIGHT, Block, Line, to_line

_EMOJI_SIZE = 109  # the only size that Noto Color Emoji has
_EMOJI_SCALE = 0.9  # of the letters' size: its pictures are wide
_ASCENT = 1.02  # of the letters' size, from a line's top to its base
_FONTS_KEPT = 64

Direction = Literal["ltr", "rtl"]


class Span(NamedTuple):
    """A piece of a line in one font and one direction."""

    text: str
    font: Font
    direction: Direction


def measure_text(text: str, size: int) -> float:
    """Return the width in pixels of a text that is a paragraph of one line."""
    return measure_line(to_line(text), size)


def measure_line(line: Line, size: int) -> float:
    """Return the width of a line in pixels."""
    return sum(_measure(span, size) for span in order_line(line))


def order_line(line: Line, beside: str = "") -> list[Span]:
    """Return a line's spans from left to right; `beside` is what the other lines say.

    Raises:
        InvalidSpecError: if no font has one of its characters.
    """
    fonts = [run.font for run in split_runs(line.text, beside) for _ in run.text]
    marked = zip(line.text, fonts, line.levels, strict=True)
    spans, levels = [], []
    for (font, level), group in groupby(marked, key=lambda mark: mark[1:]):
        text = "".join(character for character, _, _ in group)
        spans.append(Span(text, font, "rtl" if level % 2 else "ltr"))
        levels.append(level)
    return [spans[number] for number in order_runs(levels)]


def draw_block(block: Block, size: Size, *, stroke: int = 0) -> Image.Image:
    """Return white letters, centred, on a transparent picture; what reaches out of it is cut off.

    Args:
        stroke: pixels of a dark outline.
    """
    canvas = Image.new("RGBA", size)
    height = block.size * LINE_HEIGHT
    top = (size[1] - height * len(block.lines)) / 2
    text = "".join(line.text for line in block.lines)
    for number, line in enumerate(block.lines):
        base = top + number * height + block.size * (_ASCENT + (LINE_HEIGHT - 1.25) / 2)
        spans = order_line(line, text)
        left = (size[0] - sum(_measure(span, block.size) for span in spans)) / 2
        for span in spans:
            _draw(canvas, span, block.size, (left, base), stroke)
            left += _measure(span, block.size)
    return canvas


def _draw(
    canvas: Image.Image, span: Span, size: int, place: tuple[float, float], stroke: int
) -> None:
    if span.font.is_emoji:
        _draw_emoji(canvas, span, size, place)
        return
    ImageDraw.Draw(canvas).text(
        place,
        span.text,
        fill="white",
        font=_open_font(span.font, size),
        anchor="ls",
        direction=span.direction,
        stroke_width=stroke,
        stroke_fill=(16, 16, 16),
    )


def _draw_emoji(canvas: Image.Image, span: Span, size: int, place: tuple[float, float]) -> None:
    """Draw coloured pictures at their own size, and scale them."""
    font = _open_font(span.font, _EMOJI_SIZE)
    left, top, right, bottom = font.getbbox(span.text, direction=span.direction, anchor="ls")
    full = Image.new("RGBA", (max(int(right - left), 1), max(int(bottom - top), 1)))
    ImageDraw.Draw(full).text(
        (-left, -top),
        span.text,
        font=font,
        anchor="ls",
        direction=span.direction,
        embedded_color=True,
    )
    scale = _find_scale(size)
    scaled = full.resize(
        (max(round(full.width * scale), 1), max(round(full.height * scale), 1)),
        Image.Resampling.LANCZOS,
        reducing_gap=2.0,
    )
    _put_over(canvas, scaled, round(place[0] + left * scale), round(place[1] + top * scale))


def _put_over(canvas: Image.Image, picture: Image.Image, left: int, top: int) -> None:
    """Lay a picture over another one, of which it may reach out."""
    layer = Image.new("RGBA", canvas.size)
    layer.paste(picture, (left, top))
    canvas.alpha_composite(layer)


def _measure(span: Span, size: int) -> float:
    if span.font.is_emoji:
        font = _open_font(span.font, _EMOJI_SIZE)
        return font.getlength(span.text, direction=span.direction) * _find_scale(size)
    return _open_font(span.font, size).getlength(span.text, direction=span.direction)


def _find_scale(size: int) -> float:
    return size * _EMOJI_SCALE / _EMOJI_SIZE


@lru_cache(_FONTS_KEPT)
def _open_font(font: Font, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font.path, size, index=font.face, layout_engine=ImageFont.Layout.RAQM)
