"""An RQ job that a worker may run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reelqueue.queues.rq_job import OLDER_TASKS, TASK, ReelJob
from reelqueue.workers.attempt import run_job


class RunnableJob(ReelJob):
    """An RQ job as the worker loads it: it runs our one task, and refuses anything else."""

    @property
    def func(self) -> Callable[..., Any]:
        """The task.

        Raises:
            PermissionError: if the job names another function.
        """
        if self.func_name not in (TASK, *OLDER_TASKS.values()) or self.instance is not None:
            raise PermissionError(f"{self.func_name} is not a task of Reelqueue")
        return run_job
