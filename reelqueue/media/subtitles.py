"""Read SRT and WebVTT subtitle files into cues."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.clip import Cue
from reelqueue.specs.limits import MAX_CUE_CHARACTERS, MAX_CUES

_MAX_FILE_CHARACTERS = 2_000_000
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?$")
_TAG = re.compile(
    r"</?(?:[biuscv]|font|lang|ruby|rt)\b[^<>]*>|<[\d:.]+>|\{\\[^{}]*\}", re.IGNORECASE
)
_NOT_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION", "X-TIMESTAMP-MAP")


def parse_subtitles(text: str) -> tuple[Cue, ...]:
    """Return the cues of an SRT or WebVTT text (W3C WebVTT, 4.1) in the order of the file.

    Raises:
        InvalidSpecError: if a cue cannot be read or is beyond the limits; it names the line.
    """
    if len(text) > _MAX_FILE_CHARACTERS:
        raise _refuse(1, f"the file has more than {_MAX_FILE_CHARACTERS} characters")
    cues: list[Cue] = []
    for number, block in _split_blocks(text.removeprefix("\ufeff")):
        cue = _parse_block(number, block)
        if cue:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise _refuse(number, f"there are more than {MAX_CUES} captions")
    if not cues:
        raise _refuse(1, "no captions found: send an SRT or WebVTT file")
    return tuple(cues)


def _split_blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the blocks between empty lines as `(number of the first line, lines)`."""
    block: list[str] = []
    number = 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _parse_block(number: int, block: list[str]) -> Cue | None:
    """Return the cue of a block; None for a comment, a header or a cue without text."""
    at = next((at for at, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if block[0].startswith(_NOT_CUES):
            return None
        raise _refuse(number, "a time such as 00:00:01,000 --> 00:00:02,500 is missing")
    timing = _TIMING.match(block[at])
    if timing is None:
        raise _refuse(number + at, "write the time like 00:00:01,000 --> 00:00:02,500")
    start, end = _read_time(timing.groups()[:4]), _read_time(timing.groups()[4:])
    text = unescape(_TAG.sub("", "\n".join(block[at + 1 :]))).strip()
    if end <= start:
        raise _refuse(number + at, "the end must be after the start")
    if len(text) > MAX_CUE_CHARACTERS:
        raise _refuse(number + at, f"a caption has at most {MAX_CUE_CHARACTERS} characters")
    return Cue(start=start, end=end, text=text) if text else None


def _read_time(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def _refuse(number: int, reason: str) -> InvalidSpecError:
    return InvalidSpecError(f"captions, line {number}: {reason}.", "captions")
