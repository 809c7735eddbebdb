"""Slideshows: exact frames, progress, posters, music and bad photos."""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

from benchmarks.material import read_frames
from reelqueue.errors import (
    InputError,
    InvalidSpecError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.media.facts import RenderFacts
from reelqueue.planning.soundtrack import Track
from reelqueue.render import slideshow
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.delivery import slideshow_pictures
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.frames.draw import Picture
from reelqueue.render.images.photos import Photo
from reelqueue.render.slide_pictures import SlidePictures
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import Fit, Motion, PhotoSpec, Transition
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import Engine, SlideshowSpec

SMALL = SlideshowSpec(duration=0.4, transition_duration=0.2, resolution="160x90", fps=25)
SKIPPING = SMALL.model_copy(update={"on_bad_photo": "skip"})
SONG_SECONDS = 4
ENGINES = pytest.mark.parametrize("engine", Engine)


class Reports:
    """Remembers every report of progress."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, stage: str) -> None:
        self.lines.append((done, total, stage))

    @property
    def shares(self) -> list[Fraction]:
        """Progress from 0 to 1."""
        return [Fraction(done, total) for done, total, _ in self.lines]


def render(
    paths: list[Path],
    output: Path,
    spec: SlideshowSpec = SMALL,
    *,
    engine: Engine = Engine.X264,
    audio: Path | None = None,
    poster: Path | None = None,
    reports: Reports | None = None,
) -> RenderFacts:
    return render_slideshow(
        [Photo(path, path.name) for path in paths],
        spec,
        output,
        engine=engine,
        tracks=[Track(audio, SONG_SECONDS)] if audio else [],
        poster=poster,
        on_progress=reports or Reports(),
    )


def cut_in_half(photo: Path, damaged: Path) -> Path:
    """Write the first half of a photo's file."""
    content = photo.read_bytes()
    damaged.write_bytes(content[: len(content) // 2])
    return damaged


def read_boxes(path: Path) -> list[bytes]:
    """Return the names of an MP4's outermost boxes."""
    content = path.read_bytes()
    names = []
    position = 0
    while position < len(content):
        (size,) = struct.unpack_from(">I", content, position)
        names.append(content[position + 4 : position + 8])
        position += size
    return names


@pytest.mark.render
@ENGINES
@pytest.mark.parametrize(
    ("photo_count", "duration", "fps", "resolution"),
    [
        (1, 0.2, 24, "64x64"),
        (1, 2.5, 15, "160x90"),
        (2, 0.33, 29.97, "161x91"),
        (3, 0.5, 25, "91x161"),
        (4, 0.35, 59.94, "90x160"),
        (2, 0.7, 23.976, "354x200"),
    ],
)
def test_video_has_exactly_the_planned_frames(
    tmp_path: Path,
    photo_paths: list[Path],
    engine: Engine,
    photo_count: int,
    duration: float,
    fps: float,
    resolution: str,
) -> None:
    spec = SlideshowSpec(duration=duration, transition_duration=0.2, resolution=resolution, fps=fps)
    output = tmp_path / "video.mp4"

    facts = render(photo_paths[:photo_count], output, spec, engine=engine)

    frames = round(photo_count * Fraction(str(duration)) * spec.frame_rate)
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        pictures = list(container.decode(video=0))
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == frames / spec.frame_rate
        assert stream.average_rate == spec.frame_rate
    assert len(pictures) == stream.frames == facts.frames == frames
    assert pictures[0].pts == 0
    assert pictures[0].key_frame
    assert (pictures[0].width, pictures[0].height) == spec.size == (facts.width, facts.height)
    assert facts.duration == pytest.approx(frames / spec.frame_rate)
    assert (facts.fps, facts.file_size) == (fps, output.stat().st_size)


@pytest.mark.render
@ENGINES
def test_video_has_a_colour_description_and_faststart(
    tmp_path: Path, photo_paths: list[Path], engine: Engine
) -> None:
    output = tmp_path / "video.mp4"
    render(photo_paths[:2], output, engine=engine)

    with av.open(str(output)) as container:
        context = container.streams.video[0].codec_context
        picture = next(container.decode(video=0))
    assert context.pix_fmt == "yuv420p"
    for tagged in (context, picture):
        assert (tagged.colorspace, tagged.color_primaries, tagged.color_trc) == (1, 1, 1)
        assert tagged.color_range == 1  # limited
    nclx = struct.pack(">4s4sHHHB", b"colr", b"nclx", 1, 1, 1, 0)
    assert nclx in output.read_bytes()
    boxes = read_boxes(output)
    assert boxes.index(b"moov") < boxes.index(b"mdat")


@ENGINES
def test_music_lasts_as_long_as_the_pictures(
    tmp_path: Path, photo_paths: list[Path], song_path: Path, engine: Engine
) -> None:
    output = tmp_path / "video.mp4"
    spec = SMALL.model_copy(update={"duration": 1.0})
    render(photo_paths[:2], output, spec, engine=engine, audio=song_path)

    with av.open(str(output)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        video, sound = container.streams
        assert sound.codec_context.name == "aac"
        assert video.duration is not None
        assert sound.duration is not None
        assert sound.time_base is not None
        assert 2 - 1024 / 48000 <= sound.duration * sound.time_base <= 2
        assert next(container.decode(video=0)).pts == 0
        assert container.duration == 2_000_000


@pytest.mark.render
def test_poster_is_the_first_photo_as_fitted(tmp_path: Path, photo_paths: list[Path]) -> None:
    portrait = SlideshowSpec(duration=0.2, resolution="720x1280", fps=15, fit=Fit.CONTAIN)
    render(photo_paths[:1], tmp_path / "video.mp4", portrait, poster=tmp_path / "poster.jpg")

    with Image.open(tmp_path / "poster.jpg") as poster:
        assert (poster.format, poster.size) == ("JPEG", (640, 1138))
        assert poster.getpixel((320, 20)) == (0, 0, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["poster.jpg", "video.mp4"]


@pytest.mark.render
@pytest.mark.parametrize("motion", [Motion.ZOOM_OUT, Motion.PAN_RIGHT, Motion.KENBURNS])
def test_poster_of_a_moving_photo_is_the_first_frame(
    tmp_path: Path, photo_paths: list[Path], motion: Motion
) -> None:
    """The poster has the caption, and the same part of the photo as the first frame."""
    spec = SlideshowSpec(duration=0.4, transition=Transition.NONE, resolution="640x362", fps=15)
    spec = spec.model_copy(update={"motion": motion})
    output, poster = tmp_path / "video.mp4", tmp_path / "poster.jpg"
    photos = [Photo(path, path.name, PhotoSpec(caption="Hello")) for path in photo_paths[:2]]

    render_slideshow(photos, spec, output, poster=poster, on_progress=Reports())

    with Image.open(poster) as image:
        shown = np.asarray(image.convert("L"))
    frames = [np.asarray(frame.convert("L")) for frame in read_frames(output)]
    for part in (np.s_[:280], np.s_[280:, 200:-200]):  # the photo, and its caption
        likeness = [measure_likeness(shown[part], frame[part]) for frame in frames]
        assert likeness[0] >= 0.96
        assert likeness[0] == max(likeness)


def measure_likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(structural_similarity(one, other))  # type: ignore[no-untyped-call]  # untyped


@pytest.mark.render
def test_poster_of_a_small_video_is_not_enlarged(tmp_path: Path, photo_paths: list[Path]) -> None:
    render(photo_paths[:1], tmp_path / "video.mp4", poster=tmp_path / "poster.jpg")

    with Image.open(tmp_path / "poster.jpg") as poster:
        assert poster.size == (160, 90)


@pytest.mark.render
@ENGINES
def test_progress_counts_every_frame_and_never_goes_back(
    tmp_path: Path, photo_paths: list[Path], engine: Engine
) -> None:
    reports = Reports()
    render(photo_paths[:2], tmp_path / "video.mp4", engine=engine, reports=reports)

    assert reports.lines[0] == (0, 20, "preparing")
    assert reports.lines[-1] == (20, 20, "saving")
    assert {total for _, total, _ in reports.lines} == {20}
    rendered = [done for done, _, stage in reports.lines if stage == "rendering"]
    assert rendered == list(range(1, 21))
    done = [done for done, _, _ in reports.lines]
    assert done == sorted(done)
    stages = list(dict.fromkeys(stage for _, _, stage in reports.lines))
    assert stages == ["preparing", "rendering", "audio", "saving"]


@pytest.mark.render
@ENGINES
def test_truncated_third_photo_is_named_and_leaves_nothing(
    tmp_path: Path, photo_paths: list[Path], engine: Engine
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    damaged = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")

    with pytest.raises(UnreadableMediaError, match=r"beach\.jpg is damaged"):
        render([*photo_paths[:2], damaged], folder / "video.mp4", engine=engine)

    assert list(folder.iterdir()) == []


@ENGINES
def test_skipped_photos_are_named_and_the_others_shown(
    tmp_path: Path, photo_paths: list[Path], song_path: Path, engine: Engine
) -> None:
    first = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")
    last = cut_in_half(photo_paths[0], tmp_path / "hills.png")
    rest = photo_paths[:3]
    made = {}
    for name, paths in (("all", [first, *rest, last]), ("rest", rest)):
        folder = tmp_path / name
        folder.mkdir()
        video, poster = folder / "video.mp4", folder / "poster.jpg"
        made[name] = render(paths, video, SKIPPING, engine=engine, audio=song_path, poster=poster)
        assert sorted(folder.iterdir()) == [poster, video]

    assert made["all"].skipped_photos == ("beach.jpg", "hills.png")
    assert made["rest"].skipped_photos == ()
    assert made["all"].frames == 30
    for name in ("video.mp4", "poster.jpg"):
        assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "rest" / name).read_bytes()


@pytest.mark.render
@ENGINES
def test_progress_never_goes_back_when_a_late_photo_is_skipped(
    tmp_path: Path, photo_paths: list[Path], engine: Engine
) -> None:
    damaged = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")
    many = photo_paths[:1] * 25
    reports = Reports()
    render([*many, damaged], tmp_path / "video.mp4", SKIPPING, engine=engine, reports=reports)

    assert (0, 260, "preparing") in reports.lines
    stages = [stage for _, _, stage in reports.lines]
    assert "preparing" in stages[stages.index("rendering") :]
    assert reports.shares == sorted(reports.shares)
    assert reports.lines[-1] == (250, 250, "saving")


@pytest.mark.render
def test_progress_never_goes_back_when_x264_takes_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photo_paths: list[Path]
) -> None:
    def break_off(*arguments: Any, on_frame: Callable[[int], None], **options: Any) -> None:
        def count(done: int) -> None:
            on_frame(done)
            if done == 15:
                raise UnexpectedStreamError("x264 is not what it was.")

        encode_stills(*arguments, on_frame=count, **options)

    monkeypatch.setattr(slideshow_pictures, "encode_stills", break_off)
    output, reports = tmp_path / "video.mp4", Reports()
    render(photo_paths[:2], output, engine=Engine.STILL, reports=reports)

    assert reports.lines.count((15, 20, "rendering")) == 16
    assert reports.shares == sorted(reports.shares)
    with av.open(str(output)) as container:
        assert len(list(container.decode(video=0))) == 20


@pytest.mark.render
def test_slideshow_without_a_readable_photo_fails_and_leaves_nothing(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    damaged = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")
    letter = tmp_path / "letter.jpg"
    letter.write_text("Dear all")
    folder = tmp_path / "out"
    folder.mkdir()

    with pytest.raises(UnreadableMediaError, match="None of the photos can be read"):
        render([damaged, letter], folder / "video.mp4", SKIPPING)

    assert list(folder.iterdir()) == []


@pytest.mark.render
@pytest.mark.parametrize("with_bad_photo", [False, True])
def test_damaged_music_fails_even_if_bad_photos_are_skipped(
    tmp_path: Path, photo_paths: list[Path], *, with_bad_photo: bool
) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"ID3" + bytes(1000))
    damaged = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")
    photos = [photo_paths[0], *([damaged] if with_bad_photo else [])]

    with pytest.raises(InputError) as caught:
        render(photos, tmp_path / "video.mp4", SKIPPING, audio=song)

    assert "beach.jpg" not in str(caught.value)
    assert "photo" not in str(caught.value)
    assert not (tmp_path / "video.mp4").exists()


@pytest.mark.render
def test_check_for_bad_photos_stops_when_progress_raises(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    class StoppedError(Exception):
        pass

    reported = Reports()

    def stop(done: int, total: int, stage: str) -> None:
        reported(done, total, stage)
        if [stage for _, _, stage in reported.lines].count(
            "preparing"
        ) == 5:  # each render reports one
            raise StoppedError

    damaged = cut_in_half(photo_paths[1], tmp_path / "beach.jpg")
    photos = [Photo(path, path.name) for path in (*photo_paths[:1] * 25, damaged)]
    with pytest.raises(StoppedError):
        render_slideshow(photos, SKIPPING, tmp_path / "video.mp4", on_progress=stop)

    assert list(tmp_path.iterdir()) == [damaged]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("photos")]


@pytest.mark.render
@ENGINES
def test_render_stops_when_progress_raises(
    tmp_path: Path, photo_paths: list[Path], engine: Engine
) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, total: int, stage: str) -> None:
        if (stage, done, total) == ("rendering", 5, 20):
            raise StoppedError

    photos = [Photo(path, path.name) for path in photo_paths[:2]]
    with pytest.raises(StoppedError):
        render_slideshow(photos, SMALL, tmp_path / "video.mp4", engine=engine, on_progress=stop)

    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("photos")]


class EndlessMusic:
    """Encodes music until its progress callback raises, or until `done` is set."""

    def __init__(self) -> None:
        self.done = threading.Event()

    def __call__(
        self,
        tracks: Sequence[Track],
        output: Path,
        *,
        on_progress: Callable[[int], None] = lambda _: None,
        **options: Any,
    ) -> None:
        while not self.done.is_set():
            on_progress(0)
            time.sleep(0.01)
        encode_audio(tracks, output, **options)


@pytest.mark.parametrize("last", ["rendering", "audio"])
def test_stopped_slideshow_does_not_wait_for_its_music(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    photo_paths: list[Path],
    song_path: Path,
    last: str,
) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, total: int, stage: str) -> None:
        if stage == last and done <= total:
            raise StoppedError

    monkeypatch.setattr(slideshow, "encode_audio", EndlessMusic())
    photos = [Photo(path, path.name) for path in photo_paths[:2]]
    with pytest.raises(StoppedError):
        render_slideshow(
            photos,
            SMALL,
            tmp_path / "video.mp4",
            tracks=[Track(song_path, SONG_SECONDS)],
            on_progress=stop,
        )

    assert list(tmp_path.iterdir()) == []


def test_progress_is_reported_while_only_the_music_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photo_paths: list[Path], song_path: Path
) -> None:
    music, reported = EndlessMusic(), Reports()

    def report(done: int, total: int, stage: str) -> None:
        reported(done, total, stage)
        if reported.lines.count((20, 20, "audio")) == 3:
            music.done.set()

    monkeypatch.setattr(slideshow, "encode_audio", music)
    photos = [Photo(path, path.name) for path in photo_paths[:2]]
    tracks = [Track(song_path, SONG_SECONDS)]
    render_slideshow(photos, SMALL, tmp_path / "video.mp4", tracks=tracks, on_progress=report)

    assert reported.lines[-1] == (20, 20, "saving")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a niceness for each thread")
@pytest.mark.parametrize("has_music", [False, True])
def test_photos_give_way_to_music_alone(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    photo_paths: list[Path],
    song_path: Path,
    has_music: bool,
) -> None:
    found: list[int] = []
    load_picture = SlidePictures.load_picture

    def load(self: SlidePictures, number: int) -> Picture:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return load_picture(self, number)

    monkeypatch.setattr(SlidePictures, "load_picture", load)
    music = song_path if has_music else None
    render(photo_paths[:2], tmp_path / "video.mp4", engine=Engine.STILL, audio=music)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert found == [19 if has_music else own] * 2


@ENGINES
def test_fit_to_music_ends_with_the_music(
    tmp_path: Path, photo_paths: list[Path], song_path: Path, engine: Engine
) -> None:
    spec = SMALL.model_copy(update={"fit_to_music": True, "duration": 60})
    tracks = [Track(song_path, SONG_SECONDS, 0.5, 2.5), Track(song_path, SONG_SECONDS, 1)]
    photos = [Photo(path, path.name) for path in photo_paths[:3]]
    output = tmp_path / "video.mp4"
    facts = render_slideshow(
        photos, spec, output, tracks=tracks, engine=engine, on_progress=Reports()
    )
    seconds = 2 + 3 - 1  # where they overlap, for half of the shorter one
    assert facts.frames == seconds * 25
    with av.open(str(output)) as container:
        (sound,) = container.streams.audio
        assert sum(frame.samples for frame in container.decode(sound)) == pytest.approx(
            seconds * 48_000, abs=1024
        )


def test_fit_to_music_without_music_is_refused(tmp_path: Path, photo_paths: list[Path]) -> None:
    spec = SMALL.model_copy(update={"fit_to_music": True})
    with pytest.raises(InvalidSpecError, match="no music"):
        render(photo_paths[:2], tmp_path / "video.mp4", spec)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.render
def test_failed_render_keeps_the_older_video(tmp_path: Path, photo_paths: list[Path]) -> None:
    output = tmp_path / "video.mp4"
    output.write_bytes(b"yesterday's")
    text = tmp_path / "letter.jpg"
    text.write_text("Dear all")

    with pytest.raises(UnsupportedMediaError, match=r"letter\.jpg is not in a supported format"):
        render([photo_paths[0], text], output)

    assert output.read_bytes() == b"yesterday's"


def test_slideshow_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpecError):
        render([], tmp_path / "video.mp4")


@pytest.mark.render
def test_same_photo_can_be_shown_many_times(tmp_path: Path, photo_paths: list[Path]) -> None:
    assert render([photo_paths[0]] * 12, tmp_path / "video.mp4").frames == 120


@pytest.mark.render
@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("resolution", ["1280x720", "720x1280"])
def test_preview_shows_the_same_at_the_same_place(
    photo_paths: list[Path], tmp_path: Path, fit: Fit, resolution: str
) -> None:
    """Its photos are decoded smaller, and scaled with what is around them."""
    wide = tmp_path / "wide.jpg"
    with Image.open(photo_paths[0]) as coffee:
        coffee.resize((2400, 900)).save(wide)
    paths = [wide, *photo_paths[1:]]
    spec = SMALL.model_copy(
        update={"resolution": resolution, "fit": fit, "focus": Point(x=0.4, y=0.4)}
    )
    preview = spec.model_copy(update={"preview": True})

    whole = render(paths, tmp_path / "whole.mp4", spec, engine=Engine.STILL)
    small = render(paths, tmp_path / "small.mp4", preview, engine=Engine.STILL)

    assert (small.frames, small.duration, small.fps) == (whole.frames, whole.duration, whole.fps)
    assert (small.width, small.height) == (whole.width // 2, whole.height // 2)
    videos = (
        read_frames(tmp_path / name, lambda number: number % 10 == 0)  # without the fades
        for name in ("small.mp4", "whole.mp4")
    )
    for pictures in zip(*videos, strict=True):
        shown, exact = (
            np.asarray(picture.resize((160, 160), Image.Resampling.BOX)).astype(int)
            for picture in pictures
        )
        assert np.abs(shown - exact).mean() < 4
        photo = np.s_[65:95, 40:120]  # what is around it is too smooth to have a place
        for axis, step in product((0, 1), (-1, 1)):
            off = np.roll(exact, step, axis)  # by 4 pixels of the preview
            assert np.abs(shown - exact)[photo].mean() < np.abs(shown - off)[photo].mean()


@pytest.mark.render
@pytest.mark.parametrize("size", [(1, 1), (17, 900), (3000, 20)])
def test_photo_of_any_shape_has_a_preview(tmp_path: Path, size: tuple[int, int]) -> None:
    photo = tmp_path / "line.png"
    Image.new("RGB", size, "red").save(photo)
    preview = SlideshowSpec(duration=0.4, fps=25, preview=True)

    render([photo], tmp_path / "video.mp4", preview, engine=Engine.STILL)

    (frame, *_) = read_frames(tmp_path / "video.mp4")
    assert frame.size == (640, 360)
    red, green, blue = np.asarray(frame)[178:182, 318:322].mean(axis=(0, 1))
    assert red > 2 * max(green, blue)
