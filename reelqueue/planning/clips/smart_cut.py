"""Smart cuts: which frames of a shot can be copied from the video as they are coded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from fractions import Fraction
from typing import NamedTuple

from reelqueue.planning.clips.cut import Shot
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.clips.frame_rate import PictureTimes
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.reframe import Aspect
from reelqueue.specs.clips.sound import Sound
from reelqueue.specs.delivery import Delivery

_TIMES = {
    *("start", "end", "segments", "transition", "transition_duration", "fit", "silences"),
    *("captions", "caption_style", "soft_captions"),
    *Sound.model_fields,
}
"""The choices that leave the pictures of a video as they are, in its own aspect ratio."""

_STRAY = 0.45  # how far from its frame a picture may begin, in frames


class Copy(NamedTuple):
    """Frames of a shot that are copied: from `first` up to but not including `end`.

    `picture` is the number of the video's picture that the first one is.
    """

    first: int
    end: int
    picture: int


def changes_only_time(spec: ClipSpec, edit: Edit, rate: Fraction, size: tuple[int, int]) -> bool:
    """Tell whether a clip shows pictures of its video as they are.

    Args:
        spec: what was ordered. Whether captions are drawn is not asked.
        edit: the frames.
        rate: frames a second of the video.
        size: the video's `(width, height)`.
    """
    is_plain = not spec.model_dump(exclude=_TIMES | {"aspect"}, exclude_defaults=True)
    is_whole = spec.aspect is Aspect.ORIGINAL and (edit.fps, edit.size) == (rate, size)
    return is_plain and is_whole


def explain_encoding(
    spec: ClipSpec, edit: Edit, rate: Fraction, size: tuple[int, int]
) -> tuple[str, ...]:
    """Return a sentence about why pictures are encoded that could be copied; none if they are not.

    The arguments are those of `changes_only_time`.
    """
    fields = Delivery.model_fields
    chosen = [name for name, field in fields.items() if getattr(spec, name) != field.default]
    plain = spec.model_copy(update={name: fields[name].default for name in chosen})
    if not chosen or not changes_only_time(plain, edit, rate, size):
        return ()
    return (
        f"The pictures are encoded again, not copied from the video: {' and '.join(chosen)} asked "
        "for that.",
    )


def find_copy(
    shot: Shot, times: PictureTimes, keys: Container[int], stops: Sequence[int]
) -> Copy | None:
    """Return the frames of a shot from its first key to its last stop, None if there are none.

    Args:
        shot: its frames must last as long as the pictures do.
        times: of all pictures of the video.
        keys: the ticks of the pictures that decoding can start with; none after one of them refers
            to a picture before it.
        stops: in ascending order, the ticks of the pictures that come after all that are shown
            before them, and before all others.
    """
    step = float(shot.cut.step)
    start = bisect_left(times.ticks, (shot.begin - _STRAY * step) / float(times.tick))
    pictures = range(start, min(start + shot.cut.frames, len(times.ticks)))
    first = next((number for number in pictures if times.ticks[number] in keys), None)
    if first is None:
        return None
    last = bisect_right(stops, times.ticks[pictures[-1]]) - 1
    end = bisect_right(times.ticks, stops[last]) if last >= 0 else 0
    copy = Copy(first - start, end - start, first)
    return copy if first < end and _is_even(shot, times, copy) else None


def _is_even(shot: Shot, times: PictureTimes, copy: Copy) -> bool:
    """Tell whether each frame that would be copied begins with its picture."""
    step, tick = float(shot.cut.step), float(times.tick)
    return all(
        abs(times.ticks[copy.picture + number] * tick - shot.begin - (copy.first + number) * step)
        <= _STRAY * step
        for number in range(copy.end - copy.first)
    )
