"""Read the cues of SubRip and WebVTT texts as they are met in practice.

Neither grammar is enforced (W3C WebVTT, 4.1; SubRip has none). A cue ends where the next one
begins, so it may contain empty lines, and none are needed between cues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import islice, pairwise
from typing import NamedTuple

from reelqueue.errors import UnreadableMediaError
from reelqueue.media.transcripts import Transcript
from reelqueue.media.word_times import Spoken, join_words, squeeze
from reelqueue.specs.limits import MAX_CUES
from reelqueue.specs.text import clean_text

TIME = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,3})(?:\s?[,.]\s?(\d{1,9}))?"
_TIME = re.compile(TIME)
_TIMING = re.compile(rf"{TIME}\s*-->\s*{TIME}(?:\s|$)")
_BAD_TIMING = re.compile(r"[-\d:.,]*\s*-->\s*\S*$")
_RUBY = re.compile(r"<rt>[^<]*</rt>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:[abiqsu]|c|v|big|del|em|font|ins|lang|p|rp|rt|ruby|small|span|strike|strong|sub|sup)"
    r"(?:[\s./][^<>]*)?>|<[\d:.]+>|\{\\[^{}]*\}",
    re.IGNORECASE,
)
_STAMP = re.compile(r"<((?:\d{1,4}:)?\d{1,3}:\d{1,3}\.\d{1,9})>")
_MARKED = re.compile(r"<(b|font|u)(?:\s[^<>]*)?>[^<>]*</\1>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_NOT_CUES = ("NOTE", "STYLE", "REGION")
_LANGUAGE = re.compile(r"Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z\d]{1,8}){0,3})\s*$")


class RawCue(NamedTuple):
    """A cue as a file has it: its times in seconds, which may be reversed, and its plain text.

    `number` is that of its line in the file, from 1. `words` are those of the text, if the file has
    times of some. `mark` are the letters that stand out from the others, without counting spaces.
    """

    number: int
    start: float
    end: float
    text: str
    words: tuple[Spoken, ...] = ()
    mark: tuple[int, int] | None = None


class CueFile(NamedTuple):
    """The cues of a file in its order, and what else it says.

    `bad_lines` are the numbers of lines whose times cannot be read; `warnings` are sentences about
    what else is left out. `transcript` is what the cues were made of, if that is one.
    """

    format: str
    cues: list[RawCue]
    bad_lines: list[int]
    language: str | None = None
    warnings: tuple[str, ...] = ()
    transcript: Transcript | None = None


def check_count(cues: int) -> None:
    """Check how many captions a file has.

    Raises:
        UnreadableMediaError: if it has too many.
    """
    if cues > MAX_CUES:
        raise UnreadableMediaError(
            f"This file has more than {MAX_CUES} captions: send a part of it."
        )


def parse_blocks(text: str) -> CueFile:
    """Return the cues of a SubRip or WebVTT text, whose line ends are any."""
    lines = re.split(r"\r\n|\r|\n", text)
    is_vtt = lines[0].startswith("WEBVTT")
    arrows = {at: line.strip() for at, line in enumerate(lines) if "-->" in line}
    timings = {at: match for at, line in arrows.items() if (match := _TIMING.match(line))}
    bad = [at for at, line in arrows.items() if at not in timings and _BAD_TIMING.match(line)]
    marks = sorted([*timings, *bad])
    head = [line for line in lines[: marks[0] if marks else 0] if line.strip()]
    has_numbers = bool(head) and head[-1].strip().isdecimal()
    cues = []
    for at, after in pairwise([*marks, len(lines)]):
        if timing := timings.get(at):
            own: Sequence[str] = lines[at + 1 : after]
            if after < len(lines):
                own = _cut_name(own, is_vtt=is_vtt, has_numbers=has_numbers)
            times = timing.groups()
            written = _join_lines(own, is_vtt=is_vtt)
            words, mark = _read_words(written), _find_mark(written)
            start, end = read_time(times[:4]), read_time(times[4:])
            cues.append(RawCue(at + 1, start, end, strip_markup(written), words, mark))
    return CueFile(
        "vtt" if is_vtt else "srt",
        cues,
        [at + 1 for at in bad],
        next((match[1] for line in head if (match := _LANGUAGE.match(line))), None),
    )


def strip_markup(text: str) -> str:
    """Return a text without tags and with its character references resolved."""
    text = _TAG.sub("", _LINE_BREAK.sub("\n", _RUBY.sub("", text)))
    return _REFERENCE.sub(lambda reference: unescape(reference[0]), text)


def read_time(parts: Sequence[str | None]) -> float:
    """Return the seconds of a match of `TIME`: hours, minutes, seconds, fraction."""
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return round(whole + float(f"0.{fraction}"), 3)


def _cut_name(lines: Sequence[str], *, is_vtt: bool, has_numbers: bool) -> Sequence[str]:
    """Leave out the number or name of the next cue, which stands before its timing."""
    last = next((at for at in reversed(range(len(lines))) if lines[at].strip()), None)
    if last is None:
        return lines
    is_number = has_numbers and lines[last].strip().isdecimal()
    is_name = is_vtt and 0 < last == len(lines) - 1 and not lines[last - 1].strip()
    return lines[:last] if is_number or is_name else lines


def _read_words(written: str) -> tuple[Spoken, ...]:
    """Return the words of a text with times between them (W3C WebVTT, 4.2.2, cue timestamps)."""
    pieces = _STAMP.split(written)
    times = [None, *map(_read_stamp, pieces[1::2]), None]
    texts = map(strip_markup, pieces[::2])
    return join_words(map(Spoken, texts, times, times[1:])) if len(pieces) > 1 else ()


def _read_stamp(stamp: str) -> float | None:
    match = _TIME.fullmatch(stamp)
    return read_time(match.groups()) if match else None


def _find_mark(written: str) -> tuple[int, int] | None:
    """Return the letters of the one part of a text that is underlined, bold or of another colour.

    Speech recognition marks the word that is spoken so, in a cue for each word.
    """
    marks = [*islice(_MARKED.finditer(written), 2)]
    if len(marks) != 1:
        return None
    ends = (written[: marks[0].start()], written[: marks[0].end()])
    begin, end = (len(squeeze([clean_text(strip_markup(part))])) for part in ends)
    return (begin, end) if end > begin else None


def _join_lines(lines: Sequence[str], *, is_vtt: bool) -> str:
    """Return what is written in a cue; notes and styles between cues are not."""
    has_own = bool(lines) and lines[0] != ""
    blocks = [
        block
        for number, block in enumerate(_split_blocks(lines))
        if not is_vtt or (has_own and not number) or not block[0].startswith(_NOT_CUES)
    ]
    return "\n".join(line for block in blocks for line in block)


def _split_blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines between empty ones, without lines of spaces, which end no block.

    YouTube pads captions with such lines.
    """
    block: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line)
        elif block and not line:
            yield block
            block = []
