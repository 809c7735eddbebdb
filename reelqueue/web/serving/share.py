"""How many connections each of gunicorn's processes has, so that all have about as many.

Of the processes that wait for clients, the kernel mostly wakes the same one; and clients stay: that
process would be busy while another has little to do.
"""

from __future__ import annotations

from ctypes import c_int
from functools import cache
from multiprocessing.sharedctypes import RawArray
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import Array

_PLACES = 32  # more than there are processes at once, with those that end
_ABSENT = -1


class Share:
    """The connections of one process among those of all.

    Args:
        arbiter: the process id of gunicorn's arbiter. This is called there, before it forks.
        age: the number of the process, as the arbiter counts them.
    """

    def __init__(self, arbiter: int, age: int) -> None:
        self._counts = _share_counts(arbiter)
        self._place = age % _PLACES
        self.leave()

    def set(self, connections: int) -> None:
        """Tell the other processes how many connections this one has."""
        self._counts[self._place] = connections

    def leave(self) -> None:
        """Tell the other processes that this one takes no clients."""
        self.set(_ABSENT)

    def is_exceeded(self, connections: int) -> bool:
        """Tell whether so many connections are clearly more than those of another process."""
        others = [*self._counts[: self._place], *self._counts[self._place + 1 :]]
        return any(other != _ABSENT and other + other // 8 < connections for other in others)


@cache
def _share_counts(_arbiter: int) -> Array[c_int]:
    """Return what an arbiter and all its processes have in the same memory."""
    return RawArray(c_int, [_ABSENT] * _PLACES)
