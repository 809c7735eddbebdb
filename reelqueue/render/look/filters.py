"""Filters of ffmpeg for the look of a clip: they contain only numbers."""

from __future__ import annotations

from typing import NamedTuple

from reelqueue.planning.clips.edit import Edit, Piece
from reelqueue.specs.clips.look import Denoise, Look

_BLACK, _WHITE = 16, 235  # luma (ITU-R BT.709, 8 bits)
_GRAY = (_BLACK + _WHITE) / 2
# Strengths of `hqdn3d`: of luma and chroma in space, and of both in time.
_DENOISE = {Denoise.LIGHT: "4:3:6:4.5", Denoise.STRONG: "8:6:12:9"}
_DENOISE_LEAD = 8  # frames, after which it has taken out about as much as it will


class Fades(NamedTuple):
    """How many frames a clip takes to appear, and to turn black at its end."""

    first: int
    last: int


def build_grade_filters(look: Look) -> list[str]:
    """Return filters for the light and the colours of pictures in limited-range BT.709, 8 bits.

    They do to Y'CbCr what CSS does to RGB (Filter Effects Module Level 1): brightness is a factor
    of all, contrast one of the distance to the middle grey, saturation one of the chroma.
    """
    filters = []
    if strength := _DENOISE.get(look.denoise):
        filters.append(f"hqdn3d={strength}")
    light, contrast = look.brightness, look.contrast
    if (light, contrast, look.saturation) != (1, 1, 1):
        pivot = (_GRAY - _BLACK) * contrast
        luma = f"{_GRAY}+(val-{_BLACK})*{light * contrast:.6f}-{pivot:.6f}"
        chroma = f"128+(val-128)*{light * contrast * look.saturation:.6f}"
        luma, chroma = (
            f"clip(round({value}),{least},{most})"
            for value, least, most in ((luma, _BLACK, _WHITE), (chroma, 16, 240))
        )
        filters.append(f"lutyuv=y='{luma}':u='{chroma}':v='{chroma}'")
    return filters


def count_lead(look: Look) -> int:
    """Return how many frames before the first one the filters of pictures look back."""
    return 0 if look.denoise is Denoise.NONE else _DENOISE_LEAD


def count_fades(look: Look, edit: Edit) -> Fades:
    """Return the frames of the fades of a clip, whose first and last frame are black."""
    first, last = (round(seconds * edit.fps) for seconds in (look.fade_in, look.fade_out))
    return Fades(min(first, edit.frames), min(last, edit.frames - 1))


def build_fade_filters(look: Look, edit: Edit, piece: Piece) -> list[str]:
    """Return filters for what a piece has of its clip's fades; most pieces have nothing."""
    fades, filters = count_fades(look, edit), []
    if piece.first < fades.first:
        filters.append(_build_fade("in", 0, fades.first, edit))
    if piece.first + piece.frames > edit.frames - fades.last:
        filters.append(_build_fade("out", edit.frames - 1 - fades.last, fades.last, edit))
    if not filters:
        return []
    # Meanwhile the frames have their times in the clip.
    return [f"settb={1 / edit.fps}", f"setpts=N+{piece.first}", *filters, "setpts=N"]


def _build_fade(kind: str, first: int, frames: int, edit: Edit) -> str:
    start, duration = (float(count / edit.fps) for count in (first, frames))
    return f"fade=type={kind}:start_time={start:.6f}:duration={duration:.6f}"
