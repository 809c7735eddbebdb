"""Read what ASS and SSA scripts say (Advanced SubStation Alpha), without how it looks.

The line `Format:` names the fields of each event. Writers differ in which they have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reelqueue.media.cue_blocks import TIME, CueFile, RawCue, read_time, strip_markup
from reelqueue.media.word_times import Spoken, join_words

_FIELDS = (
    *("layer", "start", "end", "style", "name"),
    *("marginl", "marginr", "marginv", "effect", "text"),
)
_TIME = re.compile(TIME)
_OVERRIDES = re.compile(r"(\{[^{}]*\})")
_DRAWING = re.compile(r"\\p(\d)")
_KARAOKE = re.compile(r"\\(K|k[fot]?)(\d{1,7})")
_HUNDREDTH = 0.01  # of a second, in which karaoke counts


def is_script(text: str) -> bool:
    """Tell whether a text is an ASS or SSA script."""
    return "[events]" in text[:1_000_000].lower() and "dialogue:" in text.lower()


def parse_script(text: str) -> CueFile:
    """Return the events of a script that are shown, without drawings."""
    fields: Sequence[str] = _FIELDS
    is_event, cues, bad = False, [], []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        head, _, rest = line.partition(":")
        kind = head.lower()
        if line.startswith("[") and line.endswith("]"):
            is_event = kind == "[events]"
        elif is_event and kind == "format":
            fields = [name.strip().lower() for name in rest.split(",")]
        elif is_event and kind == "dialogue":
            values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
            if cue := _read_event(number, values):
                cues.append(cue)
            else:
                bad.append(number)
    return CueFile("ass", cues, bad)


def _read_event(number: int, values: dict[str, str]) -> RawCue | None:
    """Return an event; None if it lacks a time."""
    times = [_TIME.fullmatch(values.get(name, "").strip()) for name in ("start", "end")]
    start, end = (read_time(time.groups()) if time else None for time in times)
    if start is None or end is None:
        return None
    syllables = _read_syllables(values.get("text", ""), start)
    text = strip_markup("".join(syllable.text for syllable in syllables))
    stripped = (syllable._replace(text=strip_markup(syllable.text)) for syllable in syllables)
    return RawCue(number, start, end, text, join_words(stripped))


def _read_syllables(text: str, start: float) -> list[Spoken]:
    r"""Return the text of an event in parts with the times of its karaoke, and without drawings.

    Each `\k` lasts from the end of the one before, `\kt` sets where the next one begins, and what
    follows `\p1` is a drawing.
    """
    times: list[tuple[float, ...]] = [()]
    texts, is_drawing = [list[str]()], False
    begin = end = 0  # hundredths of a second
    for part in _OVERRIDES.split(text):
        if part.startswith("{") and part.endswith("}"):
            for scale in _DRAWING.findall(part):
                is_drawing = scale != "0"
            for tag, count in _KARAOKE.findall(part):
                begin = int(count) if tag == "kt" else end
                end = begin if tag == "kt" else begin + int(count)
                times.append((start + begin * _HUNDREDTH, start + end * _HUNDREDTH))
                texts.append([])
        elif not is_drawing:
            plain = part.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", "\u00a0")
            texts[-1].append(plain)
    return [Spoken("".join(text), *each) for text, each in zip(texts, times, strict=True)]
