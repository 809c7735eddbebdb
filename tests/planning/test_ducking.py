from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.ducking import plan_ducking

DOWN = -12
SPEECH, PAUSE, NOTHING = -20.0, -45.0, float("-inf")


def measure(voice: str) -> list[float]:
    """Return momentary loudness: of a string of steps, `#` is a voice. Windows have four steps."""
    parts = [voice[max(step - 3, 0) : step + 1].count("#") for step in range(len(voice))]
    return [
        SPEECH + (0, -6, -3, -1, 0)[part] if part and step >= 3 else PAUSE
        for step, part in enumerate(parts)
    ]


@pytest.mark.parametrize(
    ("voice", "gains"),
    [
        # of each edge: down when the voice begins, up after it has ended for half a second
        ("........", [0] * 9),
        ("####", [DOWN] * 5),
        (
            ".....###............",
            [0, 0, 0, 0, -6, *[DOWN] * 8, -10, -8, -6, -4, -2, 0, 0, 0],
        ),
        (".....###...###....", [0, 0, 0, 0, -6, *[DOWN] * 14]),  # a pause between words
        ("#........", [*[DOWN] * 6, -10, -8, -6, -4]),
    ],
)
def test_music_is_down_while_a_voice_is_heard(voice: str, gains: list[float]) -> None:
    assert plan_ducking(measure(voice), SPEECH) == pytest.approx(gains)


@pytest.mark.parametrize(
    ("loudness", "integrated", "is_down"),
    [
        (-20.0, -20.0, True),
        (-31.0, -20.0, True),
        (-33.0, -20.0, False),  # the room between words
        (-45.0, -45.0, True),  # all of it is quiet
        (-55.0, -55.0, False),  # nothing but the room
        (NOTHING, -70.0, False),
    ],
)
def test_what_is_a_voice_depends_on_the_whole(
    loudness: float, integrated: float, is_down: bool
) -> None:
    assert plan_ducking([loudness] * 9, integrated) == [DOWN if is_down else 0] * 10


@given(st.lists(st.sampled_from([SPEECH, PAUSE, NOTHING])))
def test_gains_never_jump(momentary: list[float]) -> None:
    gains = plan_ducking(momentary, SPEECH)
    assert len(gains) == len(momentary) + 1
    assert all(DOWN <= gain <= 0 for gain in gains)
    for before, after in pairwise(gains):
        assert -6 - 1e-9 <= after - before <= 2 + 1e-9
