"""Write captions as an ASS script (Advanced SubStation Alpha), which libass draws.

The text of a user is escaped, so that it never becomes an ASS tag, and reaches ffmpeg only in a
file, so that it never becomes a filter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reelqueue.planning.framing import Size
from reelqueue.specs.clip import Cue

FONT_NAME = "DejaVu Sans"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD_JOINER = "\u2060"

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
    """Return an ASS script that draws the cues at the bottom, in white with a dark outline.

    Args:
        cues: the captions, in seconds of the clip.
        size: `(width, height)` of the clip in pixels.
    """
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
    r"""Escape text so that libass draws it unchanged.

    ASS has no escape for a backslash. A word joiner, which has no width, after the backslash keeps
    it from forming a tag with the next letter; ffmpeg does the same (libavcodec/ass.c,
    ff_ass_bprint_text_event).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return r"\N".join(
        _CONTROL.sub(" ", line)
        .replace("\\", f"\\{_WORD_JOINER}")
        .replace("{", r"\{")
        .replace("}", r"\}")
        for line in lines
    )


def _format_time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"
