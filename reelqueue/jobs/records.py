"""Stored records: read from bytes, and from the keys of a job's files."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from reelqueue.errors import UnreadableRecordError

log = logging.getLogger(__name__)


class Stored(BaseModel):
    """The base of stored records: unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    def to_json(self) -> bytes:
        """Return the record as JSON, without the values that equal their defaults.

        An older version, which does not know a new field, can then read every record that does not
        use it. So never change the default of a stored field.
        """
        return self.model_dump_json(exclude_defaults=True).encode()


StoredModel = TypeVar("StoredModel", bound=Stored)


def parse_record(model: type[StoredModel], data: bytes, job_id: str) -> StoredModel:
    """Return a stored record of a job.

    Raises:
        UnreadableRecordError: if this version cannot read it.
    """
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        log.debug("job %s: %s", job_id, error)
        raise UnreadableRecordError(
            f"Job {job_id} was stored by another version of this service, which this one cannot "
            "read: try again when all of it has been updated."
        ) from None


def list_numbers(keys: Iterable[Sequence[str]], run: int, kind: str) -> list[int]:
    """Return the numbers of a run's marks of a kind, from the keys of a job's files, split."""
    return [int(key[5]) for key in keys if key[3:5] == [str(run), kind]]
