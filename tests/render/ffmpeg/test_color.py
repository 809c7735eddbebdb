"""Colours in every code of ITU-T H.273 become the same colours in BT.709, or are refused.

What they should be is calculated here from the formulas of H.273, BT.1886, BT.2100 and BT.2408.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from reelqueue.errors import UnsupportedMediaError
from reelqueue.render.ffmpeg.color import Color, build_color_filters, check_color
from reelqueue.render.ffmpeg.run import find_ffmpeg

pytestmark = pytest.mark.render

Matrix = NDArray[np.float64]
Curve = Callable[[Matrix], Matrix]

# Light of a screen, red, green and blue of BT.709; 1 is white.
LIGHT = np.array(
    [[0.65] * 3, [0.2] * 3, [0.02] * 3, [0.5, 0.2, 0.15], [0.15, 0.4, 0.2], [0.15, 0.2, 0.5]]
)
PATCH = 32  # pixels wide and high
SIZE = (PATCH * len(LIGHT), PATCH)

# H.273, table 2: x and y of red, green and blue; white is D65.
D65 = (0.3127, 0.3290)
PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "bt470bg": ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "smpte240m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "ebu3213": ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}


def make_rgb_to_xyz(name: str) -> Matrix:
    columns = np.stack([[x, y, 1 - x - y] for x, y in (*PRIMARIES[name], D65)], axis=1)
    corners, white = columns[:, :3], columns[:, 3] / D65[1]
    return np.asarray(corners * np.linalg.solve(corners, white))


def convert_primaries(light: Matrix, name: str) -> Matrix:
    """Return the same light in other primaries."""
    matrix = np.linalg.inv(make_rgb_to_xyz(name)) @ make_rgb_to_xyz("bt709")
    return np.asarray(light @ matrix.T)


def to_gamma(power: float) -> Curve:
    return lambda light: np.maximum(light, 0) ** (1 / power)


def to_pq(light: Matrix) -> Matrix:
    """SMPTE ST 2084, with white at 203 nits."""
    power = (np.maximum(light, 0) * 203 / 10_000) ** (2610 / 16384)
    return np.asarray(
        ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    )


def to_hlg(light: Matrix) -> Matrix:
    """BT.2100, with white at 203 nits of a screen of 1000."""
    nits = np.maximum(light, 0) * 203 / 1000
    luminance = nits @ [0.2627, 0.6780, 0.0593]
    scene = nits * luminance[:, None] ** (1 / 1.2 - 1)
    low = np.sqrt(3 * scene)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, low, high)


VIDEO = to_gamma(2.4)  # BT.1886
CURVES: dict[str, Curve] = {
    **dict.fromkeys(("bt709", "smpte170m", "smpte240m", "bt2020-10", "bt2020-12"), VIDEO),
    # Screens show these like BT.709.
    **dict.fromkeys(("iec61966-2-4", "bt1361e", "iec61966-2-1", "bt470m"), VIDEO),
    "bt470bg": to_gamma(2.8),
    "linear": lambda light: light,
    "log100": lambda light: 1 + np.log10(np.maximum(light, 0.01)) / 2,
    "log316": lambda light: 1 + np.log10(np.maximum(light, 0.00316)) / 2.5,
    "smpte428": lambda light: np.asarray((np.maximum(light, 0) * 48 / 52.37) ** (1 / 2.6)),
    "smpte2084": to_pq,
    "arib-std-b67": to_hlg,
}
# Kr and Kb of H.273, table 4.
WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}


def find_weights(space: str, primaries: str) -> tuple[float, float]:
    if space in WEIGHTS:
        return WEIGHTS[space]
    red, _, blue = make_rgb_to_xyz(primaries)[1]
    return float(red), float(blue)


def to_yuv(light: Matrix, color: Color) -> Matrix:
    """Return Y', Cb and Cr of light in the primaries of `color`: 0 to 1, and -0.5 to 0.5."""
    curve = CURVES[color.transfer]
    red, green, blue = curve(light).T
    if color.space == "ycgco":
        y, cg, co = (red + 2 * green + blue) / 4, (2 * green - red - blue) / 4, (red - blue) / 2
        return np.stack([y, cg, co], axis=1)
    if color.space == "ictcp":
        return to_ictcp(light, color.transfer)
    kr, kb = find_weights(color.space, color.primaries)
    weights = np.array([kr, 1 - kr - kb, kb])
    y = curve(light) @ weights
    return np.stack([y, (blue - y) / (2 - 2 * kb), (red - y) / (2 - 2 * kr)], axis=1)


def to_ictcp(light: Matrix, transfer: str) -> Matrix:
    """BT.2100, table 7."""
    lms = light @ np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]).T / 4096
    if transfer == "smpte2084":
        rows = [[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]
    else:
        rows = [[2048, 2048, 0], [3625, -7465, 3840], [9500, -9212, -288]]
    return np.asarray(CURVES[transfer](lms) @ np.array(rows).T / 4096)


def quantize(yuv: Matrix, bits: int) -> Matrix:
    scale = 1 << (bits - 8)
    spans, zeros = np.array([219, 224, 224]) * scale, np.array([16, 128, 128]) * scale
    return np.asarray(np.round(yuv * spans + zeros))


def convert(color: Color, light: Matrix) -> Matrix:
    """Return the middle of each patch, as Y', Cb and Cr in 8 bits, after the filters."""
    codes = quantize(to_yuv(convert_primaries(light, color.primaries), color), 10)
    planes = [np.repeat(plane, PATCH)[None].repeat(PATCH, 0) for plane in codes.T]
    raw = np.stack(planes).clip(0, 1023).astype("<u2").tobytes()
    width, height = SIZE
    shape = ("-f", "rawvideo", "-pix_fmt", "yuv444p10le", "-s", f"{width}x{height}", "-i", "-")
    filters = build_color_filters(color, (1920, 1080), SIZE, has_alpha=False)
    command = [find_ffmpeg(), "-v", "error", *shape, "-vf", filters, "-f", "rawvideo", "-"]
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    data = np.frombuffer(done.stdout, np.uint8)
    y = data[: width * height].reshape(height, width)
    chroma = data[width * height :].reshape(2, height // 2, width // 2)
    columns = range(PATCH // 2, width, PATCH)
    found = [[y[height // 2, x], *chroma[:, height // 4, x // 2]] for x in columns]
    return np.array(found, float)


def find_expected(light: Matrix) -> Matrix:
    return quantize(to_yuv(light, Color("tv", "bt709", "bt709", "bt709")), 8)


HDR = ("smpte2084", "arib-std-b67")
COMBINATIONS = [
    *(("bt709", name, "bt709") for name in PRIMARIES),
    *(("bt709", "bt709", name) for name in CURVES),
    *((name, "bt709", "bt709") for name in (*WEIGHTS, "ycgco")),
    ("chroma-derived-nc", "smpte432", "bt709"),
    ("bt2020nc", "bt2020", "bt2020-10"),
    *(("bt2020nc", "bt2020", name) for name in HDR),
    *(("ictcp", "bt2020", name) for name in HDR),
]


@pytest.mark.parametrize(("space", "primaries", "transfer"), COMBINATIONS)
def test_colours_are_the_same_after_conversion(space: str, primaries: str, transfer: str) -> None:
    color = Color("tv", space, primaries, transfer)
    check_color(color)
    assert (abs(convert(color, LIGHT) - find_expected(LIGHT)) <= 2.5).all()


def test_strong_colours_of_hlg_stay_as_they_are() -> None:
    """The gamma of a display of HLG depends on the luminance (ITU-R BT.2100-3, table 5)."""
    red, green, blue = [220, 30, 40], [40, 200, 60], [50, 60, 210]
    violet, skin, grey = [180, 90, 160], [224, 172, 140], [128] * 3
    light = (np.array([red, green, blue, violet, skin, grey]) / 255) ** 2.4
    color = Color("tv", "bt2020nc", "bt2020", "arib-std-b67")
    assert (abs(convert(color, light) - find_expected(light)) <= 2.5).all()


@pytest.mark.parametrize("transfer", HDR)
def test_white_of_high_dynamic_range_is_white_and_lights_are_brighter(transfer: str) -> None:
    """White is at 203 nits (BT.2408), and light at 1000 nits is not yet clipped."""
    light = np.array([[1.0] * 3, [2.0] * 3, [1000 / 203] * 3, [0.1] * 3, [0.3] * 3, [0.5] * 3])
    luma = convert(Color("tv", "bt2020nc", "bt2020", transfer), light)[:, 0]
    assert 215 <= luma[0] < luma[1] < luma[2] <= 235
    assert luma[3:] == pytest.approx(find_expected(light)[3:, 0], abs=1)


def name_codes(kind: str, last: int) -> dict[int, str]:
    """Return ffmpeg's names of the codes of H.273; filters refuse some, such as RGB's matrix."""
    filters = [f"setparams={kind}={code},showinfo=checksum=0" for code in range(last + 1)]
    if kind != "colorspace":
        return dict(enumerate(show_info(",".join(filters), kind)))
    # Filters agree on a matrix, so that each needs a run of its own.
    found = {code: show_info(each, "color_space") for code, each in enumerate(filters)}
    return {code: names[0] for code, names in found.items() if names}


def show_info(filters: str, word: str) -> list[str]:
    source = f"color=s=16x16:r=1:d=1,format=yuv444p,{filters}"
    command = [find_ffmpeg(), "-f", "lavfi", "-i", source, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    return re.findall(rf" {word}:(\S+)", done.stderr.decode())


REFUSED = {
    "colorspace": {10, 11, 13, 14, 15, 16, 17},  # 14 is refused without HDR's curves
    "color_primaries": {4, 8, 10, 11},
    "color_trc": set[int](),
}


@pytest.mark.parametrize(
    ("kind", "last"), [("colorspace", 17), ("color_primaries", 22), ("color_trc", 18)]
)
def test_every_code_is_converted_or_refused(kind: str, last: int) -> None:
    """Codes that are reserved count as unknown."""
    names = name_codes(kind, last)
    assert last in names
    refused = set()
    for code, name in names.items():
        said = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", kind: name}
        color = Color("tv", said["colorspace"], said["color_primaries"], said["color_trc"])
        try:
            check_color(color)
        except UnsupportedMediaError:
            refused.add(code)
        else:
            run_filters(build_color_filters(color, (640, 360), SIZE, has_alpha=False))
    assert refused == REFUSED[kind]


def run_filters(filters: str) -> None:
    source = f"color=s=98x50:d=0.04,format=yuv420p,{filters}"
    command = [find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, "-f", "null", "-"]
    subprocess.run(command, capture_output=True, check=True)
