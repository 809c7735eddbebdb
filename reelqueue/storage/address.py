"""Opening a storage by its address, `STORAGE_URL`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from reelqueue.errors import SettingsError
from reelqueue.storage.store import Store


def open_store(url: str) -> Store:
    """Open `file:///folder`, which is created if missing, or `s3://bucket/prefix`.

    A bucket takes its credentials from the `AWS_*` environment variables.

    Raises:
        SettingsError: if the URL has another scheme or cannot be opened.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            folder = Path(url2pathname(parts.path))
            folder.mkdir(parents=True, exist_ok=True)
            return Store(LocalStore(folder, automatic_cleanup=True))
        if parts.scheme == "s3" and parts.netloc:
            return Store(
                from_url(
                    url,
                    client_options={"allow_http": True, "timeout": "30s"},
                    retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
                )
            )
    except (OSError, BaseError) as error:
        raise SettingsError(f"STORAGE_URL: {url} cannot be opened: {error}.") from error
    raise SettingsError(f"STORAGE_URL: {url!r} must be file:///a/folder or s3://bucket/prefix.")
