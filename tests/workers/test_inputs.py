"""The files of a job, as they reach the machine that renders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from reelqueue.errors import UnreadableMediaError
from reelqueue.jobs.model import Input
from reelqueue.storage import BRIEF, open_store
from reelqueue.workers.inputs import fetch_inputs

CONTENT = b"a video of ten seconds"
KEY = "sessions/me/one/uploads/two/original.mp4"


@pytest.mark.parametrize("stored", [CONTENT[:-1], CONTENT + b"!", b"?" * len(CONTENT)])
def test_file_that_was_damaged_in_the_storage_is_never_rendered(
    tmp_path: Path, stored: bytes
) -> None:
    store = open_store((tmp_path / "data").as_uri(), BRIEF)
    source = Input(key=KEY, name="talk.mp4", digest=hashlib.sha256(CONTENT).hexdigest())
    store.write(KEY, CONTENT)
    (path,) = fetch_inputs(store, [source], tmp_path / "whole", lambda *_: None)
    assert path.read_bytes() == CONTENT
    store.write(KEY, stored)
    with pytest.raises(UnreadableMediaError, match=r"^talk\.mp4: the stored file was damaged"):
        fetch_inputs(store, [source], tmp_path / "damaged", lambda *_: None)
    (path,) = fetch_inputs(
        store, [source], tmp_path / "skipped", lambda *_: None, skips_damaged=True
    )
    assert path.read_bytes() == b""
