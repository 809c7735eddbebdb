"""Photos that move, as they are written, beside the frames as they are drawn; in two decoders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import sleep

import av
import numpy as np
import pytest
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.planning.camera import CANVAS
from reelqueue.planning.framing import enlarge
from reelqueue.planning.still_plan import DrawnGop
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.render.engines import segments
from reelqueue.render.engines.moving.coder import MovingCoder
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.engines.still_drawn import encode_drawn
from reelqueue.render.frames.draw import PhotoWindow, Picture, draw_frames
from reelqueue.render.frames.ken_burns import MovingPhoto, to_moving_photo
from reelqueue.render.frames.overlays import to_yuv_overlay
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.captions import Overlay
from reelqueue.render.images.photos import load_photo
from reelqueue.specs.photo import Fit, Motion, PhotoLook, PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec
from tests.conftest import ROOT
from tests.h264.streams import Frames, decode

pytestmark = pytest.mark.render

FONT = next((ROOT / "reelqueue" / "text" / "typefaces").glob("*.ttf"))

SIZE = (320, 180)
MOVES = [motion for motion in Motion if motion is not Motion.NONE]


def plan(photos: list[PhotoSpec], size: tuple[int, int] = SIZE, **choices: object) -> Timeline:
    spec = {"duration": 1, "transition_duration": 0.4, "fps": 25, "motion": "kenburns", **choices}
    resolution = f"{size[0]}x{size[1]}"
    return build_timeline(SlideshowSpec.model_validate({"resolution": resolution, **spec}), photos)


def load(timeline: Timeline, paths: list[Path]) -> list[Picture]:
    """Return photos as soft as those of cameras, which these are not when they are so small."""
    pictures: list[Picture] = []
    for number, path in enumerate(paths[: timeline.photo_count]):
        if number in timeline.moving_photos:
            photo = load_photo(path, enlarge(timeline.size, CANVAS), PhotoLook(), moves=True)
            pictures.append(to_moving_photo(photo.filter(ImageFilter.GaussianBlur(1.5))))
        else:
            pictures.append(to_picture(load_photo(path, timeline.size, PhotoLook(fit=Fit.COVER))))
    return pictures


def render(timeline: Timeline, pictures: list[Picture], output: Path) -> Path:
    encode_stills(timeline, pictures.__getitem__, output, on_frame=lambda _: None)
    return output


def measure_psnr(shown: Frames, timeline: Timeline, pictures: list[Picture]) -> NDArray[np.float64]:
    """Return the PSNR of each frame's luma."""
    found = []
    luma = timeline.size[0] * timeline.size[1]
    for frame, drawn in zip(shown, draw_frames(timeline, iter(pictures)), strict=True):
        right = drawn.to_ndarray().reshape(-1)[:luma]
        found.append(np.square(np.subtract(frame[:luma], right, dtype=int)).mean())
    psnr: NDArray[np.float64] = 10 * np.log10(255**2 / np.maximum(found, 1e-9))
    return psnr


def read_sizes(path: Path) -> list[int]:
    """Return the bytes of each frame, in the order in which they are shown."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    return [packet.size for packet in sorted(packets, key=lambda packet: packet.pts or 0)]


@pytest.mark.parametrize("motion", MOVES)
def test_moves_look_as_they_are_drawn(
    tmp_path: Path, photo_paths: list[Path], motion: Motion
) -> None:
    timeline = plan([PhotoSpec()] * 2, motion=motion, transition="none")
    pictures = load(timeline, photo_paths)

    path = render(timeline, pictures, tmp_path / "video.mp4")

    sizes = read_sizes(path)
    assert np.median(sizes) < max(sizes) / 10  # most are written
    shown = decode(path, SIZE)
    assert len(shown) == timeline.frames == 50
    assert measure_psnr(shown, timeline, pictures).min() > 38


@pytest.mark.parametrize(
    ("size", "fps"), [((322, 242), 29.97), ((180, 320), 60), ((256, 256), 15), ((640, 360), 24)]
)
def test_any_shape_and_rate_looks_as_it_is_drawn(
    tmp_path: Path, photo_paths: list[Path], size: tuple[int, int], fps: float
) -> None:
    timeline = plan([PhotoSpec()] * 2, size, fps=fps, transition="none")
    pictures = load(timeline, photo_paths)

    shown = decode(render(timeline, pictures, tmp_path / "video.mp4"), size)

    assert measure_psnr(shown, timeline, pictures).min() > 38


@pytest.mark.parametrize(
    "transition",
    [
        "fade",
        "fade_black",
        "fade_white",
        "wipe_left",
        "slide_up",
        "push_right",
        "push_down",
        "circle_open",
    ],
)
@pytest.mark.parametrize("still", [None, 0, 1], ids=["both move", "the second", "the first"])
def test_transitions_look_as_they_are_drawn(
    tmp_path: Path, photo_paths: list[Path], transition: str, still: int | None
) -> None:
    photos = [PhotoSpec(motion=Motion.NONE if number == still else None) for number in range(2)]
    timeline = plan(photos, motion=Motion.ZOOM_IN, transition=transition)
    pictures = load(timeline, photo_paths)

    shown = decode(render(timeline, pictures, tmp_path / "video.mp4"), SIZE)

    psnr = measure_psnr(shown, timeline, pictures)
    assert len(psnr) == 50
    assert psnr.min() > 36
    assert np.abs(np.subtract(shown[14], shown[24], dtype=int)).mean() > 10


@pytest.mark.parametrize(
    "motions", [(Motion.ZOOM_IN, Motion.ZOOM_OUT), (Motion.PAN_LEFT, Motion.PAN_UP)]
)
def test_few_frames_are_encoded(
    tmp_path: Path, photo_paths: list[Path], motions: tuple[Motion, Motion]
) -> None:
    """Fades are written as well."""
    timeline = plan([PhotoSpec(motion=motion) for motion in motions], duration=2)
    path = render(timeline, load(timeline, photo_paths), tmp_path / "video.mp4")

    first, *others = read_sizes(path)[:50]
    assert sorted(others)[-8] < first / 10  # all but six keys, and the end of the fade

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [number for number, frame in enumerate(frames) if frame.key_frame] == [0, 50]


@pytest.mark.parametrize("transition", ["slide_up", "slide_down", "push_up", "push_down"])
def test_few_frames_are_encoded_of_photos_that_go_up_or_down(
    tmp_path: Path, photo_paths: list[Path], transition: str
) -> None:
    """Farther than vectors reach: so one frame half-way is encoded."""
    timeline = plan([PhotoSpec()] * 2, duration=2, transition=transition, transition_duration=0.8)
    path = render(timeline, load(timeline, photo_paths), tmp_path / "video.mp4")

    with av.open(str(path)) as container:
        kinds = [frame.pict_type for frame in container.decode(video=0)][30:51]
    assert [30 + number for number, kind in enumerate(kinds) if kind == PictureType.I] == [
        39,
        49,
        50,
    ]
    assert kinds.count(PictureType.B) == 18
    sizes = read_sizes(path)[30:49]
    assert sorted(sizes)[-2] < max(sizes) / 2


def write_print(size: tuple[int, int]) -> Image.Image:
    """Draw a page of small print, which fills the frame."""
    page = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 9)
    for top in range(0, size[1], 11):
        draw.text((-(7 * top) % 90 - 90, top), "Small print runs on. " * 9, "black", font)
    return page


def test_small_print_is_drawn_frame_by_frame(tmp_path: Path, photo_paths: list[Path]) -> None:
    """Between keys it would be blurred, and so pulse."""
    timeline = plan([PhotoSpec()] * 2, transition="none")
    pictures = load(timeline, photo_paths)
    pictures[0] = to_moving_photo(write_print(enlarge(SIZE, CANVAS)))

    path = render(timeline, pictures, tmp_path / "video.mp4")

    sizes = read_sizes(path)
    assert np.median(sizes[:25]) > sizes[0] / 4
    assert np.median(sizes[25:]) < sizes[25] / 10
    psnr = measure_psnr(decode(path, SIZE), timeline, pictures)
    assert psnr.min() > 36


def test_nothing_is_written_while_a_photo_is_drawn(
    tmp_path: Path, photo_paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has an encoder, and pictures in memory."""
    timeline = plan([PhotoSpec()] * 3, transition="none")
    pictures = load(timeline, photo_paths)
    pictures[0] = to_moving_photo(write_print(enlarge(SIZE, CANVAS)))
    write, draw = MovingCoder.code, encode_drawn
    writing, drawn_beside = set[int](), list[set[int]]()

    def write_slowly(
        coder: MovingCoder, gop: DrawnGop, photos: PhotoWindow
    ) -> list[AccessUnit] | None:
        writing.add(gop.photo)
        coded = write(coder, gop, photos)
        sleep(0.5 * gop.photo)
        writing.remove(gop.photo)
        return coded

    def note_and_draw(
        frames: Iterable[VideoFrame], timeline: Timeline, *, plays_video: bool
    ) -> Iterator[AccessUnit]:
        drawn_beside.append(writing.copy())
        return draw(frames, timeline, plays_video=plays_video)

    monkeypatch.setattr(segments, "count_cores", lambda: 2)
    monkeypatch.setattr(MovingCoder, "code", write_slowly)
    monkeypatch.setattr(segments, "encode_drawn", note_and_draw)
    render(timeline, pictures, tmp_path / "video.mp4")

    assert drawn_beside == [set()]


def add_captions(timeline: Timeline, paths: list[Path]) -> list[Picture]:
    """Return photos of which each has a caption: words on a box through which one sees."""
    captioned: list[Picture] = []
    for number, picture in enumerate(load(timeline, paths)):
        assert isinstance(picture, MovingPhoto)
        box = Image.new("RGBA", (130, 26), (0, 0, 60, 128))
        font = ImageFont.truetype(FONT, 16)
        ImageDraw.Draw(box).text((4, 2), f"Day {number} by the sea", "white", font)
        overlay = to_yuv_overlay(Overlay(box, 90, 10 if number % 2 else 140))
        captioned.append(picture._replace(caption=overlay))
    return captioned


@pytest.mark.parametrize(
    "transition", ["fade", "fade_black", "wipe_left", "slide_right", "push_up"]
)
def test_words_stand_still_over_photos_that_move(
    tmp_path: Path, photo_paths: list[Path], transition: str
) -> None:
    """In fades those of one photo are gone before those of the next one come."""
    photos = [PhotoSpec(caption="Words")] * 2
    timeline = plan(photos, transition=transition)
    assert bool(timeline.plain_photos) == (transition == "fade")
    pictures = add_captions(timeline, photo_paths)

    path = render(timeline, pictures, tmp_path / "video.mp4")

    sizes = read_sizes(path)
    assert np.median(sizes) < max(sizes) / 4  # most are written
    shown = decode(path, SIZE)
    assert measure_psnr(shown, timeline, pictures).min() > 36


def test_seeking_shows_the_frame_of_that_time(tmp_path: Path, photo_paths: list[Path]) -> None:
    timeline = plan([PhotoSpec()] * 3, duration=1.6)
    path = render(timeline, load(timeline, photo_paths), tmp_path / "video.mp4")
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]

    for number in (0, 3, 17, 31, 38, 39, 40, 77, 119):
        with av.open(str(path)) as container:
            container.seek(number * 1_000_000 // 25, backward=True)
            found = next(frame for frame in container.decode(video=0) if frame.time >= number / 25)
            assert np.array_equal(found.to_ndarray(), frames[number]), number


def test_long_move_has_a_key_frame_every_ten_seconds(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    timeline = plan([PhotoSpec()], duration=24, fps=15)
    path = render(timeline, load(timeline, photo_paths), tmp_path / "video.mp4")

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [number for number, frame in enumerate(frames) if frame.key_frame] == [0, 120, 240]
    assert len(frames) == 360
