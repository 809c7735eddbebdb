"""The logo that a request names: from the id of an upload to what the job stores of it."""

from __future__ import annotations

from pydantic import Field

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import NAMES
from reelqueue.media.uploads import Media, Uploads
from reelqueue.specs.clips.look import LogoStyle
from reelqueue.submission.requests import Id


class LogoChoice(LogoStyle):
    """An uploaded photo, and how it is seen in a clip."""

    id: Id = Field(description="The photo's id, from the answer to `/upload_images`.")


def find_logo(uploads: Uploads, owner: str, session_id: str, choice: LogoChoice) -> Media:
    """Return the upload that is a logo.

    Raises:
        NotFoundError: if there is no such upload.
        InvalidSpecError: if it is no photo.
    """
    media = uploads.find_any(owner, session_id, choice.id)
    if media.kind != "photo":
        raise InvalidSpecError(
            f"logo.id: this is a {NAMES[media.kind]}: upload the logo as a photo, such as a PNG.",
            "logo.id",
        )
    return media
