"""All that is found in a video, and how much of it is told."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from reelqueue.media.analysis import AnalysisFacts, Highlight
from reelqueue.media.facts import Span
from reelqueue.planning.analysis.highlights import plan_highlights
from reelqueue.planning.analysis.interest import Observed
from reelqueue.planning.analysis.loudness import average_powers, list_loudness, to_lufs
from reelqueue.planning.analysis.scenes import (
    Changes,
    SceneChange,
    find_scene_changes,
    keep_strongest,
    list_scenes,
    measure_motion,
)
from reelqueue.planning.analysis.silences import find_silences, keep_longest
from reelqueue.planning.analysis.sound import Sound
from reelqueue.specs.analysis import AnalysisSpec
from reelqueue.specs.clips.captions import Word

MOST_TOLD = 300
"""How many entries a list has in the status of a job, which is read again and again."""

MOST_KEPT = 20_000
"""How many points the curve of loudness has in a file: in four hours, more than one a second."""

_TENTH_WINDOWS = 10


@dataclass(frozen=True)
class Recording:
    """A video as it was seen and heard."""

    duration: float
    changes: Changes
    sound: Sound


@dataclass(frozen=True)
class Findings:
    """What was found in a recording."""

    recording: Recording
    cuts: Sequence[SceneChange]
    silences: Sequence[Span]
    highlights: Sequence[Highlight]


def examine_recording(
    recording: Recording, spec: AnalysisSpec, words: Sequence[Word] = ()
) -> Findings:
    """Return what is found in a recording, and in the words that are spoken in it."""
    cuts = find_scene_changes(recording.changes)
    silences = find_silences(recording.sound)
    observed = Observed(
        duration=recording.duration,
        levels=array("f", map(to_lufs, average_powers(recording.sound.powers, _TENTH_WINDOWS))),
        motion=measure_motion(recording.changes, cuts, math.ceil(recording.duration)),
        cuts=[cut.time for cut in cuts],
        words=words,
    )
    return Findings(recording, cuts, silences, plan_highlights(observed, silences, spec.highlights))


def tell_all(findings: Findings, spec: AnalysisSpec, filmstrip_frames: int) -> AnalysisFacts:
    """Return all that was found, and was asked for."""
    duration = findings.recording.duration
    return AnalysisFacts(
        duration=duration,
        scenes=list_scenes(findings.cuts, duration) if spec.scenes else None,
        silences=tuple(findings.silences) if spec.silences else None,
        loudness=list_loudness(findings.recording.sound.powers, MOST_KEPT),
        highlights=tuple(findings.highlights) if spec.highlights.count else None,
        filmstrip_frames=filmstrip_frames,
    )


def tell_most(findings: Findings, spec: AnalysisSpec, filmstrip_frames: int) -> AnalysisFacts:
    """Return the same with at most `MOST_TOLD` entries in a list.

    The scenes that are least different from those before are joined with them, and the shortest
    silences are left out.
    """
    cuts = keep_strongest(findings.cuts, MOST_TOLD - 1)
    silences = keep_longest(findings.silences, MOST_TOLD)
    loudness = list_loudness(findings.recording.sound.powers, MOST_TOLD)
    few = Findings(findings.recording, cuts, silences, findings.highlights)
    return tell_all(few, spec, filmstrip_frames).model_copy(update={"loudness": loudness})
