from __future__ import annotations

import weakref
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import PictureType, VideoFrame
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

from reelqueue.planning.delivery.crf import CRFS
from reelqueue.planning.spans import PhotoSpan, TransitionSpan
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.processes.cores import count_cores
from reelqueue.render.engines import still_intra as intra
from reelqueue.render.engines.x264 import plan_pictures
from reelqueue.render.frames.draw import draw_frames, prepare_pictures
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.delivery import Quality
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.photo import Fit, Motion, PhotoSpec, Transition
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import Backing, CaptionStyle, LetterSize, TitleCard

MIN_SSIM = 0.98

specs = st.builds(
    SlideshowSpec,
    duration=st.integers(2, 120).map(lambda tenths: tenths / 10),
    transition=st.sampled_from(Transition),
    transition_duration=st.integers(0, 100).map(lambda tenths: tenths / 10),
    fps=st.sampled_from(sorted(FRAME_RATES)),
)


def ignore_progress(done: int, total: int, stage: str) -> None:
    pass


def decode_luma(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [read_luma(frame) for frame in container.decode(video=0)]


def read_luma(frame: VideoFrame) -> NDArray[np.uint8]:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].copy()


def measure_likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(structural_similarity(one, other))  # type: ignore[no-untyped-call]  # untyped


def render(paths: list[Path], spec: SlideshowSpec, output: Path, engine: Engine) -> Path:
    photos = [Photo(path, path.name) for path in paths]
    render_slideshow(photos, spec, output, engine=engine, on_progress=ignore_progress)
    return output


@pytest.mark.render
@pytest.mark.parametrize("transition", Transition)
def test_engines_show_the_same_frames(
    tmp_path: Path,
    photo_paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    transition: Transition,
) -> None:
    """The files as users get them; 22 frames of change are more than x264 puts between anchors."""
    spec = SlideshowSpec(
        duration=1.0, transition=transition, transition_duration=0.9, resolution="640x362", fps=25
    )
    paths = photo_paths[:2]

    with monkeypatch.context() as finely:  # or the reference's own encoding would be half the error
        finely.setitem(CRFS, Quality.STANDARD, CRFS[Quality.STANDARD]._replace(frames=8))
        reference = decode_luma(render(paths, spec, tmp_path / "moviepy.mp4", Engine.MOVIEPY))

    for engine in (Engine.STILL, Engine.X264):
        shown = decode_luma(render(paths, spec, tmp_path / f"{engine}.mp4", engine))
        assert len(shown) == len(reference) == 50
        likeness = {n: measure_likeness(shown[n], reference[n]) for n in range(1, 50, 4)}
        assert min(likeness.values()) >= MIN_SSIM, likeness


@pytest.mark.render
def test_engines_show_the_same_frames_where_every_photo_has_its_own_way(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    """Long and short, cut and moved, cropped and turned; the second one is never alone."""
    own = [
        PhotoSpec(duration=0.4, transition=Transition.WIPE_LEFT, fit=Fit.COVER),
        PhotoSpec(duration=0.36, transition=Transition.FADE_BLACK, transition_duration=0.36),
        PhotoSpec(duration=0.6, transition=Transition.NONE, focus=Point(x=1, y=0), fit=Fit.COVER),
        PhotoSpec(transition=Transition.PUSH_UP, rotate=90),
        PhotoSpec(duration=0.3, fit=Fit.CONTAIN),
    ]
    spec = SlideshowSpec(duration=0.8, transition_duration=0.3, resolution="640x362", fps=25)
    paths = [*photo_paths, photo_paths[0]]
    photos = [Photo(path, path.name, each) for path, each in zip(paths, own, strict=True)]

    shown = {}
    for engine in Engine:
        path = tmp_path / f"{engine}.mp4"
        render_slideshow(photos, spec, path, engine=engine, on_progress=ignore_progress)
        shown[engine] = decode_luma(path)

    assert len(shown[Engine.MOVIEPY]) == 10 + 9 + 15 + 20 + 8  # ends of 61.5 and 0.5 are rounded
    for engine in (Engine.STILL, Engine.X264):
        pairs = zip(shown[engine], shown[Engine.MOVIEPY], strict=True)
        likeness = [measure_likeness(*pair) for pair in pairs]
        assert min(likeness) >= MIN_SSIM - 0.005, likeness  # fur, seen from near, is coded worse


@pytest.mark.render
@pytest.mark.parametrize("motion", [motion for motion in Motion if motion is not Motion.NONE])
def test_engines_show_the_same_moves(
    tmp_path: Path, photo_paths: list[Path], monkeypatch: pytest.MonkeyPatch, motion: Motion
) -> None:
    """Every kind of change between moving photos is seen with one of the moves."""
    kinds = ("fade", "wipe_left", "fade_black", "slide_up", "push_left", "none", "fade_white")
    transition = Transition(kinds[list(Motion).index(motion) - 1])
    spec = SlideshowSpec(
        duration=0.6,
        transition=transition,
        transition_duration=0.4,
        motion=motion,
        resolution="640x362",
        fps=25,
    )
    paths = photo_paths[:2]

    with monkeypatch.context() as finely:  # or the reference's own encoding would be half the error
        finely.setitem(CRFS, Quality.STANDARD, CRFS[Quality.STANDARD]._replace(frames=8))
        reference = decode_luma(render(paths, spec, tmp_path / "moviepy.mp4", Engine.MOVIEPY))

    assert measure_likeness(reference[0], reference[5]) < MIN_SSIM
    for engine in (Engine.STILL, Engine.X264):
        shown = decode_luma(render(paths, spec, tmp_path / f"{engine}.mp4", engine))
        assert len(shown) == len(reference) == 30
        likeness = {n: measure_likeness(shown[n], reference[n]) for n in range(0, 30, 3)}
        assert min(likeness.values()) >= MIN_SSIM, likeness


@pytest.mark.render
def test_engines_show_the_same_words_over_photos_that_move(
    tmp_path: Path, photo_paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand still over a move, go with their photo, and stand over one that rests as well."""
    own = [
        PhotoSpec(caption="Far away 🚀", transition=Transition.WIPE_LEFT),
        PhotoSpec(caption="בבית, at home", motion=Motion.NONE),
        PhotoSpec(caption="海辺の朝", transition=Transition.PUSH_UP),
        PhotoSpec(motion=Motion.PAN_UP),
    ]
    spec = SlideshowSpec(
        duration=0.4,
        transition_duration=0.2,
        motion=Motion.KENBURNS,
        resolution="640x362",
        fps=25,
        caption_style=CaptionStyle(size=LetterSize.LARGE, backing=Backing.SHADOW),
        title=TitleCard(text="Our summer", duration=0.4),
    )
    photos = [Photo(path, path.name, each) for path, each in zip(photo_paths, own, strict=True)]

    def show(engine: Engine) -> list[NDArray[np.uint8]]:
        """Return where the captions stand in every third frame."""
        path = tmp_path / f"{engine}.mp4"
        render_slideshow(photos, spec, path, engine=engine, on_progress=ignore_progress)
        return [luma[280:, 120:-120] for luma in decode_luma(path)[::3]]

    with monkeypatch.context() as finely:  # or the reference's own encoding would be half the error
        finely.setitem(CRFS, Quality.STANDARD, CRFS[Quality.STANDARD]._replace(frames=8))
        reference = show(Engine.MOVIEPY)

    alone = [reference[number // 3] for number in (12, 21, 33)]
    assert all((luma > 230).any() for luma in alone)  # white letters
    for engine in (Engine.STILL, Engine.X264):
        likeness = [measure_likeness(*pair) for pair in zip(show(engine), reference, strict=True)]
        assert min(likeness) >= MIN_SSIM - 0.005, likeness


@pytest.mark.render
@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize(
    ("frames", "motion"), [(10, Motion.NONE), (11, Motion.NONE), (11, Motion.ZOOM_IN)]
)
def test_words_of_two_photos_never_meet_in_a_fade(
    tmp_path: Path, photo_paths: list[Path], engine: Engine, frames: int, motion: Motion
) -> None:
    spec = SlideshowSpec(
        duration=1.6,
        motion=motion,
        fps=25,
        resolution="640x360",
        transition=Transition.FADE,
        transition_duration=frames / 25,
    )

    def show(*captions: str) -> list[NDArray[np.uint8]]:
        path = photo_paths[0]
        photos = [Photo(path, path.name, PhotoSpec(caption=caption)) for caption in captions]
        output = tmp_path / "video.mp4"
        render_slideshow(photos, spec, output, engine=engine, on_progress=ignore_progress)
        return decode_luma(output)

    pairs = zip(show("II", "WWWWWWWW", "II"), show("", "", ""), strict=True)
    inked = [np.abs(worded.astype(int) - plain) > 32 for worded, plain in pairs]
    short, long = inked[5], inked[45]
    only_short, only_long = (
        [ink[own & ~other].mean() for ink in inked] for own, other in ((short, long), (long, short))
    )
    first, second = (end - frames + frames // 2 - 1 for end in (40, 80))  # frames without words

    assert max(only_long[: first + 1] + only_long[second:]) < 0.1
    assert max(only_short[first : second + 1]) < 0.15  # 4x4 transforms blur more
    assert min(only_short[first - frames // 2], only_long[first + frames - frames // 2]) > 0.7


@pytest.mark.render
@pytest.mark.parametrize(
    ("fit", "motion"),
    [(Fit.CONTAIN, Motion.PAN_RIGHT), (Fit.COVER, Motion.KENBURNS), (Fit.BLUR, Motion.PAN_DOWN)],
)
def test_strips_and_long_panoramas_move_alike(
    tmp_path: Path, photo_paths: list[Path], fit: Fit, motion: Motion
) -> None:
    """Twenty times as long as wide, one pixel wide, and one pixel in all."""
    paths = []
    with Image.open(photo_paths[0]) as picture:
        for size in ((2000, 100), (100, 2000), (1, 300), (300, 1), (1, 1)):
            paths.append(tmp_path / f"{size[0]}x{size[1]}.png")
            picture.resize(size).save(paths[-1])
    spec = SlideshowSpec(
        duration=0.4,
        transition_duration=0.2,
        fit=fit,
        motion=motion,
        resolution="160x90",
        fps=15,
    )

    *others, reference = (
        decode_luma(render(paths, spec, tmp_path / f"{engine}.mp4", engine)) for engine in Engine
    )

    assert len(reference) == 6 * len(paths)
    for first in (0, 6):  # the panoramas
        assert measure_likeness(reference[first], reference[first + 3]) < MIN_SSIM
    for shown in others:
        likeness = [measure_likeness(*pair) for pair in zip(shown, reference, strict=True)]
        assert min(likeness) >= MIN_SSIM, likeness


@pytest.mark.render
def test_slideshow_is_encoded_frame_by_frame_where_x264_is_another(
    tmp_path: Path,
    photo_paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(intra, "_INTRA_ONLY", "keyint=1:slices=3")
    spec = SlideshowSpec(duration=0.4, transition_duration=0.2, resolution="64x64", fps=25)

    path = render(photo_paths[:2], spec, tmp_path / "video.mp4", Engine.STILL)

    assert len(decode_luma(path)) == 20
    assert "several slices" in caplog.text


@pytest.mark.render
@pytest.mark.parametrize("fps", [24, 25, 29.97, 30, 50, 60])
def test_engines_count_the_same_frames(tmp_path: Path, photo_paths: list[Path], fps: float) -> None:
    spec = SlideshowSpec(duration=0.7, transition_duration=0.3, resolution="64x64", fps=fps)
    frames = build_timeline(spec, [PhotoSpec()] * 3).frames

    for engine in Engine:
        path = render(photo_paths[:3], spec, tmp_path / f"{engine}.mp4", engine)
        with av.open(str(path)) as container:
            times = [read_time(frame) for frame in container.decode(video=0)]
        assert times == [number / spec.frame_rate for number in range(frames)], engine


def read_time(frame: VideoFrame) -> Fraction:
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


def draw_flat(timeline: Timeline, levels: list[int]) -> Iterator[NDArray[np.uint8]]:
    """Draw photos that are each of one gray; yield the luma of every frame."""
    pictures = (to_picture(Image.new("RGB", timeline.size, (level,) * 3)) for level in levels)
    for frame in draw_frames(timeline, pictures):
        yield read_luma(frame)


def test_fade_is_linear_in_each_frame() -> None:
    timeline = Timeline(
        (64, 64), Fraction(25), (TransitionSpan(Transition.FADE, 0, 1, 5), PhotoSpan(1, 1))
    )

    lumas = [int(luma[0, 0]) for luma in draw_flat(timeline, [0, 255])]

    exact = [16 + 219 * frame / 5 for frame in range(1, 6)]
    assert lumas[:5] == pytest.approx(exact, abs=1)  # 8.8 fixed point
    assert lumas[4:] == [235, 235]


def test_fade_through_black_is_black_in_the_middle() -> None:
    timeline = Timeline(
        (64, 64), Fraction(25), (TransitionSpan(Transition.FADE_BLACK, 0, 1, 4), PhotoSpan(1, 1))
    )

    lumas = [int(luma[0, 0]) for luma in draw_flat(timeline, [255, 255])]

    assert lumas == [126, 16, 126, 235, 235]


RAMP = np.arange(64, dtype=np.uint8)[None, :, None] * 4  # brighter to the right


@pytest.mark.parametrize("family", ["wipe", "slide", "push"])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_edge_comes_from_its_side(family: str, turns: int) -> None:
    """After a quarter of the time; the other directions are the first one, turned."""
    direction = ("left", "down", "right", "up")[turns]  # counter-clockwise
    ramp = np.rot90(np.broadcast_to(RAMP, (64, 64, 3)), turns).copy()
    photos = [to_picture(Image.fromarray(255 - ramp)), to_picture(Image.fromarray(ramp))]
    blend = TransitionSpan(Transition(f"{family}_{direction}"), 0, 1, 4)
    timeline = Timeline((64, 64), Fraction(25), (blend, PhotoSpan(1, 1)))
    old, new = (np.rot90(read_luma(photo), -turns) for photo in photos)

    first = np.rot90(read_luma(next(draw_frames(timeline, iter(photos)))), -turns)

    assert np.array_equal(first[:, :48], old[:, 16:] if family == "push" else old[:, :48])
    assert np.array_equal(first[:, 48:], new[:, 48:] if family == "wipe" else new[:, :16])


def test_held_frames_are_the_photo_itself() -> None:
    timeline = Timeline((64, 64), Fraction(25), (PhotoSpan(0, 3),))
    photo = to_picture(Image.new("RGB", (64, 64)))

    assert all(frame is photo for frame in draw_frames(timeline, iter([photo])))


class Live:
    """Counts the pictures that exist; those who hold a `VideoFrame` hold its buffer."""

    def __init__(self) -> None:
        self.now: weakref.WeakSet[Any] = weakref.WeakSet()
        self.most = 0

    def load(self, photo: int) -> VideoFrame:
        pixels = np.full((96, 64), photo, np.uint8).view(TrackedPixels)
        self.now.add(pixels)
        self.most = max(self.most, len(self.now))
        return VideoFrame.from_numpy_buffer(pixels, "yuv420p")


class TrackedPixels(np.ndarray[Any, np.dtype[np.uint8]]):
    """An array that a set can hold."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # arrays have none
    __eq__ = object.__eq__


@pytest.mark.parametrize("transition", [Transition.NONE, Transition.FADE])
@pytest.mark.parametrize("photo_count", [10, 60])
def test_few_pictures_are_in_memory(transition: Transition, photo_count: int) -> None:
    """Those of a frame and the next photo, and of the frames that all cores draw ahead."""
    live = Live()
    spec = SlideshowSpec(
        duration=2, transition=transition, transition_duration=0.1, resolution="64x64", fps=30
    )

    for _ in draw_frames(
        build_timeline(spec, [PhotoSpec()] * photo_count),
        prepare_pictures(live.load, range(photo_count)),
    ):
        live.most = max(live.most, len(live.now))

    ahead = 2 * count_cores() // 60
    assert 2 <= live.most <= 4 + ahead


COLOURS = (
    *((255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0)),
    *((0, 0, 255), (0, 0, 0), (128, 128, 128), (200, 100, 50), (13, 77, 201), (250, 240, 10)),
)


def test_colour_bars_come_back_within_two_levels() -> None:
    bars = np.repeat(np.array([COLOURS], np.uint8), 32, axis=1).repeat(32, axis=0)

    luma, blue, red = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        for plane in to_picture(Image.fromarray(bars)).planes
    )

    for number, colour in enumerate(COLOURS):
        y = 1.164384 * (int(luma[16, 32 * number + 16]) - 16)  # ITU-R BT.709-6, 3.4
        u, v = (int(plane[8, 16 * number + 8]) - 128 for plane in (blue, red))
        decoded = (y + 1.792741 * v, y - 0.213249 * u - 0.532909 * v, y + 2.112402 * u)
        assert np.abs(np.subtract(decoded, colour)).max() <= 2, colour


@given(specs, st.integers(1, 8))
def test_x264_is_told_a_kind_for_every_frame(spec: SlideshowSpec, photo_count: int) -> None:
    timeline = build_timeline(spec, [PhotoSpec()] * photo_count)

    kinds, unsearched = plan_pictures(timeline)

    assert len(kinds) == len(unsearched) == timeline.frames
    assert all(kinds[start] is PictureType.I for start in timeline.photo_starts())
    assert kinds[-1] is not PictureType.B
    runs = [len(list(run)) for kind, run in groupby(kinds) if kind is PictureType.B]
    assert max(runs, default=0) <= 16
    for number, kind in enumerate(kinds):
        if kind is PictureType.I:
            assert not unsearched[number]
            assert number == 0 or kinds[number - 1] is not PictureType.B


@given(specs, st.integers(1, 8))
def test_player_can_start_every_three_seconds(spec: SlideshowSpec, photo_count: int) -> None:
    timeline = build_timeline(spec, [PhotoSpec()] * photo_count)

    kinds, _ = plan_pictures(timeline)

    starts = [number for number, kind in enumerate(kinds) if kind is PictureType.I]
    gaps = np.diff([*starts, timeline.frames])
    assert gaps.max() <= 3 * timeline.frame_rate + 1
