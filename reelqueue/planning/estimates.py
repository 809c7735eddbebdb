"""What a video will be, exactly, and what time and room it takes, about.

The pictures are counted in the plan that is rendered. What one of them takes was measured on two
cores of a server with photos of cameras and of the web, in seconds of one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from reelqueue.media.facts import LARGE_SIDE, PhotoFacts, VideoFacts
from reelqueue.planning.camera import VIEW_COST, WRITTEN_COST
from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.clips.silences import list_heard
from reelqueue.planning.costs import CLIP_DETAIL
from reelqueue.planning.delivery.crf import SIZES
from reelqueue.planning.delivery.encoding import Encoding, choose_engine, describe_encoding
from reelqueue.planning.delivery.targets import find_rules
from reelqueue.planning.framing import contain, cover, turn
from reelqueue.planning.narration import (
    estimate_seconds,
    list_narrations,
    stretch_slides,
    warn_of_captions,
)
from reelqueue.planning.picture_counts import PictureCount, count_pictures
from reelqueue.planning.picture_sizes import (
    Shown,
    Size,
    find_written_share,
    measure_frames,
    measure_still,
    show_photo,
)
from reelqueue.planning.slides import add_cards
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.look import Denoise
from reelqueue.specs.clips.reframe import ClipFit
from reelqueue.specs.clips.segments import Silences
from reelqueue.specs.clips.sound import check_track
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec

CORES = 1.7  # how much faster two of them are than one
START_SECONDS = 0.5
HEARD_SECONDS = 0.01  # for a second of a video that is heard to find pauses, on one core

_PICTURE_SECONDS = 0.005
_PICTURE_NS = 24  # a pixel of the video, for a photo that is prepared and encoded once
_STILL_NS = 12  # a pixel of the video, each time that it is encoded again
_DECODED_NS = {"jpeg": 2}  # a pixel of the photo; JPEG is decoded at about the size that is shown
_DECODED_OTHERWISE_NS = 30
_PREVIEW_PART = 0.47  # of the bytes
_VAGUE = 2.0  # the factor by which other estimates of bytes may be wrong

_SOUND_SECONDS = 0.016  # for a second of music, on one core
_EVEN_SECONDS = 0.02  # to mix a second of a clip's sound, and bring it to a loudness

_CLIP_SECONDS = 0.4
_CUT_SECONDS = 0.4  # to decode from the keyframe before a cut
_CLIP_NS = 24  # a pixel of the clip
_SOURCE_NS = 5  # a pixel of the video that it is cut from
_ADDED_DETAIL = 0.00125  # bytes a pixel, to those of a video that was strongly compressed
_PLAYED_NS = 15  # a pixel of a slideshow in which a video plays
_PLAYED_DETAIL = 0.01  # bytes a pixel
_DENOISE_NS = 5  # a pixel of a picture
_LOOK_SECONDS = 0.16  # for a second of video that is looked at for faces, besides decoding it


class _Encoding(NamedTuple):
    """What an engine takes: nanoseconds a pixel of any frame, and bytes as parts of a still's."""

    ns: float
    transition: float  # of a frame of a transition
    drawn: float  # times what the cost of drawing says


_STILL_PART = 0.6  # of a still in what costs of drawing are parts of
_ENCODINGS = {
    Engine.STILL: _Encoding(0, 0, 1),
    Engine.X264: _Encoding(5.5, 0.041, 1.1),
    Engine.MOVIEPY: _Encoding(19, 0.024, 0.25),
}
_WITHOUT_B = _ENCODINGS[Engine.X264]._replace(transition=0.3)  # which mix a fade from its ends


@dataclass(frozen=True)
class Estimate:
    """A video before it is made; its seconds to render and its bytes are estimated.

    The bytes are between the two numbers of `estimated_file_size_range`, unless the photos are
    unusual. They are far apart where it is not known whether frames will be drawn or written.
    `warnings` are sentences about what it will lack or show differently. `encoding` is None if it
    is no video.
    """

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int
    estimated_file_size: int
    estimated_file_size_range: tuple[int, int]
    warnings: tuple[str, ...] = ()
    encoding: Encoding | None = None


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
    settings = [photo for photo, _ in photos]
    texts = list_narrations(spec, settings)
    spoken = {text: estimate_seconds(text, spec.voice) for text in texts}
    slides = stretch_slides(spec, add_cards(spec, settings), spoken)
    before, after = ([None] if card else [] for card in spec.cards)
    facts = [*before, *(known for _, known in photos), *after]
    timeline = build_timeline(spec, slides, music)
    pixels = spec.size[0] * spec.size[1]
    engine = choose_engine(engine, spec)
    encoding = _ENCODINGS[engine] if find_rules(spec).has_b_pictures else _WITHOUT_B
    work, size = timeline.frames * pixels * encoding.ns * 1e-9, Size()
    key_crf = timeline.crfs.keys
    counts = count_pictures(timeline, engine)
    for number, (slide, known, count) in enumerate(zip(slides, facts, counts, strict=True)):
        if isinstance(known, VideoFacts):
            shown = timeline.find_shown(number).frames
            work += _CUT_SECONDS + _count_played(
                known, float(shown / spec.frame_rate), pixels, shown
            )
            size = size.plus(_guess_size(shown * pixels * _PLAYED_DETAIL))
        else:
            photo = show_photo(spec.for_photo(slide), known)
            work += _count_work(count, photo, key_crf, pixels)
            work += _count_decoding(known, is_preview=spec.preview) if known else 0
            unit = measure_still(photo) / _STILL_PART
            size = size.plus(_guess_size(unit * _add_parts(count, encoding)))
            size = size.plus(measure_frames(count, photo, engine, key_crf))
    if spec.preview and engine is Engine.STILL:
        size = size.times(_PREVIEW_PART)
    elif not spec.preview:
        size = size.times(SIZES[spec.quality])
    duration = float(timeline.duration)
    is_heard = music or spoken or any(slide.video and not slide.video.mute for slide in slides)
    sound = duration if is_heard else 0
    made = describe_encoding(spec, engine, duration, sound)
    estimate = _sum_up(duration, spec.size, spec.fps, timeline.frames, work, sound, size, made)
    videos = (known for _, known in photos if isinstance(known, VideoFacts))
    warnings = dict.fromkeys(chain.from_iterable(video.warnings for video in videos))
    return replace(estimate, warnings=(*warnings, *warn_of_captions(spec, settings)))


def estimate_clip(
    spec: ClipCut,
    edit: Edit,
    source: VideoFacts,
    captions: Placed,
    *,
    source_bytes: int,
    has_music: bool = False,
) -> Estimate:
    """Return what a clip will be.

    Args:
        spec: its shape and its sound.
        edit: its frames.
        source: the video that it is cut from.
        captions: those that it shows.
        source_bytes: the size of the video's file.
        has_music: whether music is played under it.

    Raises:
        InvalidSpecError: if the video has fewer tracks of sound.
    """
    audio = spec.audio
    if audio.track and source.sound_tracks is not None:
        check_track(audio.track, source.sound_tracks)
    pixels = edit.frames * edit.size[0] * edit.size[1]
    shown = source.fps * source.width * source.height  # pixels a second of the video
    decoded = edit.source_duration * shown
    work = _CLIP_SECONDS + _CUT_SECONDS * (len(edit.cuts) - 1)
    work += (pixels * _CLIP_NS + decoded * _SOURCE_NS) * 1e-9
    work += _count_looking(spec, edit, source) + _count_hearing(spec, source)
    if spec.denoise is not Denoise.NONE:
        work += _count_shown(spec, edit, source) * _DENOISE_NS * 1e-9
    has_own = not audio.mute and (source.has_audio or audio.track is not None)
    sound = edit.duration if has_own or has_music else 0
    if audio.loudness is not None or has_music:
        work += sound * _EVEN_SECONDS
    fps = float(edit.fps)
    detail = min(CLIP_DETAIL, source_bytes / (source.duration * shown) + _ADDED_DETAIL)
    size = _guess_size(pixels * detail * SIZES[spec.quality])
    made = describe_encoding(spec, Engine.X264, edit.duration, sound)
    estimate = _sum_up(edit.duration, edit.size, fps, edit.frames, work, sound, size, made)
    return replace(estimate, warnings=(*source.warnings, *captions.warnings))


def _count_shown(spec: ClipCut, edit: Edit, source: VideoFacts) -> int:
    """Return how many pixels of the video's pictures are scaled to the clip, in all its frames."""
    shown = turn((source.width, source.height), spec.rotate)
    width, height = (cover if spec.fit is ClipFit.CROP else contain)(shown, edit.size)
    return sum(cut.frames for cut in edit.cuts) * width * height


def _count_looking(spec: ClipCut, edit: Edit, source: VideoFacts) -> float:
    """Return the seconds of one core that it takes to find what crops follow, and faces."""
    decoding = source.fps * source.width * source.height * _SOURCE_NS * 1e-9
    return sum(
        cut.source_duration * decoding + cut.duration * _LOOK_SECONDS
        for cut in edit.cuts
        if cut.follows or spec.avoids_faces
    )


def _count_hearing(spec: ClipCut, source: VideoFacts) -> float:
    """Return the seconds of one core that it takes to find pauses that are cut out."""
    if spec.silences is Silences.KEEP or not source.has_audio:
        return 0
    parts = list_heard(spec.resolve_segments(source.duration), source.duration)
    return sum(part.end - part.start for part in parts) * HEARD_SECONDS


def _count_played(facts: VideoFacts, seconds: float, pixels: int, frames: int) -> float:
    """Return the seconds of one core that so many seconds of a video take in a slideshow."""
    decoded = seconds * facts.fps * facts.width * facts.height
    return (frames * pixels * _PLAYED_NS + decoded * _SOURCE_NS) * 1e-9


def _guess_size(likely: float) -> Size:
    return Size(likely, likely, likely).widen(_VAGUE)


def _count_work(count: PictureCount, photo: Shown, key_crf: float, pixels: int) -> float:
    """Return the seconds of one core that the pictures of a decoded photo, or a card, take."""
    drawn = sum(cost.ns * frames for cost, frames in count.drawn.items())
    drawn += sum(
        (1 - find_written_share(frames, photo, key_crf))
        * frames.frames
        * (VIEW_COST.ns - WRITTEN_COST.ns)
        for frames in count.moving
        if frames.can_be_written
    )
    encoded_again = max(count.stills - 1, 0)
    return _PICTURE_SECONDS + pixels * (_PICTURE_NS + encoded_again * _STILL_NS + drawn) * 1e-9


def _count_decoding(facts: PhotoFacts, *, is_preview: bool) -> float:
    """Return the seconds of one core that a photo takes to be decoded."""
    pixels = facts.width * facts.height
    if facts.format not in _DECODED_NS:
        return pixels * _DECODED_OTHERWISE_NS * 1e-9
    if is_preview:  # which takes the thumbnail of a JPEG
        pixels = min(pixels, LARGE_SIDE**2)
    return pixels * _DECODED_NS[facts.format] * 1e-9


def _add_parts(count: PictureCount, encoding: _Encoding) -> float:
    """Return the bytes of transitions as a part of what a photo takes."""
    drawn = sum(cost.part * frames for cost, frames in count.drawn.items())
    return encoding.transition * count.transition + encoding.drawn * drawn


def _sum_up(
    duration: float,
    size: tuple[int, int],
    fps: float,
    frames: int,
    work: float,
    sound: float,
    pictures: Size,
    encoding: Encoding,
) -> Estimate:
    """Add what all videos take.

    Args:
        work: a processor's seconds for the pictures.
        sound: seconds of it.
        pictures: bytes of them.
    """
    sound_work = sound * _SOUND_SECONDS
    seconds = START_SECONDS + max((work + sound_work) / CORES, sound_work)
    sound_bytes = sound * (encoding.sound_bit_rate or 0) / 8
    likely, least, most = (round(each + sound_bytes) for each in pictures)
    return Estimate(
        duration=duration,
        width=size[0],
        height=size[1],
        fps=float(fps),
        frames=frames,
        estimated_time=max(1, round(seconds)),
        estimated_file_size=likely,
        estimated_file_size_range=(least, most),
        encoding=encoding,
    )
