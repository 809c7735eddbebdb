"""Photos of every format, orientation and colour are loaded upright, in sRGB, or refused."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.render.images.photos import load_photo, probe_photo
from reelqueue.specs.photo import Fit, PhotoLook
from reelqueue.specs.picture import Point, Rotation
from tests.render.images.color.profiles import make_swapped_profile

RED, BLUE = (200, 30, 20), (10, 40, 220)
SIZE = (160, 90)
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"]
CONTAIN, COVER = PhotoLook(fit=Fit.CONTAIN), PhotoLook(fit=Fit.COVER)


def write(path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    image.save(path, kind, **options)
    return path


def make_halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A picture with a red left half and a blue right half."""
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


@pytest.mark.parametrize("kind", FORMATS)
def test_format_is_told_by_the_content_not_the_name(tmp_path: Path, kind: str) -> None:
    facts = probe_photo(write(tmp_path / "holiday.txt", make_halves(), kind))

    assert (facts.width, facts.height, facts.format) == (60, 40, kind.lower())


def test_first_picture_of_an_mpo_is_taken(tmp_path: Path) -> None:
    other = Image.new("RGB", (60, 40), "green")
    path = write(tmp_path / "phone.jpg", make_halves(), "MPO", save_all=True, append_images=[other])

    assert probe_photo(path).format == "jpeg"
    assert_near(corner(load_photo(path, (60, 40), CONTAIN), 0, 0), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_first_frame_of_an_animation_is_taken(tmp_path: Path, kind: str) -> None:
    other = Image.new("RGB", (60, 40), "green")
    path = write(
        tmp_path / "a", make_halves(), kind, save_all=True, append_images=[other] * 3, duration=40
    )

    assert_near(corner(load_photo(path, (60, 40), CONTAIN), 0, 0), RED, levels=12)


@pytest.mark.parametrize("kind", ["BMP", "EPS", "ICO", "PPM", "ICNS", "JPEG2000"])
def test_other_formats_are_refused_whatever_their_name(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "photo.png", make_halves(), kind)

    with pytest.raises(UnsupportedMediaError, match="JPEG, PNG, WebP, AVIF, HEIC, TIFF or GIF"):
        probe_photo(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"hello", b"RIFF\0\0\0\0WAVEfmt ", b"<svg/>"])
def test_file_that_is_not_a_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)

    with pytest.raises(UnsupportedMediaError):
        probe_photo(path)


@pytest.mark.parametrize("kind", FORMATS)
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
        probe_photo(path)
    with pytest.raises(UnreadableMediaError, match=r"beach\.jpg is damaged"):
        load_photo(path, SIZE, PhotoLook(fit=Fit.BLUR), "beach.jpg")


def make_png_header(width: int, height: int) -> bytes:
    """A 1-bit PNG of any size, without its pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"")
    chunks = (
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c))
        for c in (header, pixels)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF"])
def test_damaged_container_is_refused_or_shown_but_never_crashes(tmp_path: Path, kind: str) -> None:
    content = io.BytesIO()
    make_halves((64, 48)).save(content, kind)
    path, dice = tmp_path / "photo", Random(1)
    for _ in range(150):
        damaged = bytearray(content.getvalue())
        for _ in range(4):
            damaged[dice.randrange(12, min(len(damaged), 500))] = dice.randrange(256)
        path.write_bytes(damaged)
        with suppress(UnreadableMediaError, UnsupportedMediaError):
            load_photo(path, (64, 48), CONTAIN)


@pytest.mark.parametrize("compressed", [False, True])
def test_png_with_much_text_or_a_large_profile_is_shown(tmp_path: Path, compressed: bool) -> None:
    """As programs write that draw by a prompt, and those that keep the history of edits."""
    texts = PngInfo()
    texts.add_text("workflow", "x" * 3_000_000, zip=compressed)
    texts.add_itxt("XML:com.adobe.xmp", "y" * 3_000_000, zip=compressed)
    profile = make_swapped_profile() + bytes(3_000_000)
    path = tmp_path / "photo.png"
    Image.new("RGB", SIZE, (255, 0, 0)).save(path, pnginfo=texts, icc_profile=profile)

    assert probe_photo(path).format == "png"
    assert_near(corner(load_photo(path, SIZE, CONTAIN), 0, 0), (0, 0, 255))


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 8001), (16385, 1), (1, 16385), (10_000, 9_000), (30_000, 30_000)]
)
def test_photo_beyond_the_limits_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(make_png_header(width, height))

    with pytest.raises(UnreadableMediaError, match="pixels: send it with at most 64 megapixels"):
        probe_photo(path)


def test_tiff_beyond_the_limits_is_refused_by_its_header(tmp_path: Path) -> None:
    tags = [(256, 20_000), (257, 20_000), (258, 1), (259, 1), (262, 1), (273, 8), (279, 8)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    path = tmp_path / "bomb.tif"
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4))

    with pytest.raises(UnreadableMediaError, match="pixels: send it with at most"):
        probe_photo(path)


def test_limits_are_named_to_the_user(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(make_png_header(9000, 8000))

    with pytest.raises(UnreadableMediaError, match=r"9000 x 8000 .* at most 64 megapixels"):
        probe_photo(path)


@pytest.mark.parametrize("size", [(1, 1), (1, 16384), (16384, 1), (3, 2000)])
@pytest.mark.parametrize("fit", Fit)
def test_extreme_shapes_fill_the_frame(tmp_path: Path, size: tuple[int, int], fit: Fit) -> None:
    path = write(tmp_path / "line.png", Image.new("RGB", size, RED), "PNG")

    assert probe_photo(path).width == size[0]
    image = load_photo(path, SIZE, PhotoLook(fit=fit))
    assert (image.mode, image.size) == ("RGB", SIZE)
    assert_near(corner(image, 0.5, 0.5), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_shown_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    """The stored pixels are turned so that the EXIF orientation makes them upright again.

    As on phones, HEIF has the orientation in a property of the image and in EXIF, AVIF in a
    property alone.
    """
    away = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = make_halves()
    upright.paste((30, 200, 40), (0, 0, 20, 20))
    stored = upright if away is None else upright.transpose(away)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = write(tmp_path / "turned", stored, kind, exif=exif.tobytes(), quality=95)

    assert (probe_photo(path).width, probe_photo(path).height) == (60, 40)
    shown = load_photo(path, (60, 40), CONTAIN)
    assert_near(corner(shown, 0.1, 0.1), (30, 200, 40), levels=12)
    assert_near(corner(shown, 0.1, 0.9), RED, levels=12)
    assert_near(corner(shown, 0.9, 0.1), BLUE, levels=12)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_rotate_turns_a_photo_from_upright(
    tmp_path: Path, orientation: int, rotate: Rotation
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    corners = make_halves()
    corners.paste((30, 200, 40), (0, 0, 20, 20))
    path = write(tmp_path / "photo.png", corners, "PNG", exif=exif)
    size = (40, 60) if (orientation >= 5) != (rotate in (90, 270)) else (60, 40)

    shown = load_photo(path, size, PhotoLook(fit=Fit.CONTAIN, rotate=rotate))

    upright = ImageOps.exif_transpose(Image.open(path))
    assert np.array_equal(to_array(shown), to_array(upright.rotate(-rotate, expand=True)))


def test_large_photo_is_decoded_small_and_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = make_halves((1200, 800)).transpose(Image.Transpose.ROTATE_90)
    path = write(tmp_path / "phone.jpg", stored, "JPEG", exif=exif)

    shown = load_photo(path, (120, 80), COVER)
    assert_near(corner(shown, 0, 0.5), RED)
    assert_near(corner(shown, 1, 0.5), BLUE)


@pytest.mark.parametrize(
    "junk", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0junk" * 9]
)
def test_corrupt_exif_is_ignored(tmp_path: Path, junk: bytes) -> None:
    path = write(tmp_path / "photo.jpg", make_halves(), "JPEG", exif=junk)

    assert probe_photo(path).width == 60
    assert load_photo(path, SIZE, PhotoLook(fit=Fit.BLUR)).size == SIZE


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
        ("CMYK", (0, 255, 255, 0), "TIFF", {}, (255, 0, 0)),
        ("I;16", 90 * 257, "TIFF", {}, (90, 90, 90)),
        ("1", 1, "TIFF", {}, (255, 255, 255)),
        ("LA", (90, 0), "TIFF", {}, (255, 255, 255)),
        ("YCbCr", (76, 85, 255), "TIFF", {}, (254, 0, 0)),
        ("RGBA", (*RED, 0), "TIFF", {}, (255, 255, 255)),
        ("RGBA", (*RED, 0), "AVIF", {}, (255, 255, 255)),
        ("RGBA", (*RED, 0), "HEIF", {}, (255, 255, 255)),
    ],
)
def test_every_mode_becomes_the_right_colour(
    tmp_path: Path,
    mode: str,
    pixel: int | tuple[int, ...],
    kind: str,
    options: dict[str, int],
    expected: tuple[int, int, int],
) -> None:
    path = write(tmp_path / "photo", Image.new(mode, (32, 18), pixel), kind, **options)

    image = load_photo(path, SIZE, CONTAIN)
    assert_near(corner(image, 0.5, 0.5), expected, levels=2)


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_palette_with_transparency_lies_on_white(tmp_path: Path, kind: str) -> None:
    image = Image.new("P", (32, 18), 1)
    image.putpalette([*RED, *BLUE])
    image.paste(0, (0, 0, 16, 18))
    path = write(tmp_path / "logo", image, kind, transparency=0)

    shown = load_photo(path, SIZE, CONTAIN)
    assert_near(corner(shown, 0, 0.5), (255, 255, 255), levels=1)
    assert_near(corner(shown, 1, 0.5), BLUE, levels=1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_transparent_photo_lies_on_the_chosen_colour(tmp_path: Path, kind: str) -> None:
    image = make_halves().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    path = write(tmp_path / "logo", image, kind, icc_profile=make_swapped_profile())

    shown = load_photo(path, (60, 40), PhotoLook(fit=Fit.CONTAIN, background="#1040C0"))
    assert_near(corner(shown, 0.5, 0.5), (0x10, 0x40, 0xC0), levels=1)


@pytest.mark.parametrize("fit", [Fit.CONTAIN, Fit.BLUR])
def test_background_of_a_transparent_photo_is_around_it_too(tmp_path: Path, fit: Fit) -> None:
    image = make_halves((40, 40)).convert("RGBA")
    image.putpixel((20, 20), (0, 0, 0, 0))
    path = write(tmp_path / "logo.png", image, "PNG")

    shown = load_photo(path, (160, 80), PhotoLook(fit=fit, background="#1040C0"))

    for x in (0.02, 0.98):
        assert_near(corner(shown, x, 0.5), (0x10, 0x40, 0xC0), levels=1)


@pytest.mark.parametrize("fit", [Fit.CONTAIN, Fit.BLUR])
def test_opaque_alpha_channel_changes_nothing(tmp_path: Path, fit: Fit) -> None:
    """Many opaque photos have an alpha channel."""
    image = make_halves((40, 40))
    paths = [
        write(tmp_path / f"{mode}.png", image.convert(mode), "PNG") for mode in ("RGB", "RGBA")
    ]

    plain, shown = (load_photo(path, (160, 80), PhotoLook(fit=fit)) for path in paths)

    assert np.array_equal(to_array(shown), to_array(plain))


def test_contain_shows_the_whole_photo_between_black_bars(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", make_halves((40, 40)), "PNG")

    image = load_photo(path, (160, 80), CONTAIN)
    assert corner(image, 0, 0.5) == corner(image, 1, 0.5) == (0, 0, 0)
    assert_near(corner(image, 0.27, 0), RED)
    assert_near(corner(image, 0.73, 1), BLUE)


def test_cover_shows_the_middle(tmp_path: Path) -> None:
    image = Image.new("RGB", (120, 40), "green")
    image.paste(RED, (40, 0, 80, 40))
    path = write(tmp_path / "photo.png", image, "PNG")

    shown = load_photo(path, (80, 80), COVER)
    assert_near(corner(shown, 0.1, 0), RED)
    assert_near(corner(shown, 0.9, 1), RED)


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
@pytest.mark.parametrize(
    ("y", "rows"), [(0.0, (0, 40)), (0.1, (0, 40)), (0.4, (28, 68)), (1.0, (80, 120))]
)
def test_cover_keeps_the_focus(tmp_path: Path, kind: str, y: float, rows: tuple[int, int]) -> None:
    """The photo is a ramp whose brightness tells the row, stored on its side, as phones do."""
    ramp = Image.fromarray(np.repeat(np.arange(120, dtype=np.uint8)[:, None] * 2, 40, axis=1))
    stored = ramp.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = write(tmp_path / "photo", stored, kind, quality=100, exif=exif.tobytes())
    look = PhotoLook(fit=Fit.COVER, focus=Point(x=0.5, y=y))

    shown = load_photo(path, (40, 40), look)

    assert_near(corner(shown, 0.5, 0), (2 * rows[0],) * 3, levels=4)
    assert_near(corner(shown, 0.5, 1), (2 * rows[1] - 2,) * 3, levels=4)


def test_cover_keeps_the_most_detailed_part(tmp_path: Path, photo_paths: list[Path]) -> None:
    cat = Image.open(photo_paths[2]).resize((90, 60))
    wall = Image.new("RGB", (360, 60), (120, 120, 120))
    wall.paste(cat, (250, 0))
    path = write(tmp_path / "photo.png", wall, "PNG")

    shown = load_photo(path, (60, 60), COVER)

    middle = np.asarray(cat.crop((15, 0, 75, 60))).astype(float)
    assert np.corrcoef(to_array(shown).ravel(), middle.ravel())[0, 1] > 0.5


def test_blur_fills_the_bars_with_the_darkened_photo(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", Image.new("RGB", (40, 40), RED), "PNG")

    image = load_photo(path, (160, 80), PhotoLook(fit=Fit.BLUR))
    assert_near(corner(image, 0.5, 0.5), RED)
    red, green, blue = corner(image, 0, 0.5)
    assert RED[0] / 3 < red < RED[0]
    assert red > 2 * max(green, blue)


def test_photo_of_the_frames_shape_is_the_same_in_every_fit(photo_paths: list[Path]) -> None:
    size = (300, 200)  # coffee.png is 600 x 400
    contained, covered, blurred = (
        load_photo(photo_paths[0], size, PhotoLook(fit=fit)) for fit in Fit
    )

    assert np.abs(to_array(contained) - to_array(covered)).max() <= 1
    assert np.array_equal(to_array(contained), to_array(blurred))
