"""The result cache: the same request for the same files is not rendered twice.

renders/<name>   the output of the latest job of that name; its files may be deleted by now

The name is a hash of everything that determines a result, and of the scope in which it may be
reused. A job that reuses a result gets a copy of its files: deleting one job never affects another.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reelqueue.errors import UnavailableError
from reelqueue.jobs.keys import name_outputs
from reelqueue.jobs.model import ANYONE, Job
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.media.upload_keys import find_session_folder
from reelqueue.services import Services
from reelqueue.specs.slideshow import Engine
from reelqueue.submission.kinds import KINDS

log = logging.getLogger(__name__)


def name_work(job: Job, engine: Engine) -> str | None:
    """Return the name of a job's result.

    None if the digest of one of its files is missing, or if this version does not know its kind.
    """
    if job.kind not in KINDS or not job.inputs or not all(source.digest for source in job.inputs):
        return None
    content = {
        "version": KINDS[job.kind].version,
        "engine": engine,
        "scope": find_scope(job),
        "work": _drop_names(job.work),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def find_scope(job: Job) -> str:
    """Return the scope in which a job's result may be reused, as part of a storage key.

    The scope is the job's owner: the time that an answer takes must not reveal what other users
    have rendered. For the shared owner `ANYONE` it is the session.
    """
    return find_session_folder(job.inputs[0].key) if job.owner == ANYONE else job.owner


def find_rendered(services: Services, job: Job) -> Output | None:
    """Return the stored output of an equal job, None if there is none."""
    key = _find_key(services, job)
    data = services.store.read(key) if key else None
    if data is None:
        return None
    try:
        output = Output.model_validate_json(data)
    except ValidationError:  # of another version, or damaged: the next render replaces it
        log.warning("job %s: the note of an earlier result is unreadable", job.id, exc_info=True)
        return None
    is_kept = all(_is_kept(services, file) for file in output.files.values())
    return output if is_kept else None


def copy_rendered(services: Services, job: Job, rendered: Output) -> Output:
    """Copy an output to another job; after a failure, retention deletes the partial copy.

    Raises:
        NotFoundError: if the output has been deleted meanwhile.
        UnavailableError: if the storage does not answer.
    """
    folder = name_outputs(job.id)
    files = {}
    for name, file in rendered.files.items():
        key = f"{folder}/{file.key.rpartition('/')[2]}"
        services.store.copy(file.key, key)
        files[name] = OutputFile(key=key, size=file.size)
    return Output(files=files, facts=rendered.facts, is_reused=True)


def note_rendered(services: Services, job: Job, output: Output) -> None:
    """Note the output of a finished job, for equal jobs to come.

    If the storage does not answer, the output is not reused, and the job finishes all the same.
    """
    key = _find_key(services, job)
    if key is None:
        return
    try:
        services.store.write(key, output.to_json())
    except UnavailableError:
        log.warning("job %s: its result cannot be reused", job.id, exc_info=True)


def forget_rendered(services: Services, job: Job) -> None:
    """Delete the note of a job's output, if it is the one that would be reused.

    Web and workers may render with different engines, so the notes of all of them are looked for.
    """
    names = {name_work(job, engine) for engine in Engine}
    for key in (f"renders/{name}" for name in names if name):
        if f'"jobs/{job.id}/'.encode() in (services.store.read(key) or b""):
            services.store.delete(key)


def _find_key(services: Services, job: Job) -> str | None:
    name = name_work(job, services.settings.render_engine)
    return f"renders/{name}" if name else None


def _is_kept(services: Services, file: OutputFile) -> bool:
    entry = services.store.find(file.key)
    return entry is not None and file.size in (None, entry.size)


def _drop_names(work: Any) -> Any:
    """Return a work's JSON without the names and keys of its files: their digests identify them."""
    match work:
        case {"key": str(), "name": str(), **content}:
            return _drop_names(content)
        case Mapping():
            return {name: _drop_names(value) for name, value in work.items()}
        case list() | tuple():
            return [_drop_names(value) for value in work]
    return work
