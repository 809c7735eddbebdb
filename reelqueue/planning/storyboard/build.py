"""Make a storyboard of the plan that is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.camera import Move
from reelqueue.planning.framing import Size
from reelqueue.planning.narration import estimate_seconds, list_narrations, stretch_slides
from reelqueue.planning.slides import add_cards
from reelqueue.planning.soundtrack import RATE, Track, measure_music
from reelqueue.planning.spans import Movement, TransitionSpan
from reelqueue.planning.storyboard.model import Slide, SlideTransition, Storyboard, Words
from reelqueue.planning.storyboard.music import list_music
from reelqueue.planning.storyboard.places import find_detail, place_photo, place_video
from reelqueue.planning.storyboard.words import describe_caption, describe_card
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.specs.photo import Fit, PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard

Known = PhotoFacts | VideoFacts


def draw_storyboard(
    spec: SlideshowSpec, photos: Sequence[tuple[PhotoSpec, Known]], tracks: Sequence[Track]
) -> Storyboard:
    """Return what a slideshow shows and lets hear, and when.

    The time of narration is estimated, as nothing has been spoken yet; all else is exact.

    Args:
        photos: the settings of each photo or video, and what is known of it.
        tracks: the music, in its order.

    Raises:
        InvalidSpecError: if it cannot be planned, or no font has one of the characters.
    """
    timeline = _plan(spec, [photo for photo, _ in photos], tracks)
    moves = _find_moves(timeline)
    slides = [
        _draw_slide(spec, photo, known, number, moves.get(number + bool(spec.title)))
        for number, (photo, known) in enumerate(photos)
    ]
    title, end_title = spec.cards
    if title:
        slides.insert(0, _draw_card(title, "title", 0, spec.size))
    if end_title:
        slides.append(_draw_card(end_title, "end_title", len(photos) - 1, spec.size))
    samples = round(timeline.duration * RATE)
    return Storyboard(tuple(_place_in_time(slides, timeline)), *list_music(tracks, samples))


def _plan(spec: SlideshowSpec, photos: Sequence[PhotoSpec], tracks: Sequence[Track]) -> Timeline:
    spoken = {text: estimate_seconds(text, spec.voice) for text in list_narrations(spec, photos)}
    slides = stretch_slides(spec, add_cards(spec, photos), spoken)
    music = measure_music([track.samples for track in tracks])
    return build_timeline(spec, slides, music)


def _find_moves(timeline: Timeline) -> dict[int, Movement]:
    """Return how each slide of a timeline changes, if it does, as its first frame has it."""
    moves: dict[int, Movement] = {}
    for span in timeline.spans:
        if span.move:
            moves.setdefault(span.photo, span.move)
        if isinstance(span, TransitionSpan) and span.next_move:
            moves.setdefault(span.next_photo, span.next_move)
    return moves


def _draw_slide(
    spec: SlideshowSpec, photo: PhotoSpec, known: Known, number: int, move: Movement | None
) -> Slide:
    """Return a photo or a video; its frames are still open."""
    look = spec.for_photo(photo)
    size = known.width, known.height
    if isinstance(known, VideoFacts):
        place = place_video(size, look, spec.size)
    else:
        camera = move if isinstance(move, Move) else None
        place = place_photo(size, look, spec.size, camera, find_detail(known, look.rotate))
    return Slide(
        kind="video" if photo.video else "photo",
        photo=number,
        start=0,
        end=0,
        fit=place.fit,
        rotate=look.rotate,
        place=place.place,
        views=place.views,
        video_start=photo.video.start if photo.video else None,
        words=_describe_words(photo, spec),
    )


def _describe_words(photo: PhotoSpec, spec: SlideshowSpec) -> tuple[Words, ...] | None:
    return describe_caption(photo.caption, spec.caption_style, spec.size) if photo.caption else None


def _draw_card(
    card: TitleCard, kind: Literal["title", "end_title"], photo: int, size: Size
) -> Slide:
    words, background = describe_card(card, size), card.background
    return Slide(kind, photo, 0, 0, Fit.COVER, 0, words=words, background=background)


def _place_in_time(slides: Sequence[Slide], timeline: Timeline) -> list[Slide]:
    """Return slides with the frames that show them, and their transitions."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    transitions: dict[int, SlideTransition] = {}
    position = 0
    for span in timeline.spans:
        end = position + span.frames
        for photo in span.photos:
            starts.setdefault(photo, position)
            ends[photo] = end
        if isinstance(span, TransitionSpan):
            parts = span.parts_words or None
            transitions[span.photo] = SlideTransition(span.transition, position, end, parts)
        position = end
    return [
        replace(
            slide,
            start=starts[number],
            end=ends[number],
            transition=transitions.get(number),
        )
        for number, slide in enumerate(slides)
    ]
