"""The colours of a video: from what it says of them (ITU-T H.273) to BT.709."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reelqueue.errors import UnsupportedMediaError
from reelqueue.planning.framing import Size

_UNKNOWN = ("unknown", "unspecified", "reserved")
_HD_SIZE = (1280, 720)

# In ffmpeg's words. What swscale converts, with its fast code:
_COMMON_SPACES = ("bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc")
# What zimg converts besides. Of constant luminance it gets the brightness wrong.
_RARE_SPACES = ("ycgco", "chroma-derived-nc")
_HDR_SPACES = ("ictcp",)
# Those whose white is D65: zimg leaves another white as it is, so that grey gets a tint.
_PRIMARIES = (
    *("bt709", "bt470bg", "smpte170m", "smpte240m", "bt2020"),
    *("smpte432", "ebu3213", "jedec-p22"),
)
_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
# Curves that screens show alike: browsers and players, too, convert none of them to another.
_ALIKE_TRANSFERS = (
    *("bt709", "smpte170m", "smpte240m", "bt2020-10", "bt2020-12", "iec61966-2-4", "bt1361e"),
    *("iec61966-2-1", "bt470m"),
)
_OTHER_TRANSFERS = ("bt470bg", "linear", "log100", "log316", "smpte428")

_WHITE_NITS = 203
_PEAK_NITS = 4000  # no more is graded for
_DEEP = "format=yuv420p10le"
_OVER_BLACK = ("format=yuva444p", "premultiply=inplace=1", "format=yuv444p")


@dataclass(frozen=True)
class Color:
    """The colour description of a stream (ITU-T H.273) in ffmpeg's words, such as `unknown`."""

    range: str
    space: str
    primaries: str
    transfer: str


def check_color(color: Color) -> None:
    """Check that a video's colours can be converted.

    Raises:
        UnsupportedMediaError: if they cannot.
    """
    is_hdr = color.transfer in _HDR_TRANSFERS
    names = ("gbr", *_COMMON_SPACES, *_RARE_SPACES, *(_HDR_SPACES if is_hdr else ()))
    transfers = (*_HDR_TRANSFERS, *_ALIKE_TRANSFERS, *_OTHER_TRANSFERS)
    _check_code("a matrix", color.space, names)
    _check_code("primaries", color.primaries, _PRIMARIES)
    _check_code("a transfer curve", color.transfer, transfers)


def _check_code(what: str, name: str, names: Sequence[str]) -> None:
    if name not in (*_UNKNOWN, *names):
        raise UnsupportedMediaError(
            f"The colours of this video have {what} that is not supported ({name}): export it "
            "in the colours of BT.709, sRGB or BT.2020."
        )


def is_plain(color: Color, size: Size) -> bool:
    """Tell whether the YUV of a video of `size` is as screens show it, but for matrix and range."""
    return _is_plain(_fill_in(color, size), _COMMON_SPACES)


def build_fit_filters(color: Color, source: Size, size: Size, scaler: str = "bicubic") -> str:
    """Return filters that bring pictures to one size; those of another shape get black bars.

    Args:
        color: what the video says of its colours. Its matrix is lost here, because swscale refuses
            some of them even where it has nothing to do; `build_color_filters` names it again.
        source: `(width, height)` of the first picture, which fills all of `size`.
        size: `(width, height)` of all that come out.
        scaler: how they are scaled (ffmpeg-scaler, option `sws_flags`).
    """
    names = [] if color.space == "gbr" else ["setparams=colorspace=bt709"]
    width = f"max(2,round({size[0]}*min(1,iw*{source[1]}/(ih*{source[0]}))))"
    height = f"max(2,round({size[1]}*min(1,ih*{source[0]}/(iw*{source[1]}))))"
    scale = f"scale=w='{width}':h='{height}':flags={scaler}"
    return ",".join([*names, scale, f"pad={size[0]}:{size[1]}:-1:-1"])


def build_color_filters(color: Color, source: Size, size: Size, *, has_alpha: bool) -> str:
    """Return filters that scale to `size` with square pixels, in limited-range BT.709, 8 bits.

    Args:
        color: what the video says of its colours.
        has_alpha: whether it has an alpha channel; it is shown in front of black.
        source: `(width, height)` of the video as it is shown.
        size: `(width, height)` to scale to.
    """
    full = _fill_in(color, source)
    alpha = [_set_color(full), *_OVER_BLACK] if has_alpha else []
    scale = f"scale={size[0]}:{size[1]}:flags=bicubic"
    if _is_plain(full, ("gbr", *_COMMON_SPACES)):
        filters = [_set_color(full), f"{scale}:out_color_matrix=bt709:out_range=tv"]
    else:
        filters = [*_build_scaling(full, scale), *_build_conversion(full)]
    return ",".join([*alpha, *filters, "format=yuv420p", "setsar=1"])


def _fill_in(color: Color, size: Size) -> Color:
    """Return all of a colour description, with one name for curves that screens show alike.

    Of what a video does not say, HDR counts as BT.2020, HD as BT.709, and SD has BT.601's matrix.
    """
    is_hdr = color.transfer in _HDR_TRANSFERS
    is_hd = max(size) >= _HD_SIZE[0] or min(size) >= _HD_SIZE[1]
    space = "bt2020nc" if is_hdr else "bt709" if is_hd else "smpte170m"
    is_alike = color.transfer in (*_UNKNOWN, *_ALIKE_TRANSFERS)
    return Color(
        range="tv" if color.range in _UNKNOWN else color.range,
        space=space if color.space in _UNKNOWN else color.space,
        primaries=("bt2020" if is_hdr else "bt709")
        if color.primaries in _UNKNOWN
        else color.primaries,
        transfer="bt709" if is_alike else color.transfer,
    )


def _is_plain(full: Color, spaces: Sequence[str]) -> bool:
    return full.space in spaces and (full.primaries, full.transfer) == ("bt709", "bt709")


def _set_color(color: Color) -> str:
    return (
        f"setparams=range={color.range}:colorspace={color.space}"
        f":color_primaries={color.primaries}:color_trc={color.transfer}"
    )


def _build_scaling(color: Color, scale: str) -> list[str]:
    """Return filters that scale before slow conversions, which keep the colours as they are.

    swscale refuses to scale what it cannot convert, so it gets each matrix under the same name. RGB
    gets BT.709's.
    """
    if color.space == "gbr":
        return [_set_color(color), f"{scale}:out_color_matrix=bt709:out_range=tv", _DEEP]
    named = replace(color, space="bt709", primaries="bt709", transfer="bt709")
    return [_set_color(named), f"{scale}:out_range={color.range}", _DEEP]


def _build_conversion(color: Color) -> list[str]:
    """Return filters that convert scaled pictures to BT.709 in linear light, by zimg.

    BT.709 stands for the light of a screen (BT.1886), not of the scene. The tone mapping of HDR
    keeps all that is darker than 0.7 times white, which is at 203 nits (BT.2408).
    """
    color = replace(color, space="bt709", range="tv") if color.space == "gbr" else color
    source = ":transferin=17" if color.transfer == "smpte428" else ""
    target = "transfer=bt709:matrix=bt709:range=limited"
    if color.transfer not in _HDR_TRANSFERS:
        return [_set_color(color), f"zscale=primaries=bt709:{target}{source}"]
    # By default zimg applies the gamma of a display of HLG to each channel, not to the luminance,
    # which makes colours far too strong. The right way takes twice the time.
    exactly = ":agamma=0" if color.transfer == "arib-std-b67" else ""
    return [
        _set_color(color),
        f"zscale=transfer=linear:npl={_WHITE_NITS}{exactly}",
        "format=gbrpf32le",
        "zscale=primaries=bt709",
        f"tonemap=mobius:param=0.7:peak={_PEAK_NITS / _WHITE_NITS:.2f}:desat=0",
        f"zscale={target}",
    ]


def build_tag_filter(color: Color) -> str:
    """Return the filter that gives frames the colour description of a stream, and changes none."""

    def name(value: str) -> str:
        return "unknown" if value in _UNKNOWN else value

    return (
        f"setparams=range={name(color.range)}:colorspace={name(color.space)}"
        f":color_primaries={name(color.primaries)}:color_trc={name(color.transfer)}"
    )
