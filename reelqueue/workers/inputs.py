"""Copy a job's files from storage to the machine that renders."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reelqueue.jobs.model import Input
from reelqueue.media.facts import OnProgress
from reelqueue.storage import Store

FETCHES_AT_ONCE = 4


def fetch_inputs(
    store: Store, inputs: Sequence[Input], folder: Path, on_progress: OnProgress
) -> list[Path]:
    """Copy stored files into numbered folders below `folder`; return their paths in order.

    Raises:
        NotFoundError: if a file has been deleted.
        UnavailableError: if the storage does not answer.
    """

    def fetch(numbered: tuple[int, Input]) -> Path:
        number, source = numbered
        path = folder / "inputs" / str(number) / Path(source.key).name
        path.parent.mkdir(parents=True)
        store.fetch(source.key, path)
        return path

    paths = []
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        for path in pool.map(fetch, enumerate(inputs)):
            on_progress(0, 1, "preparing")
            paths.append(path)
    return paths
