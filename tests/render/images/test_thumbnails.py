"""Thumbnails show the whole photo upright, and tell nothing of where it was taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from reelqueue.render.images.saliency import find_focus
from reelqueue.render.images.thumbnails import write_thumbnails

pytestmark = pytest.mark.render

TURNS = (
    None,
    Image.Transpose.ROTATE_270,  # Pillow turns against the clock
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_90,
)


def test_thumbnails_are_upright_and_without_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    photo = Image.new("RGB", (1500, 1000), "teal")
    photo.paste("white", (0, 0, 750, 1000))
    photo.save(tmp_path / "photo.jpg", exif=exif, comment="at my house")

    write_thumbnails(
        tmp_path / "photo.jpg", (1000, 1500), tmp_path / "small.jpg", tmp_path / "large.jpg"
    )

    for name, size in (("small", (213, 320)), ("large", (640, 960))):
        with Image.open(tmp_path / f"{name}.jpg") as thumbnail:
            assert (thumbnail.format, thumbnail.size) == ("JPEG", size)
            assert not thumbnail.getexif()
            assert not {"icc_profile", "comment"} & set(thumbnail.info)
            assert thumbnail.getpixel((size[0] // 2, 10)) == pytest.approx((255, 255, 255), abs=3)


def test_thumbnail_of_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20), "teal").save(tmp_path / "photo.png")
    write_thumbnails(tmp_path / "photo.png", (30, 20), tmp_path / "s.jpg", tmp_path / "l.jpg")
    with Image.open(tmp_path / "s.jpg") as thumbnail:
        assert thumbnail.size == (30, 20)
    assert not (tmp_path / "l.jpg").exists()


def test_point_of_most_detail_is_that_of_the_whole_photo(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    for path in photo_paths:
        with Image.open(path) as photo:
            found = write_thumbnails(path, photo.size, tmp_path / "s.jpg", tmp_path / "l.jpg")
            plain = photo.convert("RGB")
        for turn, point in zip(TURNS, (found.upright, *found.turned), strict=True):
            expected = find_focus(plain.transpose(turn) if turn is not None else plain)
            assert (point.x, point.y) == pytest.approx((expected.x, expected.y), abs=0.02)
