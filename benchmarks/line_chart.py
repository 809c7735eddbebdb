"""A chart of lines as SVG, in the style of `benchmarks.chart`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.chart import STYLE

_WIDTH, _HEIGHT = 760, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 82, 58
_STEP = 5  # of the scale

_LINES = """
.line { fill: none; stroke-width: 2 }
.grid { stroke: #8b949e; opacity: 0.3 }
.rival { fill: #afb8c1; stroke: #afb8c1 }
.ours { fill: #0969da; stroke: #0969da }
.ours-too { fill: #80b4ec; stroke: #80b4ec }
path.line { fill: none }
.scale { font-size: 12px; opacity: 0.75 }
"""


class Line(NamedTuple):
    """A line through values at even distances; `kind` is rival, ours or ours-too.

    `dots` are the numbers of values that are marked.
    """

    label: str
    kind: str
    values: Sequence[float]
    dots: Sequence[int] = ()


def draw_lines(heading: str, below: str, lines: Sequence[Line]) -> str:
    """Return an SVG of lines."""
    values = [value for line in lines for value in line.values]
    low, high = int(min(values) // _STEP) * _STEP, -int(-max(values) // _STEP) * _STEP

    def place(number: int, value: float, count: int) -> tuple[float, float]:
        across = _LEFT + (_WIDTH - _LEFT - _RIGHT) * number / max(count - 1, 1)
        down = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)
        return round(across, 1), round(down, 1)

    told = "; ".join(
        f"{line.label}: {min(line.values):.1f} to {max(line.values):.1f}" for line in lines
    )
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(heading)}</title>',
        f'<desc id="told">{escape(told)}</desc>',
        f"<style>{STYLE}{_LINES}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="8"/>',
        f'<text class="heading" x="24" y="34">{escape(heading)}</text>',
        f'<text class="below" x="24" y="56">{escape(below)}</text>',
    ]
    for level in range(low, high + 1, _STEP):
        left, down = place(0, level, 2)
        drawn.append(
            f'<line class="grid" x1="{left}" y1="{down}" x2="{_WIDTH - _RIGHT}" y2="{down}"/>'
            f'<text class="scale" x="{left - 8}" y="{down + 4}" text-anchor="end">{level}</text>'
        )
    for number, line in enumerate(lines):
        points = [place(at, value, len(line.values)) for at, value in enumerate(line.values)]
        path = "M" + "L".join(f"{x},{y}" for x, y in points)
        drawn.append(f'<path class="line {line.kind}" d="{path}"/>')
        drawn += [
            f'<circle class="{line.kind}" cx="{points[dot][0]}" cy="{points[dot][1]}" r="3"/>'
            for dot in line.dots
        ]
        left = _LEFT + number * (_WIDTH - _LEFT) / len(lines)
        drawn.append(
            f'<rect class="{line.kind}" x="{left:.0f}" y="{_HEIGHT - 32}" width="12" height="12"/>'
            f'<text x="{left + 18:.0f}" y="{_HEIGHT - 21}">{escape(line.label)}</text>'
        )
    return "\n".join([*drawn, "</svg>", ""])
