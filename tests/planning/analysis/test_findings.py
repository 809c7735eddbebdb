from __future__ import annotations

import math

import pytest

from reelqueue.media.analysis import AnalysisFacts
from reelqueue.planning.analysis.findings import (
    MOST_TOLD,
    Recording,
    examine_recording,
    tell_all,
    tell_most,
)
from reelqueue.planning.analysis.loudness import to_power
from reelqueue.planning.analysis.scenes import Changes
from reelqueue.planning.analysis.sound import Sound
from reelqueue.specs.analysis import AnalysisSpec

HOUR = 3600


def hear(powers: list[float]) -> Sound:
    """Return sound that has no pitch."""
    return Sound(powers, [0.0] * len(powers))


def make_recording(seconds: int) -> Recording:
    """A scene every five seconds, each third change greater, and a pause every two."""
    rate = 10
    steps = [0.5] * (seconds * rate)
    for number in range(5 * rate, len(steps), 5 * rate):
        steps[number] = 60.0 if number % (15 * rate) == 0 else 30.0
    loud, silent = to_power(-20), to_power(-65)
    powers = ([loud] * 160 + [silent] * 40) * (seconds // 2)
    return Recording(float(seconds), Changes(rate, steps, [60.0] * len(steps)), hear(powers))


def tell(spec: AnalysisSpec, recording: Recording) -> tuple[AnalysisFacts, AnalysisFacts]:
    findings = examine_recording(recording, spec)
    return tell_all(findings, spec, 20), tell_most(findings, spec, 20)


def test_status_of_four_hours_is_small_and_the_file_has_all() -> None:
    full, brief = tell(AnalysisSpec(), make_recording(4 * HOUR))
    assert full.scenes is not None
    assert brief.scenes is not None
    assert full.silences is not None
    assert brief.silences is not None
    assert (len(full.scenes), len(full.silences)) == (4 * HOUR // 5, 4 * HOUR // 2)
    assert (len(brief.scenes), len(brief.silences)) == (MOST_TOLD, MOST_TOLD)
    assert 4 * HOUR < len(full.loudness) <= 20_000
    assert len(brief.loudness) == MOST_TOLD
    assert len(brief.model_dump_json()) < 50_000
    assert full.highlights == brief.highlights
    for facts in (full, brief):
        assert facts.scenes
        assert (facts.scenes[0].start, facts.scenes[-1].end) == (0, 4 * HOUR)
    kept = {scene.start for scene in brief.scenes}
    assert kept <= {scene.start for scene in full.scenes}
    assert all(start % 15 == 0 for start in kept)  # the greater changes


def test_short_video_is_told_in_full() -> None:
    full, brief = tell(AnalysisSpec(), make_recording(20))
    assert full.model_dump(exclude={"loudness"}) == brief.model_dump(exclude={"loudness"})
    assert len(full.loudness) == len(brief.loudness) == 200


def test_what_is_not_wanted_is_left_out() -> None:
    recording = make_recording(20)
    spec = AnalysisSpec.model_validate(
        {"scenes": False, "silences": False, "highlights": {"count": 0}}
    )
    for facts in tell(spec, recording):
        assert (facts.scenes, facts.silences, facts.highlights) == (None, None, None)
    highlights = [
        examine_recording(recording, each).highlights
        for each in (AnalysisSpec(scenes=False, silences=False), AnalysisSpec())
    ]
    assert highlights[0] == highlights[1] != ()


def test_video_without_sound_has_scenes_alone() -> None:
    recording = make_recording(20)
    full, _ = tell(AnalysisSpec(), Recording(20.0, recording.changes, Sound()))
    assert (full.silences, full.loudness) == ((), ())
    assert full.scenes is not None
    assert [scene.start for scene in full.scenes] == [0, 5, 10, 15]
    assert full.highlights


@pytest.mark.parametrize("duration", [0.1, 0.4, 1.0])
def test_very_short_video_is_one_highlight(duration: float) -> None:
    steps = [0.0] * math.ceil(10 * duration)
    recording = Recording(duration, Changes(10, steps, steps), hear([1e-3] * round(100 * duration)))
    full, _ = tell(AnalysisSpec(), recording)
    assert full.highlights
    assert [(span.start, span.end) for span in full.highlights] == [(0, duration)]
