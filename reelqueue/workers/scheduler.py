"""RQ's scheduler, which queues the next attempts when they are due, made to outlive outages."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from redis.exceptions import RedisError
from rq.scheduler import RQScheduler

from reelqueue.outages import OUTAGES

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

RETRY_SECONDS = 1.0


class ReelScheduler(RQScheduler):
    """A scheduler that goes on when Redis is back; RQ's own ends with a traceback."""

    _is_away = False

    def work(self) -> None:
        """Schedule until a signal says stop."""
        while not self._stop_requested:
            try:
                super().work()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
            except RedisError:
                self._is_away = True
                log.warning("the scheduler waits for Redis", exc_info=True)
                time.sleep(RETRY_SECONDS)

    def heartbeat(self) -> None:
        """Renew the locks."""
        super().heartbeat()  # type: ignore[no-untyped-call]  # as above
        self._is_away = False

    def request_stop(self, *_: Any) -> None:
        """Stop soon; stop at once if Redis is away, where its locks expire by themselves."""
        if self._is_away:
            os._exit(0)
        super().request_stop()  # type: ignore[no-untyped-call]  # as above
