"""What is kept of a failed attempt: its last log lines, stored beside its run."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from reelqueue.errors import RenderCanceledError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Record
from reelqueue.jobs.run_logs import LOG_BYTES

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogTail(logging.Handler):
    """Holds the last `LOG_BYTES` characters logged, in `text`."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_FORMAT))
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record, and drop what is too old to be kept."""
        self.text = f"{self.text}{self.format(record)}\n"[-LOG_BYTES:]


def describe_fault(error: BaseException) -> str:
    """Return where an error was raised, and its type, for those who look into the queue.

    The message is left out: it may hold what a user wrote, such as the name of a file, and RQ's
    tools do not escape what they show. The job's log has the message.
    """
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


@contextmanager
def keep_failure_log(ledger: Ledger, record: Record) -> Iterator[None]:
    """Store what the block logged, with its traceback, if it fails.

    A block that is cancelled has not failed: nothing is stored of it.
    """
    tail = LogTail()
    logging.getLogger().addHandler(tail)
    try:
        yield
    except RenderCanceledError:
        raise
    except Exception:
        ledger.logs.add(record.job.id, record.run, tail.text + traceback.format_exc())
        raise
    finally:
        logging.getLogger().removeHandler(tail)
