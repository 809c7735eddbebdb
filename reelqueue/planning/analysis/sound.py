"""The sound of a recording, as it was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sound:
    """Sound in windows of 10 ms; it is empty where a recording has none.

    Attributes:
        powers: of the windows, as in `reelqueue.planning.analysis.loudness`.
        voicing: how much each repeats as a voice does, from 0 to 1; as many.
        start: the second of the recording at which the first begins.
        speech: how likely each is speech, from 0 to 1; empty where nothing tells it.
    """

    powers: Sequence[float] = ()
    voicing: Sequence[float] = ()
    start: float = 0.0
    speech: Sequence[float] = ()
