"""Dry runs of the command line: check every file and estimate the video without rendering it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelqueue.errors import UnreadableMediaError
from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.estimates import (
    Estimate,
    estimate_analysis,
    estimate_clip,
    estimate_slideshow,
)
from reelqueue.planning.soundtrack import Track, measure_music
from reelqueue.render.ffmpeg.probe import probe_video
from reelqueue.render.images.photos import Photo, probe_photo
from reelqueue.render.shaper import has_shaper
from reelqueue.render.slideshow import BAD_PHOTO_ERRORS, NO_READABLE_PHOTO
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.slideshow import Engine, PhotoSpec, SlideshowSpec
from reelqueue.text.fonts import check_cards, check_words


def check_slideshow(
    photos: Sequence[Photo], spec: SlideshowSpec, tracks: Sequence[Track], engine: Engine
) -> tuple[Estimate, tuple[str, ...]]:
    """Return the estimate of a slideshow, and the names of the photos that it skips.

    Raises what `render_slideshow` raises.
    """
    check_words(spec, [photo.spec for photo in photos], has_shaper)
    known: list[tuple[PhotoSpec, PhotoFacts | VideoFacts]] = []
    skipped = []
    for photo in photos:
        try:
            known.append((photo.spec, _probe(photo)))
        except BAD_PHOTO_ERRORS:
            if spec.on_bad_photo == "fail":
                raise
            skipped.append(photo.name)
    if not known:
        raise UnreadableMediaError(NO_READABLE_PHOTO)
    music = measure_music([track.samples for track in tracks])
    return estimate_slideshow(spec, known, music, engine), tuple(skipped)


def _probe(photo: Photo) -> PhotoFacts | VideoFacts:
    return probe_video(photo.path) if photo.spec.video else probe_photo(photo.path, photo.name)


def check_clip(
    video: Path, spec: ClipSpec, tracks: Sequence[Track] = (), logo: Photo | None = None
) -> Estimate:
    """Return the estimate of a clip. Raises what `render_clip` raises."""
    if logo:
        probe_photo(logo.path, logo.name)
    facts = probe_video(video)
    edit = plan_edit(spec, facts.duration, facts.frame_rate, (facts.width, facts.height))
    check_cards(spec.cards, has_shaper)
    captions = plan_captions(spec, edit, has_shaper)
    return estimate_clip(spec, edit, facts, captions, has_music=bool(tracks))


def check_analysis(video: Path) -> Estimate:
    """Return the estimate of an analysis. Raises what `analyze_video` raises."""
    return estimate_analysis(probe_video(video))
