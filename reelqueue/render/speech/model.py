"""Find the files of a model, and fetch one that is named.

A name needs the network once: a child of its own, without any file of a user, asks Hugging Face for
it and keeps it in its cache (`HF_HOME`). Run as a program, this prints the folder of a model.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from reelqueue.errors import UnavailableError
from reelqueue.processes.children import (
    PIPE,
    ChildTimeoutError,
    pick_environment,
    running_child,
)

log = logging.getLogger(__name__)

HOME = Path(__file__).resolve().parents[3]
"""The folder that has the package, from which children load it."""
_FETCH_SECONDS = 1200
_TICK_SECONDS = 0.5
_NEEDED = ("HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_HUB_OFFLINE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


def find_folder(model: str, on_tick: Callable[[], None]) -> Path:
    """Return the folder of a model.

    Args:
        model: its folder, or its name.
        on_tick: called twice a second while it is fetched; it can raise to stop that.

    Raises:
        UnavailableError: if it is not there, and cannot be fetched.
    """
    if Path(model).is_absolute():
        return Path(model)
    names = (*_NEEDED, *_PROXIES, *map(str.lower, _PROXIES))
    environment = pick_environment() | {
        name: os.environ[name] for name in names if name in os.environ
    }
    command = [sys.executable, "-m", "reelqueue.render.speech.model", model]
    with running_child(command, cwd=HOME, environment=environment, stdout=PIPE) as child:
        waited = 0.0
        while True:
            try:
                out, _ = child.communicate(timeout=_TICK_SECONDS)
                break
            except ChildTimeoutError:
                on_tick()
                waited += _TICK_SECONDS
                if waited > _FETCH_SECONDS:
                    raise UnavailableError(_explain(model)) from None
    if child.returncode:
        raise UnavailableError(_explain(model))
    return Path(out.decode().strip())


def _explain(model: str) -> str:
    return (
        f"The speech model {model} could not be fetched: give this machine access to the internet, "
        "or set WHISPER_MODEL to the folder of a model."
    )


def fetch(model: str) -> str:
    """Return the folder of a named model; it is fetched unless it is there."""
    from faster_whisper import download_model  # an extra
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return str(download_model(model, local_files_only=True))
    except LocalEntryNotFoundError:
        return str(download_model(model))


if __name__ == "__main__":
    sys.stdout.write(fetch(sys.argv[1]))
