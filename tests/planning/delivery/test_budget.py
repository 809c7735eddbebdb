"""A file never exceeds its limit, and how it comes to fit is arithmetic."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.delivery.budget import (
    BIT_RATE_SLOPE,
    CRF_SLOPE,
    ENOUGH,
    Try,
    choose_by_samples,
    choose_control,
    choose_sound_bit_rate,
    find_least,
    list_sizes,
    looks_good,
    refuse_least,
)
from reelqueue.planning.delivery.crf import CRFS, SIZES, Crfs, choose_crfs
from reelqueue.planning.delivery.targets import ANY, RULES, Rules
from reelqueue.specs.delivery import Delivery, Quality, Target

limits = st.integers(10_000, 10**9)


@given(
    usual=st.sampled_from([CRF_SLOPE, BIT_RATE_SLOPE]),
    steepness=st.floats(0.5, 2),
    bend=st.floats(-0.02, 0.02),
    first=st.integers(30_000, 10**9),
    part=st.floats(0.05, 0.95),
)
def test_a_few_tries_come_near_any_limit(
    usual: float, steepness: float, bend: float, first: int, part: float
) -> None:
    """Encoders take about as many bytes as the slope says, half or twice of it, and not evenly."""
    room = round(first * part)
    least = 1 / abs(usual)

    def measure(control: float) -> int:
        bits = usual * steepness * control
        return round(first * 2 ** (bits + bend * math.sin(control / least * 9)))

    tries = [Try(0.0, measure(0.0))]
    while not ENOUGH * room <= tries[-1].size <= room and len(tries) < 12:
        control = choose_control(tries, room, usual)
        tries.append(Try(control, measure(control)))
    assert ENOUGH * room <= tries[-1].size <= room
    assert len(tries) <= 6


@given(part=st.floats(0.1, 0.95), cliff=st.floats(5, 30))
def test_samples_tell_the_control_at_once(part: float, cliff: float) -> None:
    """Of noise the bytes hardly fall at first, and then all at once."""

    def measure(control: float) -> int:
        return round(1_000_000 / (1 + math.exp((control - cliff) / 3)))

    first = Try(0.0, 20 * measure(0.0) + 5000)
    room = round(part * first.size)
    control = choose_by_samples(measure, first, room, 51)
    assert ENOUGH * room <= first.size * measure(control) / measure(0.0) <= 0.97 * room


@given(limit=limits, seconds=st.floats(0.2, 14_400), target=st.sampled_from([None, *Target]))
def test_sound_takes_a_small_part_unless_there_is_hardly_room(
    limit: int, seconds: float, target: Target | None
) -> None:
    rules = Rules(
        max_bytes=limit, sound_bit_rate=RULES[target].sound_bit_rate if target else 192_000
    )
    rate = choose_sound_bit_rate(rules, seconds)
    assert 32_000 <= rate <= rules.sound_bit_rate
    assert rate == 32_000 or rate / 8 * seconds <= 0.2 * limit


@pytest.mark.parametrize("target", Target)
def test_sound_is_what_the_place_takes(target: Target) -> None:
    expected = 192_000 if target in (Target.TIKTOK, Target.YOUTUBE) else 128_000
    assert choose_sound_bit_rate(RULES[target], 10) == expected
    assert choose_sound_bit_rate(ANY, 10) == 192_000


def test_smaller_sizes_keep_the_shape_and_what_the_place_takes() -> None:
    assert list(list_sizes((1920, 1080), ANY)) == [
        *((1920, 1080), (1280, 720), (960, 540), (852, 480), (640, 360), (426, 240)),
    ]
    assert list(list_sizes((1080, 1920), RULES[Target.TIKTOK])) == [
        *((1080, 1920), (720, 1280), (540, 960)),
    ]
    assert list(list_sizes((320, 180), ANY)) == [(320, 180)]


@given(estimated=st.integers(0, 10**9), sound=st.integers(0, 10**6), limit=limits)
def test_what_looks_good_is_possible(estimated: int, sound: int, limit: int) -> None:
    order, rules = Delivery(max_bytes=limit), Rules(max_bytes=limit)
    if looks_good(order, rules, estimated + sound, sound):
        assert find_least(order, estimated + sound, sound, 0) <= limit


@pytest.mark.parametrize(
    ("order", "rules", "sentence"),
    [
        (
            {"max_bytes": 10_000},
            Rules(max_bytes=10_000),
            "max_bytes: this video takes at least 25 kB: allow as much, make it shorter, or choose "
            "a smaller resolution or fewer frames per second.",
        ),
        (
            {"max_bytes": 10**8, "target": Target.WHATSAPP},
            RULES[Target.WHATSAPP],
            "target: WhatsApp takes files of at most 16.0 MB, and this video takes at least 25 kB: "
            "make it shorter, or choose a smaller resolution or fewer frames per second.",
        ),
    ],
)
def test_error_says_what_is_possible_and_what_helps(
    order: dict[str, Any], rules: Rules, sentence: str
) -> None:
    error = refuse_least(Delivery(**order), rules, 24_001)
    assert isinstance(error, InvalidSpecError)
    assert str(error) == sentence
    assert error.field == sentence.partition(":")[0]


def test_estimates_count_the_quality_once() -> None:
    """Of a small video and of a fine one, the coarsest that is possible is the same."""
    least = {
        find_least(Delivery(quality=quality), 1_000_000 * part, 0, 100)
        for quality, part in SIZES.items()
    }
    assert len(least) == 1


def test_qualities_are_in_order_for_all_that_is_encoded() -> None:
    for small, standard, high in zip(*(CRFS[quality] for quality in Quality), strict=True):
        assert small > standard > high
    assert CRFS[Quality.STANDARD] == Crfs(15, 14, 17, 18, 20)  # what was always sent
    assert choose_crfs(Quality.HIGH, is_preview=True) == choose_crfs(Quality.SMALL, is_preview=True)
    assert CRFS[Quality.SMALL].coarsen(100) == Crfs(51, 51, 51, 51, 51)
