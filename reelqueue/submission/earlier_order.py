"""The order of an earlier job, to be changed and sent again."""

from __future__ import annotations

from typing import Any, NamedTuple

from reelqueue.errors import ConflictError
from reelqueue.jobs.model import Record, find_inputs
from reelqueue.media.upload_keys import read_ids
from reelqueue.media.uploads import Media
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.kinds import KINDS, read_work


class EarlierOrder(NamedTuple):
    """An order as it could be sent again, and the uploads that it names."""

    session_id: str
    order: dict[str, Any]
    uploads: list[Media]


def find_order(services: Services, record: Record) -> EarlierOrder:
    """Return the order of a job whose uploads are all there.

    Raises:
        ConflictError: if they are not, or the order of such a job is not known.
        UnreadableRecordError: if only another version can read the job.
    """
    job = record.job
    work = read_work(job)
    kind = KINDS[job.kind]
    if kind.to_order is None or not isinstance(work, kind.work):
        raise ConflictError("The order of this job cannot be sent again: place a new one.")
    keys = list(dict.fromkeys(item.key for item in find_inputs(job.work)))
    services.uploads.check_available(keys)
    uploads = list(dict.fromkeys(map(read_ids, keys)))  # one has its captions as a file of its own
    session_id = uploads[0][0]

    def find(ids: tuple[str, str]) -> Media:
        return services.uploads.find_any(job.owner, *ids)

    order = {"session_id": session_id, **kind.to_order(work)}
    return EarlierOrder(session_id, order, call_each(find, uploads))
