"""Read what ASS and SSA scripts say (Advanced SubStation Alpha), without how it looks.

The line `Format:` names the fields of each event. Writers differ in which they have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reelqueue.media.cue_blocks import TIME, CueFile, RawCue, read_time, strip_markup

_FIELDS = (
    *("layer", "start", "end", "style", "name"),
    *("marginl", "marginr", "marginv", "effect", "text"),
)
_TIME = re.compile(TIME)
_OVERRIDES = re.compile(r"(\{[^{}]*\})")
_DRAWING = re.compile(r"\\p(\d)")


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
    return RawCue(number, start, end, _strip_overrides(values.get("text", "")))


def _strip_overrides(text: str) -> str:
    r"""Return the words of an event; what follows `\p1` is a drawing."""
    words, is_drawing = [], False
    for part in _OVERRIDES.split(text):
        if part.startswith("{") and part.endswith("}"):
            for scale in _DRAWING.findall(part):
                is_drawing = scale != "0"
        elif not is_drawing:
            words.append(part)
    plain = "".join(words).replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", "\u00a0")
    return strip_markup(plain)
