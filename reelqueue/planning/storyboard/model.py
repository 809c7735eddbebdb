"""A slideshow as a player shows it: frames by their numbers, places as shares.

These are also the models of the API's answer. Values that are None are left out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from reelqueue.specs.photo import Fit, Transition
from reelqueue.specs.text import Backing

Box = tuple[float, float, float, float]
"""Left, top, width and height, as shares of the width and height of what the box lies in."""

_END = "The number of the first frame after them."


@dataclass(frozen=True)
class SlideTransition:
    """The transition from a slide to the next one; its last frame shows the next one alone."""

    name: Annotated[Transition, Field(description="Never `none` or `random`.")]
    start: Annotated[int, Field(description="The number, from 0, of its first frame.")]
    end: Annotated[int, Field(description=_END)]
    parts_words: Annotated[
        bool | None,
        Field(description="Whether the words of both slides are not seen at the same time."),
    ] = None


@dataclass(frozen=True)
class TextLine:
    """A line of text, and where it stands in the frame."""

    text: str
    left: Annotated[float, Field(description="A share of the frame's width.")]
    width: Annotated[float, Field(description="A share of the frame's width.")]
    baseline: Annotated[float, Field(description="A share of the frame's height, from the top.")]


@dataclass(frozen=True)
class Words:
    """A caption, or the title or the subtitle of a title card."""

    role: Literal["caption", "title", "subtitle"]
    box: Annotated[Box, Field(description="Left, top, width and height, as shares of the frame.")]
    size: Annotated[float, Field(description="The font size, as a share of the frame's height.")]
    lines: tuple[TextLine, ...]
    backing: Annotated[Backing, Field(description="What keeps the letters readable.")]


@dataclass(frozen=True)
class Slide:
    """A photo, a video or a title card, from the first frame that shows any of it to the last."""

    kind: Literal["photo", "video", "title", "end_title"]
    photo: Annotated[
        int,
        Field(
            description="The number, from 0, of the photo or video in the order; of a title card, "
            "that of the one whose dark, blurred picture is behind the words."
        ),
    ]
    start: Annotated[int, Field(description="The number, from 0, of its first frame.")]
    end: Annotated[int, Field(description=_END)]
    fit: Annotated[
        Fit,
        Field(
            description="`cover` where the picture fills the frame, also because the camera moves "
            "over it."
        ),
    ]
    rotate: Annotated[int, Field(description="Degrees clockwise.")]
    place: Annotated[
        Box | None,
        Field(
            description="Where all of the picture is within a canvas of the frame's shape, as "
            "shares of it: left, top, width and height. Not with `cover`."
        ),
    ] = None
    views: Annotated[
        tuple[Box, Box] | None,
        Field(
            description="What is seen at the first frame and at the last: left, top, width and "
            "height, as shares of the turned picture, or of the canvas that has a `place` for it. "
            "In between, each value goes from one to the other by `t * t * (3 - 2 * t)`. Unset: "
            "all of it."
        ),
    ] = None
    video_start: Annotated[
        float | None, Field(description="The second of the video at the first frame.")
    ] = None
    background: Annotated[
        str | None, Field(description="The colour of a title card that shows no picture.")
    ] = None
    words: tuple[Words, ...] | None = None
    transition: Annotated[
        SlideTransition | None, Field(description="The transition to the next slide.")
    ] = None


@dataclass(frozen=True)
class MusicPart:
    """A track of the music, and when it is heard; all times are in seconds."""

    track: Annotated[int, Field(description="The number, from 0, of the track in the order.")]
    at: Annotated[float, Field(description="When it begins in the video.")]
    start: Annotated[float, Field(description="Where it begins in its file.")]
    duration: float
    fade_in: float
    fade_out: float


@dataclass(frozen=True)
class Storyboard:
    """What is shown and heard when, from the plan that is rendered."""

    slides: tuple[Slide, ...]
    music: Annotated[
        tuple[MusicPart, ...], Field(description="The first hundred parts, if there are more.")
    ]
    music_fade_out: Annotated[
        float, Field(description="Seconds over which all music fades out at the end.")
    ]
