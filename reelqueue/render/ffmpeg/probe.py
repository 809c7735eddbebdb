"""Probe sound and video: tell their facts."""

from __future__ import annotations

from pathlib import Path

from reelqueue.media.facts import AudioFacts, VideoFacts
from reelqueue.render.ffmpeg.source import probe_sound, probe_source
from reelqueue.render.subtitle_track import probe_subtitles


def probe_audio(path: Path) -> AudioFacts:
    """Return the facts of a file's sound. Raises what `probe_sound` raises."""
    sound = probe_sound(path)
    return AudioFacts(
        duration=sound.duration, format=sound.media_format.name, warnings=sound.warnings
    )


def probe_video(path: Path, cues: Path | None = None) -> VideoFacts:
    """Return the facts of a video, and write its subtitles to `cues` as JSON if it has any.

    Raises what `probe_source` raises.
    """
    video = probe_source(path)
    return VideoFacts(
        duration=video.duration,
        width=video.size[0],
        height=video.size[1],
        fps=float(video.rate.fps),
        has_audio=video.sound is not None,
        sound_tracks=len(video.sounds),
        format=video.media_format.name,
        warnings=video.warnings,
        subtitles=probe_subtitles(path, video, cues),
    )
