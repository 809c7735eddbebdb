"""What the analysis of a video takes, about; the figures are measured like all of `estimates`."""

from __future__ import annotations

from reelqueue.media.facts import VideoFacts
from reelqueue.planning.analysis.scenes import choose_rate
from reelqueue.planning.estimates import CORES, HEARD_SECONDS, START_SECONDS, Estimate

_ANALYSIS_SECONDS = 0.4
_SEEN_NS = 3  # a pixel of a picture that is looked at
_SEEN_SECONDS = 0.0004  # a picture
_ANALYSIS_BYTES = 150_000


def estimate_analysis(video: VideoFacts) -> Estimate:
    """Return what the analysis of a video takes; its frames are those that are looked at."""
    frames = round(video.duration * choose_rate(video.frame_rate))
    pixels = video.width * video.height
    work = _ANALYSIS_SECONDS + frames * (pixels * _SEEN_NS * 1e-9 + _SEEN_SECONDS)
    heard = video.duration * HEARD_SECONDS if video.has_audio else 0
    seconds = START_SECONDS + work / CORES + heard
    return Estimate(
        duration=video.duration,
        width=video.width,
        height=video.height,
        fps=video.fps,
        frames=frames,
        estimated_time=max(1, round(seconds)),
        estimated_file_size=_ANALYSIS_BYTES,
        estimated_file_size_range=(_ANALYSIS_BYTES // 2, 2 * _ANALYSIS_BYTES),
        warnings=video.warnings,
    )
