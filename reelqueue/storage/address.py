"""Opening a storage by its address, `STORAGE_URL`, and by the `AWS_*` variables of a bucket."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from reelqueue.errors import SettingsError
from reelqueue.storage.store import Store

ENDPOINT = "AWS_ENDPOINT_URL"
_ENDPOINTS = (ENDPOINT, "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3")
_STYLE = "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"
_BUCKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Patience:
    """How long a bucket is asked again after a busy or failed answer.

    One answer may take `answer_seconds`. The pauses between questions grow from 0.1 s; none is
    longer than 4 s.
    """

    seconds: float
    answer_seconds: float = 30


HASTY = Patience(0.2, answer_seconds=2)
"""For checks of the installation, which others wait for."""
BRIEF = Patience(2)
"""For a web request: a user waits."""
PATIENT = Patience(30)
"""For a render: giving up would throw its work away."""


def open_store(url: str, patience: Patience = BRIEF) -> Store:
    """Open `file:///folder`, which is created for this user only, or `s3://bucket/prefix`.

    A bucket takes its credentials from the `AWS_*` environment variables.

    Raises:
        SettingsError: as `check_address` does.
    """
    parts = check_address(url)
    if parts.scheme == "file":
        return Store(LocalStore(_find_folder(parts), automatic_cleanup=True))
    return Store(_open_bucket(url, patience))


def check_address(url: str) -> SplitResult:
    """Check `STORAGE_URL` and the variables of a bucket; create a missing folder.

    Raises:
        SettingsError: if an address is none, or if this user cannot write to the folder. The
            message holds no password.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SettingsError(f"STORAGE_URL: {error}.") from None
    if parts.scheme not in ("file", "s3"):
        raise SettingsError("STORAGE_URL: must be file:///a/folder or s3://bucket/prefix.")
    for sign, code in (("#", "%23"), ("?", "%3F")):
        if sign in url:
            text = f"STORAGE_URL: has a {sign}, which would end its path: write {code} instead."
            raise SettingsError(text)
    if parts.scheme == "file":
        _check_folder(parts)
    else:
        _check_bucket(parts)
    return parts


def _check_folder(parts: SplitResult) -> None:
    """Check a URL of RFC 8089, which must name no other machine, and its folder."""
    if parts.netloc not in ("", "localhost"):
        raise SettingsError(
            "STORAGE_URL: file:// is followed by a machine's name: for the folder /data/x write "
            "file:///data/x, with three slashes."
        )
    if not parts.path.strip("/") or not parts.path.startswith("/"):
        raise SettingsError(
            "STORAGE_URL: must have the absolute path of a folder, such as file:///data/x."
        )
    folder = _find_folder(parts)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError("it exists, but this user may not write to it")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"STORAGE_URL: the folder {folder} cannot be used: {reason}. Give the user with the "
            f"number {os.geteuid()} the right to write there, or choose another folder."
        ) from error


def _find_folder(parts: SplitResult) -> Path:
    return Path(url2pathname(parts.path))


def _check_bucket(parts: SplitResult) -> None:
    """Check what would make the library panic or go astray."""
    if "@" in parts.netloc:
        raise SettingsError(
            "STORAGE_URL: keys do not belong here: set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and write s3://bucket/prefix."
        )
    if not _BUCKET_NAME.fullmatch(parts.netloc):
        raise SettingsError("STORAGE_URL: s3:// must be followed by a bucket's name.")
    _check_variables()


def _open_bucket(url: str, patience: Patience) -> ObjectStore:
    seconds = patience.seconds
    try:
        return from_url(
            url,
            client_options={"allow_http": True, "timeout": f"{patience.answer_seconds:g}s"},
            retry_config={
                "max_retries": 1000,  # the time is the limit
                "retry_timeout": timedelta(seconds=seconds),
                "backoff": {
                    "init_backoff": timedelta(seconds=0.1),
                    "max_backoff": timedelta(seconds=max(0.2, min(4, seconds / 4))),
                },
            },
        )
    except BaseError as error:
        reason = str(error).partition("\n")[0].partition(": ")[2] or "a variable has a bad value"
        raise SettingsError(f"AWS_*: {reason}.") from error


def _check_variables() -> None:
    """Check the variables that the library reads by itself; an empty one counts as unset.

    Raises:
        SettingsError: if one of them has a bad value.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        value = os.environ[name]
        if not value:
            del os.environ[name]
        elif value != value.strip() or not value.isprintable():
            text = f"{name}: has a space or a line break at its start or end: remove that."
            raise SettingsError(text)
    for name in _ENDPOINTS:
        if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", os.environ.get(name, "http://unset")):
            raise SettingsError(
                f"{name}: must begin with http:// or https://, as in http://minio:9000."
            )
    if os.environ.get(_STYLE, "true").lower() not in ("true", "false", "1", "0"):
        raise SettingsError(f"{_STYLE}: must be true or false.")


def find_style_fault(url: str) -> str | None:
    """Return what is odd about the style of a bucket's endpoint, as a sentence; None if nothing.

    In virtual-hosted style the library takes the endpoint as it is, so its host must begin with the
    bucket's name; in path style it adds the name itself
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
    """
    bucket, endpoint = urlsplit(url).netloc, os.environ.get(ENDPOINT, "")
    if not endpoint or urlsplit(url).scheme != "s3":
        return None
    is_virtual = os.environ.get(_STYLE, "").lower() in ("true", "1")
    has_bucket = (urlsplit(endpoint).hostname or "").startswith(f"{bucket.lower()}.")
    if is_virtual and not has_bucket:
        return (
            "AWS_VIRTUAL_HOSTED_STYLE_REQUEST is true, but the host of AWS_ENDPOINT_URL does not "
            f"begin with the bucket's name: write https://{bucket}.HOST, or set the style to false."
        )
    if has_bucket and not is_virtual:
        return (
            "The host of AWS_ENDPOINT_URL begins with the bucket's name: set "
            "AWS_VIRTUAL_HOSTED_STYLE_REQUEST to true, or leave the name out of the host."
        )
    return None
