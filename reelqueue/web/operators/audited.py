"""What operators do is written into the audit list, also if it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request

from reelqueue.errors import ReelqueueError
from reelqueue.upkeep.audit import AuditLog
from reelqueue.web.context import get_services


@dataclass
class Action:
    """How an action ended, in a few words."""

    result: str = "done"


@contextmanager
def audited(name: str, target: str = "") -> Iterator[Action]:
    """Record what the block does for the operator of this request; it may set `result`.

    Args:
        name: of the action.
        target: what it acts on, such as a job's id.
    """
    action = Action("it failed on our side")
    try:
        yield (done := Action())
        action = done
    except ReelqueueError as error:
        action = Action(f"refused: {error}")
        raise
    finally:
        who = (request.authorization and request.authorization.username) or ""
        address = request.remote_addr or ""
        AuditLog(get_services().store).add(who, name, action.result, target=target, address=address)
