"""The renderer of the job kind "slideshow"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from reelqueue.errors import InvalidSpecError, UnavailableError
from reelqueue.jobs.model import Job
from reelqueue.media.facts import LARGE_SIDE, LARGE_THUMBNAIL, OnProgress
from reelqueue.media.speech.narration import find_speaking
from reelqueue.media.upload_keys import find_beside
from reelqueue.planning.narration import list_narrations
from reelqueue.planning.soundtrack import Track
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.services import Services
from reelqueue.specs.narration import Narrator
from reelqueue.storage import Store, open_store
from reelqueue.storage.parallel import call_each
from reelqueue.submission.kinds.slideshow import PhotoInput, SlideshowWork
from reelqueue.submission.result_cache import find_scope
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result, finish_video
from reelqueue.workers.segment_store import open_segments


def render_slideshow_work(
    services: Services, job: Job, work: SlideshowWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Render a slideshow of stored photos and music.

    What was spoken is not reusable: another voice may have been installed.

    Raises:
        UnavailableError: if narration has to be spoken, and this machine cannot.
    """
    narrator = _choose_narrator(services, work)
    inputs = [*_choose_pictures(services.store, work), *work.tracks]
    skips = work.spec.on_bad_photo == "skip"
    paths = fetch_inputs(services.store, inputs, folder, on_progress, skips_damaged=skips)
    photos = zip(paths, work.photos, strict=False)
    music = paths[len(work.photos) :]
    hurried = open_store(services.settings.storage_url)  # a segment is sooner drawn than waited for
    with open_segments(hurried, find_scope(job), folder / "parts") as segments:
        facts = render_slideshow(
            [Photo(path, photo.name, photo.spec, photo.digest) for path, photo in photos],
            work.spec,
            folder / "video.mp4",
            tracks=[
                Track(path, track.duration, track.start, track.end)
                for path, track in zip(music, work.tracks, strict=True)
            ],
            engine=services.settings.render_engine,
            poster=folder / "poster.jpg",
            segments=segments,
            narrator=narrator,
            on_progress=on_progress,
        )
    result = finish_video(folder, facts, on_progress)
    return replace(result, is_reusable=False) if narrator else result


def _choose_pictures(store: Store, work: SlideshowWork) -> Sequence[PhotoInput]:
    """Return the files of the photos. Those of a preview are the pictures that the page shows.

    They are large enough, and take a small part of the time to copy and to decode.
    """
    if not work.spec.preview or max(work.spec.size) > LARGE_SIDE:
        return work.photos
    return call_each(partial(_choose_picture, store), work.photos)


def _choose_picture(store: Store, photo: PhotoInput) -> PhotoInput:
    """Return a photo as its large thumbnail, if it is a JPEG and has one.

    Other photos can be transparent, which thumbnails are not.
    """
    thumbnail = find_beside(photo.key, LARGE_THUMBNAIL)
    if not photo.key.endswith(".jpeg") or store.find(thumbnail) is None:
        return photo
    return photo.model_copy(update={"key": thumbnail})


def _choose_narrator(services: Services, work: SlideshowWork) -> Narrator | None:
    """Return what speaks; None if nothing is spoken."""
    if not list_narrations(work.spec, [photo.spec for photo in work.photos]):
        return None
    voices = services.settings.piper_voices
    try:
        return find_speaking(voices).choose_narrator(work.spec.voice, voices)
    except InvalidSpecError as error:  # another worker may have it
        raise UnavailableError(str(error)) from None
