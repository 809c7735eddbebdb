"""The code points by which files name their colours (ITU-T H.273, tables 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable

from reelqueue.render.images.color.encoding import (
    BT709,
    Encoding,
    Floats,
    Primaries,
    from_gamma,
    from_hlg,
    from_pq,
    from_smpte_240,
    from_smpte_428,
    from_srgb,
)

_C = (0.3101, 0.3162)
_SMPTE_170M = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_PRIMARIES = {
    1: BT709,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _SMPTE_170M,
    7: _SMPTE_170M,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
_TRANSFERS: dict[int, Callable[[Floats], Floats]] = {
    4: from_gamma(2.2),
    5: from_gamma(2.8),
    7: from_smpte_240,
    8: from_gamma(1),
    13: from_srgb,
    16: from_pq,
    17: from_smpte_428,
    18: from_hlg,
}
_VIDEO_TRANSFERS = (1, 6, 11, 14, 15)  # of BT.709, BT.601, xvYCC and BT.2020
_HLG = 18
_HDR_TRANSFERS = (16, _HLG)


def is_hdr(transfer: int) -> bool:
    """Return whether a transfer function reaches beyond white."""
    return transfer in _HDR_TRANSFERS


def find_encoding(
    primaries: int, transfer: int, video: Callable[[Floats], Floats]
) -> Encoding | None:
    """Return the encoding that code points name; None if a code has no meaning here.

    Args:
        primaries: ColourPrimaries.
        transfer: TransferCharacteristics.
        video: how the transfer functions of SDR video are shown, in which kinds of files differ.
    """
    to_light = video if transfer in _VIDEO_TRANSFERS else _TRANSFERS.get(transfer)
    colours = _PRIMARIES.get(primaries)
    if to_light is None or colours is None:
        return None
    return Encoding(colours, to_light, is_scene=transfer == _HLG)
