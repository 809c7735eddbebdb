"""The time at which a photo was taken is found in all of its metadata."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from reelqueue.media.moments import Moment
from reelqueue.render.images.photos import find_moment, probe_photo

NOON = "2024:02:29 12:00:00"
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description {attributes}>{elements}
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def make_exif(*, changed: str | None = None, **tags: str) -> bytes:
    exif = Image.Exif()
    if changed:
        exif[ExifTags.Base.DateTime] = changed
    own = exif.get_ifd(ExifTags.IFD.Exif)
    own.update({ExifTags.Base[name]: value for name, value in tags.items()})
    return exif.tobytes()


def write(path: Path, kind: str = "JPEG", **options: Any) -> Path:
    Image.new("RGB", (32, 24), "teal").save(path, kind, **options)
    return path


def find(path: Path) -> Moment | None:
    """Return the moment, which the facts of the photo agree with."""
    moment = find_moment(path)
    assert probe_photo(path).moment == moment
    return moment


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_photo_was_taken_by_the_clock_of_the_camera(tmp_path: Path, kind: str) -> None:
    exif = make_exif(
        DateTimeOriginal="2024:02:29 23:59:58", SubsecTimeOriginal="25", OffsetTimeOriginal="+09:00"
    )
    path = write(tmp_path / "photo", kind, exif=exif)

    assert find(path) == Moment(datetime(2024, 2, 29, 23, 59, 58, 250_000), 9 * 60)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"changed": NOON}, datetime(2024, 2, 29, 12)),
        ({"DateTimeDigitized": NOON}, datetime(2024, 2, 29, 12)),
        ({"DateTimeDigitized": NOON, "changed": "2025:01:01 1:1:1"}, datetime(2024, 2, 29, 12)),
        ({"DateTimeOriginal": NOON, "changed": "2025:01:01 1:1:1"}, datetime(2024, 2, 29, 12)),
        ({"DateTimeOriginal": "    ", "DateTimeDigitized": NOON}, datetime(2024, 2, 29, 12)),
        ({"DateTimeOriginal": "0000:00:00 00:00:00", "changed": NOON}, datetime(2024, 2, 29, 12)),
        ({"DateTimeOriginal": "2024-02-29T12:00:00"}, datetime(2024, 2, 29, 12)),
    ],
    ids=str,
)
def test_other_tags_and_spellings_are_read(
    tmp_path: Path, tags: dict[str, str], expected: datetime
) -> None:
    path = write(tmp_path / "photo.jpg", exif=make_exif(**tags))

    assert find(path) == Moment(expected)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize(
    ("attributes", "elements"),
    [
        ('exif:DateTimeOriginal="2024-02-29T12:00:00.5+01:00"', ""),
        ("", "<photoshop:DateCreated>2024-02-29T12:00:00.50+0100</photoshop:DateCreated>"),
        ("xmp:CreateDate = '2024-02-29T12:00:00.500+01:00' xmp:ModifyDate='2025-01-01'", ""),
    ],
)
def test_xmp_is_read(tmp_path: Path, kind: str, attributes: str, elements: str) -> None:
    xmp = XMP.format(attributes=attributes, elements=elements).encode()
    more = {"tiffinfo": {700: xmp}} if kind == "TIFF" else {"xmp": xmp}
    path = write(tmp_path / "photo", kind, **more)

    assert find(path) == Moment(datetime(2024, 2, 29, 12, 0, 0, 500_000), 60)


def test_xmp_in_png_is_read(tmp_path: Path) -> None:
    info = PngInfo()
    xmp = XMP.format(attributes='xmp:CreateDate="2024-02-29"', elements="")
    info.add_itxt("XML:com.adobe.xmp", xmp)
    path = write(tmp_path / "photo.png", "PNG", pnginfo=info)

    assert find(path) == Moment(datetime(2024, 2, 29))


def test_xmp_goes_before_the_time_of_a_change(tmp_path: Path) -> None:
    xmp = XMP.format(attributes='xmp:CreateDate="2024-02-29T12:00"', elements="").encode()
    path = write(tmp_path / "photo.jpg", exif=make_exif(changed="2025:01:01 1:1:1"), xmp=xmp)

    assert find(path) == Moment(datetime(2024, 2, 29, 12))


def test_unreadable_photo_or_one_without_a_time_has_none(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"no picture")

    assert find_moment(path) is None
    assert find(write(tmp_path / "plain.tif", "TIFF")) is None
