"""Videos among the photos of a slideshow: exact pictures, in sync, beside photos and music."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.material import read_frames
from reelqueue.errors import RenderCanceledError, UnreadableMediaError
from reelqueue.media.facts import RenderFacts
from reelqueue.planning.soundtrack import Track
from reelqueue.render.ffmpeg.probe import probe_audio, probe_video
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.slides import SlideChoice
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from tests.render.conftest import TONE, Make, find_ffmpegs, measure_loudness
from tests.render.flashes import BEEPS, make_master, read_clip

pytestmark = pytest.mark.render

IN_SYNC = 0.02  # seconds
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-pix_fmt", "yuv420p")
ENGINES = pytest.mark.parametrize("engine", Engine)
# The shape of the video that flashes, so that its codes can be read.
SPEC = SlideshowSpec(
    duration=0.4, transition="none", resolution="320x96", fps=25, caption_style={"size": "small"}
)

Slide = Path | tuple[Path, dict[str, object]]
Show = Callable[..., tuple[RenderFacts, Path]]


def open_slide(slide: Slide) -> Photo:
    path, settings = slide if isinstance(slide, tuple) else (slide, {})
    choice = SlideChoice.model_validate(settings)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix in (".jpg", ".png"):
        return Photo(path, path.name, choice.for_photo(""), digest)
    facts = probe_video(path)
    spec = choice.for_video(facts.duration, "", has_sound=facts.has_audio)
    return Photo(path, path.name, spec, digest)


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Return a function that renders slides: `show(photo, (video, {"start": 1.0}), photo)`."""

    def render(
        *slides: Slide,
        spec: SlideshowSpec = SPEC,
        music: Path | None = None,
        **options: object,
    ) -> tuple[RenderFacts, Path]:
        output = tmp_path / "show.mp4"
        options = {"on_progress": lambda *_: None, **options}
        tracks = [Track(music, probe_audio(music).duration)] if music else []
        facts = render_slideshow(
            [open_slide(slide) for slide in slides],
            spec,
            output,
            tracks=tracks,
            **options,  # type: ignore[arg-type]  # as the test has them
        )
        return facts, output

    return render


@pytest.fixture
def photo(photo_paths: list[Path]) -> Path:
    return photo_paths[1]  # a rocket, which is a JPEG


@pytest.fixture(scope="session")
def flashes(make_media: Make) -> Path:
    """Four seconds at 25 fps whose pictures have numbers, with a flash and a beep each second."""
    inputs = ("-f", "lavfi", "-i", make_master("25"), "-f", "lavfi", "-i", BEEPS, "-t", "4")
    return make_media("flashes.mp4", *inputs, *X264, "-g", "20", "-bf", "2", "-c:a", "aac")


def see(output: Path) -> NDArray[np.int_]:
    """Return all frames, shape (frames, height, width, 3)."""
    return np.stack([np.asarray(frame, int) for frame in read_frames(output)])


def with_changes(**changes: object) -> SlideshowSpec:
    return SlideshowSpec.model_validate({**SPEC.model_dump(), **changes})


@ENGINES
def test_video_plays_its_part_picture_by_picture_in_sync(
    show: Show, photo: Path, flashes: Path, engine: Engine
) -> None:
    facts, output = show(photo, (flashes, {"start": 0.8, "end": 2.8}), photo, engine=engine)

    shown = read_clip(output, facts)
    assert facts.frames == 10 + 50 + 10
    assert shown.codes[10:60] == list(range(20, 70))
    flashed = [flash for flash in shown.flashes if 0.4 <= flash < 2.4]
    assert flashed == pytest.approx([0.6, 1.6])
    assert [second for _, second in shown.beeps] == [1, 2]
    assert [beep for beep, _ in shown.beeps] == pytest.approx(flashed, abs=IN_SYNC)


@ENGINES
def test_video_begins_with_the_transition_to_it(
    show: Show, photo: Path, flashes: Path, engine: Engine
) -> None:
    spec = with_changes(transition="wipe_left", transition_duration=0.2)
    facts, output = show(photo, (flashes, {"end": 2}), photo, spec=spec, engine=engine)

    shown = read_clip(output, facts)
    assert facts.frames == 10 + 45 + 10  # the video's first fifth of a second is the photo's last
    assert shown.codes[10:50] == list(range(5, 45))
    assert [beep for beep, _ in shown.beeps] == pytest.approx([0.2 + 1], abs=IN_SYNC)


def test_transition_takes_half_of_a_short_video_at_most(
    show: Show, photo: Path, flashes: Path
) -> None:
    spec = with_changes(transition="wipe_left", transition_duration=0.4)
    facts, output = show(photo, (flashes, {"start": 1, "end": 1.4}), photo, spec=spec)

    assert facts.frames == 10 + 5 + 10
    assert read_clip(output, facts).codes[10] == 30


def test_two_videos_fade_into_each_other(show: Show, flashes: Path) -> None:
    spec = with_changes(transition="fade", transition_duration=0.4)
    facts, output = show((flashes, {"end": 2}), (flashes, {"start": 2.2}), spec=spec)

    shown = read_clip(output, facts)
    assert facts.frames == 50 + 35
    assert shown.codes[:40] == list(range(40))
    assert shown.codes[50:] == list(range(65, 100))
    assert [second for _, second in shown.beeps] == [1, 3]
    assert [beep for beep, _ in shown.beeps] == pytest.approx([1, 2.4], abs=IN_SYNC)


@pytest.mark.parametrize(("fps", "step"), [(50, 2), (30, 1.2), (29.97, 30 / 1.001 / 25), (25, 1)])
def test_video_keeps_its_pace_at_any_rate(
    show: Show, photo: Path, flashes: Path, fps: float, step: float
) -> None:
    facts, output = show(photo, (flashes, {"start": 1}), spec=with_changes(fps=fps))

    shown = read_clip(output, facts)
    first = round(0.4 * SPEC.fps * step)
    played = np.array(shown.codes[first:])
    expected = 25 + np.arange(len(played)) / step
    assert len(played) == pytest.approx(75 * step, abs=1)
    assert np.abs(played - expected).max() <= 1
    offsets = [
        min(abs(beep - flash) for flash in shown.flashes) for beep, _ in shown.beeps if beep > 0.5
    ]
    assert max(offsets) <= IN_SYNC + 1 / fps


def test_picture_stays_when_a_part_ends_with_the_video(show: Show, flashes: Path) -> None:
    """The end may be a little beyond that of the last picture."""
    facts, output = show((flashes, {"start": 3.52, "end": 4.05}))

    codes = read_clip(output, facts).codes
    assert codes[:12] == list(range(88, 100))
    assert set(codes[12:]) <= {99}


def test_slideshow_of_videos_alone_has_cards_and_a_poster(
    show: Show, flashes: Path, tmp_path: Path
) -> None:
    spec = with_changes(title={"text": "A", "duration": 1}, end_title={"text": "Z", "duration": 1})
    poster = tmp_path / "poster.jpg"
    facts, output = show((flashes, {"start": 1, "end": 2}), spec=spec, poster=poster)

    assert facts.frames == 75
    assert read_clip(output, facts).codes[25:50] == list(range(25, 50))
    frames = see(output)
    assert frames[0].std() > 5  # the first picture of the video lies behind the title
    assert not np.array_equal(frames[0], frames[-1])
    with Image.open(poster) as image:
        assert image.size == (320, 96)


@pytest.mark.parametrize(
    ("size", "poster_size"), [("720x480", (640, 426)), ("1280x120", (640, 60))]
)
@pytest.mark.parametrize("title", [None, {"text": "A", "duration": 0.2}], ids=["video", "title"])
def test_poster_of_a_video_has_any_size(
    show: Show,
    flashes: Path,
    tmp_path: Path,
    size: str,
    poster_size: tuple[int, int],
    title: dict[str, object] | None,
) -> None:
    poster = tmp_path / "poster.jpg"
    spec = with_changes(resolution=size, title=title)
    _, output = show((flashes, {"end": 0.2}), spec=spec, poster=poster)

    first = Image.fromarray(see(output)[0].astype(np.uint8)).resize(poster_size)
    with Image.open(poster) as image:
        assert image.size == poster_size
        assert np.abs(np.asarray(image, int) - np.asarray(first, int)).mean() < 8


def test_caption_stands_over_a_video_and_parts_from_that_of_a_photo(
    show: Show, photo: Path, flashes: Path
) -> None:
    spec = with_changes(
        transition="fade", transition_duration=0.4, duration=1, resolution="320x180"
    )
    worded: list[tuple[Path, dict[str, object]]] = [
        (photo, {"caption": "Rocket"}),
        (flashes, {"end": 2, "caption": "Flashes"}),
    ]
    _, output = show(*worded, spec=spec)
    with_words = see(output)
    plain = [(path, settings | {"caption": ""}) for path, settings in worded]
    _, output = show(*plain, spec=spec)

    differences = np.abs(with_words - see(output)).max(axis=(1, 2, 3))
    middle = 25 - 5 - 1  # of the fade, where no words are left
    assert differences.argmin() == middle
    assert differences[middle] < 60
    assert (differences[[0, -1]] > 60).all()


@pytest.mark.parametrize("fit", ["blur", "contain", "cover"])
def test_video_fills_the_frame_as_a_photo_does(
    show: Show, make_media: Make, tmp_path: Path, fit: str
) -> None:
    picture = tmp_path / "picture.png"
    gradient = np.linspace(40, 220, 160, dtype=np.uint8)
    Image.fromarray(np.repeat(gradient[None, :, None], 320, 0).repeat(3, 2)).save(picture)
    still = ("-loop", "1", "-i", picture, "-t", "1", "-vf", "scale=out_color_matrix=bt709")
    colors = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    video = make_media(f"{fit}.mp4", *still, *X264, *colors)
    spec = with_changes(fit=fit, resolution="320x180")

    _, output = show(picture, (video, {"end": 0.4}), spec=spec)

    frames = see(output)
    differences = np.abs(frames[2] - frames[-2]).mean(axis=(0, 2))
    assert differences[120:200].max() < 6  # the middle, which each of them fills
    inside = np.sort(differences)[:-4]  # the edges of the picture may be beside each other
    assert inside.max() < (30 if fit == "blur" else 6)


def test_video_is_turned(show: Show, flashes: Path) -> None:
    _, output = show((flashes, {"end": 0.4}), (flashes, {"end": 0.4, "rotate": 180}))

    frames = see(output)
    assert np.abs(frames[3] - frames[13][::-1, ::-1]).mean() < 3


def measure_tone(sound: NDArray[np.float32], hertz: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum[round(hertz * len(sound) / 48_000)])


def hear(output: Path) -> NDArray[np.float32]:
    with av.open(str(output)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.asarray(np.concatenate(frames, axis=1)[0], np.float32)


@pytest.mark.parametrize("duck", [True, False])
def test_music_gives_way_to_a_video(
    show: Show, photo: Path, make_media: Make, song_path: Path, duck: bool
) -> None:
    """The song is a tone of 440 Hz, the video has one of 1000 Hz."""
    inputs = ("-f", "lavfi", "-i", make_master("25", 3), "-f", "lavfi", "-i", "sine=1000:d=3")
    video = make_media("hum.mp4", *inputs, *X264, "-c:a", "aac")
    spec = with_changes(duration=4, duck=duck)

    facts, output = show(photo, video, photo, spec=spec, music=song_path)

    sound = hear(output)
    assert facts.duration == pytest.approx(11)
    second = 48_000
    before, beside = sound[2 * second : 3 * second], sound[5 * second : 6 * second]
    drop = 20 * np.log10(measure_tone(before, 440) / measure_tone(beside, 440))
    assert drop == pytest.approx(12 if duck else 0, abs=1.5)
    assert measure_tone(beside, 1000) > 20 * measure_tone(before, 1000)


def test_quiet_video_is_as_loud_as_music(show: Show, make_media: Make) -> None:
    tones = "aevalsrc='0.02*sin(2*PI*440*t)*gt(sin(2*PI*t),-0.5)':d=4:s=48000"
    inputs = ("-f", "lavfi", "-i", make_master("25"), "-f", "lavfi", "-i", tones)
    video = make_media("quiet.mp4", *inputs, *X264, "-c:a", "aac")

    _, output = show(video)

    loudness, peak = measure_loudness(output)
    assert loudness == pytest.approx(-14, abs=0.5)
    assert peak <= -1


def test_muted_video_leaves_a_slideshow_silent(show: Show, photo: Path, flashes: Path) -> None:
    _, output = show(photo, (flashes, {"mute": True}))

    with av.open(str(output)) as container:
        assert not container.streams.audio


def test_sound_of_a_video_begins_and_ends_without_a_click(
    show: Show, photo: Path, make_media: Make
) -> None:
    inputs = ("-f", "lavfi", "-i", make_master("25", 2), "-f", "lavfi", "-i", TONE)
    video = make_media("tone.mp4", *inputs, *X264, "-c:a", "aac")

    _, output = show(photo, (video, {"start": 0.333, "end": 1.5}), photo)

    sound = hear(output)
    steps = np.abs(np.diff(sound))
    steepest = 2 * np.pi * 440 / 48_000 * np.abs(sound).max()
    assert steps.max() < 1.3 * steepest


def test_bad_video_is_skipped_like_a_photo(photo: Path, flashes: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(flashes.read_bytes())
    spec = with_changes(on_bad_photo="skip")
    slides = [open_slide(photo), open_slide(broken)]
    broken.write_bytes(flashes.read_bytes()[:3000])

    with pytest.raises(UnreadableMediaError):
        render_slideshow(slides, SPEC, tmp_path / "a.mp4", on_progress=lambda *_: None)
    facts = render_slideshow(slides, spec, tmp_path / "a.mp4", on_progress=lambda *_: None)

    assert facts.skipped_photos == ("broken.mp4",)
    assert facts.frames == 10


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
def test_canceled_slideshow_leaves_no_ffmpeg_and_no_files(
    show: Show, photo: Path, bikes: Path, tmp_path: Path, engine: Engine
) -> None:
    def cancel(done: int, _total: int, _stage: str) -> None:
        if done > 20:
            raise RenderCanceledError("enough")

    with pytest.raises(RenderCanceledError):
        show(photo, bikes, photo, bikes, engine=engine, on_progress=cancel)

    assert not find_ffmpegs()
    assert not [name for name in os.listdir(tmp_path) if name != "show.mp4"]
    assert not (tmp_path / "show.mp4").exists()


class Segments:
    """Segments in memory and in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.kept = 0

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        paths = {name: self._folder / name for name in names}
        return {name: path for name, path in paths.items() if path.exists()}

    def keep(self, name: str, data: bytes) -> None:
        self.kept += 1
        (self._folder / name).write_bytes(data)


def test_what_was_encoded_of_a_video_is_taken_again(
    show: Show, photo: Path, flashes: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    segments = Segments(tmp_path_factory.mktemp("segments"))
    spec = with_changes(transition="wipe_left", transition_duration=0.2)
    slides = [photo, (flashes, {"start": 1.0}), photo]
    _, output = show(*slides, spec=spec, segments=segments)
    first, kept = output.read_bytes(), segments.kept

    _, output = show(*slides, spec=spec, segments=segments)
    assert segments.kept == kept
    assert output.read_bytes() == first

    show(photo, (flashes, {"start": 1.2}), photo, spec=spec, segments=segments)
    assert segments.kept > kept
