"""How wide a text is, by HarfBuzz alone: for dry runs, which open no image library.

Drawing shapes with HarfBuzz, too, but lets FreeType round each letter to whole pixels; the sums
differ by less than the letters of a line are apart.
"""

from __future__ import annotations

from functools import lru_cache

import uharfbuzz

from reelqueue.text.fonts import Font, split_runs, to_title_font

_FONTS_KEPT = 64
_WIDTHS_KEPT = 20_000  # of words and lines: those of a thousand captions
EMOJI_SCALE = 0.9  # of the font size, because emoji are wide


def measure_text(text: str, size: int) -> float:
    """Return the width in pixels, at a font size in pixels, of a text that is one paragraph."""
    return size * _measure(text, is_title=False)


def measure_title(text: str, size: int) -> float:
    """Return the same as `measure_text` for a title, whose letters are bolder."""
    return size * _measure(text, is_title=True)


@lru_cache(_WIDTHS_KEPT)
def _measure(text: str, *, is_title: bool) -> float:
    """Return the width of a text as a multiple of the font size."""
    return sum(
        _measure_run(run.text, to_title_font(run) if is_title else run.font)
        for run in split_runs(text)
    )


def _measure_run(text: str, font: Font) -> float:
    opened, units = _open_font(font)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(opened, buffer)
    width: float = sum(position.x_advance for position in buffer.glyph_positions) / units
    return width * EMOJI_SCALE if font.is_emoji else width


@lru_cache(_FONTS_KEPT)
def _open_font(font: Font) -> tuple[uharfbuzz.Font, int]:
    """Return an opened font, and how many of its units a font size is."""
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(font.path), font.face)
    return uharfbuzz.Font(face), face.upem
