"""The registry of job kinds: web, upkeep and workers know the kinds from here alone.

To add a kind, add a module here, one of the same name in `reelqueue.workers.kinds` and one in
`reelqueue.cli.kinds`, and list each in its package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reelqueue.errors import UnreadableRecordError
from reelqueue.jobs.draft import Draft
from reelqueue.jobs.model import Job, Stage
from reelqueue.submission.kinds.analysis import ANALYSIS
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.kinds.clip import CLIP
from reelqueue.submission.kinds.slideshow import SLIDESHOW

KINDS: dict[str, Kind] = {kind.name: kind for kind in (SLIDESHOW, CLIP, ANALYSIS)}


def find_messages(job: Job) -> Mapping[Stage, str]:
    """Return what the status of a job says at some stages; nothing for an unknown kind."""
    return KINDS[job.kind].messages if job.kind in KINDS else {}


def read_work(job: Job) -> Any:
    """Return the work of a job, as the model of its kind; or its `Draft`, if it has one.

    Raises:
        UnreadableRecordError: if this version does not know the kind, or a value of the work.
    """
    if job.kind not in KINDS:
        raise UnreadableRecordError(
            f"This version of the service cannot render {job.kind} jobs: try again when all of it "
            "has been updated."
        )
    content = {name: value for name, value in job.work.items() if name != "kind"}
    try:
        if "draft" in content:
            return Draft.model_validate(content["draft"])
        return KINDS[job.kind].work.model_validate(content)
    except ValidationError as error:
        raise UnreadableRecordError(
            "Another version of the service accepted this job, and this one cannot render it: try "
            "again when all of it has been updated."
        ) from error
