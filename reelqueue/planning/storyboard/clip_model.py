"""A clip as a player shows it before it is rendered: its cuts, and its captions in their places.

These are also the models of the API's answer. Values that are None are left out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from reelqueue.planning.storyboard.model import Box
from reelqueue.specs.text import Backing

_FIRST = "The number, from 0, of its first frame."
_END = "The number of the first frame after them."
_COLOR = "A colour such as `#ffd60a`."


@dataclass(frozen=True)
class ShownCut:
    """A segment of the video, as the clip shows it. In a crossfade, the next one has begun."""

    start: Annotated[int, Field(description=_FIRST)]
    end: Annotated[int, Field(description=_END)]
    video_start: Annotated[float, Field(description="The second of the video at its first frame.")]
    speed: float


@dataclass(frozen=True)
class TextRun:
    """A part of a caption's line, and where it stands in the frame; words have times."""

    text: str
    left: Annotated[float, Field(description="A share of the frame's width.")]
    width: Annotated[float, Field(description="A share of the frame's width.")]
    baseline: Annotated[float, Field(description="A share of the frame's height, from the top.")]
    start: Annotated[
        int | None, Field(description="The frame from which on its word is spoken.")
    ] = None
    end: Annotated[int | None, Field(description="The frame from which on it is not.")] = None


@dataclass(frozen=True)
class ShownCaption:
    """Words that are seen together in the frames from `start` up to `end`."""

    start: Annotated[int, Field(description=_FIRST)]
    end: Annotated[int, Field(description=_END)]
    box: Annotated[Box, Field(description="Left, top, width and height, as shares of the frame.")]
    size: Annotated[float, Field(description="The font size, as a share of the frame's height.")]
    runs: tuple[TextRun, ...]


@dataclass(frozen=True)
class ShownInk:
    """The colours of words; without `edges` they have no outline, without `box` none behind."""

    letters: Annotated[str, Field(description=_COLOR)]
    edges: Annotated[str | None, Field(description=_COLOR)] = None
    box: Annotated[str | None, Field(description=_COLOR)] = None


@dataclass(frozen=True)
class CaptionColors:
    """The colours of a word while it is spoken, of words to come, and of all others."""

    rest: ShownInk
    spoken: ShownInk
    coming: ShownInk
    behind: Annotated[
        str, Field(description="That of a box or shadow behind all words, with its opacity.")
    ]
    backing: Annotated[Backing, Field(description="What keeps the letters readable.")]


@dataclass(frozen=True)
class ClipStoryboard:
    """What of the video a clip shows when, and its captions; from the plan that is rendered."""

    cuts: tuple[ShownCut, ...]
    captions: Annotated[
        tuple[ShownCaption, ...],
        Field(description="The first thousand, if there are more. Those drawn, and known by now."),
    ]
    colors: CaptionColors
