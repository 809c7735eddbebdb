"""ffmpeg: what it opens, what limits it, and what ends it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from reelqueue.errors import RenderError, RenderMemoryError, RenderTimeoutError
from reelqueue.processes.landlock import find_version
from reelqueue.render.ffmpeg import progress
from reelqueue.render.ffmpeg import run as ffmpeg
from reelqueue.render.ffmpeg.run import (
    DECODERS,
    DEMUXERS,
    FfmpegError,
    build_input_arguments,
    find_ffmpeg,
    run_ffmpeg,
)
from tests.conftest import PATIENCE_SECONDS, ROOT
from tests.render.conftest import Make, find_ffmpegs

pytestmark = pytest.mark.render

ENDLESS = ("-f", "lavfi", "-i", "testsrc=s=320x180:r=25", "-c:v", "libx264")
NOWHERE = ("-f", "null", "-")


def list_names(kind: str) -> set[str]:
    out = subprocess.run([find_ffmpeg(), "-v", "error", kind], check=True, capture_output=True)
    rows = [line.split() for line in out.stdout.decode().splitlines()]
    return {name for row in rows if len(row) > 1 for name in row[1].split(",")}


def test_ffmpeg_knows_every_name_on_the_allow_lists() -> None:
    assert set(DECODERS.split(",")) <= list_names("-decoders")
    assert set(DEMUXERS.split(",")) <= list_names("-demuxers")


def test_input_arguments_come_before_their_file() -> None:
    arguments = build_input_arguments(Path("/somewhere/original.mp4"), "mp4")
    assert arguments[-2:] == ["-i", "file:/somewhere/original.mp4"]
    assert arguments[arguments.index("-f") + 1] == "mp4"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.mp4", "ffconcat version 1.0\nfile talkie.mp4\n"),
        ("list.mp4", "#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"),
    ],
)
@pytest.mark.parametrize("demuxer", ["mp4", "matroska", "concat", "hls"])
def test_file_that_refers_to_others_is_not_followed(
    talkie: Path, name: str, text: str, demuxer: str
) -> None:
    script = talkie.with_name(name)
    script.write_text(text)
    with pytest.raises(FfmpegError):
        run_ffmpeg([*build_input_arguments(script, demuxer), *NOWHERE], timeout=PATIENCE_SECONDS)


def test_decoder_that_is_not_allowed_is_refused(make_media: Make) -> None:
    video = make_media("mjpeg.mov", "-f", "lavfi", "-i", "testsrc=s=64x64:d=0.2", "-c:v", "mjpeg")
    with pytest.raises(FfmpegError) as caught:
        run_ffmpeg([*build_input_arguments(video, "mov"), *NOWHERE], timeout=PATIENCE_SECONDS)
    assert "not on whitelist" in caught.value.log


def test_error_hides_paths_from_users_but_not_from_the_log(tmp_path: Path) -> None:
    missing = tmp_path / "missing.mp4"
    with pytest.raises(FfmpegError) as caught:
        run_ffmpeg([*build_input_arguments(missing, "mp4"), *NOWHERE], timeout=PATIENCE_SECONDS)
    assert "missing" not in str(caught.value)
    assert str(missing) in caught.value.__notes__[0]


def test_long_log_keeps_its_end_and_never_blocks() -> None:
    noisy = ("-f", "lavfi", "-i", "color=s=16x16:d=40", "-vf", "showinfo", *NOWHERE)
    log = run_ffmpeg(noisy, timeout=PATIENCE_SECONDS, verbosity="info")
    assert len(log) <= ffmpeg.LOG_BYTES
    assert "n: 999" in log


def test_ffmpeg_has_none_of_our_environment_and_stays_in_our_process_group(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def look(_: int) -> None:
        (child,) = find_ffmpegs()
        seen.update(group=os.getpgid(child.pid), environment=child.environ())
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run_ffmpeg(
            [*ENDLESS, str(tmp_path / "out.mp4")], timeout=PATIENCE_SECONDS, on_progress=look
        )
    assert seen["group"] == os.getpgid(0)
    # Set by Python in exec.py, and for glibc.
    assert not set(seen["environment"]) - {"LC_CTYPE", "MALLOC_MMAP_THRESHOLD_"}


def test_progress_counts_frames_up_to_the_last() -> None:
    reported: list[int] = []
    run_ffmpeg(
        ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2", *NOWHERE],
        timeout=PATIENCE_SECONDS,
        on_progress=reported.append,
    )
    assert reported == sorted(reported)
    assert reported[-1] == 50


def test_exception_from_on_progress_ends_ffmpeg(tmp_path: Path) -> None:
    def cancel(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg(
            [*ENDLESS, str(tmp_path / "out.mp4")], timeout=PATIENCE_SECONDS, on_progress=cancel
        )
    assert not find_ffmpegs()


def test_deadline_ends_ffmpeg(tmp_path: Path) -> None:
    with pytest.raises(RenderTimeoutError, match="use fewer photos, a shorter clip"):
        run_ffmpeg([*ENDLESS, str(tmp_path / "out.mp4")], timeout=1)
    assert not find_ffmpegs()


def test_ffmpeg_that_makes_no_progress_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 1.0)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    keep_open = os.open(pipe, os.O_RDWR)
    try:
        with pytest.raises(RenderError, match="no progress"):
            run_ffmpeg(["-f", "s16le", "-i", str(pipe), *NOWHERE], timeout=PATIENCE_SECONDS)
    finally:
        os.close(keep_open)
    assert not find_ffmpegs()


def test_ffmpeg_that_works_without_output_does_not_count_as_hung(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It does so when it decodes from a keyframe to the start of a clip far behind it."""
    monkeypatch.setattr(progress, "STALL_SECONDS", 2.0)
    dropping = ("-f", "lavfi", "-i", "testsrc=s=320x180", "-vf", "select=0", *NOWHERE)
    with pytest.raises(RenderTimeoutError, match="use fewer photos, a shorter clip"):
        run_ffmpeg(dropping, timeout=6)
    assert not find_ffmpegs()


def test_suspended_ffmpeg_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(progress, "STALL_SECONDS", 1.0)

    def suspend(_: int) -> None:
        for child in find_ffmpegs():
            child.suspend()

    with pytest.raises(RenderError, match="no progress"):
        run_ffmpeg(
            [*ENDLESS, str(tmp_path / "out.mp4")], timeout=PATIENCE_SECONDS, on_progress=suspend
        )
    assert not find_ffmpegs()


def test_on_line_gets_whole_lines() -> None:
    lines: list[bytes] = []
    source = ("-f", "lavfi", "-i", "color=s=16x16:r=25:d=80")
    run_ffmpeg(
        [*source, "-f", "framecrc", "pipe:1"], timeout=PATIENCE_SECONDS, on_line=lines.append
    )
    packets = [line for line in lines if not line.startswith(b"#")]
    assert [int(line.split(b",")[1]) for line in packets] == list(range(2000))


def test_file_beyond_the_limit_ends_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ffmpeg, "_FILE_BYTES", 100_000)
    output = tmp_path / "noise.raw"
    source = ("-f", "lavfi", "-i", "testsrc=s=320x180", "-f", "rawvideo")
    with pytest.raises(FfmpegError) as caught:
        run_ffmpeg([*source, str(output)], timeout=PATIENCE_SECONDS)
    assert "SIGXFSZ" in caught.value.__notes__[0]
    assert output.stat().st_size == 100_000


@pytest.mark.parametrize(
    "greedy",
    [
        ("-f", "lavfi", "-i", "testsrc=s=1280x720:d=20", "-vf", "reverse"),
        ("-f", "lavfi", "-i", "color=s=3840x2160:d=3", "-c:v", "libx264", "-threads", "1"),
    ],
)
def test_too_much_memory_ends_ffmpeg_with_an_error(
    monkeypatch: pytest.MonkeyPatch, greedy: tuple[str, ...]
) -> None:
    monkeypatch.setattr(ffmpeg, "_MEMORY_BYTES", 400 << 20)
    with pytest.raises(RenderMemoryError, match="out of memory"):
        run_ffmpeg([*greedy, *NOWHERE], timeout=PATIENCE_SECONDS)


FED = ("-f", "rawvideo", "-pixel_format", "gray", "-video_size", "64x64", "-i", "pipe:0")


def test_ffmpeg_is_fed_while_it_runs(tmp_path: Path) -> None:
    def feed(pipe: IO[bytes]) -> None:
        for number in range(100):
            pipe.write(bytes([number]) * 64 * 64)

    output = tmp_path / "fed.gray"
    run_ffmpeg([*FED, "-f", "rawvideo", str(output)], timeout=PATIENCE_SECONDS, feed=feed)
    assert output.read_bytes()[:: 64 * 64] == bytes(range(100))


def test_ffmpeg_need_not_read_all_that_it_is_fed() -> None:
    def feed(pipe: IO[bytes]) -> None:
        while True:
            pipe.write(bytes(1 << 20))

    run_ffmpeg([*FED, "-frames:v", "3", *NOWHERE], timeout=PATIENCE_SECONDS, feed=feed)
    assert not find_ffmpegs()


def test_error_of_the_feed_ends_ffmpeg_and_is_raised() -> None:
    def feed(pipe: IO[bytes]) -> None:
        pipe.write(bytes(64 * 64))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_ffmpeg([*ENDLESS, *FED, *NOWHERE], timeout=PATIENCE_SECONDS, feed=feed)
    assert not find_ffmpegs()


def test_error_of_ffmpeg_ends_the_feed() -> None:
    def feed(pipe: IO[bytes]) -> None:
        while True:
            pipe.write(bytes(1 << 20))

    with pytest.raises(FfmpegError):
        run_ffmpeg([*FED, "-vf", "nonsense", *NOWHERE], timeout=PATIENCE_SECONDS, feed=feed)


def test_ffmpeg_that_the_kernel_kills_for_memory_is_no_fault_of_its_file(tmp_path: Path) -> None:
    def kill(_: int) -> None:
        for child in find_ffmpegs():
            child.kill()

    with pytest.raises(RenderMemoryError, match="use a smaller size") as caught:
        run_ffmpeg(
            [*ENDLESS, str(tmp_path / "out.mp4")], timeout=PATIENCE_SECONDS, on_progress=kill
        )
    assert "SIGKILL" in caught.value.__notes__[0]


def test_ffmpeg_has_no_more_processor_time_than_its_parent_has_left() -> None:
    """So all that probes one file is bounded together."""
    script = (
        "import resource\n"
        "from reelqueue.errors import RenderTimeoutError\n"
        "from reelqueue.processes.usage import measure_cpu_seconds, set_soft_limit\n"
        "from reelqueue.render.ffmpeg.run import run_ffmpeg\n"
        "set_soft_limit(resource.RLIMIT_CPU, int(measure_cpu_seconds()) + 2)\n"
        "try:\n"
        f"    run_ffmpeg({[*ENDLESS, *NOWHERE]}, timeout=60)\n"
        "except RenderTimeoutError as error:\n"
        "    print(*error.__notes__)\n"
    )
    command = [sys.executable, "-c", script]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    assert b"more processor time" in out


def test_ffmpeg_reads_its_inputs_and_nothing_else(talkie: Path, tmp_path: Path) -> None:
    """As far as a decoder can be made to open files: here a filter does, as a fault could."""
    if not find_version():
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "canary.txt").write_text("canary")
    draw = f"drawtext=textfile={tmp_path / 'canary.txt'}"
    inputs = build_input_arguments(talkie, "mp4")
    for out in (NOWHERE, ("-f", "mp4", "-y", "/var/tmp/reelqueue-canary.mp4")):
        with pytest.raises(FfmpegError) as caught:
            run_ffmpeg([*inputs, "-vf", draw, *out[:-1], out[-1]], timeout=PATIENCE_SECONDS)
        assert "canary.txt" in caught.value.log
        assert "Permission denied" in caught.value.log
    assert run_ffmpeg([*inputs, *NOWHERE], timeout=PATIENCE_SECONDS) == ""


def test_ffmpeg_reaches_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(FfmpegError):
            run_ffmpeg(
                ["-f", "mp4", "-i", address, str(tmp_path / "out.mp4")], timeout=PATIENCE_SECONDS
            )
        with pytest.raises(BlockingIOError):
            listener.accept()
