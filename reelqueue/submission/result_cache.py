"""Whole results that are used again: the same order over the same files is not rendered twice.

renders/<name>   the output of the latest job of that name; it may be deleted by now

A name stands for all that makes a video what it is, and for whom it was made. Each job that gets
an earlier one's video has a copy of its own, so that nobody else need know whose work it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from pydantic import ValidationError

from reelqueue.errors import UnavailableError
from reelqueue.jobs.ledger import name_output
from reelqueue.jobs.model import ANYONE, Job, Output
from reelqueue.media.uploads import find_session_folder
from reelqueue.services import Services
from reelqueue.specs.slideshow import RENDERER_VERSION, Engine

log = logging.getLogger(__name__)

_NO_CONTENT = {"key", "name"}
_NO_CONTENT_OF_WORK: dict[str, Any] = {
    "photos": {"__all__": _NO_CONTENT},
    "tracks": {"__all__": _NO_CONTENT},
    "source": _NO_CONTENT,
}


def name_work(job: Job, engine: Engine) -> str | None:
    """Return the name of a job's result, None if nobody knows what all of its files hold."""
    if not all(source.digest for source in job.work.inputs):
        return None
    content = {
        "renderers": RENDERER_VERSION,
        "engine": engine,
        "scope": find_scope(job),
        "work": job.work.model_dump(mode="json", exclude=_NO_CONTENT_OF_WORK),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def find_scope(job: Job) -> str:
    """Return for whom what is made of a job may be used again: a part of a key.

    That is its owner, as how soon an answer comes must not say what others had rendered; and the
    session where anybody may ask.
    """
    return find_session_folder(job.work.inputs[0].key) if job.owner == ANYONE else job.owner


def find_rendered(services: Services, job: Job) -> Output | None:
    """Return a stored output that is what a job asks for, None if there is none."""
    key = _find_key(services, job)
    data = services.store.read(key) if key else None
    if data is None:
        return None
    try:
        output = Output.model_validate_json(data)
    except ValidationError:  # it is of another version, or damaged: the next render writes it anew
        log.warning("job %s: the note of an earlier result is of no use", job.id, exc_info=True)
        return None
    video = services.store.find(output.video_key)
    return output if video and video.size == output.facts.file_size else None


def copy_rendered(services: Services, job: Job, rendered: Output) -> Output:
    """Copy an output to a job of the same name; what is copied if it fails is left to retention.

    Raises:
        NotFoundError: if it has been deleted meanwhile.
    """
    output = name_output(job.id, rendered.facts).model_copy(update={"is_reused": True})
    services.store.copy(rendered.video_key, output.video_key)
    services.store.copy(rendered.poster_key, output.poster_key)
    return output


def note_rendered(services: Services, job: Job, output: Output) -> None:
    """Note the output of a job that has finished, for those who ask for the same.

    One that lacks photos is not: the next render may be able to read them. A storage that is silent
    takes nothing from the job.
    """
    key = _find_key(services, job)
    if key is None or output.facts.skipped_photos:
        return
    try:
        services.store.write(key, output.model_dump_json().encode())
    except UnavailableError:
        log.warning("job %s: its result could not be noted", job.id, exc_info=True)


def _find_key(services: Services, job: Job) -> str | None:
    name = name_work(job, services.settings.render_engine)
    return f"renders/{name}" if name else None
