"""When each track of the music is heard, in seconds."""

from __future__ import annotations

from collections.abc import Sequence

from reelqueue.planning.soundtrack import RATE, Placement, Track, plan_soundtrack
from reelqueue.planning.storyboard.model import MusicPart

_MOST_PARTS = 100  # of music that starts again and again


def list_music(tracks: Sequence[Track], samples: int) -> tuple[tuple[MusicPart, ...], float]:
    """Return the parts of the music, and over how many seconds all of it fades out at the end.

    Args:
        tracks: in their order.
        samples: length of the video.
    """
    if not tracks:
        return (), 0.0
    lengths = [track.samples for track in tracks]
    soundtrack = plan_soundtrack(lengths, samples, is_cut=tracks[-1].is_cut)
    placements = soundtrack.placements[:_MOST_PARTS]
    parts = tuple(_to_part(placement, tracks[placement.track]) for placement in placements)
    return parts, soundtrack.fade_out / RATE


def _to_part(placement: Placement, track: Track) -> MusicPart:
    lengths = placement.position, placement.samples, placement.fade_in, placement.fade_out
    at, duration, fade_in, fade_out = (round(length / RATE, 4) for length in lengths)
    return MusicPart(placement.track, at, track.start, duration, fade_in, fade_out)
