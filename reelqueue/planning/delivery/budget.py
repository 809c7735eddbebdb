"""How the bytes of a file that may not exceed a size are spent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.delivery.crf import SIZES
from reelqueue.planning.delivery.targets import Rules
from reelqueue.specs.delivery import Delivery
from reelqueue.specs.formats import shrink_size

ENOUGH = 0.9
"""The part of the allowed bytes that a file which had to be made smaller has at least."""
CRF_SLOPE = -1 / 6
"""How many times the bytes double when a CRF is raised by one, about."""
BIT_RATE_SLOPE = 1.0
"""The same for a bit rate, when its logarithm is."""

_AIM = 0.955  # of the allowed bytes
_STEEPEST = 2.5  # times a slope, between two tries
_EDGE = 0.05  # of the distance between a try that fits and one that does not
_TRUSTED = 4  # tries, after which the bytes do not follow what was controlled as usual
_HALVINGS = 9  # of the range of a control
_SOUND_PART = 0.2  # of the bytes, unless the lowest bit rate takes more
_SOUND_BIT_RATES = (160_000, 128_000, 96_000, 64_000, 48_000, 32_000)
_SHORTER_SIDES = (1080, 720, 540, 480, 360, 240)
_COARSEST_PART = 1 / 4  # of the bytes of good pictures, below which smaller ones look better
_LEAST_PART = 1 / 40  # of these, with the coarsest quantizers
_FRAME_BYTES = 16  # that an MP4 and a picture without any change take


class Try(NamedTuple):
    """Pictures that were encoded: what was controlled, a CRF or a bit rate, and their bytes."""

    control: float
    size: int


def choose_sound_bit_rate(rules: Rules, seconds: float) -> int:
    """Return the bits a second of the sound of a video that lasts so long."""
    if rules.max_bytes is None:
        return rules.sound_bit_rate
    most = _SOUND_PART * 8 * rules.max_bytes / max(seconds, 1)
    fitting = (rate for rate in (rules.sound_bit_rate, *_SOUND_BIT_RATES) if rate <= most)
    return min(rules.sound_bit_rate, next(fitting, _SOUND_BIT_RATES[-1]))


def choose_by_samples(
    measure: Callable[[float], int], last: Try, room: int, coarsest: float
) -> float:
    """Return what to try next, where some pictures are encoded to learn what comes of it.

    All pictures are taken to follow these, from the last try on.

    Args:
        measure: returns the bytes of these pictures, less for each greater control.
        last: the last try.
        room: bytes that are to be filled up to a little.
        coarsest: the greatest control.
    """
    wanted = _AIM * room * measure(last.control) / last.size
    fine, coarse = 0.0, coarsest
    for _ in range(_HALVINGS):
        middle = (fine + coarse) / 2
        if measure(middle) > wanted:
            fine = middle
        else:
            coarse = middle
    return coarse


def choose_control(tries: Sequence[Try], room: int, slope: float) -> float:
    """Return what to try next, so that the pictures fill a little less than `room` bytes.

    The logarithm of the bytes is taken as linear in what is controlled: between a try that fits and
    one that does not, by these; without both, by the last two tries, or by `slope`. Where it is far
    from linear, as of noise, the middle between two such tries comes nearer.
    """
    wanted = math.log2(_AIM * room)
    latest = tries[::-1]  # first, so that it counts where the bytes are the same
    fits = max((each for each in latest if each.size <= room), key=_get_size, default=None)
    large = min((each for each in latest if each.size > room), key=_get_size, default=None)
    if fits and large and fits.size > 0:
        bits = math.log2(large.size / fits.size)
        part = (wanted - math.log2(fits.size)) / bits
        if len(tries) > _TRUSTED or tries[-1].size == tries[-2].size:
            part = 1 / 2
        return fits.control + min(max(part, _EDGE), 1 - _EDGE) * (large.control - fits.control)
    last = tries[-1]
    return last.control + (wanted - math.log2(max(last.size, 1))) / _find_slope(tries, slope)


def _find_slope(tries: Sequence[Try], slope: float) -> float:
    """Return the slope between the last two tries, as far as it is near what is usual."""
    if len(tries) < 2 or tries[-1].control == tries[-2].control:
        return slope
    before, last = tries[-2:]
    bits = math.log2(max(last.size, 1) / max(before.size, 1))
    found = bits / (last.control - before.control) / slope
    return slope * min(max(found, 1 / _STEEPEST), _STEEPEST)


def _get_size(tried: Try) -> int:
    return tried.size


def list_sizes(size: tuple[int, int], rules: Rules) -> Iterator[tuple[int, int]]:
    """Yield a `(width, height)`, then smaller ones of the same shape that the place takes."""
    yield size
    for side in _SHORTER_SIDES:
        smaller = shrink_size(size, side)
        if smaller != size and rules.takes_size(smaller):
            yield smaller


def looks_good(order: Delivery, rules: Rules, estimated: float, sound: float) -> bool:
    """Tell whether pictures of one size are good within the allowed bytes.

    Args:
        order: the quality.
        rules: the allowed bytes.
        estimated: bytes of the file without a limit.
        sound: bytes of it that are sound.
    """
    if rules.max_bytes is None:
        return True
    pictures = (estimated - sound) / SIZES[order.quality]
    return pictures * _COARSEST_PART <= rules.max_bytes - sound


def find_least(order: Delivery, estimated: float, sound: float, frames: int) -> int:
    """Return about how many bytes a video takes at least; see `looks_good`."""
    pictures = (estimated - sound) / SIZES[order.quality]
    return round(pictures * _LEAST_PART + frames * _FRAME_BYTES + sound)


def refuse_least(order: Delivery, rules: Rules, least: int) -> InvalidSpecError:
    """Return the error for a video that cannot be as small as it must; it takes `least` bytes."""
    help_ = "make it shorter, or choose a smaller resolution or fewer frames per second"
    taken = f"this video takes at least {_spell_bytes(least)}"
    if order.max_bytes is not None and order.max_bytes == rules.max_bytes:
        return InvalidSpecError(f"max_bytes: {taken}: allow as much, {help_}.", "max_bytes")
    most = _spell_bytes(rules.max_bytes or 0)
    return InvalidSpecError(
        f"target: {rules.place} takes files of at most {most}, and {taken}: {help_}.", "target"
    )


def _spell_bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{math.ceil(size / 1000)} kB"
