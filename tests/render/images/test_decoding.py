"""What a photo costs is bounded before it is decoded: scans of a JPEG, memory of all at once."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from reelqueue.errors import UnreadableMediaError
from reelqueue.render.images.decoding import (
    MAX_SCANS,
    MemoryBudget,
    count_scans,
    estimate_memory,
)
from reelqueue.render.images.photos import load_photo, probe_photo
from reelqueue.specs.photo import PhotoLook

SOS, EOI = b"\xff\xda", b"\xff\xd9"
MANY = MAX_SCANS + 1


def make_jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def repeat_last_scan(times: int) -> bytes:
    """A progressive JPEG whose last scan, a refinement of one bit, comes again and again."""
    data = make_jpeg(progressive=True).removesuffix(EOI)
    return data + data[data.rindex(SOS) :] * times + EOI


def split_scans(times: int) -> bytes:
    """A sequential JPEG whose scans hold one component each, and are empty."""
    data = make_jpeg()
    scan = SOS + b"\0\x08\x01\x01\x00\x00\x3f\x00"
    return data[: data.index(SOS)] + scan * times + EOI


def write(folder: Path, data: bytes) -> Path:
    path = folder / "photo.jpg"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "scans"),
    [
        (make_jpeg(), 1),
        (make_jpeg(progressive=True), 10),
        (repeat_last_scan(7), 17),
        (repeat_last_scan(5000), MANY),
        (split_scans(3), 3),
        (split_scans(5000), MANY),
        (make_jpeg() + SOS * 5000, 1),  # phones add a video or a second photo after the end
        (make_jpeg(progressive=True) + SOS * 5000, 10),
        (make_jpeg(progressive=True, exif=b"Exif\0\0" + SOS * 5000), 10),  # as its thumbnail has
        (repeat_last_scan(4).removesuffix(EOI), 14),
        (b"\xff\xd8\xff", 0),
        (b"\xff\xd8\xff\xda", 0),
        (b"\xff\xd8" + SOS + b"\0\0" * 9, 1),
    ],
)
def test_scans_that_a_decoder_reads_are_counted(tmp_path: Path, data: bytes, scans: int) -> None:
    assert count_scans(write(tmp_path, data)) == scans


@pytest.mark.parametrize("data", [repeat_last_scan(5000), split_scans(5000)])
def test_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(
    tmp_path: Path, data: bytes
) -> None:
    path = write(tmp_path, data)
    for decode in (probe_photo, lambda path: load_photo(path, (64, 64), PhotoLook())):
        with pytest.raises(UnreadableMediaError, match=r"scans.*: export it again"):
            decode(path)


def test_progressive_jpeg_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, repeat_last_scan(MAX_SCANS - 10))
    assert count_scans(path) == MAX_SCANS
    assert probe_photo(path).width == 256


def test_memory_grows_with_the_pixels_and_what_the_format_needs() -> None:
    plain = estimate_memory("JPEG", (6000, 4000), 1)
    assert plain == 4 * 24_000_000
    assert estimate_memory("JPEG", (6000, 4000), 10) > 2 * plain
    assert estimate_memory("WEBP", (6000, 4000), 1) > estimate_memory("PNG", (6000, 4000), 1)


def test_budget_lets_through_what_fits_and_never_more() -> None:
    budget, lock = MemoryBudget(10), threading.Lock()
    held, most = 0, 0

    def use(amount: int) -> None:
        nonlocal held, most
        with budget.hold(amount):
            with lock:
                held += min(amount, 10)
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= min(amount, 10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, [3, 99, 5, 1, 10, 2, 2, 4] * 4))
    assert (held, most) == (0, 10)


def test_budget_is_given_back_when_decoding_fails() -> None:
    budget = MemoryBudget(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="damaged"), budget.hold(10):
            raise ValueError("damaged")
