"""Copy a job's files from storage to the machine that renders."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reelqueue.errors import UnreadableMediaError
from reelqueue.jobs.model import Input
from reelqueue.media.facts import OnProgress
from reelqueue.media.upload_keys import ORIGINAL
from reelqueue.media.uploads import digest_file
from reelqueue.storage import Store

log = logging.getLogger(__name__)

FETCHES_AT_ONCE = 4


def fetch_inputs(
    store: Store,
    inputs: Sequence[Input],
    folder: Path,
    on_progress: OnProgress,
    *,
    skips_damaged: bool = False,
) -> list[Path]:
    """Copy stored files into numbered folders below `folder`; return their paths in order.

    Args:
        store: where the files are.
        inputs: what to copy.
        folder: where to.
        on_progress: is told after each file.
        skips_damaged: whether the render leaves out what it cannot read. A file that was damaged in
            the storage is then empty here: cut short, it might be shown in part.

    Raises:
        NotFoundError: if a file has been deleted.
        UnreadableMediaError: if a file was damaged in the storage.
        UnavailableError: if the storage does not answer.
    """

    def fetch(numbered: tuple[int, Input]) -> Path:
        number, source = numbered
        path = folder / "inputs" / str(number) / Path(source.key).name
        path.parent.mkdir(parents=True)
        store.fetch(source.key, path)
        if _is_damaged(source, path):
            log.error("%s: the stored file was damaged after its upload", source.key)
            if not skips_damaged:
                raise UnreadableMediaError(
                    f"{source.name}: the stored file was damaged after its upload: upload it again."
                )
            path.write_bytes(b"")
        return path

    paths = []
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        for path in pool.map(fetch, enumerate(inputs)):
            on_progress(0, 1, "preparing")
            paths.append(path)
    return paths


def _is_damaged(source: Input, path: Path) -> bool:
    """Compare a file with its digest, which is that of the file as it was sent."""
    return path.stem == ORIGINAL and source.digest not in ("", digest_file(path))
