"""Render a slideshow: photos, videos and optional music in, one MP4 out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.planning.delivery.budget import choose_sound_bit_rate, refuse_least
from reelqueue.planning.delivery.encoding import choose_engine
from reelqueue.planning.delivery.targets import Rules, find_rules
from reelqueue.planning.narration import check_narrations, list_narrations
from reelqueue.planning.soundtrack import Track, measure_music
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.processes.cores import count_cores
from reelqueue.processes.heap import share_heap
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.audio.parallel import EncodeSound, encoding_sound
from reelqueue.render.delivery.fitting import fit_file
from reelqueue.render.delivery.slideshow_pictures import SlideshowEncoder
from reelqueue.render.engines.segments import SegmentStore
from reelqueue.render.images.jpeg_file import write_jpeg
from reelqueue.render.images.photos import Photo
from reelqueue.render.images.slides import Slides, load_slide
from reelqueue.render.mp4.mux import mux_streams
from reelqueue.render.narration.narrate import SpokenFile, narrating, place_narration
from reelqueue.render.progress import PassProgress, never_back, share_progress
from reelqueue.render.shaper import has_shaper
from reelqueue.render.slide_pictures import draw_poster, opening_pictures
from reelqueue.render.video_slide import VideoSlide, open_video
from reelqueue.specs.narration import Narrator
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.text.fonts import check_words

BAD_PHOTO_ERRORS = (UnsupportedMediaError, UnreadableMediaError)
_NARRATION_PARTS = 10  # speaking it is one of so many parts of the work
NO_READABLE_PHOTO = "None of the photos can be read: export them again, or send other copies."


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
    narrator: Narrator | None = None,
    on_progress: OnProgress,
) -> RenderFacts:
    """Render photos in their order as an MP4 and return the facts of the finished file.

    Narration is spoken first: the slides last as long as their words.

    Args:
        photos: the photos and their settings.
        spec: the settings of the slideshow.
        output: the file to write; like the poster, it appears only when it is complete.
        tracks: the music, track after track, looped or cut to the duration of the video.
        engine: what draws and encodes the frames.
        poster: the JPEG of the first frame to write, at most 640 pixels wide; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        segments: frames that earlier renders encoded, for the still engine to use again.
        narrator: what speaks; needed if there is narration.
        on_progress: called with the frames finished so far; it can raise to stop the render.

    Raises:
        InvalidSpecError: if there is no photo, a text cannot be drawn or is too long to be spoken,
            or the music is missing or too short to fit.
        UnsupportedMediaError: if a photo or a track has no supported format.
        UnreadableMediaError: if a photo or a track is damaged or too large, or no photo is left.
    """
    settings = [photo.spec for photo in photos]
    check_words(spec, settings, has_shaper)
    check_narrations(spec, settings)
    on_progress = never_back(on_progress)
    texts = list_narrations(spec, settings)
    on_speech = on_progress
    if texts:
        on_speech, on_progress = share_progress(on_progress, _NARRATION_PARTS)
    folder = output.parent.resolve()
    with narrating(texts, spec.voice, narrator, folder, on_speech) as spoken:
        render = partial(
            _render,
            spec=spec,
            spoken=spoken,
            output=output,
            tracks=tracks,
            engine=engine,
            poster=poster,
            preset=preset,
            segments=segments,
            on_progress=on_progress,
        )
        return _render_readable(photos, spec, render, on_progress)


def _render_readable(
    photos: Sequence[Photo],
    spec: SlideshowSpec,
    render: Callable[[Sequence[Photo]], RenderFacts],
    on_progress: OnProgress,
) -> RenderFacts:
    """Render photos; with `on_bad_photo: skip`, a bad one makes the render start again without it.

    All photos are checked before.
    """
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
    spoken: Mapping[str, SpokenFile],
    output: Path,
    tracks: Sequence[Track],
    engine: Engine,
    poster: Path | None,
    preset: str,
    segments: SegmentStore | None,
    on_progress: OnProgress,
) -> RenderFacts:
    slides = Slides(photos, spec, spoken)
    music = measure_music([track.samples for track in tracks])
    timeline = build_timeline(spec, slides.specs, music)
    total = timeline.frames
    rules, engine = find_rules(spec), choose_engine(engine, spec)
    share_heap(with_pictures=engine is Engine.STILL and not timeline.moving_photos)
    progress = PassProgress(on_progress, may_repeat=rules.max_bytes is not None)
    on_progress(0, total, "preparing")
    videos = _open_videos(slides, timeline)
    with TemporaryDirectory(dir=output.parent.resolve(), prefix=".slideshow-") as name:
        folder = Path(name)
        still = folder / "poster.jpg"
        if poster:
            write_jpeg(draw_poster(slides, timeline), still)
        sound = folder / "audio.m4a"
        encode_sound = _plan_sound(slides, timeline, videos, tracks, spoken, sound)
        has_sound = encode_sound is not None

        def report_sound() -> None:
            progress(total, total, "audio")

        def on_frame(done: int) -> None:
            progress(done, total, "rendering")

        with opening_pictures(slides, timeline, videos, folder) as pictures:
            encoder = SlideshowEncoder(
                pictures,
                slides,
                timeline,
                engine,
                rules,
                preset,
                segments,
                folder,
                has_sound,
                on_frame,
            )
            with encoding_sound(encode_sound, report_sound):
                first = encoder.encode(None)
                report_sound()
            finish = partial(_mux, sound=sound if has_sound else None, rules=rules, folder=folder)
            refuse = partial(refuse_least, spec, rules)
            finished = fit_file(encoder, first, finish, rules.max_bytes, refuse, progress)
        on_progress(total, total, "saving")
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


def _plan_sound(
    slides: Slides,
    timeline: Timeline,
    videos: Mapping[int, VideoSlide],
    tracks: Sequence[Track],
    spoken: Mapping[str, SpokenFile],
    output: Path,
) -> EncodeSound | None:
    """Return what encodes the sound; None if nothing is heard."""
    heard = [video for video in videos.values() if video.is_heard]
    narration = place_narration(slides.specs, timeline, spoken)
    if not (tracks or heard or narration):
        return None
    spec, duration = slides.spec, float(timeline.duration)

    def encode(on_progress: Callable[[int], None]) -> None:
        encode_audio(
            tracks,
            output,
            duration=duration,
            volume=spec.volume,
            videos=[video.hear(number) for number, video in enumerate(heard)],
            narration=narration,
            duck=spec.duck,
            bit_rate=choose_sound_bit_rate(find_rules(spec), duration),
            on_progress=on_progress,
        )

    return encode


def _mux(
    pictures: Sequence[Path], number: int, *, sound: Path | None, rules: Rules, folder: Path
) -> Path:
    """Return the finished file in a folder: that of the pictures, if it is all that is needed."""
    (video,) = pictures
    if sound is None and rules.has_edit_lists and rules.max_bytes is None:
        return video
    finished = folder / f"finished-{number}.mp4"
    mux_streams(video, sound, finished, has_edit_lists=rules.has_edit_lists)
    return finished


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
