"""Results that are given out again: the same order over the same files is not rendered twice.

renders/<name>   the output of the latest job of that name; its files may be deleted by now

The name is a hash of all that makes a result what it is, and of whom it was made for. Each job that
is given an earlier result gets a copy of its files, so that deleting one job takes nothing from
another.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reelqueue.errors import UnavailableError
from reelqueue.jobs.ledger import name_outputs
from reelqueue.jobs.model import ANYONE, Job, Output, OutputFile
from reelqueue.media.uploads import find_session_folder
from reelqueue.services import Services
from reelqueue.specs.slideshow import Engine
from reelqueue.submission.kinds import KINDS

log = logging.getLogger(__name__)


def name_work(job: Job, engine: Engine) -> str | None:
    """Return the name of a job's result, None if the content of one of its files is not known."""
    if not job.inputs or not all(source.digest for source in job.inputs):
        return None
    content = {
        "version": KINDS[job.kind].version,
        "engine": engine,
        "scope": find_scope(job),
        "work": _drop_names(job.work),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def find_scope(job: Job) -> str:
    """Return for whom a job's result may be used again, as a part of a key.

    It is the job's owner, since the time that an answer takes must not tell what others have
    rendered. Where anyone may ask it is the session.
    """
    return find_session_folder(job.inputs[0].key) if job.owner == ANYONE else job.owner


def find_rendered(services: Services, job: Job) -> Output | None:
    """Return a stored output that is what a job asks for, None if there is none."""
    key = _find_key(services, job)
    data = services.store.read(key) if key else None
    if data is None:
        return None
    try:
        output = Output.model_validate_json(data)
    except ValidationError:  # of another version, or damaged: the next render replaces it
        log.warning("job %s: the note of an earlier result is of no use", job.id, exc_info=True)
        return None
    is_kept = all(_is_kept(services, file) for file in output.files.values())
    return output if is_kept else None


def copy_rendered(services: Services, job: Job, rendered: Output) -> Output:
    """Copy an output to another job. Retention deletes what a failure leaves half copied.

    Raises:
        NotFoundError: if it has been deleted meanwhile.
    """
    folder = name_outputs(job.id)
    files = {}
    for name, file in rendered.files.items():
        key = f"{folder}/{file.key.rpartition('/')[2]}"
        services.store.copy(file.key, key)
        files[name] = OutputFile(key=key, size=file.size)
    return Output(files=files, facts=rendered.facts, is_reused=True)


def note_rendered(services: Services, job: Job, output: Output) -> None:
    """Note the output of a job that has finished, for those who ask for the same.

    A storage that is silent takes nothing from the job.
    """
    key = _find_key(services, job)
    if key is None:
        return
    try:
        services.store.write(key, output.to_json())
    except UnavailableError:
        log.warning("job %s: its result could not be noted", job.id, exc_info=True)


def _find_key(services: Services, job: Job) -> str | None:
    name = name_work(job, services.settings.render_engine)
    return f"renders/{name}" if name else None


def _is_kept(services: Services, file: OutputFile) -> bool:
    entry = services.store.find(file.key)
    return entry is not None and file.size in (None, entry.size)


def _drop_names(work: Any) -> Any:
    """Return a work's JSON without what its files are called and where they lie."""
    match work:
        case {"key": str(), "name": str(), **content}:
            return _drop_names(content)
        case Mapping():
            return {name: _drop_names(value) for name, value in work.items()}
        case list() | tuple():
            return [_drop_names(value) for value in work]
    return work
