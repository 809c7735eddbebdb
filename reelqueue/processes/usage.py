"""What this process may still use, and what it has used: getrlimit(2) and getrusage(2)."""

from __future__ import annotations

import math
import resource


def set_soft_limit(kind: int, limit: int) -> None:
    """Set a limit of this process and of its children to come, up to its hard limit.

    Args:
        kind: such as `resource.RLIMIT_CPU`.
        limit: in the limit's unit.
    """
    hard = resource.getrlimit(kind)[1]
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (soft, hard))


def measure_cpu_seconds() -> float:
    """Return the processor time that this process and its ended children have used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime + measure_children_cpu_seconds()


def measure_children_cpu_seconds() -> float:
    """Return the processor time that the ended children of this process have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_cpu_left() -> float:
    """Return the processor time that is left of this process's limit, for its next child too."""
    soft = resource.getrlimit(resource.RLIMIT_CPU)[0]
    return math.inf if soft == resource.RLIM_INFINITY else max(0.0, soft - measure_cpu_seconds())
