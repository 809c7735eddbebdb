"""The order in which text of both directions is read (UAX #9, Unicode Bidirectional Algorithm).

FriBidi resolves the embedding levels. Pillow loads the same library to lay out text, so our order
of the runs agrees with what Pillow draws within each of them. No package binds it: ctypes calls it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from ctypes import CDLL, POINTER, byref, c_int, c_int8, c_uint32
from functools import cache
from itertools import groupby

_LIBRARY = "libfribidi.so.0"
_BY_FIRST_STRONG = 0x40  # FRIBIDI_PAR_ON: the first strong character gives the direction (P2, P3)


def find_levels(paragraph: str) -> tuple[int, ...]:
    """Return the embedding level of each character: even for left to right, odd for right to left.

    Raises:
        OSError: if FriBidi is not installed.
    """
    count = len(paragraph)
    array = c_uint32 * count
    characters, classes, brackets = array(*map(ord, paragraph)), array(), array()
    levels = (c_int8 * count)()
    library = _load_library()
    library.fribidi_get_bidi_types(characters, count, classes)
    library.fribidi_get_bracket_types(characters, count, classes, brackets)
    direction = c_uint32(_BY_FIRST_STRONG)
    if not library.fribidi_get_par_embedding_levels_ex(
        classes, brackets, count, byref(direction), levels
    ):
        raise MemoryError("FriBidi has no memory left.")
    return tuple(levels)


def is_right_to_left(paragraph: str) -> bool:
    """Tell the direction of a paragraph: its first strong character has it (P2, P3)."""
    kinds = map(unicodedata.bidirectional, paragraph)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def order_runs(levels: Sequence[int]) -> list[int]:
    """Return the numbers of runs, each of one level, from left to right (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        order = [
            number
            for is_high, group in groupby(order, key=lambda run: levels[run] >= level)
            for number in (reversed(list(group)) if is_high else group)
        ]
    return order


@cache
def _load_library() -> CDLL:
    """Load FriBidi and declare what is called (fribidi-bidi-types.h, fribidi-bidi.h)."""
    library = CDLL(_LIBRARY)
    array, levels = POINTER(c_uint32), POINTER(c_int8)
    library.fribidi_get_bidi_types.argtypes = [array, c_int, array]
    library.fribidi_get_bidi_types.restype = None
    library.fribidi_get_bracket_types.argtypes = [array, c_int, array, array]
    library.fribidi_get_bracket_types.restype = None
    resolve = library.fribidi_get_par_embedding_levels_ex
    resolve.argtypes = [array, array, c_int, array, levels]
    resolve.restype = c_int8
    return library
