"""`python -m chaos.skewed_worker SECONDS`: a worker on a machine whose clock is that much ahead."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import time_machine

from reelqueue.cli.commands import worker

if __name__ == "__main__":
    moment = datetime.now(UTC) + timedelta(seconds=float(sys.argv[1]))
    with time_machine.travel(moment, tick=True):  # its children have this clock too
        worker([])
