"""Captions: read from SRT or WebVTT, and written anew for libass, the library that draws them.

A user's text never reaches a filter or an ASS tag: it is escaped here, in a file that we name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

from reelqueue.cuts import MAX_CUES, Cue
from reelqueue.errors import InvalidSpecError
from reelqueue.render.framing import Size

FONTS = Path(__file__).with_name("fonts")
FONT_NAME = "DejaVu Sans"
MAX_CHARACTERS = 500
MAX_TEXT_CHARACTERS = 2_000_000

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?$")
_TAG = re.compile(
    r"</?(?:[biuscv]|font|lang|ruby|rt)\b[^<>]*>|<[\d:.]+>|\{\\[^{}]*\}", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD_JOINER = "\u2060"
_NOT_CUES = ("WEBVTT", "NOTE", "STYLE", "REGION", "X-TIMESTAMP-MAP")

_ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, \
Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,{font},{font_size},&H00FFFFFF,&H00101010,&H80000000,-1,1,\
{outline},0,2,{side},{side},{bottom},1

[Events]
Format: Layer, Start, End, Style, MarginL, MarginR, MarginV, Text
"""


def format_ass(cues: Sequence[Cue], size: Size) -> str:
    """Return the cues as an ASS script: bottom centre, white with a dark outline."""
    width, height = size
    font_size = min(height / 18, width / 14)
    head = _ASS.format(
        width=width,
        height=height,
        font=FONT_NAME,
        font_size=round(font_size),
        outline=round(font_size / 14, 1),
        side=round(width * 0.06),
        bottom=round(height * 0.08),
    )
    lines = (
        f"Dialogue: 0,{_format_time(cue.start)},{_format_time(cue.end)},Default,0,0,0,"
        f"{escape_text(cue.text)}\n"
        for cue in cues
    )
    return head + "".join(lines)


def escape_text(text: str) -> str:
    r"""Return text that libass shows as it is.

    A backslash has no escape in ASS: a word joiner, which has no width, keeps it from making a tag
    of the next letter, as ffmpeg does it (libavcodec/ass.c, ff_ass_bprint_text_event).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return r"\N".join(
        _CONTROL.sub(" ", line)
        .replace("\\", f"\\{_WORD_JOINER}")
        .replace("{", r"\{")
        .replace("}", r"\}")
        for line in lines
    )


def parse_srt(text: str) -> tuple[Cue, ...]:
    """Return the cues of an SRT or WebVTT text, in their order.

    Raises:
        InvalidSpecError: with the line's number, if a cue cannot be read or is beyond the limits.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise _refuse(1, f"the file has more than {MAX_TEXT_CHARACTERS} characters")
    cues: list[Cue] = []
    for number, block in _split_blocks(text.removeprefix("\ufeff")):
        cue = _parse_block(number, block)
        if cue:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise _refuse(number, f"there are more than {MAX_CUES} captions")
    if not cues:
        raise _refuse(1, "no captions found; SRT or WebVTT is expected")
    return tuple(cues)


def _split_blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield `(number of the first line, lines)` of what stands between empty lines."""
    block: list[str] = []
    number = 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _parse_block(number: int, block: list[str]) -> Cue | None:
    """Return a block's cue, or None for a comment, a header, or a cue without text."""
    at = next((at for at, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if block[0].startswith(_NOT_CUES):
            return None
        raise _refuse(number, "a time such as 00:00:01,000 --> 00:00:02,500 is expected")
    timing = _TIMING.match(block[at])
    if timing is None:
        raise _refuse(number + at, "the time is not like 00:00:01,000 --> 00:00:02,500")
    start, end = _read_time(timing.groups()[:4]), _read_time(timing.groups()[4:])
    text = unescape(_TAG.sub("", "\n".join(block[at + 1 :]))).strip()
    if end <= start:
        raise _refuse(number + at, "the end must be after the start")
    if len(text) > MAX_CHARACTERS:
        raise _refuse(number + at, f"a caption has at most {MAX_CHARACTERS} characters")
    return Cue(start=start, end=end, text=text) if text else None


def _read_time(fields: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (field or "0" for field in fields)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def _refuse(number: int, reason: str) -> InvalidSpecError:
    return InvalidSpecError(f"captions, line {number}: {reason}.", "captions")


def _format_time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"
