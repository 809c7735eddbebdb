"""JPEG files without their end are shown if nothing else is missing; other kinds are refused."""

from __future__ import annotations

import base64
import io
import re
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.render.images.photos import load_photo, probe_photo
from reelqueue.specs.photo import Fit, PhotoLook

CONTAIN = PhotoLook(fit=Fit.CONTAIN)
SIZE = (150, 100)
TRAILER = b"SEFHh\0\0\0\1\0\0\0SEFT"  # Samsung's data after a picture


def make_jpeg(photo: Path, **options: int) -> bytes:
    content = io.BytesIO()
    with Image.open(photo) as image:
        image.save(content, "JPEG", quality=90, **options)
    return content.getvalue()


@pytest.fixture(
    params=[{}, {"progressive": True}, {"restart_marker_blocks": 50}],
    ids=["baseline", "progressive", "restarts"],
)
def whole(request: pytest.FixtureRequest, photo_paths: list[Path]) -> bytes:
    """A JPEG that ends with EOI."""
    return make_jpeg(photo_paths[0], **request.param)


def show(path: Path) -> bytes:
    return load_photo(path, SIZE, CONTAIN).tobytes()


@pytest.mark.parametrize("tail", [b"", b"\xff", TRAILER], ids=["cut", "half a marker", "trailer"])
def test_jpeg_without_its_end_is_shown(tmp_path: Path, whole: bytes, tail: bytes) -> None:
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "photo.jpg").write_bytes(whole[:-2] + tail)

    assert probe_photo(tmp_path / "photo.jpg") == probe_photo(tmp_path / "whole.jpg")
    assert show(tmp_path / "photo.jpg") == show(tmp_path / "whole.jpg")


@pytest.mark.parametrize("missing", [6, 12, 100, 3000])
def test_jpeg_without_its_last_pixels_is_unreadable(
    tmp_path: Path, whole: bytes, missing: int
) -> None:
    (tmp_path / "photo.jpg").write_bytes(whole[:-missing])

    with pytest.raises(UnreadableMediaError, match="is damaged"):
        probe_photo(tmp_path / "photo.jpg")


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("lost", [1, 2, 9])
def test_jpeg_that_ends_where_its_decoder_restarts_is_unreadable(
    tmp_path: Path, photo_paths: list[Path], kept: int, lost: int
) -> None:
    """All that is there is whole; `kept` bytes of the next restart marker are there, too."""
    whole = make_jpeg(photo_paths[0], restart_marker_blocks=50)
    markers = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", whole)]
    (tmp_path / "photo.jpg").write_bytes(whole[: markers[-lost] + kept])

    with pytest.raises(UnreadableMediaError, match="is damaged"):
        probe_photo(tmp_path / "photo.jpg")


def test_progressive_jpeg_without_its_last_scan_is_unreadable(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    with Image.open(photo_paths[0]) as image:
        image.save(tmp_path / "photo.jpg", progressive=True)
    whole = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "photo.jpg").write_bytes(whole[: whole.rindex(b"\xff\xda")])

    with pytest.raises(UnreadableMediaError, match="is damaged"):
        probe_photo(tmp_path / "photo.jpg")


def test_video_behind_a_photo_is_ignored(tmp_path: Path, whole: bytes) -> None:
    """As phones write that film what happens around the moment."""
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "photo.jpg").write_bytes(whole + b"\0\0\0\x18ftypmp42" + bytes(100_000))

    assert show(tmp_path / "photo.jpg") == show(tmp_path / "whole.jpg")


def make_lossless(width: int, height: int) -> bytes:
    """A grey lossless JPEG (ITU-T T.81, H) whose differences are all 0: one bit each."""
    frame = struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)
    table = bytes([0, 1, *[0] * 15, 0])
    segments = ((0xC3, frame), (0xC4, table), (0xDA, bytes([1, 1, 0, 1, 0, 0])))
    head = b"".join(struct.pack(">BBH", 255, kind, len(data) + 2) + data for kind, data in segments)
    return b"\xff\xd8" + head + bytes((width * height + 7) // 8) + b"\xff\xd9"


def test_lossless_jpeg_is_shown_smaller_than_it_is(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(make_lossless(640, 480))

    assert probe_photo(tmp_path / "photo.jpg").width == 640
    assert load_photo(tmp_path / "photo.jpg", (64, 48), CONTAIN).getpixel((9, 9)) == (128,) * 3


ARITHMETIC = {
    "sequential": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkI"
        "BgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoK"
        "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/yQARCAAYACADAREAAhEBAxEB/8wACgAQEAUBEBEF"
        "/9oADAMBAAIRAxEAPwD/ANvduEOYBRmoz4flygDrTw9xT5ExIh1TufJ+f6LA/9k="
    ),
    "progressive": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkI"
        "BgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoK"
        "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/ygARCAAYACADAREAAhEBAxEB/8wABgAQARD/2gAM"
        "AwEAAhADEAAAAf8At7sx0gHxKl0gnmUb+hlaa91MXCaxm8RzwP/MAAQQBf/aAAgBAQABBQLA/8wABBEF/9oA"
        "CAEDAQE/AcD/zAAEEQX/2gAIAQIBAT8BwP/MAAQQBf/aAAgBAQAGPwLA/8wABBAF/9oACAEBAAE/IcD/2gAM"
        "AwEAAgADAAAAEEvG/8wABBEF/9oACAEDAQE/EMD/zAAEEQX/2gAIAQIBAT8QwP/MAAQQBf/aAAgBAQABPxDA"
        "/9k="
    ),
}
"""A red half and a blue one, 32 x 24, coded arithmetically by jpegtran of libjpeg-turbo; base64."""


@pytest.mark.parametrize("kind", ARITHMETIC)
def test_arithmetic_jpeg_is_shown_without_its_end_and_refused_without_more(
    tmp_path: Path, kind: str
) -> None:
    content, path = base64.b64decode(ARITHMETIC[kind]), tmp_path / "photo.jpg"
    for whole in (content, content[:-2]):
        path.write_bytes(whole)
        assert probe_photo(path).width == 32
        shown = load_photo(path, (32, 24), CONTAIN)
        assert shown.getpixel((4, 12)) == pytest.approx((200, 30, 20), abs=2)
        assert shown.getpixel((28, 12)) == pytest.approx((10, 40, 220), abs=2)
    path.write_bytes(content[:-6])
    with pytest.raises(UnreadableMediaError, match="is damaged"):
        probe_photo(path)


@pytest.mark.parametrize(("kind", "bits"), [(0xC1, 12), (0xC3, 16), (0xC5, 8), (0xC7, 8)])
def test_rare_jpeg_is_refused_by_what_it_is(tmp_path: Path, kind: int, bits: int) -> None:
    content = bytearray(make_lossless(64, 48))
    content[3], content[6] = kind, bits
    (tmp_path / "photo.jpg").write_bytes(content)

    with pytest.raises(UnsupportedMediaError, match=f"rare kind .*{bits} bits.* SOF{kind - 0xC0}"):
        probe_photo(tmp_path / "photo.jpg")


@pytest.mark.parametrize("size", [0, 1, 2, 65535])
def test_segment_of_an_impossible_size_does_no_harm(
    tmp_path: Path, whole: bytes, size: int
) -> None:
    content = whole[:2] + struct.pack(">BBH", 0xFF, 0xE5, size) + whole[2:-2]
    (tmp_path / "photo.jpg").write_bytes(content)

    with suppress(UnreadableMediaError, UnsupportedMediaError):
        assert probe_photo(tmp_path / "photo.jpg").width == 600
