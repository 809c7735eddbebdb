"""No file exceeds its limit, and none is much smaller than it may be."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import RenderStage
from reelqueue.planning.delivery.crf import COARSEST_CRF, Crfs
from reelqueue.render.delivery.fitting import Encoded
from reelqueue.render.delivery.slideshow_pictures import SlideshowEncoder
from reelqueue.specs.delivery import Quality, Target
from reelqueue.specs.slideshow import Engine
from tests.boxes import read_tracks
from tests.render.delivery.conftest import MakeVideo
from tests.render.test_clip import run_tool

pytestmark = pytest.mark.render

SMALL = {"duration": 1.0, "resolution": "480x270", "fps": 25}


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
@pytest.mark.parametrize("part", [0.25, 0.5, 0.8])
def test_slideshow_fills_its_bytes(make_slideshow: MakeVideo, engine: Engine, part: float) -> None:
    _, free = make_slideshow(engine=engine, has_sound=False, **SMALL)
    limit = round(part * free.file_size)
    path, facts = make_slideshow(engine=engine, has_sound=False, max_bytes=limit, **SMALL)
    assert facts.file_size == path.stat().st_size
    assert 0.9 * limit <= facts.file_size <= limit
    (video,) = read_tracks(path)
    assert len(video.sizes) == facts.frames == 75


def test_moving_slideshow_with_music_fills_its_bytes(make_slideshow: MakeVideo) -> None:
    moving = SMALL | {"motion": "kenburns"}
    _, free = make_slideshow(**moving)
    limit = round(0.5 * free.file_size)
    path, facts = make_slideshow(max_bytes=limit, **moving)
    assert 0.9 * limit <= path.stat().st_size == facts.file_size <= limit
    assert len(read_tracks(path)) == 2


@pytest.mark.parametrize(
    ("engine", "motion", "passes"),
    [(Engine.STILL, "none", 2), (Engine.STILL, "kenburns", 3), (Engine.X264, "none", 4)],
)
@pytest.mark.parametrize("part", [0.4, 0.7])
def test_noise_fills_its_bytes(
    make_slideshow: MakeVideo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: Engine,
    motion: str,
    passes: int,
    part: float,
) -> None:
    """Its bytes do not follow a CRF as those of photos do."""
    photos = [tmp_path / f"noise-{number}.png" for number in range(3)]
    for number, photo in enumerate(photos):
        noise = np.random.default_rng(number).integers(0, 255, (180, 320, 3), dtype=np.uint8)
        Image.fromarray(noise).save(photo)
    order = {"engine": engine, "motion": motion, "duration": 1.0, "fps": 15}
    order |= {"resolution": "320x180", "transition_duration": 0.4, "has_sound": False}
    _, free = make_slideshow(photos, **order)
    limit = round(part * free.file_size)
    encode, made = SlideshowEncoder.encode, list[float | None]()

    def count(encoder: SlideshowEncoder, control: float | None) -> Encoded:
        made.append(control)
        return encode(encoder, control)

    monkeypatch.setattr(SlideshowEncoder, "encode", count)
    _, facts = make_slideshow(photos, max_bytes=limit, **order)
    assert 0.9 * limit <= facts.file_size <= limit
    assert len(made) <= passes


@pytest.mark.parametrize("target", [Target.WHATSAPP, Target.WIDEST])
def test_slideshow_without_b_pictures_fills_its_bytes(
    make_slideshow: MakeVideo, target: Target
) -> None:
    _, free = make_slideshow(target=target, **SMALL)
    limit = round(0.4 * free.file_size)
    path, facts = make_slideshow(target=target, max_bytes=limit, **SMALL)
    assert 0.9 * limit <= path.stat().st_size == facts.file_size <= limit
    assert not read_tracks(path)[0].has_offsets


def test_second_pass_finds_its_notes_in_a_folder_of_any_name(
    make_slideshow: MakeVideo, tmp_path: Path
) -> None:
    folder = tmp_path / r"it's 1:2=3\4"
    folder.mkdir()
    _, facts = make_slideshow(target=Target.WHATSAPP, max_bytes=60_000, folder=folder, **SMALL)
    assert 0.9 * 60_000 <= facts.file_size <= 60_000
    assert [path.name for path in folder.iterdir()] == ["slideshow.mp4"]


def test_progress_goes_on_in_a_second_pass(make_clip: MakeVideo, bikes: Path) -> None:
    reports: list[float] = []

    def report(done: int, total: int, stage: RenderStage) -> None:
        if stage == "rendering":
            reports.append(done / total)

    make_clip(bikes, report, aspect="original", end=3.0, max_bytes=60_000)
    assert reports == sorted(reports)
    assert 0.5 in reports  # the end of the first pass
    assert reports[-1] == 1


def read_coded(path: Path) -> tuple[bytes | None, list[int]]:
    """Return the parameter sets of the pictures of a video, and the bytes of each picture."""
    with av.open(str(path)) as container:
        sets = container.streams.video[0].codec_context.extradata
    return sets, read_tracks(path)[0].sizes


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
def test_what_fits_anyway_is_as_without_a_limit(make_slideshow: MakeVideo, engine: Engine) -> None:
    path, free = make_slideshow(engine=engine, has_sound=False, **SMALL)
    plain = read_coded(path)
    limit = free.file_size + 1000
    make_slideshow(engine=engine, has_sound=False, max_bytes=limit, **SMALL)
    assert read_coded(path) == plain


@pytest.mark.parametrize("part", [0.1, 0.3, 0.7])
def test_clip_of_several_segments_fills_its_bytes(
    make_clip: MakeVideo, bikes: Path, part: float
) -> None:
    order = {
        "aspect": "original",
        "segments": [{"start": 1, "end": 2.5}, {"start": 4, "end": 6}],
        "transition": "fade",
        "title": {"text": "Bikes", "duration": 0.4},
    }
    _, free = make_clip(bikes, quality="high", **order)
    limit = round(part * free.file_size)
    path, facts = make_clip(bikes, quality="high", max_bytes=limit, **order)
    assert 0.9 * limit <= path.stat().st_size == facts.file_size <= limit
    assert facts.frames == free.frames
    errors = run_tool("-v", "error", "-i", path, "-f", "null", "-").stderr
    assert not errors  # each piece has a bit rate of its own


def test_captions_are_seen_in_every_pass(make_clip: MakeVideo, bikes: Path) -> None:
    order = {
        "aspect": "original",
        "captions": [
            {"start": 0, "end": 1, "text": "one"},
            {"start": 1, "end": 1.8, "text": "two"},
        ],
        "caption_style": {"size": "large", "backing": "box", "color": "#ff00ff"},
        "end": 2,
    }
    path, free = make_clip(bikes, **order)
    assert count_letters(path, 10) > 100 < count_letters(path, 35)
    make_clip(bikes, max_bytes=free.file_size // 2, **order)
    assert count_letters(path, 10) > 100 < count_letters(path, 35)


def count_letters(path: Path, number: int) -> int:
    """Return how many pixels of a frame are magenta."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    red, green, blue = np.moveaxis(frames[number].to_ndarray(format="rgb24").astype(int), -1, 0)
    return int(np.count_nonzero((red > 150) & (blue > 150) & (green < 100)))


def test_clip_with_sound_for_a_place_fills_its_bytes(make_clip: MakeVideo, bunny: Path) -> None:
    limit = 300_000
    path, facts = make_clip(bunny, target=Target.WIDEST, max_bytes=limit, aspect="original")
    assert 0.9 * limit <= path.stat().st_size == facts.file_size <= limit
    video, sound = read_tracks(path)
    assert (video.edit_lists, sound.edit_lists, video.has_offsets) == (0, 0, False)
    assert 8 * sum(sound.sizes) / sound.duration < 110_000  # a fifth of the bytes at most


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
def test_limit_that_cannot_be_met_is_an_error_that_says_what_can(
    make_slideshow: MakeVideo, engine: Engine, tmp_path: Path
) -> None:
    photos = [tmp_path / f"noise-{number}.png" for number in range(20)]
    for number, photo in enumerate(photos):
        noise = np.random.default_rng(number).integers(0, 255, (270, 480, 3), dtype=np.uint8)
        Image.fromarray(noise).save(photo)
    order = SMALL | {"duration": 0.2, "transition": "none", "resolution": "960x540"}
    with pytest.raises(InvalidSpecError, match=r"max_bytes: .* at least [\d.]+ [kM]B"):
        make_slideshow(photos, engine, has_sound=False, max_bytes=10_000, **order)
    assert not (tmp_path / "slideshow.mp4").exists()
    assert not list(tmp_path.glob(".slideshow*"))


@pytest.mark.parametrize(
    ("motion", "limit"), [("none", 10_000), ("kenburns", 10_000), ("kenburns", 40_000)]
)
def test_refused_slideshow_is_encoded_once_with_each_quality(
    make_slideshow: MakeVideo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    motion: str,
    limit: int,
) -> None:
    photos = [tmp_path / f"noise-{number}.png" for number in range(12)]
    for number, photo in enumerate(photos):
        noise = np.random.default_rng(number).integers(0, 255, (180, 320, 3), dtype=np.uint8)
        Image.fromarray(noise).save(photo)
    order = {"motion": motion, "duration": 1.0, "fps": 15, "transition_duration": 0.4}
    order |= {"resolution": "320x180", "has_sound": False}
    encode, made = SlideshowEncoder.encode, list[Crfs]()

    def note(encoder: SlideshowEncoder, control: float | None) -> Encoded:
        encoded = encode(encoder, control)
        made.append(encoder.timeline.crfs.coarsen(encoded.control))
        return encoded

    monkeypatch.setattr(SlideshowEncoder, "encode", note)
    with pytest.raises(InvalidSpecError, match="max_bytes"):
        make_slideshow(photos, max_bytes=limit, **order)
    assert len(set(made)) == len(made)
    if motion == "none":  # all is said by the CRF of stills
        assert [crfs.stills for crfs in made] == [15, COARSEST_CRF]
        assert made[-1].keys < COARSEST_CRF  # so no other step leads there


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
def test_qualities_differ_as_they_are_called(make_slideshow: MakeVideo, engine: Engine) -> None:
    sizes = [
        make_slideshow(engine=engine, has_sound=False, quality=quality, **SMALL)[1].file_size
        for quality in (Quality.SMALL, Quality.STANDARD, Quality.HIGH)
    ]
    assert sizes[0] < 0.75 * sizes[1] < 0.75 * 0.85 * sizes[2]
