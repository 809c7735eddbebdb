"""Read the captions of a file: SubRip (SRT), WebVTT, or Advanced SubStation Alpha (ASS, SSA).

Whatever can be shown is read, and a warning says what was left out or changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from string import ascii_letters
from typing import NamedTuple

from pydantic import TypeAdapter

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.cue_blocks import RawCue, parse_blocks
from reelqueue.media.facts import CaptionsFacts
from reelqueue.media.substation import is_script, parse_script
from reelqueue.specs.clips.captions import Cue
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_CUE_CHARACTERS, MAX_CUES, MAX_CUES_AT_ONCE
from reelqueue.specs.text import clean_text

LARGEST_FILE = 4_000_000  # bytes

_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))
_HIGH_BYTES, _LETTERS = bytes(range(0x80, 0x100)), ascii_letters.encode()
_TOUCH = 0.05  # seconds between two cues that follow each other at once
_SHORTEST_GIVEN, _LONGEST_GIVEN = 0.5, 1.0  # seconds of a cue that has no length
_NO_CAPTIONS = "No captions were found in this file: send an SRT, WebVTT or ASS file."
_CUES = TypeAdapter(tuple[Cue, ...])


_Repaired = tuple[list[RawCue], str]
"""Cues after a repair, and a warning about it; an empty one if there is nothing to say."""


class Subtitles(NamedTuple):
    """The captions of a file in the order of their starts, in the file's own time.

    `language` is a BCP 47 tag, if the file has one. `warnings` are sentences for its owner.
    `format` is `srt`, `vtt` or `ass`.
    """

    cues: tuple[Cue, ...]
    warnings: tuple[str, ...]
    language: str | None
    format: str


def read_subtitles(data: bytes) -> Subtitles:
    """Return the captions of a file.

    Raises:
        UnsupportedMediaError: if the file has no captions, or an unknown encoding.
        UnreadableMediaError: if it is too large.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableMediaError(
            f"This file has more than {LARGEST_FILE // 1_000_000} MB: send captions as text."
        )
    text, guess = _decode(data)
    if max(map(text.lower().count, ("-->", "dialogue:"))) > MAX_CUES:
        raise UnreadableMediaError(
            f"This file has more than {MAX_CUES} captions: send a part of it."
        )
    file = parse_script(text) if is_script(text) else parse_blocks(text)
    warnings = [guess]
    if file.bad_lines:
        warnings.append(f"{_name_lines(file.bad_lines)}: the times cannot be read: left out.")
    cues = _clean(file.cues)
    for repair in _REPAIRS:
        cues, warning = repair(cues)
        warnings.append(warning)
    if not cues:
        raise UnsupportedMediaError(_NO_CAPTIONS)
    return Subtitles(
        tuple(Cue(start=cue.start, end=cue.end, text=cue.text) for cue in cues),
        tuple(warning for warning in warnings if warning),
        file.language,
        file.format,
    )


def read_captions(path: Path, cues: Path | None = None) -> CaptionsFacts:
    """Return the facts about a file of captions, and write its captions to `cues` as JSON.

    Raises what `read_subtitles` raises.
    """
    subtitles = read_file(path)
    if cues:
        cues.write_bytes(dump_cues(subtitles.cues))
    return CaptionsFacts(
        count=len(subtitles.cues),
        language=subtitles.language,
        warnings=subtitles.warnings,
        format=subtitles.format,
    )


def read_file(path: Path) -> Subtitles:
    """Return the captions of a file. Raises what `read_subtitles` raises."""
    with path.open("rb") as file:
        return read_subtitles(file.read(LARGEST_FILE + 1))


def dump_cues(cues: tuple[Cue, ...]) -> bytes:
    """Return captions as JSON; older versions read those that have nothing new."""
    return _CUES.dump_json(cues, exclude_defaults=True)


def load_cues(data: bytes) -> tuple[Cue, ...]:
    """Return what `dump_cues` wrote."""
    return _CUES.validate_json(data)


def _decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file, and a warning where its encoding is guessed, else an empty one."""
    encoding = next(name for mark, name in _ENCODINGS if data.startswith(mark))
    if encoding == "utf-8-sig":
        encoding = _guess_utf_16(data[:200]) or encoding
    warning = ""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = _decode_cp1252(data)
        warning = "The file was read as Windows-1252. If letters are wrong, save it as UTF-8."
    if "\0" in text:
        raise UnsupportedMediaError(_NO_CAPTIONS)
    return text.removeprefix("\ufeff"), warning


def _decode_cp1252(data: bytes) -> str:
    """Return a text in Windows-1252, which has fewer accented letters than plain ones."""
    accented = len(data) - len(data.translate(None, _HIGH_BYTES))
    plain = len(data) - len(data.translate(None, _LETTERS))
    with suppress(UnicodeDecodeError):
        if accented < plain:
            return data.decode("cp1252")
    raise UnsupportedMediaError("The encoding of this file is not known: save it as UTF-8.")


def _guess_utf_16(head: bytes) -> str | None:
    """Return the encoding of a text in UTF-16 without a mark: most of its high bytes are zero."""
    even, odd = (head[first::2].count(0) for first in (0, 1))
    if max(even, odd) < len(head) / 4:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _clean(cues: Iterable[RawCue]) -> list[RawCue]:
    """Return the cues that have text, each once, ordered by their start."""
    texts = (cue._replace(text=clean_text(cue.text)) for cue in cues)
    once = {cue[1:]: cue for cue in texts if cue.text}
    return sorted(once.values(), key=lambda cue: cue.start)


def _shorten(cues: list[RawCue]) -> _Repaired:
    """Cut off texts that are too long."""
    long = [cue for cue in cues if len(cue.text) > MAX_CUE_CHARACTERS]
    if not long:
        return cues, ""
    short = [cue._replace(text=clean_text(cue.text[:MAX_CUE_CHARACTERS])) for cue in cues]
    return short, f"{_name_cues(long)}: cut off after {MAX_CUE_CHARACTERS} characters."


def _unroll(cues: list[RawCue]) -> _Repaired:
    """Show each line once where cues repeat the last lines of the one before.

    YouTube's automatic captions roll: a cue shows the line before and adds one, and another cue of
    10 ms holds both.
    """
    pairs = list(pairwise(cues))
    repeats = sum(_count_repeated(before, cue) > 0 for before, cue in pairs)
    if repeats < max(2, len(pairs) / 2):
        return cues, ""
    kept = cues[:1]
    for before, cue in pairs:
        lines = cue.text.split("\n")[_count_repeated(before, cue) :]
        if lines:
            kept.append(cue._replace(text="\n".join(lines)))
        else:
            kept[-1] = kept[-1]._replace(end=max(kept[-1].end, cue.end))
    return kept, ""


def _count_repeated(before: RawCue, cue: RawCue) -> int:
    """Return how many lines at the end of a cue are the first ones of the cue that follows it."""
    if cue.start > before.end + _TOUCH:
        return 0
    old, new = before.text.split("\n"), cue.text.split("\n")
    counts = range(min(len(old), len(new)), 0, -1)
    return next((count for count in counts if old[-count:] == new[:count]), 0)


def _end_overlaps(cues: list[RawCue]) -> _Repaired:
    """End each cue where the next one starts, if nearly all overlap: it is then no dialogue.

    Converters of automatic captions keep a line for as long as it was to be seen above the next.
    """
    pairs = list(pairwise(cues))
    overlaps = sum(cue.start < after.start < cue.end < after.end for cue, after in pairs)
    if overlaps < max(3, len(pairs) * 0.8):
        return cues, ""
    ended = [
        cue._replace(end=after.start) if cue.start < after.start < cue.end else cue
        for cue, after in pairs
    ]
    return [*ended, cues[-1]], "Captions that overlap the next one end where it starts."


def _lengthen(cues: list[RawCue]) -> _Repaired:
    """Give a length to cues that end where they start, or before, as Whisper writes them.

    One that starts with the next one becomes a part of it.
    """
    wrong = [cue for cue in cues if cue.end <= cue.start]
    if not wrong:
        return cues, ""
    kept: list[RawCue] = []
    for cue, after in pairwise([*cues, RawCue(0, math.inf, math.inf, "")]):
        if kept and kept[-1].end <= kept[-1].start == cue.start:
            cue = cue._replace(text=f"{kept.pop().text}\n{cue.text}")
        if cue.end <= cue.start < after.start:
            seconds = min(max(after.start - cue.start, _SHORTEST_GIVEN), _LONGEST_GIVEN)
            cue = cue._replace(end=round(cue.start + seconds, 3))
        kept.append(cue)
    return kept, (
        f"{_name_cues(wrong)}: the end is not after the start: shown until the next one, for up to "
        f"{_LONGEST_GIVEN:g} second."
    )


def _bound_times(cues: list[RawCue]) -> _Repaired:
    """Leave out what lies after the end of the longest video."""
    kept = [
        cue._replace(start=max(cue.start, 0.0), end=min(cue.end, LONGEST_MEDIA))
        for cue in cues
        if cue.start < LONGEST_MEDIA
    ]
    late = len(cues) - len(kept)
    hours = LONGEST_MEDIA // 3600
    return kept, f"{_count(late)} left out: they start after {hours} hours." if late else ""


def _thin(cues: list[RawCue]) -> _Repaired:
    """Keep as many captions as can be shown at the same moment."""
    kept: list[RawCue] = []
    shown: list[RawCue] = []
    for cue in cues:
        shown = [other for other in shown if other.end > cue.start]
        if len(shown) < MAX_CUES_AT_ONCE:
            shown.append(cue)
            kept.append(cue)
    excess = len(cues) - len(kept)
    warning = f"{_count(excess)} left out: at most {MAX_CUES_AT_ONCE} are shown at the same moment."
    return kept, warning if excess else ""


_REPAIRS: Sequence[Callable[[list[RawCue]], _Repaired]] = (
    _shorten,
    _unroll,
    _end_overlaps,
    _lengthen,
    _shorten,
    _bound_times,
    _thin,
)


def _count(number: int) -> str:
    return f"{number} caption{'' if number == 1 else 's'}"


def _name_cues(cues: Sequence[RawCue]) -> str:
    return _name_lines([cue.number for cue in cues])


def _name_lines(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:5]))
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"Line{'' if len(numbers) == 1 else 's'} {named}{more}"
