"""Quiet refusals: a page that expects them gets them without a line in the browser's console.

A browser writes every answer with an error status there. A page asks with `Prefer: quiet` (RFC
7240), and a refusal has the status 200 then, with the true one in the header `Problem-Status`.
"""

from __future__ import annotations

_LOUD = (401, 403)  # a browser asks for a password, and operators look for them


def is_hushed(status: int, prefer: str) -> bool:
    """Tell whether an answer with a status is a refusal that is told quietly.

    Args:
        status: of HTTP.
        prefer: the value of the request's header Prefer.
    """
    return 400 <= status < 500 and status not in _LOUD and "quiet" in _list_preferences(prefer)


def list_quiet_headers(status: int) -> list[tuple[str, str]]:
    """Return the headers that tell the true status."""
    return [("Problem-Status", str(status)), ("Preference-Applied", "quiet")]


def _list_preferences(prefer: str) -> set[str]:
    return {part.partition(";")[0].strip().lower() for part in prefer.split(",")}
