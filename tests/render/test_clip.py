"""Clips from real videos, decoded and compared with their source."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from reelqueue.errors import (
    InputError,
    InvalidSpecError,
    RenderCanceledError,
    RenderError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import RenderFacts, RenderStage, VideoFacts
from reelqueue.media.sniff import MP4
from reelqueue.planning.clips.cut import Cut, Shot, align_cut
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.clips.frame_rate import FrameRate, PictureTimes
from reelqueue.render import clip as clip_module
from reelqueue.render import pieces
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.color import Color
from reelqueue.render.ffmpeg.graph import build_graph
from reelqueue.render.ffmpeg.probe import probe_video
from reelqueue.render.ffmpeg.run import FfmpegError, find_ffmpeg, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.ffmpeg.streams import Stream
from reelqueue.specs.clips.captions import Cue
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.reframe import Aspect
from tests.render.conftest import RAMP, TONE, Make, find_ffmpegs, join_files

pytestmark = pytest.mark.render

Picture = npt.NDArray[np.int64]
Clip = Callable[..., RenderFacts]
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
UNKNOWN = Color("unknown", "unknown", "unknown", "unknown")
RED_YUV = (63, 102, 240)  # BT.709, limited range


def run_tool(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", *arguments]
    return subprocess.run(command, check=True, capture_output=True)


def see(path: Path) -> Picture:
    """Return all frames as RGB: `(frame, y, x, channel)`."""
    facts = probe_video(path)
    # Without the option, ffmpeg converts the BT.709 frames to RGB as BT.601.
    scale = "scale=in_color_matrix=bt709:in_range=tv"
    raw = run_tool(
        "-v", "error", "-i", path, "-vf", scale, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"
    )
    pixels = np.frombuffer(raw.stdout, np.uint8).astype(np.int64)
    return pixels.reshape(-1, facts.height, facts.width, 3)


def see_luma(path: Path) -> list[float]:
    """Return the mean luma of the central half of each frame, as it is stored."""
    facts = probe_video(path)
    raw = run_tool("-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-").stdout
    width, height = facts.width, facts.height
    frames = np.frombuffer(raw, np.uint8).reshape(-1, width * height * 3 // 2)
    luma = frames[:, : width * height].reshape(-1, height, width)
    middle = luma[:, height // 4 : -height // 4, width // 4 : -width // 4]
    return [float(mean) for mean in middle.mean(axis=(1, 2))]


def see_yuv(path: Path) -> tuple[int, int, int]:
    """Return the middle pixel of the first frame as it is stored."""
    facts = probe_video(path)
    raw = run_tool("-v", "error", "-i", path, "-frames:v", "1", "-f", "rawvideo", "-").stdout
    size = facts.width * facts.height
    planes = np.frombuffer(raw, np.uint8)
    y = planes[:size].reshape(facts.height, facts.width)
    u, v = planes[size:].reshape(2, facts.height // 2, facts.width // 2)
    middle = (facts.height // 4, facts.width // 4)
    return int(y[facts.height // 2, facts.width // 2]), int(u[middle]), int(v[middle])


def hear(path: Path) -> npt.NDArray[np.int64]:
    raw = run_tool("-v", "error", "-i", path, "-ac", "1", "-ar", "48000", "-f", "s16le", "-").stdout
    return np.frombuffer(raw, "<i2").astype(np.int64)


def describe(path: Path) -> str:
    return run_tool("-i", path, "-f", "null", "-").stderr.decode()


def ignore(done: int, total: int, stage: RenderStage) -> None:
    """Ignore the progress."""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"


@pytest.fixture(autouse=True)
def small_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render a sixth of the size, in a fraction of the time."""
    sizes = {
        Aspect.PORTRAIT: (180, 320),
        Aspect.FEED: (180, 226),
        Aspect.SQUARE: (180, 180),
        Aspect.LANDSCAPE: (320, 180),
    }
    monkeypatch.setattr("reelqueue.planning.clips.cut._SIZES", sizes)


def cut(source: Path, output: Path, **choices: object) -> RenderFacts:
    spec = ClipSpec.model_validate(choices)
    return render_clip(source, spec, output, preset="ultrafast", on_progress=ignore)


def test_clip_of_a_real_video_matches_its_facts(bunny: Path, output: Path) -> None:
    poster = output.with_name("poster.jpg")
    spec = ClipSpec(start=1.0, end=3.0)
    facts = render_clip(bunny, spec, output, poster=poster, on_progress=ignore)
    assert facts == RenderFacts(
        duration=2.0, width=180, height=320, fps=25, frames=50, file_size=output.stat().st_size
    )
    assert probe_video(output) == VideoFacts(
        duration=2.0, width=180, height=320, fps=25, has_audio=True, sound_tracks=1, format="mp4"
    )
    assert len(see(output)) == 50
    with Image.open(poster) as picture:
        assert (picture.format, picture.size) == ("JPEG", (180, 320))
    assert {file.name for file in output.parent.iterdir()} == {"video.mp4", "poster.jpg"}


def test_clip_plays_everywhere(bunny: Path, output: Path) -> None:
    cut(bunny, output, start=0.5, end=1.0)
    reported = describe(output)
    assert "yuv420p(tv, bt709, progressive), 180x320 [SAR 1:1" in reported
    assert "Audio: aac (LC)" in reported
    assert "48000 Hz, stereo" in reported
    data = output.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"Big Buck" not in data


def test_full_size_clip_of_each_aspect() -> None:
    sizes = {aspect: plan_video(ClipSpec(aspect=aspect), make_video()).size for aspect in Aspect}
    assert sizes[Aspect.ORIGINAL] == (640, 360)


def make_video(fps: Fraction = Fraction(25)) -> VideoSource:
    return VideoSource(
        media_format=MP4,
        stream=Stream(0, "video", "h264", is_default=True),
        coded_size=(640, 360),
        size=(640, 360),
        rate=FrameRate(fps, is_steady=True),
        times=PictureTimes(range(int(10 * fps)), 1 / fps),
        keys=frozenset(),
        reorder=0,
        color=UNKNOWN,
        first_field=None,
        has_alpha=False,
        duration=10.0,
        sounds=(Stream(1, "audio", "aac", is_default=True),),
        sound=1,
        warnings=(),
    )


def plan_video(spec: ClipSpec, video: VideoSource) -> Cut:
    (cut,) = plan_edit(spec, video.duration, video.rate.fps, video.size).cuts
    return cut


@pytest.mark.parametrize(
    ("source", "fps", "frames"),
    [
        (25, 25, 50),
        (Fraction(30000, 1001), Fraction(30000, 1001), 60),
        (60, 60, 120),
        (Fraction(120000, 1001), Fraction(60000, 1001), 120),
        (90, 45, 90),
        (240, 60, 120),
        (Fraction(1, 10), 24, 48),
        (9, 27, 54),
        (10, 10, 20),
    ],
)
def test_clip_keeps_the_sources_frame_rate_up_to_sixty(
    source: Fraction | int, fps: Fraction | int, frames: int
) -> None:
    plan = plan_video(ClipSpec(start=1.0, end=3.0), make_video(fps=Fraction(source)))
    assert (plan.fps, plan.frames) == (fps, frames)


@pytest.mark.parametrize(
    ("choices", "field", "sentence"),
    [
        ({"start": 10.0}, "start", "10.00 seconds"),
        ({"start": 9.95}, "start", "10.00 seconds"),
        ({"start": 1.0, "end": 12.0}, "end", "at most 10.00"),
    ],
)
def test_range_beyond_the_video_is_refused_with_the_limit(
    choices: dict[str, float], field: str, sentence: str, bikes: Path, output: Path
) -> None:
    with pytest.raises(InvalidSpecError, match=sentence) as caught:
        cut(bikes, output, **choices)
    assert caught.value.field == field
    assert not list(output.parent.iterdir())


@pytest.mark.parametrize(
    ("container", "start", "first"),
    [
        ("ramp.mp4", 0.0, 0),
        ("ramp.mp4", 0.04, 1),
        ("ramp.mp4", 0.5, 12),
        ("ramp.mp4", 0.8, 20),
        ("ramp.mp4", 1.32, 33),
        ("ramp.webm", 1.0, 25),
        ("ramp.mkv", 1.0, 25),
    ],
)
def test_clip_starts_with_the_frame_shown_at_its_start(
    make_media: Make, ramp: Path, output: Path, container: str, start: float, first: int
) -> None:
    codec = {"mp4": (), "mkv": ("-c", "copy"), "webm": ("-c:v", "libvpx", "-b:v", "4M")}
    extension = container.rpartition(".")[2]
    source = ramp if extension == "mp4" else make_media(container, "-i", ramp, *codec[extension])
    facts = cut(source, output, start=start, end=start + 0.4, aspect="original")
    assert facts.frames == 10
    shown = [(luma - 16) / 4 for luma in see_luma(output)]
    assert shown == pytest.approx(list(range(first, first + 10)), abs=0.6)


def test_clip_can_start_within_a_long_frame(make_media: Make, output: Path) -> None:
    """A screen recording with frames at 0, 0.4 and 1.8 seconds."""
    held = f"{RAMP},select='eq(n,0)+eq(n,10)+eq(n,45)'"
    source = make_media("held.mp4", "-f", "lavfi", "-i", held, "-fps_mode", "vfr", *X264)
    facts = cut(source, output, start=0.2, end=1.2, aspect="original")
    shown = [round((luma - 16) / 4) for luma in see_luma(output)]
    assert (facts.fps, facts.frames) == (25, 25)
    assert shown == [0] * 5 + [10] * 20


def test_clip_of_the_end_has_all_frames(ramp: Path, output: Path) -> None:
    assert cut(ramp, output, start=1.6, end=2.05, aspect="original").frames == 10
    assert round((see_luma(output)[-1] - 16) / 4) == 49


@pytest.fixture(scope="session")
def red_and_blue(make_media: Make) -> Path:
    """320x180: the left half red, the right half blue, with a green stripe at the top."""
    picture = (
        "color=red:s=320x180:r=25:d=0.4,drawbox=x=160:w=160:h=180:color=blue:t=fill,"
        "drawbox=w=320:h=70:color=lime:t=fill"
    )
    return make_media("flag.mp4", "-f", "lavfi", "-i", picture, "-qp", "1", "-pix_fmt", "yuv420p")


def name_color(pixel: npt.NDArray[np.int64]) -> str:
    red, green, blue = (int(value) for value in pixel)
    if max(red, green, blue) < 25:
        return "black"
    strongest = max((red, "red"), (green, "green"), (blue, "blue"))
    return strongest[1] if strongest[0] > 180 else f"dark {strongest[1]}"


@pytest.mark.parametrize(
    ("aspect", "fit", "colors"),
    [
        # at: upper left corner, left of the middle, right of the middle, lower right corner
        ("9:16", "pad", ("black", "red", "blue", "black")),
        ("9:16", "crop", ("green", "red", "blue", "blue")),
        ("9:16", "blur", ("dark green", "red", "blue", "dark blue")),
        ("1:1", "pad", ("black", "red", "blue", "black")),
        ("1:1", "crop", ("green", "red", "blue", "blue")),
        ("1:1", "blur", ("dark green", "red", "blue", "dark blue")),
        ("16:9", "pad", ("green", "red", "blue", "blue")),
        ("16:9", "crop", ("green", "red", "blue", "blue")),
        ("16:9", "blur", ("green", "red", "blue", "blue")),
        ("original", "blur", ("green", "red", "blue", "blue")),
        ("4:5", "pad", ("black", "red", "blue", "black")),
    ],
)
def test_fit_places_the_picture_in_the_frame(
    red_and_blue: Path, output: Path, aspect: str, fit: str, colors: tuple[str, ...]
) -> None:
    cut(red_and_blue, output, aspect=aspect, fit=fit)
    frame = see(output)[0]
    height, width, _ = frame.shape
    places = ((1, 1), (height // 2, width // 3), (height // 2, width * 2 // 3), (-2, -2))
    assert tuple(name_color(frame[y, x]) for y, x in places) == colors


@pytest.mark.parametrize(
    ("x", "colors"), [(0.0, ("red", "red")), (0.5, ("red", "blue")), (1.0, ("blue", "blue"))]
)
def test_crop_keeps_its_focus(
    red_and_blue: Path, output: Path, x: float, colors: tuple[str, ...]
) -> None:
    cut(red_and_blue, output, fit="crop", focus={"x": x, "y": 0.5})
    row = see(output)[0][160]
    assert (name_color(row[10]), name_color(row[-10])) == colors


def test_segment_keeps_a_focus_of_its_own(red_and_blue: Path, output: Path) -> None:
    segments = [
        {"start": 0.0, "end": 0.12},
        {"start": 0.12, "end": 0.24, "focus": {"x": 1.0, "y": 0.5}},
        {"start": 0.24, "end": 0.36},
    ]
    cut(red_and_blue, output, fit="crop", focus={"x": 0.0, "y": 0.5}, segments=segments)
    frames = see(output)
    seen = [name_color(frame[160, 60]) for frame in frames]
    third = len(frames) // 3
    assert seen == ["red"] * third + ["blue"] * third + ["red"] * third


@pytest.mark.parametrize("fit", ["crop", "blur", "pad"])
@pytest.mark.parametrize(
    ("rotate", "places"),  # of green, red and blue
    [
        (0, ((20, 90), (90, 40), (90, 140))),
        (90, ((90, 160), (40, 90), (140, 90))),
        (180, ((160, 90), (90, 140), (90, 40))),
        (270, ((90, 20), (140, 90), (40, 90))),
    ],
)
def test_video_is_turned_clockwise(
    red_and_blue: Path, output: Path, fit: str, rotate: int, places: tuple[tuple[int, int], ...]
) -> None:
    aspect = "original" if fit == "blur" else "16:9" if rotate % 180 == 0 else "9:16"
    facts = cut(red_and_blue, output, aspect=aspect, fit=fit, rotate=rotate)
    frame = see(output)[0]
    assert (facts.width, facts.height) == ((320, 180) if rotate % 180 == 0 else (180, 320))
    scale = np.array(frame.shape[:2]) / 180
    colors = [name_color(frame[int(y * scale[0]), int(x * scale[1])]) for y, x in places]
    assert colors == ["green", "red", "blue"]


def test_crop_of_a_turned_video_keeps_a_point_of_it_as_it_is_shown(
    red_and_blue: Path, output: Path
) -> None:
    """Turned to the right, red is above blue, and the green stripe on the right of both."""
    choices = {"aspect": "1:1", "fit": "crop", "rotate": 90}
    for y, color in ((0.0, "red"), (1.0, "blue")):
        cut(red_and_blue, output, **choices, focus={"x": 0.5, "y": y})
        assert name_color(see(output)[0][20 if y == 0 else 160, 60]) == color
        output.unlink()


@pytest.mark.parametrize("fit", ["crop", "blur", "pad"])
def test_clip_of_any_size(red_and_blue: Path, output: Path, fit: str) -> None:
    facts = cut(red_and_blue, output, resolution="321x99", fit=fit)
    assert see(output).shape == (10, 98, 320, 3)
    assert (facts.width, facts.height) == (320, 98)


@pytest.mark.parametrize("size", ["163x49", "81x17", "177x145"])
def test_very_small_video_has_a_backdrop_too(make_media: Make, output: Path, size: str) -> None:
    """Blurred by less than usual."""
    picture = f"testsrc=s={size}:r=25:d=0.2"
    source = make_media("small.mp4", "-f", "lavfi", "-i", picture, *X264, "-pix_fmt", "yuv444p")
    facts = cut(source, output, aspect="original")
    assert (facts.frames, facts.width % 2, facts.height % 2) == (5, 0, 0)


def test_rotated_video_is_upright(make_media: Make, red_and_blue: Path, output: Path) -> None:
    """Turned by 90 degrees to the left, the green stripe at the top is on the left."""
    source = ("-display_rotation:v", "90", "-i", red_and_blue, "-c", "copy")
    facts = cut(make_media("turned.mp4", *source), output, aspect="original")
    assert (facts.width, facts.height) == (180, 320)
    frame = see(output)[0]
    assert [name_color(frame[y, x]) for y, x in ((160, 4), (300, 100), (20, 100))] == [
        "green",
        "red",
        "blue",
    ]


def test_pictures_that_change_their_shape_are_shown_whole(make_media: Make, output: Path) -> None:
    """A phone that is turned while it records, after which all pictures are upright."""
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "2M")
    flag = "drawbox=w=iw:h=ih/4:color=lime:t=fill"
    wide, upright = (
        make_media(
            f"{side}.webm", "-f", "lavfi", "-i", f"{RED.replace('320x180', side)},{flag}", *vp8
        )
        for side in ("320x180", "180x320")
    )
    source = join_files(make_media, "turned.webm", wide, upright, "-c", "copy")
    facts = cut(source, output, aspect="original")
    frame = see(output)[-1]
    assert (facts.width, facts.height) == (320, 180)
    places = ((90, 20), (90, 300), (20, 160), (150, 160), (150, 115))
    names = ["black", "black", "green", "red", "red"]
    assert [name_color(frame[y, x]) for y, x in places] == names


@pytest.mark.parametrize("size", ["101x200", "301x1200"])
def test_clip_of_the_original_shape_has_no_bars(make_media: Make, output: Path, size: str) -> None:
    """Its sides are even, so that its shape can differ a little from the video's."""
    picture = RED.replace("320x180", size)
    source = make_media("odd.mp4", "-f", "lavfi", "-i", picture, *X264, "-pix_fmt", "yuv444p")
    cut(source, output, aspect="original")
    frame = see(output)[0]
    assert {name_color(frame[y, x]) for y in (0, -1) for x in (0, -1)} == {"red"}


def test_pixels_become_square(carphone: Path, output: Path) -> None:
    facts = cut(carphone, output, end=0.5, aspect="original")
    assert (facts.width, facts.height) == (192, 144)
    assert facts.fps == pytest.approx(30000 / 1001)
    assert "[SAR 1:1" in describe(output)


TO_BT709 = "scale=out_color_matrix=bt709:out_range=tv"
RED = "color=red:s=320x180:r=25:d=0.2"
X265 = ("-c:v", "libx265", "-x265-params", "log-level=none:lossless=1")


@pytest.mark.parametrize(
    ("name", "picture", "codec"),
    [
        ("sd.mp4", f"{RED},scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", X264),
        (
            "hd.mp4",
            f"color=red:s=1280x720:r=25:d=0.2,{TO_BT709},format=yuv420p",
            X264,
        ),
        (
            "full.mp4",
            f"{RED},scale=out_color_matrix=bt601:out_range=pc,format=yuv420p,"
            "setparams=range=pc:colorspace=smpte170m",
            X264,
        ),
        ("ten.mp4", f"{RED},{TO_BT709},format=yuv420p10,setparams=colorspace=bt709", X265),
        ("rgb.webm", RED, ("-c:v", "libvpx-vp9", "-pix_fmt", "gbrp", "-lossless", "1")),
    ],
)  # fmt: skip
def test_red_is_the_same_red_in_every_source_format(
    make_media: Make, output: Path, name: str, picture: str, codec: tuple[str, ...]
) -> None:
    source = make_media(f"red-{name}", "-f", "lavfi", "-i", picture, *codec)
    poster = output.with_name("poster.jpg")
    render_clip(
        source, ClipSpec(aspect=Aspect.LANDSCAPE), output, poster=poster, on_progress=ignore
    )
    assert see_yuv(output) == pytest.approx(RED_YUV, abs=2)
    with Image.open(poster) as still:
        red, green, blue = still.getpixel((100, 100))  # type: ignore[misc] # three: it is RGB
    assert (red > 240, green < 12, blue < 12) == (True, True, True)


def test_high_dynamic_range_is_tone_mapped(make_media: Make, output: Path) -> None:
    """White of 203 nits, 0.75 in HLG (ITU-R BT.2408), stays nearly white."""
    white = "color=0xBFBFBF:s=320x180:r=25:d=0.2,format=yuv420p10"
    tags = "setparams=range=tv:color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc"
    source = make_media("hlg.mp4", "-f", "lavfi", "-i", f"{white},{tags}", *X265)
    cut(source, output, aspect="original")
    luma, u, v = see_yuv(output)
    assert 215 <= luma < 235
    assert (u, v) == pytest.approx((128, 128), abs=2)
    assert "yuv420p(tv, bt709, progressive)" in describe(output)


def tag(make_media: Make, name: str, codes: str, picture: str = RED) -> Path:
    """Return a video whose header has codes of ITU-T H.273, whatever its pictures are."""
    source = ("-f", "lavfi", "-i", picture, *X264, "-pix_fmt", "yuv420p")
    return make_media(name, *source, "-bsf:v", f"h264_metadata={codes}")


@pytest.mark.parametrize(
    ("codes", "field"),
    [
        ("matrix_coefficients=10", "a matrix"),
        ("matrix_coefficients=11", "a matrix"),
        ("matrix_coefficients=14", "a matrix"),
        ("matrix_coefficients=16", "a matrix"),
        ("colour_primaries=10", "primaries"),
    ],
)
def test_colours_that_cannot_be_converted_are_refused(
    make_media: Make, output: Path, codes: str, field: str
) -> None:
    with pytest.raises(UnsupportedMediaError, match=f"have {field} that is not supported"):
        cut(tag(make_media, f"{codes}.mp4", codes), output)


@pytest.mark.parametrize(
    ("codes", "yuv"),
    [
        # Red in BT.601's matrix, as the header calls it: YCgCo's red and green are 0.97 and 0.13,
        # and SMPTE 170M's red is 0.94 and 0.02 in the light of BT.709.
        ("matrix_coefficients=0", RED_YUV),
        ("matrix_coefficients=3", RED_YUV),
        ("matrix_coefficients=8", (81, 88, 225)),
        ("transfer_characteristics=13", RED_YUV),
        ("colour_primaries=6:transfer_characteristics=6", (90, 87, 218)),
    ],
)
def test_colours_are_as_the_header_has_them(
    make_media: Make, output: Path, codes: str, yuv: tuple[int, int, int]
) -> None:
    cut(
        tag(make_media, "tagged.mp4", codes, f"{RED},scale=out_color_matrix=bt601:out_range=tv"),
        output,
        aspect="16:9",
    )
    assert see_yuv(output) == pytest.approx(yuv, abs=3)


BARS = (
    "color=gray:s=160x128:r=50:d=1,format=yuv420p,"
    "geq=lum='if(lt(mod(X+5*N,80),20),230,60)':cb=128:cr=128"
)
INTERLACED = "interlace=scan={}:lowpass=off"
FIELDS = ("-flags", "+ilme+ildct")


@pytest.mark.parametrize(
    ("name", "filters", "codec"),
    [
        ("tff.mp4", INTERLACED.format("tff"), (*X264, *FIELDS, "-x264-params", "tff=1")),
        ("bff.mkv", INTERLACED.format("bff"), (*X264, *FIELDS, "-x264-params", "bff=1")),
        ("part2.mp4", INTERLACED.format("tff"), ("-c:v", "mpeg4", "-q:v", "2", *FIELDS)),
        ("said.mkv", INTERLACED.format("bff"), ("-c:v", "libvpx-vp9", "-b:v", "2M")),
    ],
)
def test_interlaced_video_has_no_combs(
    make_media: Make, output: Path, name: str, filters: str, codec: tuple[str, ...]
) -> None:
    """The bars move from one field to the next, so that each second line is shifted."""
    source = make_media(name, "-f", "lavfi", "-i", BARS, "-vf", filters, *codec)
    facts = cut(source, output, aspect="original")
    assert (facts.fps, facts.frames) == (25, 25)
    assert measure_combs(source)[13:].min() > 20
    assert measure_combs(output)[13:].max() < 3


def measure_combs(path: Path) -> npt.NDArray[np.float64]:
    """Return for each frame how much the brightness of a line differs from its neighbours'."""
    facts = probe_video(path)
    raw = run_tool("-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-").stdout
    luma = np.frombuffer(raw, np.uint8).reshape(-1, facts.height, facts.width).astype(float)
    combs = abs(2 * luma[:, 1:-1] - luma[:, :-2] - luma[:, 2:])
    return np.asarray(combs.mean(axis=(1, 2)))


def test_video_of_single_fields_is_refused(make_media: Make, output: Path) -> None:
    params = ("-c:v", "libx265", "-x265-params", "log-level=none:interlace=tff")
    source = make_media("f.mp4", "-f", "lavfi", "-i", BARS, "-vf", "separatefields", *params)
    with pytest.raises(UnsupportedMediaError, match="export it as progressive"):
        cut(source, output)


@pytest.mark.parametrize(
    ("profile", "compatibility", "is_refused"),
    [(5, 0, True), (4, 0, True), (7, 0, True), (7, 6, False), (8, 1, False), (8, 4, False)],
)
def test_dolby_vision_is_refused_if_others_cannot_show_it(
    tmp_path: Path,
    make_media: Make,
    output: Path,
    profile: int,
    compatibility: int,
    is_refused: bool,
) -> None:
    hevc = make_media("plain.mp4", "-f", "lavfi", "-i", RED, *X265, "-tag:v", "hvc1")
    source = tmp_path / "vision.mp4"
    source.write_bytes(add_dolby_vision(hevc.read_bytes(), profile, compatibility))
    if is_refused:
        with pytest.raises(UnsupportedMediaError, match=f"Dolby Vision of profile {profile}"):
            cut(source, output)
    else:
        cut(source, output)


def add_dolby_vision(data: bytes, profile: int, compatibility: int) -> bytes:
    """Add a configuration box (Dolby Vision streams within ISO base media, 3.2) to an MP4."""
    bits = profile << 25 | 1 << 19 | 0b101 << 16 | compatibility << 12
    record = b"\x01\x00" + bits.to_bytes(4, "big") + bytes(18)
    box = (len(record) + 8).to_bytes(4, "big") + (b"dvvC" if profile > 7 else b"dvcC") + record
    start = data.index(b"hvcC") - 4
    end = start + int.from_bytes(data[start : start + 4], "big")
    data = data[:end] + box + data[end:]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"):
        at = data.index(name, data.index(b"moov")) - 4
        size = int.from_bytes(data[at : at + 4], "big") + len(box)
        data = data[:at] + size.to_bytes(4, "big") + data[at + 4 :]
    return data


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_transparent_pictures_are_shown_in_front_of_black(
    make_media: Make, output: Path, codec: str
) -> None:
    """Red: opaque on the left, half and not visible to the right of it."""
    alpha = "if(lt(X,107),255,if(lt(X,214),128,0))"
    red = f"{RED},format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='{alpha}'"
    encoding = ("-c:v", codec, "-b:v", "2M", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")
    cut(make_media("clear.webm", "-f", "lavfi", "-i", red, *encoding), output, aspect="16:9")
    row = see(output)[0][90]
    assert row[50] == pytest.approx([255, 0, 0], abs=8)
    assert row[160] == pytest.approx([128, 0, 0], abs=12)
    assert row[270] == pytest.approx([0, 0, 0], abs=8)


@pytest.fixture(scope="session")
def flash_and_beep(make_media: Make) -> Path:
    """Two seconds: from 1.2 to 1.4 a white flash and a beep, else black and silent."""
    box = "drawbox=w=64:h=64:color=white:t=fill:enable='between(t,1.2,1.39)'"
    flash = f"color=black:s=64x64:r=25:d=2,{box}"
    beep = "aevalsrc=exprs='between(t,1.2,1.4)*0.8*sin(2*PI*1000*t)':d=2:s=48000"
    inputs = ("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep)
    return make_media("flash.mp4", *inputs, *X264, "-bf", "3", "-g", "50", "-pix_fmt", "yuv420p")


@pytest.mark.parametrize("start", [0.0, 0.52, 1.0])
def test_sound_stays_with_its_picture(flash_and_beep: Path, output: Path, start: float) -> None:
    cut(flash_and_beep, output, start=start, end=1.8, aspect="original")
    bright = [luma > 120 for luma in see_luma(output)]
    flash = bright.index(True) / 25
    beep = int(np.argmax(np.abs(hear(output)) > 3000)) / 48000
    assert flash == pytest.approx(1.2 - start, abs=0.021)
    assert beep == pytest.approx(flash, abs=0.03)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize(
    ("coding", "luma"),
    [
        (("-bsf:v", "noise=drop='eq(n,0)'"), 16 + 4 * 20),  # without its first keyframe
        (("-output_ts_offset", "0"), 16),
    ],
)
@pytest.mark.parametrize("choices", [{"start": 0.2, "end": 0.5}, {"title": {"text": "Hello"}}])
def test_first_picture_is_shown_before_it_if_it_comes_late(
    make_media: Make,
    ramp: Path,
    output: Path,
    choices: dict[str, Any],
    coding: tuple[str, str],
    luma: int,
    suffix: str,
) -> None:
    late = ("-itsoffset", "0.6", "-i", ramp) if luma == 16 else ("-i", ramp)
    tone = ("-f", "lavfi", "-i", TONE)
    source = make_media(f"late.{suffix}", *late, *tone, "-c:v", "copy", *coding)
    cut(source, output, aspect="original", **choices)
    assert see_luma(output)[-1 if "end" in choices else 75] == pytest.approx(luma, abs=3)


def test_sound_that_starts_late_stays_late(
    make_media: Make, flash_and_beep: Path, output: Path
) -> None:
    late = make_media(
        "late.mp4", "-i", flash_and_beep, "-itsoffset", "0.4", "-i", flash_and_beep,
        "-map", "0:v", "-map", "1:a", "-c", "copy",
    )  # fmt: skip
    cut(late, output, start=1.0, end=2.0, aspect="original")
    beep = int(np.argmax(np.abs(hear(output)) > 3000)) / 48000
    assert beep == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("end", [1.68, 2.0, 2.12])
def test_sound_is_as_long_as_the_picture(bunny: Path, output: Path, end: float) -> None:
    """Its last packet can begin after the last frame does."""
    facts = cut(bunny, output, start=1.0, end=end)
    assert len(hear(output)) / 48000 == pytest.approx(facts.duration, abs=0.001)


@pytest.mark.parametrize(
    ("layout", "gains", "expected"),
    [("mono", "c0=c0", (0.5, 0.5)), ("stereo", "c0=c0|c1=0.2*c0", (0.5, 0.1))],
)
def test_both_sides_are_as_loud_as_in_the_video(
    make_media: Make, output: Path, layout: str, gains: str, expected: tuple[float, float]
) -> None:
    """Players play mono at its full level on both sides."""
    sound = f"aevalsrc=0.5*sin(2000*PI*t):d=1:s=48000,pan={layout}|{gains}"
    inputs = ("-f", "lavfi", "-i", "color=s=64x64:r=25:d=1", "-f", "lavfi", "-i", sound)
    cut(make_media(f"{layout}.mkv", *inputs, *X264, "-c:a", "flac"), output, end=1.0)
    raw = run_tool("-v", "error", "-i", output, "-ar", "48000", "-f", "f32le", "-").stdout
    samples = np.frombuffer(raw, "<f4").reshape(-1, 2)[12_000:36_000]
    assert np.sqrt(2 * np.mean(samples**2, axis=0)) == pytest.approx(expected, rel=0.03)


def test_silent_video_makes_a_silent_clip(bikes: Path, output: Path) -> None:
    cut(bikes, output, end=0.4)
    assert not probe_video(output).has_audio


TEXT = "Hi {\\an8}\\N: it's 100% [x]=y"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "
TEXTS = [
    TEXT,
    "こんにちは世界、日本語の字幕は改行されますかとても長い文章なのです",
    LONG_WORD + "https://example.com/" + "a" * 50,
    "مرحبا (بكم)، 123 شخص!",
    "So good 🔥😂👨\u200d👩\u200d👧",
    "line\n" * 30,
    "W" * 500,
]


@pytest.fixture(scope="session")
def green(make_media: Make) -> Path:
    """Two seconds in green."""
    picture = "color=green:s=320x180:r=25:d=2"
    return make_media("green.mp4", "-f", "lavfi", "-i", picture, *X264)


def find_words(frame: Picture) -> npt.NDArray[np.bool_]:
    """Return where the words on a green frame are: letters, outlines and emoji."""
    distance: npt.NDArray[np.int64] = np.abs(frame - frame[0, 0]).max(axis=2)
    return distance > 60


@pytest.mark.parametrize("aspect", ["9:16", "1:1", "16:9"])
def test_captions_stay_in_their_area(green: Path, output: Path, aspect: str) -> None:
    """Phone apps cover the top 14 %, the bottom 20 % and 120 of 1080 pixels on the right."""
    cues = [{"start": n * 0.2, "end": n * 0.2 + 0.2, "text": text} for n, text in enumerate(TEXTS)]
    cut(green, output, aspect=aspect, fit="crop", captions=cues)
    above, below, side = (0.14, 0.2, 0.111) if aspect == "9:16" else (0.06, 0.08, 0.06)
    for frame in see(output)[2 : 5 * len(TEXTS) : 5]:
        rows, columns = (np.flatnonzero(find_words(frame).any(axis=axis)) for axis in (1, 0))
        height, width, _ = frame.shape
        assert height * above <= rows[0]
        assert height * 0.5 < rows[-1] < height * (1 - below)
        assert width * side <= columns[0]
        assert columns[-1] < width * (1 - side)
        assert columns[0] + columns[-1] == pytest.approx(width, abs=8)


@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_captions_are_seen_in_exactly_their_frames(
    make_media: Make, output: Path, rate: str
) -> None:
    """One is seen in each second frame, and one at the end."""
    picture = f"color=green:s=320x180:r={rate}:d=3"
    source = make_media(f"green-{rate[:2]}.mp4", "-f", "lavfi", "-i", picture, *X264)
    second = 1 / Fraction(rate)
    cues = [
        {"start": float(n * second), "end": float((n + 1) * second), "text": TEXT}
        for n in range(2, 20, 2)
    ]
    cues.append({"start": 0.9, "end": 9.0, "text": TEXT})
    cut(source, output, start=1.0, end=2.0, captions=cues, fit="crop")
    seen = [bool(find_words(frame).any()) for frame in see(output)]
    last = math.ceil(0.9 / second)
    assert seen == [n in range(2, 20, 2) or n >= last for n in range(len(seen))]
    assert len(seen) == round(1 / second)


def test_captions_at_the_same_moment_stand_above_each_other(green: Path, output: Path) -> None:
    """The first stays where it is while others come and go."""
    cues = (
        {"start": 0.0, "end": 1.2, "text": "First"},
        {"start": 0.4, "end": 0.8, "text": "Second"},
        {"start": 0.4, "end": 1.6, "text": "Third"},
    )
    cut(green, output, captions=cues, fit="crop")
    frames = see(output)
    heights = [count_lines(frames[number]) for number in (5, 15, 25, 35, 45)]
    assert [len(tops) for tops in heights] == [1, 3, 2, 1, 0]
    first, three, two, one, _ = heights
    assert first[0] == three[2] == two[1]
    assert three[0] == two[0] == one[0]


def count_lines(frame: Picture) -> list[int]:
    """Return the upper edges of the lines of words, from the top."""
    rows = find_words(frame).any(axis=1).astype(int)
    return [int(edge) for edge in np.flatnonzero(np.diff(rows) == 1)]


def test_emoji_have_their_colours(green: Path, output: Path) -> None:
    cut(green, output, captions=[{"start": 0, "end": 1, "text": "🟥🟦"}], fit="crop")
    frame = see(output)[5]
    _, columns = np.nonzero(find_words(frame))
    row = int(np.nonzero(find_words(frame))[0].mean())
    quarter = (columns.max() - columns.min()) // 4
    names = [
        name_color(frame[row, at]) for at in (columns.min() + quarter, columns.max() - quarter)
    ]
    assert names == ["red", "blue"]


def test_clip_without_words_in_its_time_says_so(green: Path, output: Path) -> None:
    cues = {"cues": [{"start": 0.1, "end": 0.5, "text": "before"}], "times": "source"}
    facts = cut(green, output, start=1.0, captions=cues)
    (warning,) = facts.warnings or ()
    assert warning.startswith("No caption lies within the clip")
    assert not find_words(see(output)[0]).any()


def test_filter_graph_has_no_text_of_the_user() -> None:
    spec = ClipSpec(captions=(Cue(start=0.0, end=1.0, text="movie=/etc/passwd'"),))
    video = make_video()
    cut = plan_video(spec, video)
    shot = Shot(cut, align_cut(cut, video.times))
    graph = build_graph(spec, video, [shot], [(10, 20, 90, 80)])
    assert "passwd" not in graph
    assert "overlay=10:20" in graph


def test_progress_is_exact_and_never_goes_back(bikes: Path, output: Path) -> None:
    reported: list[tuple[int, int, RenderStage]] = []
    render_clip(
        bikes,
        ClipSpec(end=2.0),
        output,
        on_progress=lambda done, total, stage: reported.append((done, total, stage)),
    )
    rendering = [(done, total) for done, total, stage in reported if stage == "rendering"]
    assert rendering == sorted(rendering)
    assert rendering[-1] == (50, 50)
    assert [
        stage for at, (_, _, stage) in enumerate(reported) if not at or reported[at - 1][2] != stage
    ] == [
        "preparing",
        "rendering",
        "saving",
    ]


def test_cancelled_clip_ends_ffmpeg_and_leaves_no_file(bikes: Path, output: Path) -> None:
    def cancel(done: int, total: int, stage: RenderStage) -> None:
        assert done <= total
        if stage == "rendering":
            assert find_ffmpegs()
            raise RenderCanceledError("Cancelled.")

    with pytest.raises(RenderCanceledError):
        render_clip(bikes, ClipSpec(), output, preset="veryslow", on_progress=cancel)
    assert not find_ffmpegs()
    assert not list(output.parent.iterdir())


def test_failed_clip_leaves_no_file_and_keeps_the_older_one(
    monkeypatch: pytest.MonkeyPatch, bikes: Path, output: Path
) -> None:
    output.write_bytes(b"an earlier clip")
    monkeypatch.setattr(pieces, "build_graph", lambda *_, **__: "[0:V:0]nonsense[v]")
    with pytest.raises(FfmpegError):
        cut(bikes, output, end=1.0)
    assert [file.name for file in output.parent.iterdir()] == ["video.mp4"]
    assert output.read_bytes() == b"an earlier clip"


def test_clip_may_take_as_long_as_the_longest_job(
    monkeypatch: pytest.MonkeyPatch, bikes: Path, output: Path
) -> None:
    given: list[float] = []

    def run(arguments: list[str], *, timeout: float, **options: Any) -> str:
        given.append(timeout)
        return run_ffmpeg(arguments, timeout=timeout, **options)

    monkeypatch.setattr(pieces, "run_ffmpeg", run)
    cut(bikes, output, end=0.2)
    hours = 12
    assert given
    assert min(given) > hours * 3600


def test_clip_with_missing_frames_is_refused(
    monkeypatch: pytest.MonkeyPatch, bikes: Path, output: Path
) -> None:
    monkeypatch.setattr(clip_module, "count_frames", lambda _: 3)
    with pytest.raises(RenderError, match="3 frames instead of 25"):
        cut(bikes, output, end=1.0)
    assert not list(output.parent.iterdir())


def test_sources_that_are_not_videos_are_refused(
    tmp_path: Path, tone: Path, output: Path, make_media: Make
) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    for source in (playlist, tone):
        with pytest.raises(UnsupportedMediaError):
            cut(source, output)
    day = ("-f", "lavfi", "-i", "color=s=64x64:r=1/43200", "-frames:v", "2")
    with pytest.raises(UnreadableMediaError, match="86400"):
        cut(make_media("day.mp4", *day, *X264), output, end=1.0)
    assert not output.exists()


def test_video_damaged_in_the_middle_makes_a_clip_or_an_error(
    tmp_path: Path, make_media: Make, output: Path
) -> None:
    front = ("-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=2", *X264, "-movflags", "+faststart")
    data = bytearray(make_media("clean.mp4", *front, "-pix_fmt", "yuv420p").read_bytes())
    for at in range(len(data) // 2, len(data) * 3 // 4, 7):
        data[at] ^= 0x55
    source = tmp_path / "damaged.mp4"
    source.write_bytes(data)
    try:
        facts = cut(source, output, aspect="original")
    except (InputError, FfmpegError):
        assert not output.exists()
    else:
        assert len(see(output)) == facts.frames
