"""The sound of the videos among the photos of a slideshow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reelqueue.planning.soundtrack import CLICK_FADE, Placement, SoundCut, Soundtrack
from reelqueue.render.audio.cut import decode_cut
from reelqueue.render.audio.loudness import find_gain, measure_loudness
from reelqueue.render.audio.mix import Layer, Mix, PcmTrack, mix_chunks
from reelqueue.render.ffmpeg.source import VideoSource


@dataclass(frozen=True)
class HeardVideo:
    """A video that is heard in a slideshow.

    Attributes:
        path: of the file.
        video: its details, with the stream that is heard.
        cut: the part that plays.
        placement: where it is heard. Its track is its number among all videos that are heard.
    """

    path: Path
    video: VideoSource
    cut: SoundCut
    placement: Placement


def decode_videos(
    videos: Sequence[HeardVideo],
    folder: Path,
    samples: int,
    loudness: float,
    on_progress: Callable[[int], None],
) -> Layer:
    """Decode the sound of videos, and return it as it is heard in a slideshow.

    Args:
        videos: in the order in which they are heard.
        folder: for the decoded sound.
        samples: length of the slideshow.
        loudness: to which each of them is brought, in LUFS.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    tracks = []
    for heard in videos:
        placement, pcm = heard.placement, folder / f"video-{heard.placement.track}.pcm"
        decode_cut(heard.path, heard.video, heard.cut, placement.samples, pcm, on_progress)
        alone = Soundtrack(placement.samples, 0, (replace(placement, track=0, position=0),))
        mix = Mix((Layer(alone, [PcmTrack(pcm, 1)]),), placement.samples)
        measured = measure_loudness(mix_chunks(mix, on_chunk=lambda: on_progress(0)))
        tracks.append(PcmTrack(pcm, find_gain(measured.integrated, loudness)))
    placements = tuple(heard.placement for heard in videos)
    return Layer(Soundtrack(samples, CLICK_FADE, placements), tracks)
