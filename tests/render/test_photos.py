from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.render.photos import inspect_photo, load_photo, write_thumbnail
from reelqueue.specs import Fit

RED, BLUE = (200, 30, 20), (10, 40, 220)
SIZE = (160, 90)


def write(path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    image.save(path, kind, **options)
    return path


def make_halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A picture that is red on its left and blue on its right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image


def corner(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    pixel = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))
    assert isinstance(pixel, tuple)
    return pixel


def assert_near(pixel: tuple[int, ...], expected: tuple[int, ...], levels: int = 6) -> None:
    assert all(abs(a - b) <= levels for a, b in zip(pixel, expected, strict=True)), pixel


def to_array(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image).astype(np.int16)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_photo_is_known_by_its_content_not_its_name(tmp_path: Path, kind: str) -> None:
    facts = inspect_photo(write(tmp_path / "holiday.txt", make_halves(), kind))

    assert (facts.width, facts.height, facts.format) == (60, 40, kind.lower())


def test_first_picture_of_an_mpo_is_taken(tmp_path: Path) -> None:
    other = Image.new("RGB", (60, 40), "green")
    path = write(tmp_path / "phone.jpg", make_halves(), "MPO", save_all=True, append_images=[other])

    assert inspect_photo(path).format == "jpeg"
    assert_near(corner(load_photo(path, (60, 40), Fit.CONTAIN), 0, 0), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation_is_taken(tmp_path: Path, kind: str) -> None:
    other = Image.new("RGB", (60, 40), "green")
    path = write(
        tmp_path / "a", make_halves(), kind, save_all=True, append_images=[other] * 3, duration=40
    )

    assert_near(corner(load_photo(path, (60, 40), Fit.CONTAIN), 0, 0), RED, levels=12)


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "EPS", "ICO", "PPM", "AVIF", "JPEG2000"])
def test_other_kinds_are_refused_whatever_their_name(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "photo.png", make_halves(), kind)

    with pytest.raises(UnsupportedMediaError, match="JPEG, PNG, WebP or GIF"):
        inspect_photo(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"hello", b"RIFF\0\0\0\0WAVEfmt ", b"<svg/>"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)

    with pytest.raises(UnsupportedMediaError):
        inspect_photo(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [1, 8, 16, 28])
def test_truncated_photo_is_unreadable(
    tmp_path: Path, photo_paths: list[Path], kind: str, part: int
) -> None:
    content = io.BytesIO()
    with Image.open(photo_paths[0]) as image:
        image.save(content, kind)
    path = tmp_path / "photo"
    path.write_bytes(content.getvalue()[: len(content.getvalue()) * part // 32])

    with pytest.raises(UnreadableMediaError, match="The photo is damaged"):
        inspect_photo(path)
    with pytest.raises(UnreadableMediaError, match=r"beach\.jpg is damaged"):
        load_photo(path, SIZE, Fit.BLUR, "beach.jpg")


def make_png_header(width: int, height: int) -> bytes:
    """A 1-bit PNG of any size, without its pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"")
    chunks = (
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c))
        for c in (header, pixels)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 6251), (16385, 1), (1, 16385), (10_000, 9_000), (30_000, 30_000)]
)
def test_photo_beyond_the_limits_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(make_png_header(width, height))

    with pytest.raises(UnreadableMediaError, match="pixels: send it with at most 50 megapixels"):
        inspect_photo(path)


def test_limits_are_named_to_the_user(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(make_png_header(8000, 7000))

    with pytest.raises(UnreadableMediaError, match=r"8000 x 7000 .* at most 50 megapixels"):
        inspect_photo(path)


@pytest.mark.parametrize("size", [(1, 1), (1, 16384), (16384, 1), (3, 2000)])
@pytest.mark.parametrize("fit", Fit)
def test_extreme_shapes_fill_the_frame(tmp_path: Path, size: tuple[int, int], fit: Fit) -> None:
    path = write(tmp_path / "line.png", Image.new("RGB", size, RED), "PNG")

    assert inspect_photo(path).width == size[0]
    image = load_photo(path, SIZE, fit)
    assert (image.mode, image.size) == ("RGB", SIZE)
    assert_near(corner(image, 0.5, 0.5), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_photo_is_shown_upright(tmp_path: Path, turn: int, kind: str) -> None:
    """Each file is turned away so that its EXIF turn brings it back."""
    away = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[turn]
    upright = make_halves()
    upright.paste((30, 200, 40), (0, 0, 20, 20))
    stored = upright if away is None else upright.transpose(away)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    path = write(tmp_path / "turned", stored, kind, exif=exif, quality=95)

    assert inspect_photo(path).width == 60
    shown = load_photo(path, (60, 40), Fit.CONTAIN)
    assert_near(corner(shown, 0.1, 0.1), (30, 200, 40), levels=12)
    assert_near(corner(shown, 0.1, 0.9), RED, levels=12)
    assert_near(corner(shown, 0.9, 0.1), BLUE, levels=12)


def test_large_turned_photo_is_decoded_small_and_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = make_halves((1200, 800)).transpose(Image.Transpose.ROTATE_90)
    path = write(tmp_path / "phone.jpg", stored, "JPEG", exif=exif)

    shown = load_photo(path, (120, 80), Fit.COVER)
    assert_near(corner(shown, 0, 0.5), RED)
    assert_near(corner(shown, 1, 0.5), BLUE)


@pytest.mark.parametrize(
    "junk", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0junk" * 9]
)
def test_corrupt_exif_is_no_reason_to_refuse(tmp_path: Path, junk: bytes) -> None:
    path = write(tmp_path / "photo.jpg", make_halves(), "JPEG", exif=junk)

    assert inspect_photo(path).width == 60
    assert load_photo(path, SIZE, Fit.BLUR).size == SIZE


@pytest.mark.parametrize("profile", [b"junk", b"\0" * 200])
def test_corrupt_colour_profile_leaves_the_pixels(tmp_path: Path, profile: bytes) -> None:
    path = write(tmp_path / "photo.png", make_halves(), "PNG", icc_profile=profile)

    assert inspect_photo(path).width == 60
    assert_near(corner(load_photo(path, (60, 40), Fit.CONTAIN), 0, 0), RED, levels=1)


def make_swapped_profile() -> bytes:
    """Little CMS's sRGB profile with the red and blue primaries exchanged, under another name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"swap").replace(b"bXYZ", b"rXYZ").replace(b"swap", b"bXYZ")
    return profile.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_colour_profile_is_applied(tmp_path: Path, kind: str) -> None:
    red = Image.new("RGB", SIZE, (255, 0, 0))
    path = write(tmp_path / "photo", red, kind, icc_profile=make_swapped_profile())

    assert_near(corner(load_photo(path, SIZE, Fit.COVER), 0, 0), (0, 0, 255))


def test_srgb_profile_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = write(tmp_path / "photo.png", make_halves(), "PNG", icc_profile=profile)

    assert np.array_equal(to_array(load_photo(path, (60, 40), Fit.COVER)), to_array(make_halves()))


@pytest.mark.parametrize(
    ("mode", "pixel", "kind", "options", "expected"),
    [
        ("1", 1, "PNG", {}, (255, 255, 255)),
        ("L", 90, "PNG", {}, (90, 90, 90)),
        ("L", 90, "JPEG", {}, (90, 90, 90)),
        ("LA", (90, 255), "PNG", {}, (90, 90, 90)),
        ("LA", (90, 0), "PNG", {}, (255, 255, 255)),
        ("RGBA", (*RED, 0), "PNG", {}, (255, 255, 255)),
        ("RGBA", (*RED, 255), "WEBP", {}, RED),
        ("RGBA", (0, 0, 0, 128), "PNG", {}, (127, 127, 127)),
        ("I;16", 90 * 257, "PNG", {}, (90, 90, 90)),
        ("I;16", 65535, "PNG", {}, (255, 255, 255)),
        ("I;16", 90 * 257, "PNG", {"transparency": 0}, (90, 90, 90)),
        ("CMYK", (0, 255, 255, 0), "JPEG", {}, (254, 0, 0)),
        ("CMYK", (0, 0, 0, 0), "JPEG", {}, (255, 255, 255)),
    ],
)
def test_every_mode_becomes_its_right_colour(
    tmp_path: Path,
    mode: str,
    pixel: int | tuple[int, ...],
    kind: str,
    options: dict[str, int],
    expected: tuple[int, int, int],
) -> None:
    path = write(tmp_path / "photo", Image.new(mode, (32, 18), pixel), kind, **options)

    image = load_photo(path, SIZE, Fit.CONTAIN)
    assert_near(corner(image, 0.5, 0.5), expected, levels=2)


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_palette_with_transparency_lies_on_white(tmp_path: Path, kind: str) -> None:
    image = Image.new("P", (32, 18), 1)
    image.putpalette([*RED, *BLUE])
    image.paste(0, (0, 0, 16, 18))
    path = write(tmp_path / "logo", image, kind, transparency=0)

    shown = load_photo(path, SIZE, Fit.CONTAIN)
    assert_near(corner(shown, 0, 0.5), (255, 255, 255), levels=1)
    assert_near(corner(shown, 1, 0.5), BLUE, levels=1)


def test_contain_shows_all_between_black_bars(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", make_halves((40, 40)), "PNG")

    image = load_photo(path, (160, 80), Fit.CONTAIN)
    assert corner(image, 0, 0.5) == corner(image, 1, 0.5) == (0, 0, 0)
    assert_near(corner(image, 0.27, 0), RED)
    assert_near(corner(image, 0.73, 1), BLUE)


def test_cover_shows_the_middle(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 120), "green")
    image.paste(RED, (0, 40, 40, 80))
    path = write(tmp_path / "photo.png", image, "PNG")

    shown = load_photo(path, (80, 80), Fit.COVER)
    assert_near(corner(shown, 0, 0.1), RED)
    assert_near(corner(shown, 1, 0.9), RED)


def test_blur_fills_the_bars_with_the_darkened_photo(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", Image.new("RGB", (40, 40), RED), "PNG")

    image = load_photo(path, (160, 80), Fit.BLUR)
    assert_near(corner(image, 0.5, 0.5), RED)
    red, green, blue = corner(image, 0, 0.5)
    assert RED[0] / 3 < red < RED[0]
    assert red > 2 * max(green, blue)


def test_photo_of_the_frame_s_shape_is_the_same_in_every_fit(photo_paths: list[Path]) -> None:
    size = (300, 200)  # coffee.png is 600 x 400
    contained, covered, blurred = (load_photo(photo_paths[0], size, fit) for fit in Fit)

    assert np.abs(to_array(contained) - to_array(covered)).max() <= 1
    assert np.array_equal(to_array(contained), to_array(blurred))


def test_thumbnail_is_small_upright_and_tells_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    photo = make_halves((900, 600))
    source = write(tmp_path / "photo.jpg", photo, "JPEG", exif=exif, comment="at my house")

    write_thumbnail(source, tmp_path / "thumb.jpg")

    with Image.open(tmp_path / "thumb.jpg") as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (213, 320))
        assert not thumbnail.getexif()
        assert not {"icc_profile", "comment"} & set(thumbnail.info)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.jpg", "thumb.jpg"]


def test_thumbnail_of_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    source = write(tmp_path / "photo.png", make_halves((30, 20)), "PNG")

    write_thumbnail(source, tmp_path / "thumb.jpg", side=100)

    assert inspect_photo(tmp_path / "thumb.jpg").width == 30
