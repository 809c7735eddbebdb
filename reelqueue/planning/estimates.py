"""What a video will be, exactly, and what time and room it takes, about: pure.

The figures were measured on two cores of a server with photos of cameras and of the web. Time is
counted in a processor's seconds first: decoding and coding each picture, and then each frame that
cannot be said without drawing it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.camera import COST
from reelqueue.planning.costs import NO_COST, DrawingCost
from reelqueue.planning.cut import Cut
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.slideshow import Engine, Fit, Motion, PhotoSpec, SlideshowSpec, Transition

_CORES = 1.7  # what two of them come to
_START_SECONDS = 0.5

_PICTURE_SECONDS = 0.025
_PICTURE_NS = 40  # a pixel of the video
_DECODED_NS = {"jpeg": 4}  # a pixel of the photo; JPEG is decoded at about the size that is shown
_DECODED_OTHERWISE_NS = 30
_DETAIL = 0.42  # bytes a pixel of a sharp photo
_ENLARGED = 0.35  # the power to which fewer pixels than are shown make fewer bytes
_PREVIEW_PART = 0.35  # of the bytes
_CARD_DETAIL = 0.04  # bytes a pixel of a title card
_LONGEST_STILL = 10  # seconds

_SOUND_SECONDS = 0.016  # for a second of music, on one core
_SOUND_BYTES = 24_000  # a second

_CLIP_SECONDS = 0.4
_CLIP_NS = 24  # a pixel of the clip
_SOURCE_NS = 5  # a pixel of the video that it is cut from
_CLIP_DETAIL = 0.01  # bytes a pixel


_FARTHEST = {"left": (0, 2048), "right": (0, 2048), "up": (1, 512), "down": (1, 512)}
"""Which side of the video, and up to how many pixels of it photos are moved without being drawn."""
_CHOICES = [transition for transition in Transition if transition in EFFECTS]


class _Encoding(NamedTuple):
    """What an engine takes: nanoseconds a pixel of any frame, and bytes as parts of a photo's.

    Those are the still engine's of a photo; `drawn` is by its own for frames that must be drawn.
    """

    ns: float
    shown: float  # of each photo
    changing: float  # of each frame of a change
    drawn: float


_ENCODINGS = {
    Engine.STILL: _Encoding(0, 1, 0, 1),
    Engine.X264: _Encoding(5.5, 0.9, 0.017, 1.1),
    Engine.MOVIEPY: _Encoding(19, 1.05, 0.024, 0.25),
}


@dataclass(frozen=True)
class Estimate:
    """A video before it is made; its seconds to render and its bytes are estimated."""

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int
    estimated_file_size: int


class _Slide(NamedTuple):
    """A photo, or a card, and its seconds: alone, and in its change to the next one."""

    look: SlideshowSpec
    facts: PhotoFacts | None  # of a photo
    alone: float
    change: float
    drawings: tuple[DrawingCost, DrawingCost]  # of a frame of either


def estimate_slideshow(
    spec: SlideshowSpec,
    photos: Sequence[tuple[PhotoSpec, PhotoFacts]],
    music: Fraction,
    engine: Engine,
) -> Estimate:
    """Return what a slideshow will be.

    Args:
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if the photos are to share the time of music that is missing or short.
    """
    frames = spec.count_frames([photo for photo, _ in photos], music)
    pixels = spec.size[0] * spec.size[1]
    encoding = _ENCODINGS[engine]
    work, size = frames * pixels * encoding.ns * 1e-9, 0.0
    for slide in _list_slides(spec, photos, music):
        counts = slide.alone * spec.fps, slide.change * spec.fps
        drawn = list(zip(counts, slide.drawings, strict=True))
        work += _count_work(slide.facts, pixels)
        work += pixels * sum(count * drawing.ns for count, drawing in drawn) * 1e-9
        parts = encoding.drawn * sum(count * drawing.part for count, drawing in drawn)
        parts += encoding.shown * (1 + slide.alone // _LONGEST_STILL)
        parts += encoding.changing * counts[1]
        size += _measure_still(slide.look, slide.facts) * parts
    if spec.preview and engine is Engine.STILL:
        size *= _PREVIEW_PART
    duration = float(frames / spec.frame_rate)
    sound = duration if music else 0
    return _sum_up(duration, spec.size, spec.fps, frames, work, sound, size)


def estimate_clip(cut: Cut, source: VideoFacts) -> Estimate:
    """Return what a clip will be.

    Args:
        source: the video that it is cut from.
    """
    pixels = cut.frames * cut.size[0] * cut.size[1]
    decoded = cut.duration * source.fps * source.width * source.height
    work = _CLIP_SECONDS + (pixels * _CLIP_NS + decoded * _SOURCE_NS) * 1e-9
    sound = cut.duration if source.has_audio else 0
    fps = float(cut.fps)
    return _sum_up(cut.duration, cut.size, fps, cut.frames, work, sound, pixels * _CLIP_DETAIL)


def _list_slides(
    spec: SlideshowSpec, photos: Sequence[tuple[PhotoSpec, PhotoFacts]], music: Fraction
) -> Iterator[_Slide]:
    specs = spec.add_cards([photo for photo, _ in photos])
    before, behind = ([None] if card else [] for card in spec.cards)
    facts = [*before, *(known for _, known in photos), *behind]
    looks = [spec.for_photo(photo) for photo in specs]
    times = map(float, spec.share_time(specs, music))
    for look, following, known, seconds in zip(
        looks, [*looks[1:], None], facts, times, strict=True
    ):
        alone = COST if look.motion is not Motion.NONE else NO_COST
        change, drawing = 0.0, alone
        if following and look.transition is not Transition.NONE:
            change = min(look.transition_duration, seconds)
            if look.motion is following.motion is Motion.NONE:
                drawing = _find_drawing(look.transition, spec.size)
            else:
                drawing = COST
        yield _Slide(look, known, seconds - change, change, (alone, drawing))


def _find_drawing(transition: Transition, size: tuple[int, int]) -> DrawingCost:
    """Return what a frame of a change takes; of any change, what it takes on average."""
    if transition is Transition.RANDOM:
        costs = [_find_drawing(choice, size) for choice in _CHOICES]
        return DrawingCost(*(sum(values) / len(costs) for values in zip(*costs, strict=True)))
    effect = EFFECTS[transition]
    if effect.moves_new:
        side, farthest = _FARTHEST[transition.rpartition("_")[2]]
        return effect.cost if size[side] > farthest else NO_COST
    return effect.cost


def _count_work(facts: PhotoFacts | None, pixels: int) -> float:
    """Return the seconds of a processor that a picture of the video takes."""
    work = _PICTURE_SECONDS + pixels * _PICTURE_NS * 1e-9
    if facts:
        rate = _DECODED_NS.get(facts.format, _DECODED_OTHERWISE_NS)
        work += facts.width * facts.height * rate * 1e-9
    return work


def _measure_still(look: SlideshowSpec, facts: PhotoFacts | None) -> float:
    """Return the bytes of a picture that the still engine encodes."""
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
