"""The orders in which photos can be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, TypeVar

from reelqueue.media.moments import Moment, read_moment_of_name

Order = Literal["uploaded", "name", "date"]

Photo = TypeVar("Photo")
NameKey = tuple[list[tuple[int, int]], str]

# The page sorts by the same rules: static/slideshow/names.js.
_PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"  # as Unicode's collation has it (UTS 10)
_ACCENTS = re.compile("[\u0300-\u036f\u3099\u309a]")
_PARTS = re.compile(r"[0-9]+|.", re.DOTALL)
_EXTENSION = re.compile(r"\.[^.]{1,5}$")
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
    }
    | {"\u03c2": "\u03c3"}
)
_ENDS, _MARK, _NUMBER, _LETTER = range(4)


def sort_photos(
    photos: Iterable[Photo],
    order: Order,
    *,
    name: Callable[[Photo], str],
    moment: Callable[[Photo], Moment | None],
) -> list[Photo]:
    """Return photos in an order; photos with equal names stay as they were uploaded.

    Args:
        name: returns a photo's file name.
        moment: returns when it was taken, by its metadata; its name can tell it, too. Photos
            without a date come last, those of one moment by name.
    """
    if order == "name":
        return sorted(photos, key=lambda photo: _to_key(name(photo)))
    if order == "date":
        return _sort_by_date(
            [(photo, name(photo), find_moment(moment(photo), name(photo))) for photo in photos]
        )
    return list(photos)


def find_moment(known: Moment | None, name: str) -> Moment | None:
    """Return when a photo was taken, by its metadata or else by its name."""
    return known or read_moment_of_name(name)


def _sort_by_date(photos: list[tuple[Photo, str, Moment | None]]) -> list[Photo]:
    """Return photos by date: in UTC if this is known of all, or else by their cameras' clocks."""
    moments = [moment for _, _, moment in photos if moment]
    in_utc = all(moment.utc_offset is not None for moment in moments)

    def to_key(item: tuple[Photo, str, Moment | None]) -> tuple[datetime, NameKey]:
        _, name, moment = item
        if moment is None:
            return datetime.max, ([], "")
        return moment.utc if in_utc else moment.local, _to_key(name)

    return [photo for photo, _, _ in sorted(photos, key=to_key)]


def _to_key(name: str) -> NameKey:
    """Return a sort key by which `IMG_2` comes before `IMG_10`, and accents decide at the end."""
    folded = unicodedata.normalize("NFKD", name).lower().translate(_LETTERS)
    extension = _EXTENSION.search(folded)
    stem = folded[: extension.start()] if extension else folded
    parts = [*_split(stem), (_ENDS, 0), *_split(folded[len(stem) :])]
    return parts, folded


def _split(text: str) -> Iterator[tuple[int, int]]:
    """Yield punctuation, numbers and letters, in this order among each other."""
    for part in _PARTS.findall(_ACCENTS.sub("", text)):
        if part.isdecimal() and part.isascii():
            yield _NUMBER, int(part)
        elif unicodedata.category(part)[0] in "LMN":
            yield _LETTER, ord(part)
        else:
            place = _PUNCTUATION.find(part)
            yield _MARK, place if place >= 0 else len(_PUNCTUATION) + ord(part)
