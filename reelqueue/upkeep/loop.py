"""The loop in which each part of the upkeep does its step."""

from __future__ import annotations

import time
from collections.abc import Callable
from logging import Logger
from typing import NoReturn

from reelqueue.errors import UnavailableError


def repeat(step: Callable[[], object], pause: float, log: Logger, failure: str) -> NoReturn:
    """Do a step again and again, until this process ends.

    A step that fails is logged, and the next one may succeed: no other process takes over.

    Args:
        step: what to do.
        pause: seconds between two steps.
        log: the log of the part.
        failure: what to log when a step fails.
    """
    while True:
        try:
            step()
        except UnavailableError:
            log.warning(failure, exc_info=True)
        except Exception:
            log.exception(failure)
        time.sleep(pause)
