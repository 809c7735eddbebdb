"""TIFF files of every kind are shown as they are, or refused by what they are."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from reelqueue.errors import UnsupportedMediaError
from reelqueue.render.images.photos import load_photo, probe_photo
from reelqueue.specs.photo import Fit, PhotoLook

Picture = NDArray[np.float64]

WIDTH, HEIGHT = 48, 40
LAYOUTS: list[dict[str, Any]] = [
    {"compression": compression, "predictor": predictor, "tile": tile, "byteorder": order}
    for compression, predictor in ((None, False), ("zlib", False), ("zlib", True), ("lzma", False))
    for tile, order in product((None, (16, 16)), "<>")
]
LAYOUTS += [{"rowsperstrip": 7, "byteorder": order} for order in "<>"]


def make_picture(channels: int) -> Picture:
    """A picture of ramps, a different one for each channel, from 0 to 1."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    return np.stack([x, y, (x + y) / 2, np.ones_like(x)], axis=-1)[..., :channels]


def quantize(picture: Picture, bits: int) -> NDArray[Any]:
    return np.round(picture * ((1 << bits) - 1)).astype("u1" if bits <= 8 else "u2")


def show(path: Path) -> Picture:
    image = load_photo(path, (WIDTH, HEIGHT), PhotoLook(fit=Fit.CONTAIN))
    return np.asarray(image) / 255


def assert_shown(path: Path, expected: Picture, levels: float = 1) -> None:
    if expected.ndim == 2:
        expected = expected[..., None]
    assert 255 * np.abs(show(path) - expected).max() <= levels + 0.01


def pack(levels: NDArray[Any], bits: int) -> bytes:
    """Return rows of levels packed without gaps; each row begins with a new byte (section 4)."""
    rows = (((level >> np.arange(bits)[::-1]) & 1).ravel() for level in levels[..., None])
    return b"".join(np.packbits(row.astype(np.uint8)).tobytes() for row in rows)


def write_tiff(path: Path, data: bytes, order: str = "<", /, **tags: tuple[int, ...]) -> Path:
    """Write a TIFF of one strip with these tags, by their numbers: `t258=(12,)`."""
    numbers: dict[int, tuple[int, ...]] = {256: (WIDTH,), 257: (HEIGHT,), 259: (1,), 278: (HEIGHT,)}
    numbers |= {int(name[1:]): values for name, values in tags.items()}
    start = 8 + 2 + 12 * (len(numbers) + 2) + 4  # of what does not fit into its entry
    size = sum(2 * len(values) for values in numbers.values() if len(values) > 2)
    entries, more = {}, b""
    for tag, values in numbers.items():
        packed = struct.pack(f"{order}{len(values)}H", *values)
        if len(values) > 2:
            packed, more = struct.pack(order + "I", start + len(more)), more + packed
        entries[tag] = struct.pack(order + "HHI", tag, 3, len(values)) + packed.ljust(4, b"\0")
    entries[273] = struct.pack(order + "HHII", 273, 4, 1, start + size)
    entries[279] = struct.pack(order + "HHII", 279, 4, 1, len(data))
    table = b"".join(entry for _, entry in sorted(entries.items()))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    count = struct.pack(order + "H", len(entries))
    path.write_bytes(head + count + table + bytes(4) + more + data)
    return path


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize(("photometric", "channels"), [("rgb", 3), ("rgb", 4), ("separated", 4)])
def test_coloured_levels_are_shown(
    tmp_path: Path, bits: int, planes: Any, photometric: Any, channels: int
) -> None:
    """Whatever the layout."""
    picture = make_picture(channels)
    levels = quantize(picture, bits)
    if planes == "separate":
        levels = np.ascontiguousarray(np.moveaxis(levels, -1, 0))
    expected = picture[..., :3]
    if photometric == "separated":
        expected = np.zeros_like(expected)  # as black is full
    extra: dict[str, Any] = (
        {"extrasamples": ["unassalpha"]} if (photometric, channels) == ("rgb", 4) else {}
    )
    for layout in LAYOUTS:
        path = tmp_path / "photo.tif"
        in_order = levels.astype(levels.dtype.newbyteorder(layout["byteorder"]))
        tifffile.imwrite(
            path, in_order, photometric=photometric, planarconfig=planes, **layout, **extra
        )

        assert_shown(path, expected)


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("bits", [8, 16])
def test_inks_are_shown(tmp_path: Path, planes: Any, bits: int) -> None:
    picture = make_picture(4)
    picture[..., 3] = 0
    levels = quantize(picture, bits)
    if planes == "separate":
        levels = np.ascontiguousarray(np.moveaxis(levels, -1, 0))
    tifffile.imwrite(tmp_path / "photo.tif", levels, photometric="separated", planarconfig=planes)

    assert_shown(tmp_path / "photo.tif", 1 - picture[..., :3])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_grey_levels_are_shown(tmp_path: Path, bits: int, photometric: Any) -> None:
    picture = make_picture(1)[..., 0]
    levels = quantize(picture, bits)
    for layout in LAYOUTS:
        path = tmp_path / "photo.tif"
        in_order = levels.astype(levels.dtype.newbyteorder(layout["byteorder"]))
        tifffile.imwrite(path, in_order, photometric=photometric, **layout)

        assert_shown(path, picture if photometric == "minisblack" else 1 - picture)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 12])
@pytest.mark.parametrize("is_deflated", [False, True])
def test_packed_grey_levels_are_shown(
    tmp_path: Path, order: str, white_is_zero: bool, bits: int, is_deflated: bool
) -> None:
    picture = quantize(make_picture(1)[..., 0], bits) / ((1 << bits) - 1)
    data = pack(quantize(picture, bits).astype("u2"), bits)
    path = tmp_path / "photo.tif"
    write_tiff(
        path,
        zlib.compress(data) if is_deflated else data,
        order,
        t258=(bits,),
        t259=(8 if is_deflated else 1,),
        t262=(0 if white_is_zero else 1,),
        t277=(1,),
    )

    assert_shown(path, 1 - picture if white_is_zero else picture)


@pytest.mark.parametrize("largest", [255, 65535])
@pytest.mark.parametrize("bits", [4, 8])
def test_palette_of_numbers_of_either_size_is_shown(
    tmp_path: Path, largest: int, bits: int
) -> None:
    """A colour map has 16 bits (TIFF 6.0, section 5), but some programs write 8."""
    count = 1 << bits
    reds = [round(largest * index / (count - 1)) for index in range(count)]
    places = quantize(make_picture(1)[..., 0], bits)
    path = tmp_path / "photo.tif"
    write_tiff(
        path,
        pack(places.astype("u2"), bits),
        t258=(bits,),
        t262=(3,),
        t277=(1,),
        t320=(*reds, *reversed(reds), *[0] * count),
    )

    red = places / (count - 1)
    assert_shown(path, np.stack([red, 1 - red, np.zeros_like(red)], axis=-1))


@pytest.mark.parametrize("subsampling", [(1, 1), (2, 2)])
def test_uncompressed_ycbcr_is_shown(tmp_path: Path, subsampling: tuple[int, int]) -> None:
    """A red picture, in units of one chroma sample each (TIFF 6.0, section 21)."""
    wide, high = subsampling
    unit = bytes([76] * wide * high + [85, 255])
    data = unit * (WIDTH // wide * HEIGHT // high)
    path = tmp_path / "photo.tif"
    write_tiff(path, data, t258=(8, 8, 8), t262=(6,), t277=(3,), t530=subsampling)

    assert_shown(path, np.broadcast_to([254 / 255, 0, 0], (HEIGHT, WIDTH, 3)), levels=2)


def test_lab_is_shown(tmp_path: Path) -> None:
    """The Lab of sRGB's red under D50 is (54.3, 80.8, 69.9); a and b are signed."""
    lab = [round(54.29 * 2.55), 81, 70]
    data = bytes(lab) * (WIDTH * HEIGHT)
    path = write_tiff(tmp_path / "photo.tif", data, t258=(8, 8, 8), t262=(8,), t277=(3,))

    assert_shown(path, np.broadcast_to([1.0, 0, 0], (HEIGHT, WIDTH, 3)), levels=14)

    green = bytes([round(87.82 * 2.55), 256 - 79, 81]) * (WIDTH * HEIGHT)
    write_tiff(path, green, t258=(8, 8, 8), t262=(8,), t277=(3,))
    assert_shown(path, np.broadcast_to([0.0, 1, 0], (HEIGHT, WIDTH, 3)), levels=14)


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "jpeg", "zstd", "tiff_deflate"])
@pytest.mark.parametrize("kind", ["RGB", "L", "CMYK", "RGBA"])
def test_compressed_tiff_is_shown(
    tmp_path: Path, photo_paths: list[Path], compression: str, kind: str
) -> None:
    if (compression, kind) == ("jpeg", "RGBA"):
        pytest.skip("JPEG has no alpha")
    with Image.open(photo_paths[0]) as photo:
        image = photo.convert("RGB").resize((WIDTH, HEIGHT)).convert(kind)
    options: dict[str, Any] = {"quality": 95} if compression == "jpeg" else {}
    image.save(tmp_path / "photo.tif", compression=compression, **options)

    expected = np.asarray(image.convert("RGB")) / 255
    assert np.abs(show(tmp_path / "photo.tif") - expected).mean() < 0.02


@pytest.mark.parametrize("subsampling", [(1, 1), (2, 1), (2, 2)])
def test_old_jpeg_is_shown(
    tmp_path: Path, photo_paths: list[Path], subsampling: tuple[int, int]
) -> None:
    """As scanners wrote it that followed section 22."""
    with Image.open(photo_paths[0]) as photo:
        image = photo.convert("RGB").resize((WIDTH, HEIGHT))
    content = BytesIO()
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}
    image.save(content, "JPEG", quality=95, subsampling=names[subsampling])
    data = content.getvalue()
    path = tmp_path / "photo.tif"
    tags: dict[str, tuple[int, ...]]
    tags = {"t258": (8, 8, 8), "t259": (6,), "t262": (6,), "t277": (3,), "t530": subsampling}
    tiff = bytearray(write_tiff(path, data, **tags, t513=(0,), t514=(len(data),)).read_bytes())
    entry = tiff.index(struct.pack("<HHI", 513, 3, 1))  # where the JPEG begins
    struct.pack_into("<I", tiff, entry + 8, len(tiff) - len(data))
    path.write_bytes(tiff)

    assert np.abs(show(path) - np.asarray(image) / 255).mean() < 0.02


@pytest.mark.parametrize("compression", ["tiff_ccitt", "group3", "group4"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_fax_is_shown(tmp_path: Path, compression: str, photometric: int) -> None:
    page = Image.fromarray(make_picture(1)[..., 0] > 0.3)
    path = tmp_path / "fax.tif"
    page.save(path, compression=compression, tiffinfo={262: photometric})

    with Image.open(path) as saved:
        assert saved.tag_v2[262] == photometric  # type: ignore[attr-defined]  # it is a TIFF
    assert_shown(path, np.asarray(page).astype(float))


def write_pages(path: Path, *pages: tuple[NDArray[Any], int], **options: Any) -> Path:
    """Write pages with their NewSubfileType (section 8)."""
    with tifffile.TiffWriter(path, **options) as writer:
        for levels, kind in pages:
            writer.write(levels, photometric="rgb", subfiletype=kind, metadata=None)
    return path


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"bigtiff": True}])
@pytest.mark.parametrize("kind", [0, 1])
def test_thumbnail_before_the_photo_is_passed_over(
    tmp_path: Path, kind: int, options: dict[str, Any]
) -> None:
    """Also one that does not say what it is, if it has the photo's shape."""
    picture = make_picture(3)
    thumbnail = np.zeros((HEIGHT // 4, WIDTH // 4, 3), np.uint8)
    path = tmp_path / "photo.tif"
    write_pages(path, (thumbnail, kind), (quantize(picture, 8), 0), **options)

    assert probe_photo(path).width == WIDTH
    assert_shown(path, picture)


def test_first_page_of_a_document_is_shown(tmp_path: Path) -> None:
    picture = make_picture(3)
    fold_out = np.zeros((HEIGHT, 3 * WIDTH, 3), np.uint8)
    path = tmp_path / "scan.tif"
    write_pages(path, (quantize(picture, 8), 2), (fold_out, 2), (fold_out[:, :WIDTH], 2))

    assert_shown(path, picture)


REFUSED: list[tuple[NDArray[Any], str, str]] = [
    (make_picture(3).astype("f4"), "rgb", "32-bit floating-point RGB levels"),
    (make_picture(3).astype("f2"), "rgb", "16-bit floating-point RGB levels"),
    (make_picture(1)[..., 0].astype("f4"), "minisblack", "32-bit floating-point grey levels"),
    (make_picture(1)[..., 0].astype("f8"), "minisblack", "64-bit floating-point grey levels"),
    (make_picture(1)[..., 0].astype("u4"), "minisblack", "32-bit grey levels"),
    (make_picture(1)[..., 0].astype("i2"), "minisblack", "16-bit signed grey levels"),
    (make_picture(1)[..., 0].astype("i1"), "minisblack", "8-bit signed grey levels"),
    (make_picture(3).astype("u4"), "rgb", "32-bit RGB levels"),
    (make_picture(3).astype("u2"), "cielab", "16-bit Lab levels"),
    (make_picture(3).astype("u1"), "icclab", "8-bit ICC Lab levels"),
]


@pytest.mark.parametrize(
    ("levels", "photometric", "what"), REFUSED, ids=[row[2] for row in REFUSED]
)
@pytest.mark.parametrize("order", "<>")
def test_what_is_not_decoded_is_refused_by_what_it_is(
    tmp_path: Path, levels: NDArray[Any], photometric: Any, what: str, order: Any
) -> None:
    path = tmp_path / "photo.tif"
    in_order = levels.astype(levels.dtype.newbyteorder(order))
    tifffile.imwrite(path, in_order, photometric=photometric, byteorder=order)

    sentence = f"a.tif is a TIFF with {what}: export it in RGB with 8 or 16 bits, or as JPEG"
    with pytest.raises(UnsupportedMediaError, match=sentence):
        probe_photo(path, "a.tif")


@pytest.mark.parametrize(
    ("tags", "what"),
    [
        ({"t258": (12, 12, 12), "t262": (2,), "t277": (3,)}, "12-bit RGB levels"),
        ({"t258": (5, 6, 5), "t262": (2,), "t277": (3,)}, "5 and 6-bit RGB levels"),
        (
            {"t258": (16, 16), "t262": (1,), "t277": (2,), "t338": (2,)},
            "2 channels of 16-bit grey levels",
        ),
        ({"t258": (8,) * 4, "t262": (5,), "t277": (4,), "t332": (2,)}, "inks other than CMYK"),
        ({"t258": (8,) * 3, "t262": (2,), "t277": (3,), "t259": (34712,)}, "compression"),
    ],
)
def test_unusual_tags_are_refused_by_what_they_say(
    tmp_path: Path, tags: dict[str, tuple[int, ...]], what: str
) -> None:
    path = write_tiff(tmp_path / "photo.tif", bytes(WIDTH * HEIGHT * 8), **tags)

    with pytest.raises(UnsupportedMediaError, match=what):
        probe_photo(path)


def write_raw(path: Path, how: str) -> Path:
    if how == "DNG":
        Image.new("RGB", (8, 8)).save(path, "TIFF", tiffinfo={50706: b"\1\4\0\0"})
    elif how == "all reduced":
        write_pages(path, (quantize(make_picture(3), 8), 1))
    elif how == "sensor":
        tifffile.imwrite(path, quantize(make_picture(1)[..., 0], 16), photometric="cfa")
    elif how == "Canon":
        content = write_tiff(path, bytes(8), t258=(8,), t262=(1,)).read_bytes()
        path.write_bytes(content[:4] + b"\x10\0\0\0CR\2\0\0\0\0\0" + content[8:])
    else:
        with tifffile.TiffWriter(path) as writer:
            writer.write(quantize(make_picture(3), 8), photometric="rgb", subifds=1)
            writer.write(quantize(make_picture(1)[..., 0], 16), photometric="cfa")
    return path


@pytest.mark.parametrize("how", ["DNG", "all reduced", "sensor", "Canon", "sensor below"])
def test_raw_file_is_not_shown_as_its_preview(tmp_path: Path, how: str) -> None:
    path = write_raw(tmp_path / "raw.dng", how)

    with pytest.raises(UnsupportedMediaError, match="raw file: export it as JPEG"):
        probe_photo(path)


def test_pages_that_go_in_circles_end(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    tifffile.imwrite(path, quantize(make_picture(3), 8), photometric="rgb", metadata=None)
    content = bytearray(path.read_bytes())
    (directory,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, directory)
    struct.pack_into("<I", content, directory + 2 + 12 * entries, directory)
    path.write_bytes(content)

    assert_shown(path, make_picture(3))
