"""What engines give: speech, and where in it the words are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.narration import Mark

Samples = NDArray[np.int16]

_SILENT_PART = 0.01  # of the loudest sample


class Speech(NamedTuple):
    """A text as it is spoken: its sound, 16-bit mono, and its words in their order."""

    samples: Samples
    marks: Sequence[Mark]


class Speaker(Protocol):
    """An engine with its voice; `rate` is in samples a second."""

    rate: int

    def speak(self, text: str) -> Speech:
        """Return a text as speech. Whatever it contains is only spoken."""
        ...


def trim_pauses(speech: Speech, rate: int) -> Speech:
    """Return speech whose words end where they fall silent, and which ends with the last of them.

    Engines say when a word begins, and leave a pause after a sentence.
    """
    loud = np.abs(speech.samples.astype(np.int32))
    threshold = _SILENT_PART * loud.max(initial=0)
    heard = np.flatnonzero(loud > threshold)
    if not len(heard):
        return Speech(speech.samples[:0], ())
    marks = [_trim(mark, heard, rate) for mark in speech.marks]
    return Speech(speech.samples[: heard[-1] + 1], marks)


def _trim(mark: Mark, heard: NDArray[np.int64], rate: int) -> Mark:
    last = int(np.searchsorted(heard, round(mark.end * rate))) - 1
    end = (int(heard[last]) + 1) / rate if last >= 0 else mark.start
    return mark._replace(end=max(min(end, mark.end), mark.start))
