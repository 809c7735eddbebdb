"""Draw phrases word by word: letters once, and each state of them in other colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import NamedTuple

from PIL import Image, ImageChops

from reelqueue.planning.captions.inks import Ink, choose_inks
from reelqueue.planning.captions.phrase_lines import lay_out_phrase
from reelqueue.planning.captions.phrase_place import Place
from reelqueue.planning.captions.phrases import Phrase, State
from reelqueue.planning.framing import Size
from reelqueue.render.images.captions import draw_box, draw_shadow, find_stroke
from reelqueue.render.images.text import Colors, PlacedRun, draw_run, measure_text, place_runs
from reelqueue.specs.clips.captions import ClipCaptionStyle, Preset
from reelqueue.specs.text import Backing
from reelqueue.text.contrast import RGB, choose_box, from_hex
from reelqueue.text.layout import Corners

_ACROSS, _ABOVE, _BELOW = 0.16, 0.96, 0.3
"""How far a box reaches from the letters and their baseline, as parts of the font size."""

_FULL = Colors(255, 255)


class _Layer(NamedTuple):
    """A picture and its place in the block, in pixels."""

    picture: Image.Image
    left: int
    top: int


@dataclass(frozen=True)
class _Word:
    """A word as it is drawn: its letters, these with their outline, and its emoji, if any.

    Those of one channel get their colours later. `boxes` are behind it, one for each of its lines.
    """

    letters: _Layer | None
    edges: _Layer | None
    emoji: _Layer | None
    boxes: tuple[Corners, ...]


class _Drawn(NamedTuple):
    """What does not change while a phrase is seen."""

    phrase: Phrase
    ground: Image.Image
    words: list[_Word]


class PhrasePainter:
    """Draws the states of phrases in the area that they have in the frame."""

    def __init__(self, style: ClipCaptionStyle, place: Place) -> None:
        self._style, self._place = style, place
        self._color, self._inks = from_hex(style.color), choose_inks(style)
        self._drawn: dict[int, _Drawn] = {}  # by lane

    def draw_states(self, states: Sequence[State]) -> Image.Image:
        """Return the area with the phrases that are seen, as an RGBA image."""
        left, top, right, bottom = self._place.area
        canvas = Image.new("RGBA", (right - left, bottom - top))
        for state in states:
            lane = state.phrase.lane
            if lane not in self._drawn or self._drawn[lane].phrase is not state.phrase:
                self._drawn[lane] = self._draw_phrase(state.phrase)
            block = self._draw_state(state, self._drawn[lane])
            canvas.alpha_composite(block, (0, self._place.tops[lane]))
        return canvas

    def _draw_phrase(self, phrase: Phrase) -> _Drawn:
        size, block = self._place.size, self._place.block
        lines = lay_out_phrase(phrase, self._place, measure_text)
        runs = list(place_runs(lines.block, block, words=lines.owners))
        words = [
            _draw_word([run for run in runs if run.run.word == number], size, block)
            for number in range(len(phrase.words))
        ]
        return _Drawn(phrase, self._draw_ground(words), words)

    def _draw_ground(self, words: Sequence[_Word]) -> Image.Image:
        """Return what is behind a phrase: a box or a shadow."""
        canvas, style = Image.new("RGBA", self._place.block), self._style
        if style.backing is Backing.SHADOW:
            shape = _merge_shapes(words, canvas.size)
            return draw_shadow(shape, self._place.size, choose_box(self._color)[:3])
        if style.backing is Backing.BOX and style.preset is Preset.KARAOKE:
            corners = list(chain.from_iterable(word.boxes for word in words))
            draw_box(canvas, _unite(corners), self._place.size, choose_box(self._color))
        return canvas

    def _draw_state(self, state: State, drawn: _Drawn) -> Image.Image:
        canvas = drawn.ground.copy()
        inked = [(word, self._choose_ink(number, state)) for number, word in enumerate(drawn.words)]
        for word, ink in inked:
            if ink.box:
                for corners in word.boxes:
                    draw_box(canvas, corners, self._place.size, (*ink.box, 255))
        for word, ink in inked:
            if ink.edges and word.edges:
                _lay(canvas, word.edges, ink.edges)
        for word, ink in inked:
            if word.letters:
                _lay(canvas, word.letters, ink.letters)
            if word.emoji:
                _lay_emoji(canvas, word.emoji, ink.emoji_opacity)
        return canvas

    def _choose_ink(self, number: int, state: State) -> Ink:
        if number == state.active:
            return self._inks.spoken
        return self._inks.coming if number >= state.begun else self._inks.rest


def _draw_word(runs: Sequence[PlacedRun], size: int, block: Size) -> _Word:
    letters, edges = Image.new("L", block), Image.new("L", block)
    emoji = Image.new("RGBA", block)
    for run in runs:
        if run.run.font.is_emoji:
            draw_run(emoji, run, size, 0, _FULL)
        else:
            draw_run(letters, run, size, 0, _FULL)
            draw_run(edges, run, size, find_stroke(size), _FULL)
    lines = sorted({run.line for run in runs})
    boxes = (_find_box([run for run in runs if run.line == line], size, block) for line in lines)
    return _Word(_crop(letters), _crop(edges), _crop(emoji), tuple(boxes))


def _find_box(runs: Sequence[PlacedRun], size: int, block: Size) -> Corners:
    left = min(run.left for run in runs) - size * _ACROSS
    right = max(run.left + run.width for run in runs) + size * _ACROSS
    top, bottom = runs[0].baseline - size * _ABOVE, runs[0].baseline + size * _BELOW
    return (
        max(round(left), 0),
        max(round(top), 0),
        min(round(right), block[0]),
        min(round(bottom), block[1]),
    )


def _unite(boxes: Sequence[Corners]) -> Corners:
    def unite(one: Corners, other: Corners) -> Corners:
        left, top = (min(pair) for pair in zip(one[:2], other[:2], strict=True))
        right, bottom = (max(pair) for pair in zip(one[2:], other[2:], strict=True))
        return left, top, right, bottom

    return reduce(unite, boxes)


def _crop(picture: Image.Image) -> _Layer | None:
    box = picture.getbbox()
    return _Layer(picture.crop(box), box[0], box[1]) if box else None


def _lay(canvas: Image.Image, layer: _Layer, color: RGB) -> None:
    """Draw a layer of one channel in a colour."""
    solid = Image.new("RGBA", layer.picture.size, color)
    solid.putalpha(layer.picture)
    canvas.alpha_composite(solid, (layer.left, layer.top))


def _lay_emoji(canvas: Image.Image, layer: _Layer, opacity: float) -> None:
    picture = layer.picture
    if opacity < 1:
        picture = picture.copy()
        picture.putalpha(picture.getchannel("A").point(lambda level: round(level * opacity)))
    canvas.alpha_composite(picture, (layer.left, layer.top))


def _merge_shapes(words: Sequence[_Word], size: Size) -> Image.Image:
    """Return the shape of all letters and emoji, as an image of one channel."""
    shape = Image.new("L", size)
    for layer in chain.from_iterable((word.letters, word.emoji) for word in words):
        if layer:
            is_emoji = layer.picture.mode == "RGBA"
            own = layer.picture.getchannel("A") if is_emoji else layer.picture
            corners = (layer.left, layer.top, layer.left + own.width, layer.top + own.height)
            shape.paste(ImageChops.lighter(shape.crop(corners), own), corners)
    return shape
