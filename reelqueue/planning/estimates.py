"""What a video will be, exactly, and what time and room it takes, about.

The pictures are counted in the plan that is rendered. What one of them takes was measured on two
cores of a server with photos of cameras and of the web, in seconds of one core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.analysis.scenes import choose_rate
from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.framing import contain, cover, turn
from reelqueue.planning.picture_counts import PictureCount, count_pictures
from reelqueue.planning.slides import add_cards
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.look import Denoise
from reelqueue.specs.clips.reframe import ClipFit
from reelqueue.specs.clips.sound import check_track
from reelqueue.specs.slideshow import Engine, Fit, Motion, PhotoSpec, SlideshowSpec

_CORES = 1.7  # how much faster two of them are than one
_START_SECONDS = 0.5

_PICTURE_SECONDS = 0.025
_PICTURE_NS = 40  # a pixel of the video, for a photo that is prepared and encoded once
_STILL_NS = 12  # a pixel of the video, each time that it is encoded again
_DECODED_NS = {"jpeg": 4}  # a pixel of the photo; JPEG is decoded at about the size that is shown
_DECODED_OTHERWISE_NS = 30
_DETAIL = 0.42  # bytes a pixel of a sharp photo
_ENLARGED = 0.35  # the power to which fewer pixels than are shown make fewer bytes
_PREVIEW_PART = 0.35  # of the bytes
_CARD_DETAIL = 0.04  # bytes a pixel of a title card

_SOUND_SECONDS = 0.016  # for a second of music, on one core
_SOUND_BYTES = 24_000  # a second
_EVEN_SECONDS = 0.02  # to mix a second of a clip's sound, and bring it to a loudness

_CLIP_SECONDS = 0.4
_CUT_SECONDS = 0.4  # to decode from the keyframe before a cut
_CLIP_NS = 24  # a pixel of the clip
_SOURCE_NS = 5  # a pixel of the video that it is cut from
_CLIP_DETAIL = 0.01  # bytes a pixel
_PLAYED_NS = 15  # a pixel of a slideshow in which a video plays
_PLAYED_DETAIL = 0.01  # bytes a pixel
_DENOISE_NS = 5  # a pixel of a picture
_LOOK_SECONDS = 0.16  # for a second of video that is looked at for faces, besides decoding it
_ANALYSIS_SECONDS = 0.4
_SEEN_NS = 3  # a pixel of a picture that is looked at
_SEEN_SECONDS = 0.0004  # a picture
_HEARD_SECONDS = 0.008  # for a second of sound, on one core
_ANALYSIS_BYTES = 150_000


class _Encoding(NamedTuple):
    """What an engine takes: nanoseconds a pixel of any frame, and bytes as parts of a photo's."""

    ns: float
    intra: float  # of a picture that needs no other
    transition: float  # of a frame of a transition
    drawn: float  # times what the cost of drawing says


_ENCODINGS = {
    Engine.STILL: _Encoding(0, 0.6, 0, 1),
    Engine.X264: _Encoding(5.5, 0.9, 0.017, 1.1),
    Engine.MOVIEPY: _Encoding(19, 1.05, 0.024, 0.25),
}


@dataclass(frozen=True)
class Estimate:
    """A video before it is made; its seconds to render and its bytes are estimated.

    `warnings` are sentences about what it will lack or show differently.
    """

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int
    estimated_file_size: int
    warnings: tuple[str, ...] = ()


def estimate_slideshow(
    spec: SlideshowSpec,
    photos: Sequence[tuple[PhotoSpec, PhotoFacts | VideoFacts]],
    music: Fraction,
    engine: Engine,
) -> Estimate:
    """Return what a slideshow will be.

    Args:
        photos: the settings of each photo or video, and what is known of it.
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if there is no photo, or the photos are to share the time of music that is
            missing or short.
    """
    slides = add_cards(spec, [photo for photo, _ in photos])
    before, after = ([None] if card else [] for card in spec.cards)
    facts = [*before, *(known for _, known in photos), *after]
    timeline = build_timeline(spec, slides, music)
    pixels = spec.size[0] * spec.size[1]
    encoding = _ENCODINGS[engine]
    work, size = timeline.frames * pixels * encoding.ns * 1e-9, 0.0
    counts = count_pictures(timeline, engine)
    for number, (slide, known, count) in enumerate(zip(slides, facts, counts, strict=True)):
        if isinstance(known, VideoFacts):
            shown = timeline.find_shown(number).frames
            work += _CUT_SECONDS + _count_played(
                known, float(shown / spec.frame_rate), pixels, shown
            )
            size += shown * pixels * _PLAYED_DETAIL
        else:
            work += _count_work(known, count, pixels)
            size += _measure_still(spec.for_photo(slide), known) * _add_parts(count, encoding)
    if spec.preview and engine is Engine.STILL:
        size *= _PREVIEW_PART
    duration = float(timeline.duration)
    is_heard = music or any(slide.video and not slide.video.mute for slide in slides)
    estimate = _sum_up(
        duration, spec.size, spec.fps, timeline.frames, work, duration if is_heard else 0, size
    )
    videos = (known for _, known in photos if isinstance(known, VideoFacts))
    warnings = dict.fromkeys(chain.from_iterable(video.warnings for video in videos))
    return replace(estimate, warnings=tuple(warnings))


def estimate_clip(
    spec: ClipCut, edit: Edit, source: VideoFacts, captions: Placed, *, has_music: bool = False
) -> Estimate:
    """Return what a clip will be.

    Args:
        spec: its shape and its sound.
        edit: its frames.
        source: the video that it is cut from.
        captions: those that it shows.
        has_music: whether music is played under it.

    Raises:
        InvalidSpecError: if the video has fewer tracks of sound.
    """
    audio = spec.audio
    if audio.track and source.sound_tracks is not None:
        check_track(audio.track, source.sound_tracks)
    pixels = edit.frames * edit.size[0] * edit.size[1]
    decoded = edit.source_duration * source.fps * source.width * source.height
    work = _CLIP_SECONDS + _CUT_SECONDS * (len(edit.cuts) - 1)
    work += (pixels * _CLIP_NS + decoded * _SOURCE_NS) * 1e-9
    work += _count_looking(edit, source)
    if spec.denoise is not Denoise.NONE:
        work += _count_shown(spec, edit, source) * _DENOISE_NS * 1e-9
    has_own = not audio.mute and (source.has_audio or audio.track is not None)
    sound = edit.duration if has_own or has_music else 0
    if audio.loudness is not None or has_music:
        work += sound * _EVEN_SECONDS
    fps = float(edit.fps)
    size = pixels * _CLIP_DETAIL
    estimate = _sum_up(edit.duration, edit.size, fps, edit.frames, work, sound, size)
    return replace(estimate, warnings=(*source.warnings, *captions.warnings))


def _count_shown(spec: ClipCut, edit: Edit, source: VideoFacts) -> int:
    """Return how many pixels of the video's pictures are scaled to the clip, in all its frames."""
    shown = turn((source.width, source.height), spec.rotate)
    width, height = (cover if spec.fit is ClipFit.CROP else contain)(shown, edit.size)
    return sum(cut.frames for cut in edit.cuts) * width * height


def _count_looking(edit: Edit, source: VideoFacts) -> float:
    """Return the seconds of one core that it takes to find what crops follow."""
    decoding = source.fps * source.width * source.height * _SOURCE_NS * 1e-9
    return sum(
        cut.source_duration * decoding + cut.duration * _LOOK_SECONDS
        for cut in edit.cuts
        if cut.follows
    )


def estimate_analysis(video: VideoFacts) -> Estimate:
    """Return what the analysis of a video takes; its frames are those that are looked at."""
    frames = round(video.duration * choose_rate(video.frame_rate))
    pixels = video.width * video.height
    work = _ANALYSIS_SECONDS + frames * (pixels * _SEEN_NS * 1e-9 + _SEEN_SECONDS)
    heard = video.duration * _HEARD_SECONDS if video.has_audio else 0
    seconds = _START_SECONDS + work / _CORES + heard
    return Estimate(
        duration=video.duration,
        width=video.width,
        height=video.height,
        fps=video.fps,
        frames=frames,
        estimated_time=max(1, round(seconds)),
        estimated_file_size=_ANALYSIS_BYTES,
        warnings=video.warnings,
    )


def _count_played(facts: VideoFacts, seconds: float, pixels: int, frames: int) -> float:
    """Return the seconds of one core that so many seconds of a video take in a slideshow."""
    decoded = seconds * facts.fps * facts.width * facts.height
    return (frames * pixels * _PLAYED_NS + decoded * _SOURCE_NS) * 1e-9


def _count_work(facts: PhotoFacts | None, count: PictureCount, pixels: int) -> float:
    """Return the seconds of one core that the pictures of a photo, or a card, take."""
    drawn = sum(cost.ns * frames for cost, frames in count.drawn.items())
    encoded_again = max(count.stills - 1, 0)
    work = _PICTURE_SECONDS + pixels * (_PICTURE_NS + encoded_again * _STILL_NS + drawn) * 1e-9
    if facts:
        rate = _DECODED_NS.get(facts.format, _DECODED_OTHERWISE_NS)
        work += facts.width * facts.height * rate * 1e-9
    return work


def _add_parts(count: PictureCount, encoding: _Encoding) -> float:
    """Return the bytes of a photo's pictures as a part of what the photo alone takes."""
    drawn = sum(cost.part * frames for cost, frames in count.drawn.items())
    return (
        encoding.intra * count.intra
        + encoding.transition * count.transition
        + encoding.drawn * drawn
    )


def _measure_still(look: SlideshowSpec, facts: PhotoFacts | None) -> float:
    """Return the bytes that are the unit of all parts: of a photo, or a card, as it is shown."""
    width, height = look.size
    if facts is None:
        return width * height * _CARD_DETAIL
    is_upright = look.rotate % 180 == 0
    across, down = (facts.width, facts.height) if is_upright else (facts.height, facts.width)
    scales = width / across, height / down
    is_full = look.fit is Fit.COVER or look.motion is not Motion.NONE
    scale = max(scales) if is_full else min(scales)
    shown = min(across * scale, width) * min(down * scale, height)
    return shown * _DETAIL * math.pow(min(1, 1 / scale**2), _ENLARGED)


def _sum_up(
    duration: float,
    size: tuple[int, int],
    fps: float,
    frames: int,
    work: float,
    sound: float,
    video_bytes: float,
) -> Estimate:
    """Add what all videos take.

    Args:
        work: a processor's seconds for the pictures.
        sound: seconds of it.
    """
    sound_work = sound * _SOUND_SECONDS
    seconds = _START_SECONDS + max((work + sound_work) / _CORES, sound_work)
    return Estimate(
        duration=duration,
        width=size[0],
        height=size[1],
        fps=float(fps),
        frames=frames,
        estimated_time=max(1, round(seconds)),
        estimated_file_size=round(video_bytes + sound * _SOUND_BYTES),
    )
