"""The still engine against the frames as they are drawn, through both decoders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import structural_similarity

from reelqueue.h264.errors import UnexpectedStreamError
from reelqueue.planning.soundtrack import Track
from reelqueue.planning.spans import PhotoSpan, Span, TransitionSpan
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.processes.cores import MAX_CORES
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.engines import still_intra as intra
from reelqueue.render.engines.still import encode_stills, prepare_stills
from reelqueue.render.frames.draw import draw_frames
from reelqueue.render.frames.ken_burns import MovingPhoto, to_moving_photo
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.photos import load_photo
from reelqueue.render.mp4.mux import mux_streams
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.photo import Fit, Motion, PhotoLook, PhotoSpec, Transition
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import SlideshowSpec
from tests.h264.streams import Frames, decode

pytestmark = pytest.mark.render

MIN_SSIM = 0.98
LIKENESS_SAMPLES = 4_000_000  # so many samples' SSIM takes about a second
MAX_ERROR = 255**2 / 10**3.8  # of a mean square: a PSNR of 38 dB


def load_pictures(paths: list[Path], size: tuple[int, int]) -> list[VideoFrame]:
    look = PhotoLook(fit=Fit.COVER, focus=Point(x=0.5, y=0.5))
    return [to_picture(load_photo(path, size, look)) for path in paths]


def render(timeline: Timeline, pictures: Sequence[VideoFrame | MovingPhoto], output: Path) -> Path:
    done: list[int] = []
    encode_stills(timeline, pictures.__getitem__, output, on_frame=done.append)
    assert done == list(range(1, timeline.frames + 1))
    return output


def draw(timeline: Timeline, pictures: list[VideoFrame]) -> Frames:
    """Return every frame as planar YUV, a row each."""
    return np.array([flatten(frame) for frame in draw_frames(timeline, iter(pictures))])


def flatten(frame: VideoFrame) -> Frames:
    planes = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
        for plane in frame.planes
    ]
    return np.concatenate([plane.ravel() for plane in planes])


def assert_alike(timeline: Timeline, shown: Frames, drawn: Frames) -> None:
    """Compare every frame's error, and the likeness of some."""
    assert shown.shape == drawn.shape
    width, height = timeline.size
    luma = slice(0, width * height)
    step = 1 + width * height * timeline.frames // LIKENESS_SAMPLES
    for number in range(timeline.frames):
        for part in (luma, slice(width * height, None)):
            error = np.mean(
                np.square(np.subtract(shown[number, part], drawn[number, part], dtype=int))
            )
            assert error <= MAX_ERROR, (number, error)
        if number % step == 0:
            pair = [frames[number, luma].reshape(height, width) for frames in (shown, drawn)]
            likeness = structural_similarity(*pair)  # type: ignore[no-untyped-call]  # untyped
            assert likeness >= MIN_SSIM, (number, likeness)


choices = st.builds(
    PhotoSpec,
    duration=st.none() | st.integers(2, 12).map(lambda tenths: tenths / 10),
    transition=st.sampled_from(Transition),
    transition_duration=st.none() | st.integers(0, 12).map(lambda tenths: tenths / 10),
)


@settings(max_examples=15, deadline=None, phases=set(Phase) - {Phase.shrink, Phase.explain})
@given(
    photos=st.lists(choices, min_size=1, max_size=4),
    fps=st.sampled_from(sorted(FRAME_RATES)),
    sides=st.tuples(st.integers(60, 120), st.integers(48, 70)),
)
def test_any_mixture_of_photos_is_alike(
    photo_paths: list[Path], photos: list[PhotoSpec], fps: float, sides: tuple[int, int]
) -> None:
    size = (2 * sides[0], 2 * sides[1])
    spec = SlideshowSpec(
        duration=0.6, transition_duration=0.4, resolution=f"{size[0]}x{size[1]}", fps=fps
    )
    timeline = build_timeline(spec, photos)
    pictures = load_pictures(photo_paths[: len(photos)], size)

    with TemporaryDirectory() as folder:
        video = render(timeline, pictures, Path(folder, "video.mp4"))
        assert_alike(timeline, decode(video, size), draw(timeline, pictures))


SHAPES = [  # size, frames a second, seconds a photo, seconds of a change, photos
    ((320, 180), 25, 0.6, 0.4, 3),
    ((180, 320), 24, 0.5, 0.5, 3),  # no photo is ever alone
    ((242, 242), 29.97, 0.4, 1.0, 2),  # the change is longer than a photo's time
    ((320, 240), 60, 0.3, 0.1, 2),
    ((384, 216), 50, 0.2, 0.02, 4),  # a change of one frame
]


@pytest.mark.parametrize(("size", "fps", "duration", "change", "photo_count"), SHAPES)
@pytest.mark.parametrize("transition", Transition)
def test_decoders_show_the_drawn_frames(
    tmp_path: Path,
    photo_paths: list[Path],
    transition: Transition,
    size: tuple[int, int],
    fps: float,
    duration: float,
    change: float,
    photo_count: int,
) -> None:
    spec = SlideshowSpec(
        duration=duration,
        transition=transition,
        transition_duration=change,
        resolution=f"{size[0]}x{size[1]}",
        fps=fps,
    )
    timeline = build_timeline(spec, [PhotoSpec()] * photo_count)
    pictures = load_pictures(photo_paths[:photo_count], size)

    video = render(timeline, pictures, tmp_path / "video.mp4")

    assert_alike(timeline, decode(video, size), draw(timeline, pictures))


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1366, 768)])
@pytest.mark.parametrize("transition", [Transition.FADE, Transition.SLIDE_LEFT])
def test_full_size_is_alike_too(
    tmp_path: Path, photo_paths: list[Path], transition: Transition, size: tuple[int, int]
) -> None:
    timeline = Timeline(
        size, Fraction(30), (PhotoSpan(0, 2), TransitionSpan(transition, 0, 1, 3), PhotoSpan(1, 1))
    )
    pictures = load_pictures(photo_paths[:2], size)

    video = render(timeline, pictures, tmp_path / "video.mp4")

    assert_alike(timeline, decode(video, size), draw(timeline, pictures))


@pytest.mark.parametrize(
    "spans",
    [
        (PhotoSpan(0, 1),),
        (TransitionSpan(Transition.FADE, 0, 1, 1),),
        (
            TransitionSpan(Transition.FADE_BLACK, 0, 1, 2),
            TransitionSpan(Transition.FADE_BLACK, 1, 2, 1),
        ),
        (
            PhotoSpan(0, 1),
            TransitionSpan(Transition.WIPE_LEFT, 0, 1, 1),
            TransitionSpan(Transition.FADE, 1, 2, 4),
        ),
        (
            PhotoSpan(0, 2),
            PhotoSpan(1, 1),
            TransitionSpan(Transition.SLIDE_RIGHT, 1, 2, 7),
            PhotoSpan(3, 3),
        ),
        (PhotoSpan(0, 2), TransitionSpan(Transition.FADE, 0, 1, 300), PhotoSpan(1, 260)),
    ],
)
def test_any_spans_are_alike(
    tmp_path: Path, photo_paths: list[Path], spans: tuple[PhotoSpan | TransitionSpan, ...]
) -> None:
    timeline = Timeline((256, 144), Fraction(25), spans)
    pictures = load_pictures(photo_paths, timeline.size)

    video = render(timeline, pictures, tmp_path / "video.mp4")

    assert_alike(timeline, decode(video, timeline.size), draw(timeline, pictures))


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_times_are_exact(tmp_path: Path, photo_paths: list[Path], fps: float) -> None:
    spec = SlideshowSpec(duration=0.7, transition_duration=0.3, resolution="64x64", fps=fps)
    timeline = build_timeline(spec, [PhotoSpec()] * 3)
    path = tmp_path / "video.mp4"

    render(timeline, load_pictures(photo_paths[:3], (64, 64)), path)

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == spec.frame_rate
        assert stream.time_base is not None
        assert stream.start_time == 0
        assert stream.duration == timeline.frames / spec.frame_rate / stream.time_base
    shown_at, decoded_at, keys = read_times(path, timeline)
    assert sorted(shown_at) == list(range(timeline.frames))
    assert decoded_at == list(range(-2, timeline.frames - 2))
    assert keys == timeline.photo_starts()


def read_times(
    path: Path, timeline: Timeline
) -> tuple[list[Fraction], list[Fraction], list[Fraction]]:
    """Return, in frames, when each packet is shown and decoded, and when the key frames are."""
    shown_at, decoded_at, keys = [], [], []
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue  # the end
            frame = 1 / timeline.frame_rate / packet.time_base
            assert packet.duration == frame
            shown_at.append(packet.pts / frame)
            decoded_at.append(packet.dts / frame)
            keys += [packet.pts / frame] if packet.is_keyframe else []
    return shown_at, decoded_at, keys


def test_long_hold_has_a_key_frame_every_ten_seconds(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    timeline = Timeline((64, 64), Fraction(25), (PhotoSpan(0, 1500),))
    path = tmp_path / "video.mp4"

    render(timeline, load_pictures(photo_paths[:1], (64, 64)), path)

    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [n for n, packet in enumerate(packets) if packet.is_keyframe] == list(
        range(0, 1500, 250)
    )


def test_file_stays_whole_when_it_is_copied(
    tmp_path: Path, photo_paths: list[Path], song_path: Path
) -> None:
    """As a slideshow is, beside its music."""
    timeline = build_timeline(
        SlideshowSpec(duration=0.8, transition_duration=0.4, resolution="64x64", fps=29.97),
        [PhotoSpec()] * 3,
    )
    path = render(timeline, load_pictures(photo_paths[:3], (64, 64)), tmp_path / "video.mp4")

    encode_audio([Track(song_path, 4)], tmp_path / "audio.m4a", duration=2.4)

    mux_streams(path, tmp_path / "audio.m4a", tmp_path / "finished.mp4")

    copy = (tmp_path / "finished.mp4").read_bytes()
    for playable in (path.read_bytes(), copy):
        assert playable.index(b"moov") < playable.index(b"mdat")
    assert b"colrnclx\0\1\0\1\0\1\0" in copy
    assert read_packets(tmp_path / "finished.mp4") == read_packets(path)
    assert np.array_equal(decode(tmp_path / "finished.mp4", (64, 64)), decode(path, (64, 64)))


def read_packets(path: Path) -> list[tuple[object, ...]]:
    with av.open(str(path)) as container:
        return [
            (packet.pts, packet.dts, packet.duration, packet.is_keyframe, bytes(packet))
            for packet in container.demux(video=0)
        ]


def test_seeking_lands_on_the_frame(tmp_path: Path, photo_paths: list[Path]) -> None:
    spec = SlideshowSpec(duration=1.0, transition_duration=0.4, resolution="128x96", fps=25)
    timeline = build_timeline(spec, [PhotoSpec()] * 4)
    path = tmp_path / "video.mp4"
    render(timeline, load_pictures(photo_paths, (128, 96)), path)
    with av.open(str(path)) as container:
        frames = [flatten(frame) for frame in container.decode(video=0)]

    for number in (0, 13, 24, 25, 60, 73, 99):
        with av.open(str(path)) as container:
            container.seek(number * 1_000_000 // 25, backward=True)
            found = next(frame for frame in container.decode(video=0) if frame.time >= number / 25)
            assert np.array_equal(flatten(found), frames[number]), number


def test_file_says_its_colours(tmp_path: Path, photo_paths: list[Path]) -> None:
    timeline = Timeline((64, 64), Fraction(25), (PhotoSpan(0, 2),))
    path = tmp_path / "video.mp4"

    render(timeline, load_pictures(photo_paths[:1], (64, 64)), path)

    assert b"colrnclx\0\1\0\1\0\1\0" in path.read_bytes()
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.colorspace == Colorspace.ITU709
        assert context.color_primaries == ColorPrimaries.BT709
        assert context.color_range == ColorRange.MPEG
        extradata = context.extradata
    assert extradata is not None
    assert extradata[5] & 31 == 1  # sequence parameter sets in avcC
    picture_sets = extradata[8 + int.from_bytes(extradata[6:8], "big")]
    assert picture_sets == 3


@pytest.mark.parametrize(
    ("transition", "luma"), [(Transition.FADE_BLACK, 16), (Transition.FADE_WHITE, 235)]
)
@pytest.mark.parametrize("frames", [2, 3, 4, 25])
def test_colour_between_is_pure(
    tmp_path: Path, transition: Transition, luma: int, frames: int
) -> None:
    pictures = [to_picture(Image.new("RGB", (64, 64), colour)) for colour in ("red", "navy")]
    spans = (PhotoSpan(0, 1), TransitionSpan(transition, 0, 1, frames), PhotoSpan(1, 1))

    path = render(Timeline((64, 64), Fraction(25), spans), pictures, tmp_path / "video.mp4")

    middle = decode(path, (64, 64))[frames // 2]
    assert set(middle[: 64 * 64]) == {luma}
    assert set(middle[64 * 64 :]) == {128}


def test_slide_beyond_the_reach_of_motion_is_drawn(tmp_path: Path, photo_paths: list[Path]) -> None:
    """Groups of x264 lie between ours."""
    slide = TransitionSpan(Transition.SLIDE_LEFT, 0, 1, 12)
    spans = (
        *(PhotoSpan(0, 1), slide, PhotoSpan(1, 3), TransitionSpan(Transition.FADE, 1, 2, 5)),
        *(replace(slide, photo=2, next_photo=3), PhotoSpan(3, 2)),
    )
    timeline = Timeline((3840, 64), Fraction(25), spans)
    pictures = load_pictures(photo_paths, timeline.size)
    path = render(timeline, pictures, tmp_path / "video.mp4")

    assert_alike(timeline, decode(path, timeline.size), draw(timeline, pictures))
    shown_at, decoded_at, keys = read_times(path, timeline)
    assert decoded_at == list(range(-2, timeline.frames - 2))
    assert sorted(shown_at) == list(range(timeline.frames))
    assert keys == [0, 1, 13, 21, 33]


def test_other_x264_is_refused(
    tmp_path: Path, photo_paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intra, "_INTRA_ONLY", "keyint=1:slices=3")
    timeline = Timeline((64, 64), Fraction(25), (PhotoSpan(0, 2),))

    with pytest.raises(UnexpectedStreamError):
        render(timeline, load_pictures(photo_paths[:1], (64, 64)), tmp_path / "video.mp4")


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_photos_are_prepared_in_order_and_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores))
    loaded: list[int] = []

    def load(photo: int) -> VideoFrame:
        loaded.append(photo)
        return VideoFrame(16 + 2 * photo, 16, "yuv420p")

    for photo, picture in enumerate(prepare_stills(load, range(40))):
        assert picture.width == 16 + 2 * photo
        assert len(loaded) <= photo + 1 + 2 * min(cores, MAX_CORES)
    assert sorted(loaded) == list(range(40))


def test_noise_is_made_coarser_until_a_decoder_must_take_it() -> None:
    """Level 3.1 takes 345,600 bytes at 30 frames a second (A.3.1); other pictures stay as fine."""
    dice = np.random.default_rng(1)
    noise = Image.fromarray(dice.integers(0, 256, (720, 1280, 3), np.uint8))
    grey = Image.new("RGB", (1280, 720), "gray")
    timeline = Timeline((1280, 720), Fraction(30), (PhotoSpan(0, 30),))

    def encode(*images: Image.Image) -> list[int]:
        pictures = (to_picture(image) for image in images)
        return [
            i_slice.slice_data.length // 8 for _, i_slice in intra.encode_intra(pictures, timeline)
        ]

    before, coarse, after = encode(grey, noise, grey)

    assert 345_600 * 0.6 < coarse <= 345_600
    assert before == after == encode(grey)[0]


def test_photo_that_cannot_be_read_ends_the_render() -> None:
    def load(photo: int) -> VideoFrame:
        if photo == 3:
            raise ValueError("broken")
        return VideoFrame(16, 16, "yuv420p")

    with pytest.raises(ValueError, match="broken"):
        list(prepare_stills(load, range(40)))


def test_standing_and_moving_photos_share_one_stream(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    """In both decoders: a still, two that move, a still; every photo is a place to start from."""
    size = (320, 180)
    spec = SlideshowSpec(duration=0.8, transition_duration=0.4, resolution="320x180", fps=25)
    still_ones = build_timeline(spec, [PhotoSpec()] * 4)
    moving = build_timeline(spec.model_copy(update={"motion": Motion.KENBURNS}), [PhotoSpec()] * 4)
    moves = {1, 2}
    spans: list[Span] = []
    for span, moved in zip(still_ones.spans, moving.spans, strict=True):
        move = moved.move if span.photo in moves else None
        if isinstance(span, TransitionSpan) and isinstance(moved, TransitionSpan):
            following = moved.next_move if span.next_photo in moves else None
            spans.append(replace(span, move=move, next_move=following))
        else:
            spans.append(replace(span, move=move))
    timeline = replace(still_ones, spans=tuple(spans))
    pictures = [
        to_moving_photo(load_photo(path, (384, 216), PhotoLook(), moves=True))
        if photo in moves
        else to_picture(load_photo(path, size, PhotoLook(fit=Fit.COVER)))
        for photo, path in enumerate(photo_paths)
    ]

    video = render(timeline, pictures, tmp_path / "video.mp4")

    shown = decode(video, size)
    drawn = np.array([flatten(frame) for frame in draw_frames(timeline, iter(pictures))])
    assert len(shown) == len(drawn) == 80
    errors = np.square(np.subtract(shown, drawn, dtype=int)).mean(axis=1)
    assert errors.max() <= MAX_ERROR
    with av.open(str(video)) as container:
        keys = [frame.time for frame in container.decode(video=0) if frame.key_frame]
    assert {0, 0.8, 1.6, 2.4} <= set(keys)
