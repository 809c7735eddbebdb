"""What a render is: every choice a user has, with its default and its limits.

The models here are the only description of a render. The API's OpenAPI schema, the command line and
the form are made from them, the ledger stores them, and `reelqueue.render` is given them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from reelqueue.errors import InvalidSpecError
from reelqueue.model import Model
from reelqueue.words import CaptionStyle, Text, TitleCard

SHORTEST_SIDE = 64
LONGEST_SIDE = 3840
SHORTEST_CLIP = 0.1
SHORTEST_PHOTO = 0.2
MAX_TRACKS = 50
PREVIEW_SIDE = 480
END_TOLERANCE = 0.1  # players round a video's length
MAX_CUES = 1000
LONGEST_MEDIA = 14_400  # seconds: four hours, as long as a file that is taken
LARGEST_SEED = 2**31 - 1

FRAME_RATES: dict[float, Fraction] = {
    15: Fraction(15),
    20: Fraction(20),
    23.976: Fraction(24000, 1001),
    24: Fraction(24),
    25: Fraction(25),
    29.97: Fraction(30000, 1001),
    30: Fraction(30),
    48: Fraction(48),
    50: Fraction(50),
    59.94: Fraction(60000, 1001),
    60: Fraction(60),
}

RESOLUTIONS = {
    "1080p": "1920x1080",
    "720p": "1280x720",
    "4k": "3840x2160",
    "reel": "1080x1920",
    "story": "1080x1920",
    "square": "1080x1080",
}


class Transition(StrEnum):
    """How one photo gives way to the next; directions are the way the edge moves.

    A fade mixes both photos (a cross dissolve), a dissolve replaces one grain by grain. A wipe
    uncovers the next photo, a slide moves it over the old one, a push moves both. A circle opens
    with the next photo in it, or closes around the old one. Random is another one at each change.
    """

    NONE = "none"
    FADE = "fade"
    DISSOLVE = "dissolve"
    FADE_BLACK = "fade_black"
    FADE_WHITE = "fade_white"
    WIPE_LEFT = "wipe_left"
    WIPE_RIGHT = "wipe_right"
    WIPE_UP = "wipe_up"
    WIPE_DOWN = "wipe_down"
    SLIDE_LEFT = "slide_left"
    SLIDE_RIGHT = "slide_right"
    SLIDE_UP = "slide_up"
    SLIDE_DOWN = "slide_down"
    PUSH_LEFT = "push_left"
    PUSH_RIGHT = "push_right"
    PUSH_UP = "push_up"
    PUSH_DOWN = "push_down"
    CIRCLE_OPEN = "circle_open"
    CIRCLE_CLOSE = "circle_close"
    ZOOM = "zoom"
    BLUR = "blur"
    RANDOM = "random"


class Fit(StrEnum):
    """How a photo that has another shape than the video fills it."""

    CONTAIN = "contain"
    COVER = "cover"
    BLUR = "blur"


class Motion(StrEnum):
    """How a photo moves while it is seen; directions are the way the view goes over the photo.

    Ken Burns is a calm way for each photo, towards its busiest point or back from there.
    """

    NONE = "none"
    KENBURNS = "kenburns"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    PAN_UP = "pan_up"
    PAN_DOWN = "pan_down"


class ClipFit(StrEnum):
    """How a video that has another shape than the clip fills it."""

    BLUR = "blur"
    CROP = "crop"
    PAD = "pad"


class Aspect(StrEnum):
    """The shape of a clip."""

    PORTRAIT = "9:16"
    SQUARE = "1:1"
    LANDSCAPE = "16:9"
    ORIGINAL = "original"


class Priority(StrEnum):
    """Which queue a job waits in; workers empty them in this order."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


class Engine(StrEnum):
    """What draws and encodes a slideshow's frames."""

    STILL = "still"
    X264 = "x264"
    MOVIEPY = "moviepy"


def parse_size(resolution: str) -> tuple[int, int]:
    """Return `(width, height)` of `1920x1080` or a name, odd sides rounded down to even.

    H.264 at 4:2:0 has no odd sizes (ITU-T H.264, 6.2).
    """
    width, height = RESOLUTIONS.get(resolution, resolution).split("x")
    return _round_even(int(width)), _round_even(int(height))


def shrink_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size of the same shape whose shorter side has at most so many pixels."""
    shorter = min(size)
    if shorter <= side:
        return size
    width, height = (_round_even(round(length * side / shorter)) for length in size)
    return width, height


def _round_even(side: int) -> int:
    return side - side % 2


def _check_resolution(resolution: str) -> str:
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in parse_size(resolution)):
        raise ValueError(f"each side must be {SHORTEST_SIDE} to {LONGEST_SIDE} pixels")
    return resolution


def _check_fps(fps: float) -> float:
    if fps not in FRAME_RATES:
        raise ValueError(f"must be one of {', '.join(f'{rate:g}' for rate in FRAME_RATES)}")
    return fps


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Resolution = Annotated[
    str,
    StringConstraints(pattern=rf"^([1-9][0-9]{{1,3}}x[1-9][0-9]{{1,3}}|{'|'.join(RESOLUTIONS)})$"),
    AfterValidator(_check_resolution),
]
Fps = Annotated[float, AfterValidator(_check_fps)]
PhotoSeconds = Annotated[float, Field(ge=0.2, le=60, strict=True)]
ChangeSeconds = Annotated[float, Field(ge=0, le=10, strict=True)]
Rotation = Literal[0, 90, 180, 270]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
OnBadPhoto = Literal["fail", "skip"]
Order = Literal["uploaded", "name", "date"]


class Point(Model):
    """A place in a photo as it is shown: from its left and its top, as parts of its sides."""

    x: float = Field(ge=0, le=1, strict=True)
    y: float = Field(ge=0, le=1, strict=True)


class PhotoLook(Model):
    """How a photo fills the video."""

    fit: Fit = Field(Fit.BLUR, description="What fills the frame around a photo.")
    focus: Point | None = Field(
        None, description="What `cover` keeps in the middle; unset: where a photo is busiest."
    )
    rotate: Rotation = Field(0, description="Degrees that photos are turned, clockwise.")
    background: Color = Field("#ffffff", description="The colour behind transparent photos.")


class SlideshowSpec(PhotoLook):
    """A slideshow: it lasts as long as its photos, `duration` seconds each, and its title cards."""

    duration: PhotoSeconds = Field(3.0, description="Seconds a photo.")
    transition: Transition = Field(Transition.FADE, description="How photos change.")
    transition_duration: ChangeSeconds = Field(
        1.0, description="Seconds of a change, at most a photo's time."
    )
    resolution: Resolution = Field(
        "1920x1080", description=f"Width x height in pixels, or {', '.join(RESOLUTIONS)}."
    )
    preview: bool = Field(
        False,
        strict=True,
        description=f"Small and fast: {PREVIEW_SIDE} pixels high or wide.",
    )
    fps: Fps = Field(30, strict=True, description="Frames a second.")
    motion: Motion = Field(Motion.NONE, description="How photos move; they fill the frame then.")
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, strict=True, description="Another one makes other random choices."
    )
    on_bad_photo: OnBadPhoto = Field(
        "fail", description="A photo that cannot be read fails the render, or is left out."
    )
    volume: float = Field(
        1.0, ge=0, le=2, strict=True, description="Of the music: 1 is -14 LUFS, 0.5 half of that."
    )
    fit_to_music: bool = Field(
        False, strict=True, description="Photos share the music's time; `duration` does not count."
    )
    title: TitleCard | None = Field(None, description="A card before the first photo.")
    end_title: TitleCard | None = Field(None, description="A card behind the last photo.")
    caption_style: CaptionStyle = Field(CaptionStyle(), description="How all captions look.")

    @property
    def size(self) -> tuple[int, int]:
        """The video's `(width, height)`, both even."""
        size = parse_size(self.resolution)
        return shrink_size(size, PREVIEW_SIDE) if self.preview else size

    @property
    def frame_rate(self) -> Fraction:
        """The exact frames a second: 29.97 is 30000/1001."""
        return FRAME_RATES[self.fps]

    def for_photo(self, photo: PhotoSpec) -> Self:
        """Return what holds for one photo."""
        shared = PhotoSpec.model_fields.keys() & SlideshowSpec.model_fields.keys()
        chosen = {name: getattr(photo, name) for name in shared}
        return self.model_copy(
            update={name: value for name, value in chosen.items() if value is not None}
        )

    @property
    def cards(self) -> tuple[TitleCard | None, TitleCard | None]:
        """The title cards: before and behind the photos."""
        return self.title, self.end_title

    def add_cards(self, photos: Sequence[PhotoSpec]) -> list[PhotoSpec]:
        """Return what is shown one after the other: the photos, if any, between the cards."""
        if not photos:
            return []
        before, behind = (
            [PhotoSpec(duration=card.duration, motion=Motion.NONE)] if card else []
            for card in self.cards
        )
        return [*before, *photos, *behind]

    def share_time(
        self, photos: Sequence[PhotoSpec], music: Fraction = Fraction()
    ) -> list[Fraction]:
        """Return the exact seconds of each photo, or card, before they are rounded to frames.

        Those that share the time of the music keep the proportions that they ask for.

        Args:
            music: seconds of all music, played once; 0 if there is none.

        Raises:
            InvalidSpecError: if photos are to share the time of music that there is none of, or
                too little of.
        """
        asked = [Fraction(str(self.for_photo(photo).duration)) for photo in photos]
        if not self.fit_to_music:
            return asked
        if not music:
            raise InvalidSpecError(
                "fit_to_music: there is no music to fit to: add some.", "fit_to_music"
            )
        shared = [seconds * music / sum(asked) for seconds in asked]
        if min(shared) < Fraction(str(SHORTEST_PHOTO)):
            raise InvalidSpecError(
                f"fit_to_music: the music lasts {float(music):.2f} seconds, which is too short for "
                f"{len(photos)} photos of {SHORTEST_PHOTO} seconds or more: use fewer, or more "
                "music.",
                "fit_to_music",
            )
        return shared

    def count_frames(self, photos: Sequence[PhotoSpec], music: Fraction = Fraction()) -> int:
        """Return the frames of the whole video. Raises what `share_time` raises."""
        return round(sum(self.share_time(self.add_cards(photos), music)) * self.frame_rate)


class PhotoSpec(Model):
    """What one photo has otherwise than the slideshow; unset is as the slideshow says."""

    duration: PhotoSeconds | None = Field(None, description="Seconds that it has.")
    transition: Transition | None = Field(None, description="How it changes to the next photo.")
    transition_duration: ChangeSeconds | None = Field(None, description="Seconds of that change.")
    fit: Fit | None = Field(None, description="What fills the frame around it.")
    focus: Point | None = Field(None, description="What `cover` keeps in the middle.")
    rotate: Rotation | None = Field(None, description="Degrees that it is turned, clockwise.")
    motion: Motion | None = Field(None, description="How it moves; it fills the frame then.")
    caption: Text = Field("", description="Words over it.")


class Cue(Model):
    """A line of text shown from `start` to `end`, in seconds of the finished clip."""

    start: float = Field(ge=0, le=LONGEST_MEDIA, strict=True)
    end: float = Field(gt=0, le=LONGEST_MEDIA, strict=True)
    text: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


class ClipSpec(Model):
    """A piece of a video, cut to time and to shape."""

    start: float = Field(0.0, ge=0, strict=True, description="Seconds into the video.")
    end: float | None = Field(None, gt=0, strict=True, description="Seconds; unset: its end.")
    aspect: Aspect = Field(Aspect.PORTRAIT, description="The clip's shape.")
    fit: ClipFit = Field(ClipFit.BLUR, description="How the video fills that shape.")
    captions: tuple[Cue, ...] = Field((), max_length=MAX_CUES, description="Text over the clip.")

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end is not None and self.end - self.start < SHORTEST_CLIP:
            raise ValueError(f"end must be at least {SHORTEST_CLIP} seconds after start")
        return self

    def resolve_range(self, duration: float) -> tuple[float, float]:
        """Return `(start, end)` within a video of `duration` seconds.

        Raises:
            InvalidSpecError: if the range reaches beyond it.
        """
        _check_range(self, duration, "video")
        return self.start, min(self.end or duration, duration)


class TrackChoice(Model):
    """One piece of music, or a part of it."""

    id: Id = Field(description="As `/upload_audio` answered it.")
    start: float = Field(
        0.0, ge=0, le=LONGEST_MEDIA, strict=True, description="Seconds into the music."
    )
    end: float | None = Field(
        None, gt=0, le=LONGEST_MEDIA, strict=True, description="Seconds; unset: its end."
    )

    @field_validator("end")
    @classmethod
    def _end_follows_start(cls, end: float | None, info: ValidationInfo) -> float | None:
        if end is not None and round(end - info.data.get("start", 0), 6) < SHORTEST_CLIP:
            raise ValueError(f"must be at least {SHORTEST_CLIP} seconds after start")
        return end

    def check_range(self, duration: float, path: str) -> None:
        """Raise InvalidSpecError, naming its field below `path`, if it reaches beyond the music."""
        _check_range(self, duration, "music", f"{path}.")


def _check_range(
    choice: ClipSpec | TrackChoice, duration: float, what: str, path: str = ""
) -> None:
    if choice.start > duration - SHORTEST_CLIP:
        raise InvalidSpecError(
            f"{path}start: must lie within the {what}, which lasts {duration:.2f} seconds.",
            f"{path}start",
        )
    if choice.end is not None and choice.end > duration + END_TOLERANCE:
        raise InvalidSpecError(
            f"{path}end: must be at most {duration:.2f}, where the {what} ends.", f"{path}end"
        )


class PhotoChoice(PhotoSpec):
    """One photo of a slideshow, and what it has otherwise than the others."""

    id: Id = Field(description="As `/upload_images` answered it.")

    @property
    def own_spec(self) -> PhotoSpec:
        """What it has otherwise, without saying which photo it is."""
        return PhotoSpec.model_validate(self.model_dump(exclude={"id"}))


class _Request(Model):
    session_id: Id = Field(description="As the upload answered it.")
    job_id: Id | None = Field(None, description="Chosen by the caller, to poll before the answer.")
    priority: Priority = Field(Priority.DEFAULT, description="The queue to wait in.")


class SlideshowRequest(SlideshowSpec, _Request):
    """The body of `POST /generate_video`."""

    audio_id: Id | None = Field(None, description="Music: short for `tracks` with this one.")
    tracks: tuple[TrackChoice, ...] | None = Field(
        None, min_length=1, max_length=MAX_TRACKS, description="Music, in this order."
    )
    photos: tuple[PhotoChoice, ...] | None = Field(
        None, min_length=1, description="Which photos, in this order; unset: all of the session."
    )
    order: Order = Field("uploaded", description="The order where `photos` is unset.")

    @field_validator("tracks")
    @classmethod
    def _tracks_stand_alone(
        cls, tracks: tuple[TrackChoice, ...] | None, info: ValidationInfo
    ) -> tuple[TrackChoice, ...] | None:
        if tracks and info.data.get("audio_id"):
            raise ValueError("must be left out where audio_id is given: send one of the two")
        return tracks

    @property
    def music(self) -> tuple[TrackChoice, ...]:
        """All music, however it was named."""
        return (TrackChoice(id=self.audio_id),) if self.audio_id else self.tracks or ()


class ClipRequest(ClipSpec, _Request):
    """The body of `POST /generate_clip`."""

    source_id: Id = Field(description="The video, as `/upload_video` answered it.")
