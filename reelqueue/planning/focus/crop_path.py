"""The path of a crop that follows something: at rest, or moving smoothly.

The crop rests while its target stays near its middle. Where the target leaves, the crop moves to
the next place in which it can rest for long; where it would never rest, it moves along. The path is
a polyline that is smoothed at the end: it turns only after a rest, which smoothing shortens but
keeps, and smoothing bounds its acceleration. Scenes have a path each, so it jumps where they cut.
A scene whose faces are too near an edge of the picture is shown from closer, which leaves room, or
whole, if they are those of an inset. What a screen shows is shown whole, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from reelqueue.planning.focus.area import find_common
from reelqueue.planning.focus.closeness import choose_picture
from reelqueue.planning.focus.screens import shows_screen
from reelqueue.planning.focus.subjects import Sight, find_targets, is_flash
from reelqueue.planning.focus.view import View, measure_span, show_whole
from reelqueue.planning.focus.whole import needs_whole
from reelqueue.planning.framing import Size, center

# Lengths are in sides of the crop, times in seconds.
_REACH = 0.13  # how far from the middle a face may be while the crop rests
_LOOSE_REACH = 0.25  # and the middle of what moves, which wanders with its parts
_HIGHEST_SPEED = 1.2
_SHORTEST_RAMP = 0.3
_SMOOTHING = 0.3  # the width of each of two averages: a move takes twice that longer
_TURN_REST = 0.5 + 2 * _SMOOTHING + 0.2  # before the crop moves the other way
_PASS_REST = 2.0 + 2 * _SMOOTHING  # before it moves the same way: else it goes on

Knot = tuple[float, float]
"""A time in seconds and a position in pixels."""


@dataclass(frozen=True)
class _Hold:
    """A time in which the crop can stay where it is: from the first to the last target, in pixels.

    `low` and `high` are the ends of the positions that its targets ask for, `place` is where it is.
    """

    start: float
    end: float
    low: float
    high: float
    place: float

    def join(self, other: _Hold) -> _Hold:
        """Return one hold for both; `other` follows."""
        return _make_hold(
            self.start, other.end, min(self.low, other.low), max(self.high, other.high)
        )


def plan_path(
    sights: Sequence[Sight],
    cuts: Sequence[int],
    frames: int,
    fps: Fraction,
    picture: Size,
    crop: Size,
    before: View | None = None,
) -> list[View]:
    """Return what the crop shows of each frame; at rest, its places are even.

    Args:
        sights: what was seen, in order.
        cuts: numbers of the frames with which a new scene begins, in ascending order.
        frames: how many the clip has.
        fps: of the clip.
        picture: `(width, height)` of what is cropped, as small as covers the crop.
        crop: `(width, height)` of the crop.
        before: what it showed last, of the last cut that it followed; None for the first.
    """
    path = [before or View(center(crop, picture), picture)]
    scenes = list(_list_scenes(sights, cuts, frames))
    in_talk = any(shows_screen(seen) for seen, _ in scenes)
    for seen, (first, last) in scenes:
        targets = find_targets(seen, measure_span(crop, picture))
        goes_on = last < frames
        if needs_whole(targets, seen, picture, crop, path[-1], in_talk=in_talk, goes_on=goes_on):
            path += [show_whole(picture, crop)] * (last - first)
            continue
        shown = choose_picture(targets, seen, picture, crop, path[-1])
        area = find_common([sight.area for sight in seen])
        axes = []
        for axis in (0, 1):
            ends = area.bound(axis, shown[axis], crop[axis])
            carried = _carry_over(path[-1], shown, crop, axis, ends)
            wanted = [
                (sight.frame / float(fps), place[axis] * shown[axis] - crop[axis] / 2)
                for sight, place in zip(seen, targets.places, strict=True)
                if place
            ]
            reach = (_REACH if targets.height else _LOOSE_REACH) * crop[axis]
            knots = _plan_axis(wanted, float(carried), ends, crop[axis], reach)
            axes.append(_draw(knots, first, last, fps))
        path += [View(corner, shown) for corner in zip(*axes, strict=True)]
    return path[1:]


def lead_over(
    path: Sequence[View], sights: Sequence[Sight], cuts: Sequence[int], following: View
) -> list[View]:
    """Return a path that shows what follows it already in its last scene, if that is a flash.

    So what is left of a scene before a pause that is cut out looks like the rest of the scene.

    Args:
        path: of a cut.
        sights: what was seen in it, in order.
        cuts: numbers of the frames with which a new scene begins, in ascending order.
        following: what the next cut shows first.
    """
    *_, (seen, (first, last)) = _list_scenes(sights, cuts, len(path))
    if first and is_flash(seen):
        return [*path[:first], *[following] * (last - first)]
    return [*path]


def _list_scenes(
    sights: Sequence[Sight], cuts: Sequence[int], frames: int
) -> Iterator[tuple[list[Sight], tuple[int, int]]]:
    """Yield what is seen in each scene, and its first frame and the one behind its last."""
    for first, last in pairwise([0, *(cut for cut in cuts if 0 < cut < frames), frames]):
        yield [sight for sight in sights if first <= sight.frame < last], (first, last)


def _carry_over(view: View, picture: Size, crop: Size, axis: int, bounds: tuple[int, int]) -> int:
    """Return the place in a picture at which a crop shows what a view has in its middle.

    It is between the lowest and the highest place, `bounds`.
    """
    middle = (view.corner[axis] + crop[axis] / 2) / view.picture[axis]
    at = round(middle * picture[axis] - crop[axis] / 2)
    return min(max(at // 2 * 2, bounds[0]), bounds[1])


def _plan_axis(
    wanted: Sequence[Knot], before: float, bounds: tuple[int, int], side: int, reach: float
) -> list[Knot]:
    """Return the polyline of one scene along one axis.

    Args:
        wanted: where the crop would have its target in the middle, at some times.
        before: where the crop was at the end of the scene before.
        bounds: the lowest and the highest position, both even.
        side: of the crop.
        reach: how far from the middle a target may be while the crop rests.
    """
    low, high = bounds
    clamped = [(time, min(max(at, float(low)), float(high))) for time, at in wanted]
    if not clamped or low == high:
        return [(0.0, before)]
    holds = _find_holds(clamped, reach)
    first = [at for time, at in wanted if time <= holds[0].end]
    if max(first) - reach <= before <= min(first) + reach:
        holds[0] = replace(holds[0], place=before)  # what is in view already need not jump
    return _place_knots(_merge_turns(holds, side), side)


def _find_holds(wanted: Sequence[Knot], reach: float) -> list[_Hold]:
    """Return the fewest holds in which no target is further than `reach` from the middle."""
    holds: list[_Hold] = []
    for time, at in wanted:
        hold = _make_hold(time, time, at, at)
        joined = holds[-1].join(hold) if holds else hold
        if holds and joined.high - joined.low <= 2 * reach:
            holds[-1] = joined
        else:
            holds.append(hold)
    return holds


def _make_hold(start: float, end: float, low: float, high: float) -> _Hold:
    return _Hold(start, end, low, high, round((low + high) / 4) * 2.0)


def _merge_turns(holds: list[_Hold], side: int) -> list[_Hold]:
    """Return holds of which each at which the crop turns is long enough to rest there."""
    number = 1
    while number < len(holds) - 1:
        start, end = _find_rest(holds, number, side)
        if not _turns(holds, number) or end - start >= _TURN_REST:
            number += 1
            continue
        joined = [holds[at].join(holds[at + 1]) for at in (number - 1, number)]
        is_first = joined[0].high - joined[0].low <= joined[1].high - joined[1].low
        at = number - 1 if is_first else number
        holds[at : at + 2] = [joined[0] if is_first else joined[1]]
        number = max(at - 1, 1)
    return holds


def _turns(holds: Sequence[_Hold], number: int) -> bool:
    """Tell whether the crop comes and goes on different sides of a hold."""
    if not 0 < number < len(holds) - 1:
        return False
    before, here, after = (hold.place for hold in holds[number - 1 : number + 2])
    return (here - before) * (after - here) <= 0


def _find_rest(holds: Sequence[_Hold], number: int, side: int) -> tuple[float, float]:
    """Return from when to when the crop can rest at a hold, between the moves before and after."""
    hold = holds[number]
    start, end = hold.start, hold.end
    if number > 0:
        before = holds[number - 1]
        start = (before.end + start + _measure_ramp(hold.place - before.place, side)) / 2
    if number < len(holds) - 1:
        after = holds[number + 1]
        end = (end + after.start - _measure_ramp(after.place - hold.place, side)) / 2
    return start, end


def _measure_ramp(distance: float, side: int) -> float:
    """Return the seconds of a move before it is smoothed."""
    return max(_SHORTEST_RAMP, abs(distance) / side / _HIGHEST_SPEED)


def _place_knots(holds: Sequence[_Hold], side: int) -> list[Knot]:
    """Return the polyline through the holds: two knots where it rests, one where it goes on."""
    knots: list[Knot] = []
    for number, hold in enumerate(holds):
        start, end = _find_rest(holds, number, side)
        is_inner, turns = 0 < number < len(holds) - 1, _turns(holds, number)
        if is_inner and not turns and end - start < _PASS_REST:
            start = end = (start + end) / 2
        if knots:
            earliest = knots[-1][0] + abs(hold.place - knots[-1][1]) / side / _HIGHEST_SPEED
            start = max(start, earliest)
        end = max(end, start + (_TURN_REST if turns else 0))
        knots += [(start, hold.place), (end, hold.place)]
    return knots


def _draw(knots: Sequence[Knot], first: int, last: int, fps: Fraction) -> list[int]:
    """Return the position in each frame of a scene: the smoothed polyline, in whole pixels."""
    width = max(1, round(_SMOOTHING * fps) // 2 * 2 + 1)
    line = _sample(knots, [number / float(fps) for number in range(first, last)])
    for _ in range(2):
        line = _average(line, width)
    return [round(at) for at in line]


def _sample(knots: Sequence[Knot], times: Sequence[float]) -> list[float]:
    """Return the polyline at ascending times; it stays at its ends."""
    line, number = [], 0
    for time in times:
        while number < len(knots) - 1 and knots[number + 1][0] <= time:
            number += 1
        start, at = knots[number]
        end, other = knots[min(number + 1, len(knots) - 1)]
        part = (time - start) / (end - start) if end > start and time > start else 0.0
        line.append(at + min(part, 1.0) * (other - at))
    return line


def _average(line: Sequence[float], width: int) -> list[float]:
    """Return the mean of `width` values around each, with the ends repeated."""
    half = width // 2
    padded = [line[0]] * (half + 1) + list(line) + [line[-1]] * half
    sums = list(accumulate(padded))
    return [(sums[end] - sums[end - width]) / width for end in range(width, len(sums))]
