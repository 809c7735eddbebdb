"""What an analysis found in a video, as `reelqueue.render` returns it."""

from __future__ import annotations

from reelqueue.media.facts import Facts, Span
from reelqueue.media.transcripts import Transcript


class Highlight(Span):
    """A part of a video that is proposed for a clip: `score` is 0 to 1, `why` a sentence."""

    score: float
    why: str


class AnalysisFacts(Facts):
    """What was found in a video of `duration` seconds.

    What was not asked for is None. `loudness` has pairs of a second and the loudness there in LUFS,
    and is empty without sound. `transcript` is in the file alone. `filmstrip_frames` is the number
    of pictures on the filmstrip.
    """

    duration: float
    scenes: tuple[Span, ...] | None = None
    silences: tuple[Span, ...] | None = None
    loudness: tuple[tuple[float, float], ...] = ()
    highlights: tuple[Highlight, ...] | None = None
    transcript: Transcript | None = None
    filmstrip_frames: int
    warnings: tuple[str, ...] | None = None
