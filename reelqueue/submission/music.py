"""The music that a request names: from ids of uploads to what the job stores of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ConfigDict, Field

from reelqueue.jobs.model import Input
from reelqueue.media.facts import AudioFacts
from reelqueue.media.upload_keys import read_ids
from reelqueue.media.uploads import Uploads
from reelqueue.specs.music import TrackRange
from reelqueue.submission.requests import Id


class TrackChoice(TrackRange):
    """One piece of music, or a part of it."""

    id: Id = Field(description="The music's id, from the answer to `/upload_audio`.")


class TrackInput(Input):
    """A stored piece of music of `duration` seconds, played from `start` to `end` (in seconds).

    `end` is None to play it to its end.
    """

    model_config = ConfigDict(extra="forbid")

    duration: float
    start: float = 0.0
    end: float | None = None


def choose_tracks(
    uploads: Uploads, owner: str, session_id: str, choices: Sequence[TrackChoice]
) -> tuple[TrackInput, ...]:
    """Return the stored music that a request names, in its order.

    Raises:
        NotFoundError: if there is no such music.
        InvalidSpecError: if a range reaches beyond the end of its music.
    """
    found = uploads.find_many(owner, session_id, [choice.id for choice in choices], "audio")
    tracks = []
    for number, (choice, media) in enumerate(zip(choices, found, strict=True)):
        assert isinstance(media.facts, AudioFacts)
        duration = media.facts.duration
        start, end = choice.resolve_range(duration, f"tracks.{number}")
        tracks.append(
            TrackInput(
                key=media.key,
                name=media.name,
                digest=media.digest,
                duration=duration,
                start=start,
                end=end,
            )
        )
    return tuple(tracks)


def order_track(track: TrackInput) -> dict[str, Any]:
    """Return stored music as an order names it."""
    return {"id": read_ids(track.key)[1], **track.model_dump(include={"start", "end"})}
