from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.beat import Recorded, find_strokes
from reelqueue.planning.analysis.loudness import (
    FLOOR,
    integrate_loudness,
    list_loudness,
    to_lufs,
    to_power,
)
from reelqueue.planning.analysis.silences import (
    SHORTEST_SILENCE,
    find_silences,
)
from reelqueue.planning.analysis.sound import Sound

Part = tuple[float, float]  # seconds, LUFS


def record(*parts: Part, jitter: float = 0.0, seed: int = 1) -> list[float]:
    """Return the powers of parts, each of one loudness that varies by `jitter` LU."""
    chance = random.Random(seed)
    return [
        to_power(level + chance.uniform(-jitter, jitter)) if level > -math.inf else 0.0
        for seconds, level in parts
        for _ in range(round(100 * seconds))
    ]


def hear(powers: Sequence[float], start: float = 0.0) -> Sound:
    """Return sound that has no pitch."""
    return Sound(powers, [0.0] * len(powers), start)


def find(*parts: Part, jitter: float = 0.0) -> list[float]:
    """Return the starts and ends of silences."""
    silences = find_silences(hear(record(*parts, jitter=jitter)))
    return [time for silence in silences for time in (silence.start, silence.end)]


@pytest.mark.parametrize(
    ("parts", "silences"),
    [
        ([], []),
        ([(2, -20)], []),
        ([(2, -math.inf)], [0, 2]),
        ([(2, -80)], [0, 2]),
        ([(1, -20), (1, -math.inf), (1, -20)], [1, 2]),
        ([(1, -20), (0.2, -math.inf), (1, -20)], []),  # within a word
        ([(1, -math.inf), (2, -20), (0.5, -80)], [0, 1, 3, 3.5]),
        ([(5, -20), (0.5, -32), (5, -22)], []),  # quiet, not silent
        ([(5, -20), (0.5, -60), (0.02, -20), (0.5, -60), (5, -20)], [5, 6.02]),  # a click
    ],
)
def test_silences_are_what_is_far_below_the_rest(parts: list[Part], silences: list[float]) -> None:
    assert find(*parts) == pytest.approx(silences)


@pytest.mark.parametrize("level", [-8, -20, -35, -45])
@pytest.mark.parametrize("room", [20, 40])
def test_speech_in_a_room_has_the_same_silences_however_loud_it_is(level: int, room: int) -> None:
    speech, noise = (1.5, float(level)), (0.6, float(level - room))
    found = find(*[speech, noise] * 6, jitter=3)
    times = [2.1 * number + edge for number in range(6) for edge in (1.5, 2.1)]
    assert found == pytest.approx(times, abs=0.03)


@given(st.integers(-60, -5), st.floats(0, 4), st.integers(0, 9))
def test_steady_noise_has_no_silence(level: int, jitter: float, seed: int) -> None:
    assert find_silences(hear(record((20, level), jitter=jitter, seed=seed))) == ()


@given(st.lists(st.tuples(st.floats(0.05, 2), st.floats(-90, 0)), max_size=20))
def test_silences_are_long_enough_apart_and_within_the_recording(parts: list[Part]) -> None:
    powers = record(*parts)
    end = 0.0
    for silence in find_silences(hear(powers)):
        assert silence.start >= end
        assert silence.end - silence.start >= SHORTEST_SILENCE - 1e-9
        end = silence.end
    assert end <= len(powers) / 100 + 1e-9


def test_quiet_and_silent_parts_do_not_count_in_the_loudness() -> None:
    assert integrate_loudness(record((10, -20.0), (30, -80.0))) == pytest.approx(-20, abs=0.3)
    assert integrate_loudness(record((10, -20.0), (30, -45.0))) == pytest.approx(-20, abs=0.3)
    assert integrate_loudness(record((10, -math.inf))) == FLOOR
    assert integrate_loudness([]) == FLOOR
    assert integrate_loudness(record((0.1, -20.0))) == pytest.approx(-20)


def test_curve_of_loudness_has_a_limited_number_of_points() -> None:
    powers = record((1, -20.0), (1, -40.0))
    assert list_loudness(powers, 2) == ((0.5, -20.0), (1.5, -40.0))
    assert list_loudness(powers, 100)[0] == (0.05, -20.0)
    assert len(list_loudness(powers, 100)) == 20
    assert len(list_loudness(record((100, -20.0)), 300)) <= 300
    assert list_loudness([], 300) == ()


@given(st.floats(-69.9, 10))
def test_conversion_of_loudness_goes_both_ways(level: float) -> None:
    assert to_lufs(to_power(level)) == pytest.approx(level)


def test_silences_of_parts_have_the_times_of_the_recording() -> None:
    """What is quiet in one part is measured by how loud all parts are."""
    parts = [
        hear(record((1, -20), (1, -60), (1, -20)), 10.0),
        hear(record((2, -60), (1, -55)), 60.5),
    ]
    found = find_silences(*parts)
    assert [(each.start, each.end) for each in found] == [(11.0, 12.0), (60.5, 63.5)]
    assert find_silences(hear([], 5.0), *parts) == found
    assert find_silences() == ()


@pytest.mark.parametrize("beat", [50, 60])
def test_strokes_of_a_clock_do_not_end_a_pause(beat: int) -> None:
    speech, pause, lasts = (1.5, -20.0), (1.2, -60.0), 2.7
    powers = record(*[speech, pause] * 8, jitter=3)
    for start in range(20, len(powers), beat):
        powers[start : start + 6] = [to_power(-30)] * 6
    found = [
        silence for silence in find_silences(hear(powers)) if silence.end - silence.start > 0.5
    ]
    assert len(found) == 8
    for number, silence in enumerate(found):
        assert silence.start >= lasts * number + 1.5 - 0.03
        assert silence.end <= lasts * (number + 1) + 0.03
    assert sum(silence.end - silence.start for silence in found) > 0.8 * 8 * 1.2


@pytest.mark.parametrize(
    ("start", "level", "end"), [(1220, -30, 12.4), (1220, -24, 12.2), (1212, -30, 12.12)]
)
def test_stroke_beside_a_word_is_known_by_its_time_and_loudness(
    start: int, level: int, end: float
) -> None:
    """There are strokes all the time; in the pause from 10.8 to 12.4 seconds, the last is moved."""
    powers = record(*[(1.5, -20), (1.6, -60)] * 6, jitter=3)
    for each in range(20, len(powers), 50):
        if each == 1220:
            powers[start : start + 6] = [to_power(level)] * 6
        else:
            powers[each : each + 6] = [
                max(power, to_power(-30)) for power in powers[each : each + 6]
            ]
    (found,) = (
        silence for silence in find_silences(hear(powers)) if silence.start <= 11.5 <= silence.end
    )
    assert (found.start, found.end) == pytest.approx((10.8, end), abs=0.03)


def test_beat_is_that_of_all_parts_however_few_strokes_one_has() -> None:
    powers = record((4, -20), (1.8, -60), (4, -20), jitter=3)
    for start in range(430, 580, 50):
        powers[start : start + 6] = [to_power(-30)] * 6
    parts = [hear(powers, start) for start in (0.0, 60.0)]
    assert find_longest(find_silences(parts[0])) < 0.5
    assert find_longest(find_silences(parts[0], parts[1])) > 1.7


def find_longest(silences: Sequence[Span]) -> float:
    return max(silence.end - silence.start for silence in silences)


def test_short_words_without_a_beat_end_a_pause() -> None:
    gaps = [0.31, 0.52, 0.4, 0.77, 0.64, 0.36, 0.93, 0.45]
    parts = [part for gap in gaps for part in ((0.06, -20.0), (gap, -60.0))]
    assert len(find((3, -20), *parts, (3, -20))) == 2 * len(gaps)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=60))
def test_strokes_are_among_the_sounds_between_silences(lengths: list[tuple[int, int]]) -> None:
    silences, at = [], 0
    for quiet, sound in lengths:
        silences.append((at, at + quiet))
        at += quiet + sound
    sounds = [(before[1], after[0]) for before, after in pairwise(silences)]
    (strokes,) = find_strokes(Recorded(silences, [1.0] * (at + 1)))
    assert set(strokes) <= set(sounds)


QUIET, ROOM = -55.0, -66.0


@pytest.mark.parametrize(
    ("voice", "voicing", "level", "silences"),
    [
        ((1.8, 1.86), 0.8, QUIET, [1, 1.8, 1.86, 3]),  # a short word
        ((1.4, 2.6), 0.8, QUIET, [1, 1.4, 2.6, 3]),  # a long one
        ((1.8, 1.86), 0.4, QUIET, [1, 3]),  # a breath
        ((1.8, 1.83), 0.8, QUIET, [1, 3]),  # too short
        ((1.8, 1.86), 0.8, ROOM + 3, [1, 3]),  # no louder than the noise
        ((1.0, 1.2), 0.8, QUIET, [1.2, 3]),  # how a word ends
        ((2.9, 3.0), 0.8, QUIET, [1, 2.9]),  # how one begins
    ],
)
def test_voice_is_no_silence_however_quiet_it_is(
    voice: tuple[float, float], voicing: float, level: float, silences: list[float]
) -> None:
    powers = record((1, -20), (2, ROOM), (1, -20))
    pitch = [0.1] * len(powers)
    start, end = (round(100 * time) for time in voice)
    powers[start:end] = [to_power(level)] * (end - start)
    pitch[start:end] = [voicing] * (end - start)
    found = find_silences(Sound(powers, pitch))
    assert [time for each in found for time in (each.start, each.end)] == pytest.approx(silences)


def test_word_fades_and_grows_within_a_moment() -> None:
    """As an f does, which has no pitch; a breath in the middle of a pause is silent."""
    fading, growing, breath = (0.1, -55), (0.06, -56), (0.4, -55)
    found = find((2, -20), fading, (0.5, -80), breath, (0.5, -80), growing, (2, -20))
    assert found == pytest.approx([2.1, 3.5], abs=0.02)
    found = find((2, -20), (0.6, -55), (0.5, -80), (2, -20))  # no word fades for so long
    assert found == pytest.approx([2.15, 3.1], abs=0.02)


def test_hum_and_tones_that_nobody_hears_are_silent() -> None:
    powers = record((2, -20), (2, -60), (2, -20))
    assert len(find_silences(Sound(powers, [0.9] * len(powers)))) == 1
    powers = record((2, -20), (1, -math.inf), (0.2, -75), (1, -math.inf), (2, -20))
    assert len(find_silences(Sound(powers, [0.9] * len(powers)))) == 1
    powers = record((2, -20), (1, -math.inf), (0.2, -62), (1, -math.inf), (2, -20))
    assert len(find_silences(Sound(powers, [0.9] * len(powers)))) == 1


def find_between_words(part: Part, pitch: float, likely: float) -> list[float]:
    """Return the start and end of the silence between four seconds of words and twenty."""
    seconds, level = part
    powers = record((4, -20), (seconds, level), (20, -20), (5, -80))
    speech = [0.9] * 400 + [likely] * round(100 * seconds) + [0.9] * 2000 + [0.02] * 500
    *silences, _ = find_silences(Sound(powers, [pitch] * len(powers), speech=speech))
    return [time for silence in silences for time in (silence.start, silence.end)]


@pytest.mark.parametrize(
    ("part", "pitch", "likely", "silences"),
    [
        ((2, -30), 0.1, 0.02, [4.1, 5.9]),  # a breath, a movement; a word may reach into it
        ((2, -45), 0.1, 0.02, [4.1, 5.9]),
        ((0.4, -30), 0.1, 0.02, []),
        ((2, -26), 0.1, 0.02, []),  # nearly as loud as words are
        ((2, -45), 0.9, 0.02, []),  # music, or a quiet voice
        ((2, -45), 0.1, 0.3, []),  # somebody whispers, perhaps
        ((5, -30), 0.1, 0.02, []),  # applause
        ((2, -78), 0.1, 0.02, [4.0, 6.0]),  # silent by itself, from its first moment on
        ((5, -78), 0.9, 0.3, [4.0, 9.0]),
    ],
)
def test_what_is_quieter_than_the_words_around_it_is_silent(
    part: Part, pitch: float, likely: float, silences: list[float]
) -> None:
    assert find_between_words(part, pitch, likely) == pytest.approx(silences, abs=0.02)


def test_noise_before_the_first_word_of_a_part_is_none_between_words() -> None:
    powers = record((2, -35), (10, -20), (5, -80))
    speech = [0.02] * 200 + [0.9] * 1000 + [0.02] * 500
    (silence,) = find_silences(Sound(powers, [0.1] * len(powers), speech=speech))
    assert silence.start == pytest.approx(12)


def test_word_that_is_heard_from_its_middle_on_hides_no_long_noise() -> None:
    powers = record((10, -20), (8, -30), (20, -20), (5, -80))
    speech = [0.9] * 3 + [0.1] * 3 + [0.9] * 994 + [0.02] * 800 + [0.9] * 2000 + [0.02] * 500
    (silence,) = find_silences(Sound(powers, [0.1] * len(powers), speech=speech))
    assert silence.start == pytest.approx(38)


def test_noise_is_silent_only_where_speech_is_known() -> None:
    powers = record((10, -20), (2, -35), (10, -20), (5, -70))
    quiet = [0.1] * len(powers)
    spoken = [0.9] * 1000 + [0.0] * 200 + [0.9] * 1000 + [0.0] * 500
    seldom = [0.9] * 200 + [0.0] * 2500
    first = [
        find_silences(Sound(powers, quiet, speech=speech))[0].start
        for speech in ([], seldom, spoken)
    ]
    assert first == pytest.approx([22, 22, 10.1])
