"""The sound of a clip."""

from __future__ import annotations

from pydantic import Field

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.base import Model
from reelqueue.specs.limits import (
    HIGHEST_MUSIC_VOLUME,
    HIGHEST_VOLUME,
    LONGEST_FADE,
    LOUDEST,
    QUIETEST,
)


class ClipAudio(Model):
    """What becomes of a video's sound in a clip."""

    loudness: float | None = Field(
        None,
        ge=QUIETEST,
        le=LOUDEST,
        strict=True,
        description="Loudness of the clip in LUFS; -14 is that of YouTube and Spotify. Peaks are "
        "limited to -1 dBTP. Unset: as loud as it was recorded.",
    )
    volume: float = Field(
        1.0,
        ge=0,
        le=HIGHEST_VOLUME,
        strict=True,
        description="Volume of the video's own sound: 0.5 is half the amplitude, 0 silence. With "
        "`loudness`, it counts beside music only.",
    )
    mute: bool = Field(
        False,
        strict=True,
        description="Leave the video's own sound out. Without music, the clip has no sound track.",
    )
    track: int | None = Field(
        None,
        ge=1,
        strict=True,
        description="Number of the video's sound track that is heard, from 1 in the order of the "
        "file. Unset: the one that is marked as default.",
    )
    fade_in: float = Field(
        0.0,
        ge=0,
        le=LONGEST_FADE,
        strict=True,
        description="Seconds over which the sound fades in.",
    )
    fade_out: float = Field(
        0.0,
        ge=0,
        le=LONGEST_FADE,
        strict=True,
        description="Seconds over which the sound fades out.",
    )


AS_RECORDED = ClipAudio()
MUSIC_BESIDE_SOUND = 0.5
"""Volume of music beside the video's own sound."""


class Sound(Model):
    """The sound of a clip."""

    audio: ClipAudio = Field(AS_RECORDED, description="What becomes of the video's own sound.")
    music_volume: float | None = Field(
        None,
        ge=0,
        le=HIGHEST_MUSIC_VOLUME,
        strict=True,
        description="Volume of the music: 1 is a loudness of -14 LUFS, 0.5 half that amplitude. "
        f"Unset: {MUSIC_BESIDE_SOUND} beside the video's own sound, 1 without.",
    )
    duck: bool = Field(
        True,
        strict=True,
        description="Turn the music down by 12 decibels while the video's own sound is heard.",
    )


UNCHANGED = Sound()


def check_track(number: int, tracks: int) -> None:
    """Check that a video has a track of sound.

    Args:
        number: of the track, from 1.
        tracks: how many it has.

    Raises:
        InvalidSpecError: if it has fewer.
    """
    if number > tracks:
        has = f"has {tracks} sound track{'s' * (tracks != 1)}" if tracks else "has no sound"
        raise InvalidSpecError(
            f"audio.track: this video {has}; leave it unset, or send a smaller number.",
            "audio.track",
        )
