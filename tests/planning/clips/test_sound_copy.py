"""Which packets of sound are copied: those of a part, and one before them for the decoder."""

from __future__ import annotations

from array import array
from fractions import Fraction

import pytest

from reelqueue.planning.clips.sound_copy import SoundCopy, SoundPackets, find_sound

RATE, FRAME = 48_000, 1024


def line_up(first: int = -FRAME, count: int = 100, last: int = FRAME) -> SoundPackets:
    """Return packets that follow each other from a sample on, of which the first is not heard."""
    times = array("q", range(first, first + count * FRAME, FRAME))
    return SoundPackets(Fraction(1, RATE), times, {0}, last)


def find(packets: SoundPackets, start: int, samples: int) -> SoundCopy | None:
    return find_sound(packets, RATE, FRAME, start / RATE, samples / RATE)


def test_part_begins_and_ends_within_packets() -> None:
    assert find(line_up(), 5000, 3000) == SoundCopy(range(4, 9), 5000 - 3 * FRAME, 3000)


def test_part_begins_and_ends_with_packets() -> None:
    assert find(line_up(), 4 * FRAME, 3 * FRAME) == SoundCopy(range(4, 8), FRAME, 3 * FRAME)


def test_first_packet_of_the_file_needs_none_before_it() -> None:
    packets = line_up(first=0)
    packets.partial.clear()
    assert find(packets, 100, 3000) == SoundCopy(range(4), 100, 3000)
    packets.is_start = False
    assert find(packets, 100, 3000) is None


@pytest.mark.parametrize("missing", [4700, 4900])
def test_sound_may_end_a_moment_earlier(missing: int) -> None:
    end = 98 * FRAME + 256
    copy = find(line_up(last=256), 5000, end - 5000 + missing)
    assert copy == (SoundCopy(range(4, 100), 1928, end - 5000) if missing < 4800 else None)


@pytest.mark.parametrize("number", [6, 7])
def test_packet_that_is_not_whole_cannot_be_within(number: int) -> None:
    packets = line_up()
    packets.partial.add(number)
    assert find(packets, 5000, 3000) is None
    assert find(packets, 10_000, 3000) is not None


def test_packet_that_is_late_cannot_be_used() -> None:
    packets = line_up()
    packets.times[6] += 100
    assert find(packets, 5000, 3000) is None
    assert find(packets, 10_000, 3000) is not None
