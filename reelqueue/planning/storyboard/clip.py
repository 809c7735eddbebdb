"""Make a storyboard of a clip: of the plan that is rendered, with the layout that is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.captions.inks import Ink, choose_inks
from reelqueue.planning.captions.phrase_lines import NO_WORD, lay_out_phrase
from reelqueue.planning.captions.phrase_place import Place, find_place
from reelqueue.planning.captions.phrases import (
    Phrase,
    list_spoken,
    plan_phrases,
    time_captions,
)
from reelqueue.planning.captions.stacks import Stacked, stack_captions
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.framing import Size
from reelqueue.planning.storyboard.clip_model import (
    CaptionColors,
    ClipStoryboard,
    ShownCaption,
    ShownCut,
    ShownInk,
    TextRun,
)
from reelqueue.planning.storyboard.model import Box
from reelqueue.specs.clips.captions import Preset, SpokenStyle
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.text.bidi import order_runs
from reelqueue.text.contrast import RGB, choose_box, from_hex
from reelqueue.text.layout import Corners, find_baselines, find_clip_area
from reelqueue.text.line_breaking import Line
from reelqueue.text.widths import measure_text

_MOST = 1000  # captions in an answer
_DIGITS = 5


def draw_clip_storyboard(spec: ClipSpec, edit: Edit, placed: Placed) -> ClipStoryboard:
    """Return what a clip shows, and when.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    shown = islice(show_captions(spec, edit, placed), _MOST)
    return ClipStoryboard(tuple(_show_cuts(edit)), tuple(shown), _show_colors(spec.caption_style))


def show_captions(spec: ClipSpec, edit: Edit, placed: Placed) -> Iterator[ShownCaption]:
    """Return the captions of a clip that are drawn, and where.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    if spec.soft_captions or not placed.captions:
        return iter(())
    draw = _show_stacks if spec.caption_style.preset is Preset.PLAIN else _show_phrases
    return draw(spec, edit, placed)


def _show_cuts(edit: Edit) -> Iterator[ShownCut]:
    for cut, first in zip(edit.cuts, edit.positions, strict=True):
        yield ShownCut(first, first + cut.frames, round(cut.start, 6), float(cut.speed))


def _show_stacks(spec: ClipSpec, edit: Edit, placed: Placed) -> Iterator[ShownCaption]:
    """Yield whole captions, each once for every place that it has."""
    area = find_clip_area(edit.size)
    begun: dict[int, tuple[int, Stacked]] = {}  # by caption: since when it has its place
    for frame, stack in stack_captions(
        placed.captions, spec.caption_style, edit.size, measure_text
    ):
        seen = {id(each.caption): each for each in stack}
        for key, (first, old) in list(begun.items()):
            if key not in seen or seen[key].top != old.top:
                yield _show_stacked(old, first, frame, area, edit.size)
                del begun[key]
        for key, each in seen.items():
            begun.setdefault(key, (frame, each))


def _show_stacked(
    stacked: Stacked, first: int, end: int, area: Corners, size: Size
) -> ShownCaption:
    _, block, (width, height), top = stacked
    left = area[0] + (area[2] - area[0] - width) // 2
    corner = left, area[1] + top
    runs = []
    for line, baseline in zip(block.lines, find_baselines(block, height), strict=True):
        across = measure_text(line.text, block.size)
        runs.append(
            _show_run(line.text, left + (width - across) / 2, across, corner[1] + baseline, size)
        )
    box = _to_box(*corner, width, height, size)
    share = round(block.size / size[1], _DIGITS)
    return ShownCaption(first, end, box, share, tuple(runs))


def _show_phrases(spec: ClipSpec, edit: Edit, placed: Placed) -> Iterator[ShownCaption]:
    style = spec.caption_style
    utterances = time_captions(spec, edit, placed)
    place = find_place(edit.size, style, utterances, measure_text, placed.picture)
    room = place.find_room(measure_text)
    for phrase in plan_phrases(utterances, style.preset, edit, room):
        runs = tuple(_show_words(phrase, place, edit))
        top = place.area[1] + place.tops[phrase.lane]
        box = _to_box(place.area[0], top, *place.block, edit.size)
        share = round(place.size / edit.size[1], _DIGITS)
        yield ShownCaption(phrase.first, phrase.end, box, share, runs)


def _show_words(phrase: Phrase, place: Place, edit: Edit) -> Iterator[TextRun]:
    """Yield the parts of a phrase's lines, each of one word, from left to right."""
    block, owners = lay_out_phrase(phrase, place, measure_text)
    spoken = list_spoken(phrase, edit)
    top = place.area[1] + place.tops[phrase.lane]
    baselines = find_baselines(block, place.block[1])
    for line, numbers, baseline in zip(block.lines, owners, baselines, strict=True):
        parts = [
            (text, number, measure_text(text, place.size))
            for text, number in _split_line(line, numbers)
        ]
        left = place.area[0] + (place.block[0] - sum(width for *_, width in parts)) / 2
        for text, number, width in parts:
            if number != NO_WORD:
                times = spoken[number]
                yield _show_run(text, left, width, top + baseline, edit.size, times)
            left += width


def _split_line(line: Line, owners: Sequence[int]) -> list[tuple[str, int]]:
    """Return the parts of a line and the numbers of their words, from left to right (UAX #9)."""
    marked = zip(line.text, line.levels, owners, strict=True)
    parts, levels = [], []
    for (level, owner), group in groupby(marked, key=lambda mark: mark[1:]):
        parts.append(("".join(mark[0] for mark in group), owner))
        levels.append(level)
    return [parts[number] for number in order_runs(levels)]


def _show_run(
    text: str,
    left: float,
    width: float,
    baseline: float,
    size: Size,
    times: tuple[int, int] | tuple[None, None] = (None, None),
) -> TextRun:
    across, down = size
    start, end = times
    return TextRun(
        text,
        left=round(left / across, _DIGITS),
        width=round(width / across, _DIGITS),
        baseline=round(baseline / down, _DIGITS),
        start=start,
        end=end,
    )


def _to_box(left: float, top: float, width: float, height: float, size: Size) -> Box:
    across, down = size
    shares = left / across, top / down, width / across, height / down
    x, y, w, h = (round(share, _DIGITS) for share in shares)
    return x, y, w, h


def _show_colors(style: SpokenStyle) -> CaptionColors:
    inks = choose_inks(style)
    *behind, opacity = choose_box(from_hex(style.color))
    return CaptionColors(
        _show_ink(inks.rest),
        _show_ink(inks.spoken),
        _show_ink(inks.coming),
        f"#{bytes((*behind, opacity)).hex()}",
        style.backing,
    )


def _show_ink(ink: Ink) -> ShownInk:
    return ShownInk(
        _to_hex(ink.letters),
        ink.edges and _to_hex(ink.edges),
        ink.box and _to_hex(ink.box),
    )


def _to_hex(color: RGB) -> str:
    return f"#{bytes(color).hex()}"
