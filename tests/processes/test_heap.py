"""Threads of a process that shares its heap have no heaps of their own, nor pictures in it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import sys, threading
from pathlib import Path
from reelqueue.processes.heap import share_heap

if sys.argv[1] == "shared":
    share_heap()
start = threading.Barrier(4)
kept = []

def work():
    start.wait()
    kept.append([bytearray(50_000) for _ in range(40)])  # too small for a mapping of its own
    start.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
edges = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines()]
spans = [(int(first, 16), int(end, 16)) for first, end in edges]
heap = 64 << 20  # bytes that glibc reserves for a heap of a thread
print(sum(
    first % heap == 0 and after_end == first + heap and end == after
    for (first, end), (after, after_end) in zip(spans, spans[1:])
))
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has many heaps")
def test_threads_share_a_heap() -> None:
    def count_heaps(how: str) -> int:
        command = [sys.executable, "-c", SCRIPT, how]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert count_heaps("own") >= 2
    assert count_heaps("shared") == 0


LARGE_SCRIPT = """
import ctypes, sys
from pathlib import Path
from reelqueue.processes.heap import share_heap

if sys.argv[1] != "own":
    share_heap()
if sys.argv[1] == "with pictures":
    share_heap(with_pictures=True)
freed = bytearray(20 << 20)
del freed  # from now on, glibc would take as much as this from the heap
buffer = ctypes.create_string_buffer(2 << 20)
line = next(line for line in Path("/proc/self/maps").read_text().splitlines() if "[heap]" in line)
first, end = (int(edge, 16) for edge in line.split()[0].split("-"))
print(first <= ctypes.addressof(buffer) < end)
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others have no such threshold")
def test_pictures_lie_outside_of_the_heap() -> None:
    def is_in_heap(how: str) -> str:
        command = [sys.executable, "-c", LARGE_SCRIPT, how]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert is_in_heap("own") == "True"
    assert is_in_heap("shared") == "False"
    assert is_in_heap("with pictures") == "True"


END_SCRIPT = """
import sys
from pathlib import Path
from reelqueue.processes.heap import share_heap

def find_end():
    lines = Path("/proc/self/maps").read_text().splitlines()
    return next(int(line.split()[0].split("-")[1], 16) for line in lines if "[heap]" in line)

if sys.argv[1] == "shared":
    share_heap()
pieces = [bytearray(50_000) for _ in range(200)]
end = find_end()
del pieces
print(end - find_end())
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives it back")
def test_what_is_free_at_the_end_is_kept() -> None:
    def count_returned(how: str) -> int:
        command = [sys.executable, "-c", END_SCRIPT, how]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert count_returned("own") > 0
    assert count_returned("shared") == 0
