"""Grapheme clusters: what a reader takes for one character, found by ICU (UAX #29)."""

from __future__ import annotations

import re

from icu4py.breakers import CharacterBreaker

_AS_EMOJI, _AS_TEXT = "\ufe0f", "\ufe0e"  # variation selectors (UTS #51)
# The characters with Emoji_Presentation below U+1F000 (Unicode 17, emoji-data.txt).
_EMOJI = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
# Line ends, and those with Default_Ignorable_Code_Point that words may have: joiners, break hints,
# direction marks, variation selectors, tags.
_IGNORABLE = re.compile(
    "[\n\u034f\u061c\u180b-\u180f\u200b-\u200f\ufe00-\ufe0f"
    "\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)


def split_clusters(text: str) -> list[str]:
    """Return the extended grapheme clusters of a text; joined, they are the text."""
    return list(CharacterBreaker(text, "und"))


def is_emoji(cluster: str) -> bool:
    """Tell whether a cluster is shown in colour (UTS #51, 1.4 and 4)."""
    if _AS_TEXT in cluster:
        return False
    return _AS_EMOJI in cluster or cluster[0] in _EMOJI or 0x1F000 <= ord(cluster[0]) < 0x1FB00


def is_ignorable(character: str) -> bool:
    """Tell whether a character needs no glyph (Unicode 17, 5.21, Default Ignorable Code Points)."""
    return _IGNORABLE.fullmatch(character) is not None
