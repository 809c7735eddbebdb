"""Scenes: where a picture has little to do with the one before it, and stays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reelqueue.media.facts import Span

FLASH_SECONDS = 0.13
"""A picture that stays for less is a flash: no scene begins with it."""

_HIGHEST_RATE = 30  # pictures a second
_LEAST_CHANGE = 6.0  # of 255; a slide of a talk that replaces another changes by 8 and more
_TIMES_USUAL, _TIMES_CALM = 2.0, 3.0  # the change around it, and that on its calmer side
_AROUND_SECONDS = 0.35  # to both sides
_LASTING = 0.25  # of the change; with less, an old picture has come back
_SHORTEST_SCENE = 0.25  # seconds


@dataclass(frozen=True)
class SceneChange:
    """Where a scene begins, in seconds, and how much the picture changes there, of 255."""

    time: float
    strength: float


@dataclass(frozen=True)
class Changes:
    """How much the pictures of a video change, for each of `rate` pictures a second.

    Attributes:
        rate: pictures a second.
        step: the mean difference to the picture before, of 255.
        lasting: the difference of the picture before to the one `flash` pictures later.
    """

    rate: float
    step: Sequence[float]
    lasting: Sequence[float]

    @property
    def flash(self) -> int:
        """How many pictures a flash lasts at most."""
        return count_flash(self.rate)


def choose_rate(fps: Fraction) -> Fraction:
    """Return how many pictures a second are looked at: every n-th one, at most 30."""
    return fps / math.ceil(fps / _HIGHEST_RATE)


def count_flash(rate: float) -> int:
    """Return how many pictures a flash lasts at most, at `rate` pictures a second."""
    return max(1, round(FLASH_SECONDS * rate))


def find_scene_changes(changes: Changes) -> list[SceneChange]:
    """Return where scenes begin, except for the first one; none is shorter than 0.25 seconds."""
    end = len(changes.step) / changes.rate - _SHORTEST_SCENE
    # A picture that is only shown again says nothing of how much others change.
    changing = [number for number, step in enumerate(changes.step) if step > 0]
    found: list[SceneChange] = []
    for place, number in enumerate(changing):
        change = SceneChange(number / changes.rate, changes.step[number])
        if change.strength < _LEAST_CHANGE or not _SHORTEST_SCENE <= change.time <= end:
            continue
        if not _stands_out(changes, changing, place):
            continue
        if found and change.time - found[-1].time < _SHORTEST_SCENE:
            if change.strength > found[-1].strength:
                found[-1] = change
        else:
            found.append(change)
    return found


def _stands_out(changes: Changes, changing: Sequence[int], place: int) -> bool:
    """Tell whether a change is much greater than those around it, and no end of a flash.

    A camera that is swung may come before or after it, and one of those around it may be as great:
    the other end of a short scene.
    """
    number, reach = changing[place], changes.flash
    most = max(1, _AROUND_SECONDS * changes.rate)
    before, after = (
        [changes.step[other] for other in near if abs(other - number) <= most]
        for near in (
            changing[max(0, place - reach) : place],
            changing[place + 1 : place + 1 + reach],
        )
    )
    usual = sorted([0.0, 0.0, *before, *after])[-2]
    calm = min(max(before, default=0.0), max(after, default=0.0))
    lasting = min(changes.lasting[number], changes.lasting[max(0, number - reach)])
    step = changes.step[number]
    is_great = step >= max(_TIMES_USUAL * usual, _TIMES_CALM * calm)
    return is_great and lasting >= _LASTING * step


def list_scenes(changes: Sequence[SceneChange], duration: float) -> tuple[Span, ...]:
    """Return the scenes of a video, which follow each other without a gap."""
    times = [0.0, *(change.time for change in changes if 0 < change.time < duration), duration]
    return tuple(Span(start=round(start, 3), end=round(end, 3)) for start, end in pairwise(times))


def keep_strongest(changes: Sequence[SceneChange], limit: int) -> list[SceneChange]:
    """Return the `limit` greatest changes, in their order in time."""
    strongest = sorted(changes, key=lambda change: -change.strength)[:limit]
    return sorted(strongest, key=lambda change: change.time)


def measure_motion(changes: Changes, cuts: Sequence[SceneChange], seconds: int) -> list[float]:
    """Return how much the pictures move in each second, of 255, without the changes of scenes."""
    sums, counts = [0.0] * seconds, [0] * seconds
    skipped = {round(cut.time * changes.rate) for cut in cuts}
    for number, step in enumerate(changes.step):
        second = int(number / changes.rate)
        if number not in skipped and second < seconds:
            sums[second] += step
            counts[second] += 1
    return [total / count if count else 0.0 for total, count in zip(sums, counts, strict=True)]
