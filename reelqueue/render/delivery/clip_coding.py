"""How x264 codes the pictures of clips."""

from __future__ import annotations

from reelqueue.planning.delivery.crf import CRFS
from reelqueue.planning.delivery.targets import find_rules
from reelqueue.render.delivery.x264_options import Pass, list_options, list_params
from reelqueue.render.smart_cut.coding import Coding
from reelqueue.specs.delivery import Delivery

_SMART_CRF = 17  # beside pictures that were encoded once only
_SMART_PRESET = "superfast"  # what it takes in bytes is little beside all that is copied
_PROFILES = {66: "baseline", 77: "main", 100: "high"}  # by profile_idc
_BT709 = (
    *("-color_range", "tv", "-colorspace", "bt709"),
    *("-color_primaries", "bt709", "-color_trc", "bt709"),
)


def build_coding_arguments(
    order: Delivery, coding: Coding | None, preset: str, stats: str, bit_rate: float | None
) -> list[str]:
    """Return ffmpeg's arguments: to code as ordered, or so that pictures can follow copied ones.

    Args:
        order: what the clip must be.
        coding: that of the copied pictures; None if there are none.
        preset: of x264.
        stats: the name of the file for what a first pass finds, where there may be a second one.
        bit_rate: bits a second, in a second pass.
    """
    common = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
    if coding is None:
        return [*common, "-preset", preset, *_list_arguments(order, stats, bit_rate), *_BT709]
    pyramid = "normal" if coding.reorder > 1 else "none"
    # Decoders keep as many pictures, but x264 need not search all of them.
    options = f"sps-id={coding.free_id}:b-pyramid={pyramid}:dpb-size={max(coding.references, 1)}"
    return [
        *(
            *common,
            "-preset",
            _SMART_PRESET,
            "-crf",
            str(_SMART_CRF),
            "-profile:v",
            _PROFILES[coding.profile],
        ),
        *("-bf", str(min(coding.reorder, 1) * 3), "-x264-params", options),
    ]


def _list_arguments(order: Delivery, stats: str, bit_rate: float | None) -> list[str]:
    rules = find_rules(order)
    passing = Pass(stats, bit_rate) if rules.max_bytes is not None else None
    options = list_options(rules, CRFS[order.quality].clips, passing)
    params = list_params(rules, passing)
    if passing:
        # Pieces of one clip have bit rates of their own, and must have the same parameter sets.
        params.append("stitchable=1")
    if params:
        options["x264-params"] = ":".join(params)
    return [argument for name, value in options.items() for argument in (f"-{name}:v", value)]
