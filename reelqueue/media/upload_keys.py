"""Where the uploads of a session are stored."""

from __future__ import annotations

ORIGINAL = "original"
"""The name, without its suffix, of the stored file that a user sent."""


def find_session_folder(key: str) -> str:
    """Return the folder of the session that an upload's storage key belongs to."""
    return "/".join(key.split("/")[:3])


def read_ids(key: str) -> tuple[str, str]:
    """Return the ids of the session and of the upload that a storage key belongs to."""
    parts = key.split("/")
    return parts[2], parts[4]


def name_session(owner: str, session_id: str) -> str:
    """Return the folder of a session."""
    return f"sessions/{owner}/{session_id}"


def find_deletion_key(session: str) -> str:
    """Return the key that exists from before a session is deleted until it is gone."""
    return f"{session}/leaving"


def find_media_key(owner: str, session_id: str, media_id: str, extension: str) -> str:
    """Return the storage key of an upload's own file."""
    return f"{find_media_folder(owner, session_id, media_id)}/{ORIGINAL}.{extension}"


def find_beside(key: str, name: str) -> str:
    """Return the storage key of a file that belongs to the upload of another key."""
    return f"{key.rpartition('/')[0]}/{name}"


def find_uploads_folder(owner: str, session_id: str) -> str:
    """Return the folder of all uploads of a session."""
    return f"{name_session(owner, session_id)}/uploads"


def find_media_folder(owner: str, session_id: str, media_id: str) -> str:
    """Return the folder of an upload, with all files that belong to it."""
    return f"{find_uploads_folder(owner, session_id)}/{media_id}"
