"""Read the captions of a file: SubRip, WebVTT, Advanced SubStation Alpha, or a transcript as JSON.

Whatever can be shown is read, and a warning says what was left out or changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from string import ascii_letters
from typing import NamedTuple

from pydantic import TypeAdapter

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.cue_blocks import RawCue, check_count, parse_blocks
from reelqueue.media.cue_repairs import name_lines, repair_cues
from reelqueue.media.facts import CaptionsFacts, find_transcript_path
from reelqueue.media.substation import is_script, parse_script
from reelqueue.media.transcripts import Transcript, to_cues
from reelqueue.media.whisper import parse_transcript
from reelqueue.media.word_times import UNTIMED, has_letters, time_words
from reelqueue.specs.clips.captions import Cue, Word
from reelqueue.specs.limits import MAX_CUE_WORDS

LARGEST_FILE = 4_000_000  # bytes

_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))
_SIGNS = ("-->", "Dialogue:")
_HIGH_BYTES, _LETTERS = bytes(range(0x80, 0x100)), ascii_letters.encode()
_NO_CAPTIONS = (
    "No captions were found in this file: send an SRT, WebVTT or ASS file, or a transcript.json."
)
_HAS_NUL = (
    "This file has NUL bytes, which no text has: it is damaged, or its encoding is not known. Save "
    "it as UTF-8."
)
_GUESSED = "The file was read as Windows-1252. If letters are wrong, save it as UTF-8."
_REPAIRED = "The captions had to be repaired, so they are the same in every style."
_CUES = TypeAdapter(tuple[Cue, ...])


class Subtitles(NamedTuple):
    """The captions of a file in the order of their starts, in the file's own time.

    `language` is a BCP 47 tag, if the file has one. `warnings` are sentences for its owner.
    `format` is `srt`, `vtt`, `ass` or `json`. `transcript` is what an order is to make captions of,
    as these depend on their style; `cues` are then those of the style `plain`. It is unset if the
    file has none, or if captions had to be repaired.
    """

    cues: tuple[Cue, ...]
    warnings: tuple[str, ...]
    language: str | None
    format: str
    transcript: Transcript | None = None


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
    check_count(max(map(text.lower().count, ("-->", "dialogue:"))))
    file = parse_transcript(text)
    file = file or (parse_script(text) if is_script(text) else parse_blocks(text))
    check_count(len(file.cues))
    bad = file.bad_lines
    unread = [f"{name_lines(bad)}: the times cannot be read: left out."] if bad else []
    cues, changes = repair_cues(file.cues)
    if not cues:
        raise UnsupportedMediaError(_NO_CAPTIONS)
    told = (*guess, *unread, *file.warnings, *changes)
    if file.transcript and cues == file.cues:
        shown = to_cues(file.transcript.segments)
        return Subtitles(shown, told, file.language, file.format, file.transcript)
    repaired = (_REPAIRED,) if file.transcript else ()
    shown, untimed = _time_cues(cues)
    return Subtitles(shown, (*told, *repaired, *untimed), file.language, file.format)


def _time_cues(cues: Sequence[RawCue]) -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """Return captions with the times of their words, and a warning about those that have none."""
    timed = [(cue, _time_words(cue)) for cue in cues]
    lost = [cue.number for cue, words in timed if cue.words and not words]
    shown = (Cue(start=cue.start, end=cue.end, text=cue.text, words=words) for cue, words in timed)
    return tuple(shown), (f"{name_lines(lost)}: {UNTIMED}",) if lost else ()


def _time_words(cue: RawCue) -> tuple[Word, ...]:
    timed = time_words(cue.words, cue.text, cue.start, cue.end)
    words = tuple(word for word in timed if has_letters(word.text))  # a dash is never marked
    return words if len(words) <= MAX_CUE_WORDS else ()


def read_captions(path: Path, cues: Path | None = None) -> CaptionsFacts:
    """Return the facts about a file of captions, and write its captions to `cues` as JSON.

    What these were made of is written beside them, if it is a transcript with words.

    Raises what `read_subtitles` raises.
    """
    subtitles = read_file(path)
    if cues:
        cues.write_bytes(dump_cues(subtitles.cues))
    if cues and subtitles.transcript:
        find_transcript_path(cues).write_bytes(subtitles.transcript.to_json())
    return CaptionsFacts(
        count=len(subtitles.cues),
        language=subtitles.language,
        warnings=subtitles.warnings,
        format=subtitles.format,
        has_transcript=subtitles.transcript is not None,
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


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and a warning where its encoding is guessed."""
    encoding = next(name for mark, name in _ENCODINGS if data.startswith(mark))
    if encoding == "utf-8-sig":
        encoding = _guess_utf_16(data) or encoding
    if encoding.startswith("utf-16"):
        data = data[: len(data) // 2 * 2]  # of a file that was cut off
    warnings: tuple[str, ...] = ()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = _decode_cp1252(data)
        warnings = (_GUESSED,)
    if "\0" in text:
        raise UnsupportedMediaError(_HAS_NUL if any(map(text.count, _SIGNS)) else _NO_CAPTIONS)
    return text.removeprefix("\ufeff"), warnings


def _decode_cp1252(data: bytes) -> str:
    """Return a text in Windows-1252, which has fewer accented letters than plain ones."""
    accented = len(data) - len(data.translate(None, _HIGH_BYTES))
    plain = len(data) - len(data.translate(None, _LETTERS))
    with suppress(UnicodeDecodeError):
        if accented < plain:
            return data.decode("cp1252")
    raise UnsupportedMediaError("The encoding of this file is not known: save it as UTF-8.")


def _guess_utf_16(data: bytes) -> str | None:
    """Return the encoding of captions in UTF-16 without a mark.

    It is known by what begins a caption, or else by the first letters: most have a byte of zero.
    """
    for sign in _SIGNS:
        at = data.find("\0".join(sign).encode())
        if at >= 0:
            return "utf-16-be" if at % 2 else "utf-16-le"
    head = data[:200]
    even, odd = (head[first::2].count(0) for first in (0, 1))
    if max(even, odd) < len(head) / 4 + min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
