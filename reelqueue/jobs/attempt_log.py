"""The end of what a failed attempt logged, kept beside its run, whatever machine it ran on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from reelqueue.errors import RenderCanceledError
from reelqueue.jobs.ledger import LOG_BYTES, Ledger
from reelqueue.jobs.model import Record

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogTail(logging.Handler):
    """Holds the end of all that is logged; `text` is never much longer than what is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_FORMAT))
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        self.text = f"{self.text}{self.format(record)}\n"[-LOG_BYTES:]


@contextmanager
def kept_log(ledger: Ledger, record: Record) -> Iterator[None]:
    """Keep what the block logs, and its traceback, if it fails; a cancelled one has not failed."""
    tail = LogTail()
    logging.getLogger().addHandler(tail)
    try:
        yield
    except RenderCanceledError:
        raise
    except Exception:
        ledger.add_log(record.job.id, record.run, tail.text + traceback.format_exc())
        raise
    finally:
        logging.getLogger().removeHandler(tail)
