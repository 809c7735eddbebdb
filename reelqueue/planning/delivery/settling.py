"""Settle what an order leaves open: the size of the frames, so that the video is what it must be.

What an order names is kept, or refused with what its target takes instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from reelqueue.planning.delivery.budget import (
    ENOUGH,
    find_least,
    list_sizes,
    looks_good,
    refuse_least,
)
from reelqueue.planning.delivery.checks import check_frames, check_seconds
from reelqueue.planning.delivery.targets import find_rules
from reelqueue.planning.estimates import Estimate
from reelqueue.specs.delivery import Delivery
from reelqueue.specs.formats import parse_size
from reelqueue.specs.slideshow import SlideshowSpec

_FILLED = 0.955  # of the allowed bytes, by a file that has to be made smaller
_PASSES = 2  # in which that is done, mostly


def settle_slideshow(
    spec: SlideshowSpec, named: Collection[str], estimate: Callable[[SlideshowSpec], Estimate]
) -> tuple[SlideshowSpec, Estimate]:
    """Return a slideshow with the size that its target and its bytes ask for, and its estimate.

    Args:
        spec: as ordered.
        named: the names of the fields that the order has.
        estimate: returns the estimate of a slideshow.

    Raises:
        InvalidSpecError: if the target does not take what the order names, or the video cannot be
            as small as it must.
    """
    rules = find_rules(spec)
    size = parse_size(spec.resolution)
    sizes = [size]
    if "resolution" not in named:
        sizes = list(list_sizes(rules.size if spec.target else size, rules))
    check_frames(rules, sizes[0], spec.frame_rate)
    for size in sizes:
        spec = spec.model_copy(update={"resolution": "x".join(map(str, size))})
        found = estimate(spec)
        if looks_good(spec, rules, found.estimated_file_size, count_sound(found)):
            break
    check_seconds(rules, found.duration)
    return spec, limit_estimate(spec, found)


def count_sound(estimate: Estimate) -> float:
    """Return the bytes of a video's sound."""
    bit_rate = estimate.encoding.sound_bit_rate if estimate.encoding else None
    return (bit_rate or 0) / 8 * estimate.duration


def limit_estimate(order: Delivery, estimate: Estimate) -> Estimate:
    """Return the estimate of a video that takes no more bytes than it may.

    Raises:
        InvalidSpecError: if it cannot be that small.
    """
    rules = find_rules(order)
    if rules.max_bytes is None:
        return estimate
    size, sound = estimate.estimated_file_size, count_sound(estimate)
    least = find_least(order, size, sound, estimate.frames)
    if least > rules.max_bytes:
        raise refuse_least(order, rules, least)
    if size <= rules.max_bytes:
        least, most = estimate.estimated_file_size_range
        most = min(most, rules.max_bytes)
        return replace(estimate, estimated_file_size_range=(least, most))
    return replace(
        estimate,
        estimated_file_size=round(_FILLED * rules.max_bytes),
        estimated_file_size_range=(round(ENOUGH * rules.max_bytes), rules.max_bytes),
        estimated_time=_PASSES * estimate.estimated_time,
    )
