"""The orders in which photos can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, TypeVar

Order = Literal["uploaded", "name", "date"]

Photo = TypeVar("Photo")


def sort_photos(
    photos: Iterable[Photo],
    order: Order,
    *,
    name: Callable[[Photo], str],
    taken_at: Callable[[Photo], datetime | None],
) -> list[Photo]:
    """Return photos in an order; photos with equal names or dates stay as they were uploaded.

    Args:
        name: returns a photo's file name.
        taken_at: returns when it was taken; photos without a date come last.
    """
    if order == "name":
        return sorted(photos, key=lambda photo: _to_natural(name(photo)))
    if order == "date":
        return sorted(photos, key=lambda photo: taken_at(photo) or datetime.max)
    return list(photos)


def _to_natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key by which `IMG_2` comes before `IMG_10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
