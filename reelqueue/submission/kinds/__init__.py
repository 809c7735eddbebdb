"""The registry of job kinds: the only list of them that routes, queues and upkeep know.

A new kind is a module here, one of the same name in `reelqueue.workers.kinds` and one in
`reelqueue.cli.kinds`, each with a line in its package's list.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from reelqueue.errors import UnreadableRecordError
from reelqueue.jobs.model import Job
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.kinds.clip import CLIP
from reelqueue.submission.kinds.slideshow import SLIDESHOW

KINDS: dict[str, Kind] = {kind.name: kind for kind in (SLIDESHOW, CLIP)}


def read_work(job: Job) -> Any:
    """Return the work of a job, as its kind describes it.

    Raises:
        UnreadableRecordError: if this version does not know its kind, or all of its work.
    """
    if job.kind not in KINDS:
        raise UnreadableRecordError(
            f"The worker that took this job is of another version, which has no {job.kind} jobs."
        )
    content = {name: value for name, value in job.work.items() if name != "kind"}
    try:
        return KINDS[job.kind].work.model_validate(content)
    except ValidationError as error:
        raise UnreadableRecordError(
            "The worker that took this job is of another version and cannot render it."
        ) from error
