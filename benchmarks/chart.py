"""A bar chart of seconds as SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_WIDTH = 760
_LEFT = 300  # where bars begin
_RIGHT = 80  # room for the seconds behind the longest bar
_TOP = 82
_BAR = 22
_STEP = 38

# Draw a background: the page may be dark although the reader's system is light.
STYLE = """
.card { fill: #ffffff; stroke: #d1d9e0 }
text { fill: #1f2328; font: 14px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
.heading { font-weight: 600; font-size: 16px }
.below { opacity: 0.75; font-size: 13px }
.rival { fill: #afb8c1 }
.ours { fill: #0969da }
.ours-too { fill: #80b4ec }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #3d444d }
  text { fill: #e6edf3 }
  .rival { fill: #565e68 }
  .ours { fill: #4493f8 }
  .ours-too { fill: #2a5a96 }
}
"""


class Bar(NamedTuple):
    """One bar; `kind` is rival, ours or ours-too."""

    label: str
    seconds: float
    kind: str


def draw_chart(heading: str, below: str, bars: Sequence[Bar]) -> str:
    """Return an SVG with the longest bar on top, on a linear scale from 0."""
    ordered = sorted(bars, key=lambda bar: bar.seconds, reverse=True)
    height = _TOP + _STEP * len(ordered) + 10
    told = "; ".join(f"{bar.label}: {_say(bar.seconds)}" for bar in ordered)
    scale = (_WIDTH - _LEFT - _RIGHT) / ordered[0].seconds
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}" role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(heading)}</title>',
        f'<desc id="told">{escape(told)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="heading" x="24" y="34">{escape(heading)}</text>',
        f'<text class="below" x="24" y="56">{escape(below)}</text>',
    ]
    for number, bar in enumerate(ordered):
        top = _TOP + _STEP * number
        base = top + _BAR / 2 + 5  # of the letters
        length = bar.seconds * scale
        lines += [
            f'<text x="{_LEFT - 12}" y="{base:g}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{bar.kind}" x="{_LEFT}" y="{top}" width="{length:.2f}" height="{_BAR}"'
            ' rx="2"/>',
            f'<text x="{_LEFT + length + 8:.2f}" y="{base:g}">{_say(bar.seconds)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def _say(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
