"""Render a slideshow: photos, videos and optional music in, one MP4 out."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from reelqueue.errors import (
    SettingsError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.h264.errors import H264Error
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.camera import Move, find_box
from reelqueue.planning.soundtrack import Track, measure_music
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.processes.cores import count_cores
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.audio.parallel import encoding_sound
from reelqueue.render.engines.segments import SegmentStore
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.engines.x264 import encode_frames
from reelqueue.render.ffmpeg.poster import POSTER_WIDTH
from reelqueue.render.frames.draw import draw_frames, prepare_pictures
from reelqueue.render.frames.ken_burns import resample_box
from reelqueue.render.images.captions import paste_overlay
from reelqueue.render.images.jpeg_file import write_jpeg
from reelqueue.render.images.photos import Photo
from reelqueue.render.images.saliency import find_focus
from reelqueue.render.images.slides import Slides, load_slide
from reelqueue.render.mp4.mux import mux_streams
from reelqueue.render.shaper import has_shaper
from reelqueue.render.slide_pictures import SlidePictures, opening_pictures
from reelqueue.render.video_slide import VideoSlide, open_video
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.text.fonts import check_words

BAD_PHOTO_ERRORS = (UnsupportedMediaError, UnreadableMediaError)
NO_READABLE_PHOTO = "None of the photos can be read: export them again, or send other copies."

log = logging.getLogger(__name__)


def render_slideshow(
    photos: Sequence[Photo],
    spec: SlideshowSpec,
    output: Path,
    *,
    tracks: Sequence[Track] = (),
    engine: Engine = Engine.STILL,
    poster: Path | None = None,
    preset: str = "veryfast",
    segments: SegmentStore | None = None,
    on_progress: OnProgress,
) -> RenderFacts:
    """Render photos in their order as an MP4 and return the facts of the finished file.

    With `on_bad_photo: skip`, a bad photo makes the render check all photos and start again.

    Args:
        photos: the photos and their settings.
        spec: the settings of the slideshow.
        output: the file to write; like the poster, it appears only when it is complete.
        tracks: the music, track after track, looped or cut to the duration of the video.
        engine: what draws and encodes the frames.
        poster: the JPEG of the first frame to write, at most 640 pixels wide; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        segments: frames that earlier renders encoded, for the still engine to use again.
        on_progress: called with the frames finished so far; it can raise to stop the render.

    Raises:
        InvalidSpecError: if there is no photo, a text cannot be drawn, or the music is missing or
            too short to fit.
        UnsupportedMediaError: if a photo or a track has no supported format.
        UnreadableMediaError: if a photo or a track is damaged or too large, or no photo is left.
    """
    check_words(spec, [photo.spec for photo in photos], has_shaper)
    on_progress = _MonotonicProgress(on_progress)
    render = partial(
        _render,
        spec=spec,
        output=output,
        tracks=tracks,
        engine=engine,
        poster=poster,
        preset=preset,
        segments=segments,
        on_progress=on_progress,
    )
    try:
        return render(photos)
    except BAD_PHOTO_ERRORS:
        if spec.on_bad_photo == "fail":
            raise
        bad = _find_bad(photos, spec, on_progress)
        if not any(bad):
            raise  # the music is bad
    if all(bad):
        raise UnreadableMediaError(NO_READABLE_PHOTO)
    facts = render([photo for photo, is_bad in zip(photos, bad, strict=True) if not is_bad])
    skipped = tuple(photo.name for photo, is_bad in zip(photos, bad, strict=True) if is_bad)
    return facts.model_copy(update={"skipped_photos": skipped})


class _MonotonicProgress:
    """Passes on progress that never goes back, even when the render starts again."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._done, self._total = 0, 1

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        if done * self._total >= self._done * total:
            self._done, self._total = done, total
        self._on_progress(self._done, self._total, stage)


def _find_bad(photos: Sequence[Photo], spec: SlideshowSpec, on_progress: OnProgress) -> list[bool]:
    """Decode all photos, and return for each whether that fails."""

    def is_bad(photo: Photo) -> bool:
        try:
            load_slide(photo, spec.size, spec)
        except BAD_PHOTO_ERRORS:
            return True
        return False

    bad = []
    with ThreadPoolExecutor(count_cores(), "photos") as pool:
        for found in pool.map(is_bad, photos):
            on_progress(0, 1, "preparing")  # can raise, to stop the render
            bad.append(found)
    return bad


def _render(
    photos: Sequence[Photo],
    *,
    spec: SlideshowSpec,
    output: Path,
    tracks: Sequence[Track],
    engine: Engine,
    poster: Path | None,
    preset: str,
    segments: SegmentStore | None,
    on_progress: OnProgress,
) -> RenderFacts:
    slides = Slides(photos, spec)
    music = measure_music([track.samples for track in tracks])
    timeline = build_timeline(spec, slides.specs, music)
    total = timeline.frames
    on_progress(0, total, "preparing")
    videos = _open_videos(slides, timeline)
    heard = [video for video in videos.values() if video.is_heard]
    has_sound = len(tracks) + len(heard) > 0
    with TemporaryDirectory(dir=output.parent.resolve(), prefix=".slideshow-") as name:
        folder = Path(name)
        finished = video = folder / "video.mp4"
        still = folder / "poster.jpg"
        if poster:
            write_jpeg(_draw_poster(slides, timeline), still)
        sound = folder / "audio.m4a"
        encode_sound = partial(_encode_sound, tracks, heard, spec, timeline, sound)

        def report_sound() -> None:
            on_progress(total, total, "audio")

        with (
            encoding_sound(encode_sound if has_sound else None, report_sound),
            opening_pictures(slides, timeline, videos, folder) as pictures,
        ):
            _encode_video(pictures, slides, timeline, video, engine, preset, segments, on_progress)
            report_sound()
        on_progress(total, total, "saving")
        if has_sound:
            finished = folder / "finished.mp4"
            mux_streams(video, sound, finished)
        facts = _collect_facts(timeline, spec, finished)
        if poster:
            os.replace(still, poster)
        os.replace(finished, output)
    return facts


def _open_videos(slides: Slides, timeline: Timeline) -> dict[int, VideoSlide]:
    """Return the videos among the photos, by their numbers in the timeline."""
    return {
        number: open_video(video, slides.spec, timeline.size, timeline.find_shown(number))
        for number, video in slides.list_videos().items()
    }


def _encode_sound(
    tracks: Sequence[Track],
    videos: Sequence[VideoSlide],
    spec: SlideshowSpec,
    timeline: Timeline,
    output: Path,
    on_progress: Callable[[int], None],
) -> None:
    encode_audio(
        tracks,
        output,
        duration=float(timeline.duration),
        volume=spec.volume,
        videos=[video.hear(number) for number, video in enumerate(videos)],
        duck=spec.duck,
        on_progress=on_progress,
    )


def _encode_video(
    pictures: SlidePictures,
    slides: Slides,
    timeline: Timeline,
    video: Path,
    engine: Engine,
    preset: str,
    segments: SegmentStore | None,
    on_progress: OnProgress,
) -> None:
    def on_frame(done: int) -> None:
        on_progress(done, timeline.frames, "rendering")

    if engine is Engine.MOVIEPY:
        _write_with_moviepy(pictures, timeline, video, preset, on_frame)
        return
    if engine is Engine.STILL:
        try:
            encode_stills(
                timeline,
                pictures.load_picture,
                video,
                segments=segments,
                describe=slides.describe,
                on_frame=on_frame,
            )
            return
        except H264Error as error:
            log.warning("the still engine failed, so x264 encodes every frame: %s", error)
    with closing(prepare_pictures(pictures.load_picture, range(len(slides)))) as prepared:
        frames = draw_frames(timeline, prepared)
        encode_frames(frames, timeline, video, preset=preset, on_frame=on_frame)


def _write_with_moviepy(
    pictures: SlidePictures,
    timeline: Timeline,
    video: Path,
    preset: str,
    on_frame: Callable[[int], None],
) -> None:
    try:
        from reelqueue.render.engines.moviepy import write_with_moviepy
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The engine moviepy is not installed: requirements-moviepy.txt says how."
        ) from error
    write_with_moviepy(timeline, pictures, video, preset=preset, on_frame=on_frame)


def _draw_poster(slides: Slides, timeline: Timeline) -> Image.Image:
    """Return the first frame, at most `POSTER_WIDTH` pixels wide."""
    size = _find_poster_size(timeline.size)
    move = timeline.spans[0].move
    picture = slides.load(0, size, moves=isinstance(move, Move))
    if not isinstance(move, Move):
        return picture
    view = resample_box(picture, find_box(move, 0, picture.size, find_focus(picture), size), size)
    if caption := slides.draw_caption(0, size):
        paste_overlay(view, caption)
    return view


def _find_poster_size(size: tuple[int, int]) -> tuple[int, int]:
    width = min(size[0], POSTER_WIDTH)
    return width, max(round(size[1] * width / size[0]), 1)


def _collect_facts(timeline: Timeline, spec: SlideshowSpec, finished: Path) -> RenderFacts:
    return RenderFacts(
        duration=float(timeline.duration),
        width=timeline.size[0],
        height=timeline.size[1],
        fps=spec.fps,
        frames=timeline.frames,
        file_size=finished.stat().st_size,
        skipped_photos=(),
    )
