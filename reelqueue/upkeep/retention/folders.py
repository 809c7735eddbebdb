"""The folders of jobs and sessions: what their files tell without being read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from reelqueue.media.upload_keys import find_deletion_key
from reelqueue.media.uploads import BY_OWNER
from reelqueue.storage import Entry

_RUN_KEY = re.compile(r"jobs/[^/]+/runs/(?P<run>[0-9]+)/(?P<name>.+)")
_OUTPUT_KEY = re.compile(r"jobs/[^/]+/outputs/[^/]+/[^/]+")

Folders = Mapping[str, Sequence[Entry]]
"""The stored files of each job or session, by folder."""


def choose_jobs(jobs: Folders, before: datetime, remains_before: datetime) -> list[str]:
    """Return the folders of jobs that may be deleted.

    Args:
        jobs: the stored files of each job, by folder.
        before: a job may be deleted if it ended earlier than this.
        remains_before: files without a job may be deleted if all are older than this.
    """

    def is_old(folder: str, files: Sequence[Entry]) -> bool:
        if not has_record(folder, files):
            return all(file.modified < remains_before for file in files)
        end = find_end(files)
        return end is not None and end < before

    return [folder for folder, files in jobs.items() if is_old(folder, files)]


def has_record(folder: str, files: Sequence[Entry]) -> bool:
    """Tell whether a job's files include the job itself."""
    return any(file.key == f"{folder}/job.json" for file in files)


def choose_sessions(sessions: Folders, before: datetime, used: Set[str]) -> list[str]:
    """Return the folders of unused sessions whose last upload is older than `before`."""
    return [
        folder
        for folder, files in sessions.items()
        if folder not in used
        and all(file.modified < before or file.key == find_deletion_key(folder) for file in files)
    ]


def find_unwanted(sessions: Folders) -> set[str]:
    """Return the folders of the sessions whose owner began to delete them."""
    marks = {find_deletion_key(folder): folder for folder in sessions}
    return {
        marks[file.key]
        for files in sessions.values()
        for file in files
        if file.key in marks and file.size == len(BY_OWNER)
    }


def find_end(files: Sequence[Entry]) -> datetime | None:
    """Return when the latest run of a job ended, None if it has not ended."""
    ends: dict[int, datetime | None] = {}
    for file in files:
        match = _RUN_KEY.fullmatch(file.key)
        if match:
            is_outcome = match["name"] == "outcome.json"
            ends[int(match["run"])] = file.modified if is_outcome else ends.get(int(match["run"]))
    return ends[max(ends)] if ends else None


def list_outputs(files: Sequence[Entry]) -> set[str]:
    """Return the output folders among a job's files, one for each attempt that stored files."""
    return {find_parent(file.key) for file in files if _OUTPUT_KEY.fullmatch(file.key)}


def group_entries(entries: Iterable[Entry], depth: int) -> dict[str, list[Entry]]:
    """Return entries by folder: the first `depth` parts of their keys."""
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        folders.setdefault("/".join(entry.key.split("/")[:depth]), []).append(entry)
    return folders


def find_parent(key: str) -> str:
    """Return the folder of a key."""
    return key.rpartition("/")[0]
