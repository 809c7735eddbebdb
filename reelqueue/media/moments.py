"""When photos were taken, as their metadata and their names write it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

_DATE = r"(?P<year>\d{4})[-:/.](?P<month>\d{1,2})[-:/.](?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?"
_ZONE = r"(?P<zone>Z|[-+]\d{2}:?\d{2})"
_WRITTEN = re.compile(rf"{_DATE}(?:[T ]+{_TIME}\s*{_ZONE}?)?", re.ASCII)
_ZONE_ONLY = re.compile(_ZONE, re.ASCII)

_NAME_DATE = (
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<gap>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=gap)"
    r"(?P<day>0[1-9]|[12]\d|3[01])"
)
_NAME_TIME = (
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<fraction>\d{3})?"
    r"|(?P<hour_>\d{1,2})(?P<gap_>[-_.:])(?P<minute_>\d{2})(?P=gap_)(?P<second_>\d{2})"
    r"(?:[-_.](?P<fraction_>\d{3}))?)(?:\s?(?P<half>[AP])M)?"
)
_NAMED = re.compile(rf"{_NAME_DATE}(?:(?:[-_ T]|\s+at\s+){_NAME_TIME})?(?!\d)", re.IGNORECASE)
_NAMED_IN_UTC = "PXL_"  # Google's Pixel phones


class Moment(NamedTuple):
    """A time on the clock of a camera, and how many minutes that clock is ahead of UTC.

    The clock's lead is None if it is unknown.
    """

    local: datetime
    utc_offset: int | None = None

    @property
    def utc(self) -> datetime:
        """The time in UTC; the local time if the clock's lead is unknown, or leads out of years."""
        try:
            return self.local - timedelta(minutes=self.utc_offset or 0)
        except OverflowError:  # before the year 1, or after 9999
            return self.local


def read_moment(text: str, fraction: str = "", zone: str = "") -> Moment | None:
    """Return the moment that metadata name; None if that is no time.

    Args:
        text: as EXIF (2.32, 4.6.5) or ISO 8601 write it, also without a time.
        fraction: digits of a second, from a tag of their own.
        zone: such as +09:00, from a tag of its own.
    """
    found = _WRITTEN.fullmatch(text.strip(" \0"))
    if found is None:
        return None
    parts = found.groupdict(default="")
    offset = _read_zone(parts["zone"] or zone.strip(" \0"))
    own_fraction = fraction.strip(" \0")
    digits = parts["fraction"] or (own_fraction if own_fraction.isdecimal() else "")
    local = _make_time(parts, digits)
    return Moment(local, offset) if local else None


def read_moment_of_name(name: str) -> Moment | None:
    """Return the moment in a file's name, such as IMG_20240102_030405.jpg; None without one."""
    for found in _NAMED.finditer(name):
        parts = {key.rstrip("_"): text for key, text in found.groupdict().items() if text}
        if half := parts.get("half"):
            hour = int(parts["hour"]) % 12 + (12 if half.upper() == "P" else 0)
            parts["hour"] = str(hour)
        local = _make_time(parts, parts.get("fraction", ""))
        if local:
            return Moment(local, 0 if name.startswith(_NAMED_IN_UTC) else None)
    return None


def _make_time(parts: dict[str, str], fraction: str) -> datetime | None:
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(parts.get(name) or 0) for name in names)
    microsecond = int(f"{fraction:0<6}"[:6])
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None


def _read_zone(text: str) -> int | None:
    """Return how many minutes a zone is ahead of UTC."""
    if not _ZONE_ONLY.fullmatch(text):
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return -minutes if text[0] == "-" else minutes
