"""The colours of a video: from what it says of them (ITU-T H.273) to BT.709."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.planning.framing import Size

_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
_HD_SIZE = (1280, 720)


@dataclass(frozen=True)
class Color:
    """The colour description of a stream (ITU-T H.273) in ffmpeg's words, such as `unknown`."""

    range: str
    space: str
    primaries: str
    transfer: str


def build_color_filters(color: Color, source: Size, size: Size) -> str:
    """Return filters that scale to `size` with square pixels, in limited-range BT.709, 8 bits.

    Args:
        color: what the video says of its colours.
        source: `(width, height)` of the video as it is shown.
        size: `(width, height)` to scale to.
    """
    filters = [f"setparams={_build_setparams(color, source)}"]
    width, height = size
    if color.transfer in _HDR_TRANSFERS:
        # Tone mapping in linear light is slow, so the picture is scaled first.
        filters += [
            f"scale={width}:{height}:flags=bicubic,format=yuv420p10le",
            "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709",
            "tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=limited",
        ]
    else:
        filters.append(f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv")
    return ",".join([*filters, "format=yuv420p", "setsar=1"])


def _build_setparams(color: Color, size: Size) -> str:
    """Return the options of `setparams` that fill in what a video does not say of its colours.

    HDR counts as BT.2020, HD as BT.709, and SD has the matrix of BT.601.
    """
    space, primaries = "smpte170m", "bt709"
    if color.transfer in _HDR_TRANSFERS:
        space, primaries = "bt2020nc", "bt2020"
    elif max(size) >= _HD_SIZE[0] or min(size) >= _HD_SIZE[1]:
        space = "bt709"
    guesses = {
        "range": (color.range, "tv"),
        "colorspace": (color.space, space),
        "color_primaries": (color.primaries, primaries),
    }
    known = {
        name: guess if value in ("unknown", "unspecified", "reserved") else "auto"
        for name, (value, guess) in guesses.items()
    }
    return ":".join(f"{name}={value}" for name, value in known.items())
