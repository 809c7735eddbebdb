"""Colours that a file names without an ICC profile are shown as a browser shows them."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from reelqueue.render.images.photos import load_photo
from reelqueue.specs.photo import Fit, PhotoLook
from tests.conftest import find_chromium
from tests.render.images.color.profiles import (
    DISPLAY_P3,
    SRGB,
    make_profile,
    make_swapped_profile,
    to_srgb_by_formula,
)

Colours = NDArray[np.int_]
Show = Callable[[Path, str], Colours]

PATCH = 8
COLOURS = [(200, 120, 90), (60, 160, 90), (70, 170, 180), (128, 128, 128), (20, 20, 20)]
P3_CHRM = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHRM = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
DRAW = """async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d", {colorSpace: "srgb"});
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def show_in_browser(browser: Page) -> Show:
    """Return a function that returns the colours of a photo's patches, as Chromium has them."""

    def show(path: Path, kind: str) -> Colours:
        content = base64.b64encode(path.read_bytes()).decode()
        data = browser.evaluate(DRAW, f"data:image/{kind.lower()};base64,{content}")
        return pick(np.reshape(data, (PATCH, -1, 4))[..., :3])

    return show


def pick(image: NDArray[Any]) -> Colours:
    """Return the colour in the middle of each patch."""
    return image[PATCH // 2, PATCH // 2 :: PATCH].astype(int)


def make_patches(colours: Any, dtype: str = "u1") -> NDArray[Any]:
    return np.array(colours, dtype)[None].repeat(PATCH, 0).repeat(PATCH, 1)


def show(path: Path, count: int = len(COLOURS)) -> Colours:
    """Return the colours of a photo's patches, as we have them."""
    image = load_photo(path, (PATCH * count, PATCH), PhotoLook(fit=Fit.CONTAIN))
    return pick(np.asarray(image))


def write_png(path: Path, levels: NDArray[Any], *chunks: tuple[bytes, bytes]) -> Path:
    """Write a PNG with chunks of one's own before the pixels; Pillow writes no such chunks."""
    height, width, channels = levels.shape
    kind = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8 * levels.itemsize, kind, 0, 0, 0)
    big_endian = levels.astype(levels.dtype.newbyteorder(">"))
    rows = b"".join(b"\0" + row.tobytes() for row in big_endian)
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + name + data
        content += struct.pack(">I", zlib.crc32(name + data))
    path.write_bytes(content)
    return path


def write_heic(path: Path, levels: NDArray[Any], primaries: int, transfer: int) -> Path:
    """Write a HEIC of 8 bits, or of 10 if the levels have 16."""
    height, width, _ = levels.shape
    mode = "RGB" if levels.itemsize == 1 else "RGB;16"
    pillow_heif.encode(
        mode,
        (width, height),
        levels.tobytes(),
        path,
        quality=-1,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=0,
        full_range_flag=1,
    )
    return path


def write_avif(path: Path, primaries: int, transfer: int) -> Path:
    Image.fromarray(make_patches(COLOURS)).save(path, "AVIF", quality=100, subsampling="4:4:4")
    content = path.read_bytes()
    assert content.count(b"nclx\0\1\0\x0d") == 1
    named = struct.pack(">4sHH", b"nclx", primaries, transfer)
    path.write_bytes(content.replace(b"nclx\0\1\0\x0d", named))
    return path


def make_cicp(primaries: int, transfer: int, full_range: int = 1) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, full_range])


def make_gamma(exponent: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(exponent * 100_000))


def make_iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(profile)


def name_chunks(chunks: list[tuple[bytes, bytes]]) -> str:
    """Name a test case: not by profiles, which hold the time when they were made."""
    return " ".join(
        name.decode() if name == b"iCCP" else f"{name.decode()}-{data[:12].hex()}"
        for name, data in chunks
    )


@pytest.mark.parametrize(
    "chunks",
    [
        *([make_cicp(primaries, 13)] for primaries in (1, 4, 5, 6, 7, 8, 9, 11, 12, 22, 3, 99)),
        *([make_cicp(9, transfer)] for transfer in (1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 17)),
        [make_cicp(12, 13, full_range=0)],
        *([make_gamma(exponent)] for exponent in (0, 0.1, 0.3, 0.45, 0.45455, 0.55, 1, 5)),
        [make_gamma(0.45455), SRGB_CHRM],
        [make_gamma(0.45455), P3_CHRM],
        [make_gamma(1), P3_CHRM],
        [P3_CHRM],
        [(b"sRGB", b"\0"), make_gamma(1), P3_CHRM],
        [make_iccp(make_profile("P3", DISPLAY_P3, 2.2)), make_gamma(1)],
        [make_cicp(12, 13), make_iccp(make_swapped_profile())],
        [make_cicp(1, 13), make_iccp(make_swapped_profile())],
        [make_cicp(1, 13), make_gamma(1), P3_CHRM],
    ],
    ids=name_chunks,
)
def test_png_is_shown_as_in_a_browser(
    tmp_path: Path, show_in_browser: Show, chunks: list[tuple[bytes, bytes]]
) -> None:
    path = write_png(tmp_path / "photo.png", make_patches(COLOURS), *chunks)

    assert np.abs(show(path) - show_in_browser(path, "PNG")).max() <= 2


@pytest.mark.parametrize(
    ("primaries", "transfer"),
    [(1, 13), (1, 1), (6, 6), (9, 14), (12, 13), (11, 17), (9, 8), (5, 13), (2, 2)],
)
def test_avif_is_shown_as_in_a_browser(
    tmp_path: Path, show_in_browser: Show, primaries: int, transfer: int
) -> None:
    path = write_avif(tmp_path / "photo.avif", primaries, transfer)

    assert np.abs(show(path) - show_in_browser(path, "AVIF")).max() <= 3


def test_heic_is_shown_by_the_primaries_that_it_names(tmp_path: Path) -> None:
    path = write_heic(tmp_path / "photo.heic", make_patches(COLOURS), 12, 13)

    for shown, colour in zip(show(path), COLOURS, strict=True):
        assert np.abs(shown - to_srgb_by_formula(colour, DISPLAY_P3, None)).max() <= 2


@pytest.mark.parametrize("deep", [False, True])
def test_dark_levels_of_a_linear_png_are_kept_apart(tmp_path: Path, deep: bool) -> None:
    """Of 16 bits, that is: 8 bits of light hold only three levels below 20."""
    light = np.arange(0, 0.01, 0.0005)[:, None].repeat(3, 1)
    levels = np.round(light * 65535).astype("u2")
    patches = make_patches(levels, "u2") if deep else make_patches(levels >> 8)
    path = write_png(tmp_path / "photo.png", patches, make_gamma(1))

    shown = show(path, len(levels))[:, 0]

    assert len(set(shown)) == (len(levels) if deep else 3)
    if deep:
        assert np.abs(shown - 255 * encode(light[:, 0])).max() <= 1


def encode(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the levels from 0 to 1 of sRGB (IEC 61966-2-1) for light from 0 to 1."""
    levels: NDArray[np.float64] = np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055
    )
    return levels


def to_pq(nits: Any) -> NDArray[Any]:
    """Return the levels of 16 bits of PQ (SMPTE ST 2084, 5.2)."""
    power = (np.array(nits, float) / 10_000) ** 0.1593017578125
    return np.round(
        65535 * ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    ).astype("u2")


HDR_KINDS = ["PNG", "HEIF", "profile"]


def write_hdr(path: Path, kind: str, levels: NDArray[Any], transfer: int) -> Path:
    patches = make_patches(levels, "u2")
    if kind == "HEIF":
        return write_heic(path, patches, 9, transfer)
    if kind == "PNG":
        return write_png(path, patches, make_cicp(9, transfer))
    cicp = b"cicp" + bytes(4) + bytes([9, transfer, 0, 1])
    return write_png(path, patches, make_iccp(make_profile("Rec. 2100", SRGB, None, cicp=cicp)))


@pytest.mark.parametrize("kind", HDR_KINDS)
def test_light_of_pq_up_to_white_is_shown_as_it_is(tmp_path: Path, kind: str) -> None:
    nits = np.array([0, 1, 5, 20, 50, 100, 150, 203])
    path = write_hdr(tmp_path / "photo", kind, to_pq(nits)[:, None].repeat(3, 1), 16)

    shown = show(path, len(nits))

    assert np.abs(shown - 255 * encode(nits / 203)[:, None]).max() <= 2


@pytest.mark.parametrize("kind", HDR_KINDS)
def test_what_is_brighter_than_white_rolls_off_and_white_stays(tmp_path: Path, kind: str) -> None:
    nits = np.array([50, 100, 203, 300, 600, 1000, 4000])
    path = write_hdr(tmp_path / "photo", kind, to_pq(nits)[:, None].repeat(3, 1), 16)

    shown = show(path, len(nits))[:, 1]

    assert np.abs(shown[:3] - 255 * encode(nits[:3] / 203)).max() <= 3
    assert np.all(np.diff(shown) >= 0)
    assert shown[2] < shown[4] <= 255


def test_bright_colours_keep_their_hue(tmp_path: Path) -> None:
    """Each channel cut off at white would make a yellow of this orange."""
    orange = np.array([[2000, 1000, 500]])
    path = write_hdr(tmp_path / "photo", "PNG", to_pq(orange), 16)

    to_bt709 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    expected = 255 * encode(np.clip(to_bt709 @ orange[0] / 2000, 0, 1))
    assert np.abs(show(path, 1)[0] - expected).max() <= 2


@pytest.mark.parametrize("kind", HDR_KINDS)
def test_three_quarters_of_hlg_are_white(tmp_path: Path, kind: str) -> None:
    """A level of 0.5 is a twelfth of the scene's light: (1/12) ** 1.2 of 1000 nits, of 203 nits."""
    levels = np.round(65535 * np.array([0, 0.5, 0.75])).astype("u2")
    path = write_hdr(tmp_path / "photo", kind, levels[:, None].repeat(3, 1), 18)

    shown = show(path, 3)

    half = 255 * encode(np.array((1 / 12) ** 1.2 * 1000 / 203))
    assert np.abs(shown - np.array([0, half, 255])[:, None]).max() <= 2


def test_hdr_avif_has_its_white(tmp_path: Path) -> None:
    path = write_avif(tmp_path / "photo.avif", 9, 16)  # whose patch of 128 has 94 nits

    assert np.abs(show(path)[3] - 255 * encode(np.array(94 / 203))).max() <= 5


def test_alpha_of_a_deep_photo_is_kept(tmp_path: Path) -> None:
    levels = np.array([[0, 0, 0, 65535], [0, 0, 0, 0]])
    path = write_png(tmp_path / "photo.png", make_patches(levels, "u2"), make_cicp(9, 16))

    assert show(path, 2).tolist() == [[0, 0, 0], [255, 255, 255]]


def test_grey_of_16_bits_is_shown_by_its_gamma(tmp_path: Path) -> None:
    levels = make_patches([[650], [14_000]], "u2")
    path = write_png(tmp_path / "photo.png", levels, make_gamma(1))

    expected = 255 * encode(np.array([650, 14_000]) / 65535)
    assert np.abs(show(path, 2)[:, 0] - expected).max() <= 1


@pytest.mark.parametrize("curve", [None, 1.0])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_tiff_is_shown_by_its_own_tags(tmp_path: Path, curve: float | None, dtype: str) -> None:
    """TransferFunction, WhitePoint and PrimaryChromaticities (TIFF 6.0, section 20)."""
    patches = make_patches(COLOURS).astype(dtype) * (257 if dtype == "u2" else 1)
    points = [round(1000 * part) for part in (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)]
    rationals = [number for point in points for number in (point, 1000)]
    tags: list[tuple[Any, ...]] = [
        (318, "2I", 2, rationals[:4], True),
        (319, "2I", 6, rationals[4:], True),
    ]
    if curve:
        levels = np.linspace(0, 65535, 1 << 8 * patches.itemsize).astype(int)
        tags.append((301, "H", len(levels), levels.tolist(), True))
    path = tmp_path / "photo.tif"
    tifffile.imwrite(path, patches, photometric="rgb", extratags=tags)

    for shown, colour in zip(show(path), COLOURS, strict=True):
        assert np.abs(shown - to_srgb_by_formula(colour, DISPLAY_P3, curve)).max() <= 2


@pytest.mark.parametrize(
    "points",
    [bytes(32), struct.pack(">8I", *[33333] * 8), b"\xff" * 32, struct.pack(">8I", *range(8))],
)
def test_impossible_primaries_are_ignored(tmp_path: Path, points: bytes) -> None:
    path = write_png(tmp_path / "p.png", make_patches(COLOURS), make_gamma(0.45), (b"cHRM", points))

    assert show(path).tolist() == [list(colour) for colour in COLOURS]
