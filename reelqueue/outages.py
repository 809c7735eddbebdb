"""What the log says while Redis or the storage is away: one line a minute, and no tracebacks."""

from __future__ import annotations

import logging
import time

from reelqueue.errors import UnavailableError, UnreadableRecordError

QUIET_SECONDS = 60.0
_REDIS_ERRORS = {"ConnectionError", "TimeoutError", "ReadOnlyError", "OutOfMemoryError"}


class OutageFilter(logging.Filter):
    """Lets a message pass once in `QUIET_SECONDS` for each sort of outage, for all jobs together.

    The error is in `exc_info` or among the arguments of the message. Other messages always pass.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[tuple[str, str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the message passes; replace its traceback by the error."""
        error = find_outage(record)
        if error is None:
            return True
        key = (record.name, str(record.msg), type(error).__name__)
        clock = time.monotonic()
        if clock - self._logged.get(key, float("-inf")) < QUIET_SECONDS:
            return False
        self._logged[key] = clock
        if record.exc_info:
            record.msg = f"{record.getMessage()}: {error.__cause__ or error}"
            record.args, record.exc_info = None, None
        return True


OUTAGES = OutageFilter()
"""The filter of this process: `log.addFilter(OUTAGES)`."""


def find_outage(record: logging.LogRecord) -> BaseException | None:
    """Return the error of a message if it says that Redis or the storage is away."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    caught = record.exc_info[1] if record.exc_info else None
    errors = [each for each in (caught, *arguments) if isinstance(each, BaseException)]
    return next((error for error in errors if _is_outage(error)), None)


def _is_outage(error: BaseException) -> bool:
    """Tell by the names of its classes: this module must not import redis."""
    if isinstance(error, UnreadableRecordError):
        return False
    return isinstance(error, UnavailableError) or any(
        kind.__module__ == "redis.exceptions" and kind.__name__ in _REDIS_ERRORS
        for kind in type(error).__mro__
    )
