"""The options of libx264 for what a finished video must be, as ffmpeg and PyAV have them."""

from __future__ import annotations

import re
from typing import NamedTuple

from reelqueue.planning.delivery.targets import Profile, Rules

_SPECIAL = re.compile(r"[\\':]")  # in a list of options
_LOWEST_BIT_RATE = 2_000  # x264 counts in thousands, and takes 0 for none


class Pass(NamedTuple):
    """One of two passes: the first at a CRF, the second at the bit rate that fits.

    `stats` is the file of what x264 found in the first pass. `bit_rate` is that of the second pass,
    in bits a second; None for the first.
    """

    stats: str
    bit_rate: float | None = None


def list_options(rules: Rules, crf: float, passing: Pass | None = None) -> dict[str, str]:
    """Return the options of an encoder by their names.

    `x264-params` is not among them: `list_params` has what belongs there.

    Args:
        rules: what the stream must be.
        crf: how coarse it is, unless a bit rate says so.
        passing: which pass this is; None if there is only one.
    """
    options = {"crf": f"{crf:g}"}
    if passing and passing.bit_rate is not None:
        options = {"b": str(round(max(passing.bit_rate, _LOWEST_BIT_RATE)))}
    if passing:
        options["fastfirstpass"] = "0"  # if the first pass fits, its pictures are kept
    if rules.profile is not Profile.HIGH:
        options["profile"] = rules.profile.value
    return options


def list_params(rules: Rules, passing: Pass | None = None) -> list[str]:
    """Return what `x264-params` has to say besides."""
    params = [] if rules.has_b_pictures else ["bframes=0"]
    if passing:
        stats = _SPECIAL.sub(r"\\\g<0>", passing.stats)
        params += ["pass=1" if passing.bit_rate is None else "pass=2", f"stats={stats}"]
    return params
