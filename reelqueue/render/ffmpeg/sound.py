"""The sound of users' files: brought to the rate of our videos, at the times that it is heard."""

from __future__ import annotations

from reelqueue.planning.soundtrack import RATE


def build_sync_filter() -> str:
    """Return the filter that resamples sound to `RATE` and starts it at the time 0.

    Gaps become silence, so that sound which starts late stays in sync.
    """
    return f"aresample={RATE}:async=1:first_pts=0"
