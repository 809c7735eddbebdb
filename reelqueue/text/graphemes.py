"""Clusters: what a reader takes for one character, however many code points spell it.

Simpler than Unicode's own rules (UAX #29), and never smaller where it matters: flags, families,
keycaps and accented letters stay together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_AS_EMOJI = "\ufe0f"
_AS_TEXT = "\ufe0e"
_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_LATER_JAMO = range(0x1160, 0x1200)
_SELECTORS = range(0xFE00, 0xFE10)
_UNSEEN = "\n\u200c\u200d\u200e\u200f\u061c\u034f"
# Below U+1F000, what is a coloured picture unless a selector says otherwise (Emoji_Presentation).
_EMOJI = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)


def split_clusters(text: str) -> list[str]:
    """Return the clusters of a text; joined, they are the text."""
    clusters: list[str] = []
    for character in text:
        if clusters and _goes_on(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def is_emoji(cluster: str) -> bool:
    """Tell whether a cluster is to be a coloured picture (UTS #51, 1.4 and 4)."""
    if _AS_TEXT in cluster:
        return False
    return _AS_EMOJI in cluster or cluster[0] in _EMOJI or 0x1F000 <= ord(cluster[0]) < 0x1FB00


def is_unseen(character: str) -> bool:
    """Tell whether a character needs no picture: joiners, selectors, tags, line ends."""
    return character in _UNSEEN or ord(character) in _SELECTORS or ord(character) in _TAGS


def list_ends(text: str) -> Iterator[int]:
    """Yield where each cluster ends."""
    end = 0
    for cluster in split_clusters(text):
        end += len(cluster)
        yield end


def _goes_on(cluster: str, character: str) -> bool:
    code = ord(character)
    if code in _FLAG_LETTERS:
        return len(cluster) == 1 and ord(cluster) in _FLAG_LETTERS
    if cluster == "\n" or character == "\n":
        return False
    return (
        cluster[-1] == _JOINER
        or is_unseen(character)
        or code in _TONES
        or code in _LATER_JAMO
        or unicodedata.category(character)[0] == "M"
    )
