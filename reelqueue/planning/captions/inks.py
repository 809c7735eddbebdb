"""The colours of a clip's captions: those of words that are spoken, were, and will be."""

from __future__ import annotations

from typing import NamedTuple

from reelqueue.specs.clips.captions import Preset, SpokenStyle
from reelqueue.specs.text import Backing
from reelqueue.text.contrast import (
    RGB,
    choose_dimmed,
    choose_letters,
    choose_opposite,
    from_hex,
)

_DIMMED = 0.5  # the opacity of emoji to come


class Ink(NamedTuple):
    """The colours of a word; None for an outline or a box that it does not have."""

    letters: RGB
    edges: RGB | None
    box: RGB | None = None
    emoji_opacity: float = 1.0


class Inks(NamedTuple):
    """The colours of the word that is spoken, of those to come, and of all others."""

    rest: Ink
    spoken: Ink
    coming: Ink


def choose_inks(style: SpokenStyle) -> Inks:
    """Return the colours of captions; those of a preset that marks no words are all the same."""
    color, highlight = from_hex(style.color), from_hex(style.highlight)
    edges = _choose_edges(color, style)
    spoken = rest = coming = Ink(color, edges)
    if style.preset is Preset.PLAIN:
        return Inks(rest, spoken, coming)
    if style.backing is Backing.BOX and style.preset is not Preset.KARAOKE:
        spoken = Ink(choose_letters(color, highlight), None, highlight)
    elif style.preset is not Preset.POP:
        spoken = Ink(highlight, _choose_edges(highlight, style))
    if style.preset is Preset.KARAOKE:
        coming = Ink(choose_dimmed(color), edges, emoji_opacity=_DIMMED)
    return Inks(rest, spoken, coming)


def _choose_edges(letters: RGB, style: SpokenStyle) -> RGB | None:
    """Return the colour of an outline; letters that a shadow suits have none."""
    if style.preset is Preset.PLAIN and style.backing is not Backing.OUTLINE:
        return None
    edges = choose_opposite(letters)
    has_shadow = style.backing is Backing.SHADOW
    return None if has_shadow and edges == choose_opposite(from_hex(style.color)) else edges
