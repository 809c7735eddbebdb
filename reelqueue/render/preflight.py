"""Dry runs of the command line: check every file and estimate the video without rendering it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from reelqueue.errors import UnreadableMediaError
from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.analysis.estimate import estimate_analysis
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.delivery.settling import limit_estimate, settle_slideshow
from reelqueue.planning.estimates import Estimate, estimate_clip, estimate_slideshow
from reelqueue.planning.narration import check_narrations
from reelqueue.planning.soundtrack import Track, measure_music
from reelqueue.render.ffmpeg.probe import probe_video
from reelqueue.render.images.photos import Photo, probe_photo
from reelqueue.render.shaper import has_shaper
from reelqueue.render.slideshow import BAD_PHOTO_ERRORS, NO_READABLE_PHOTO
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.text.fonts import check_cards, check_words


class Checked(NamedTuple):
    """A slideshow that can be rendered: its spec with the size that it will have, and its estimate.

    `skipped` are the names of the photos that it skips.
    """

    spec: SlideshowSpec
    estimate: Estimate
    skipped: tuple[str, ...]


def check_slideshow(
    photos: Sequence[Photo],
    spec: SlideshowSpec,
    tracks: Sequence[Track],
    engine: Engine,
    named: Collection[str],
) -> Checked:
    """Check a slideshow, and settle what it leaves open; `named` are the fields that it has.

    Raises what `render_slideshow` raises.
    """
    settings = [photo.spec for photo in photos]
    check_words(spec, settings, has_shaper)
    check_narrations(spec, settings)
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
    settled, estimate = settle_slideshow(
        spec, named, lambda each: estimate_slideshow(each, known, music, engine)
    )
    return Checked(settled, estimate, tuple(skipped))


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
    size, has_music = video.stat().st_size, bool(tracks)
    return limit_estimate(
        spec, estimate_clip(spec, edit, facts, captions, source_bytes=size, has_music=has_music)
    )


def check_analysis(video: Path) -> Estimate:
    """Return the estimate of an analysis. Raises what `analyze_video` raises."""
    return estimate_analysis(probe_video(video))
