"""How the pictures of an H.264 stream are coded: what others need to follow them in one stream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reelqueue.errors import RenderTimeoutError
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.ffmpeg.streams import TIMEOUT_SECONDS

_ELEMENT = re.compile(r"\] \d+ +(\w+) +[01]+ = (-?\d+)$", re.MULTILINE)
_LOG_BYTES = 1 << 20
_MOST_PARAMETER_SETS = 32  # ITU-T H.264, 7.4.2.1.1
_HIGH_PROFILES = (77, 66, 100)  # Main, Baseline, High: 8 bits, 4:2:0
_MOST_REORDERED = 2  # as x264 codes B pictures


@dataclass(frozen=True)
class Coding:
    """How H.264 pictures are coded.

    Attributes:
        profile: profile_idc.
        references: max_num_ref_frames.
        reorder: how many pictures precede another one in the file but are shown later.
        free_id: a seq_parameter_set_id that is not used; nor is it as a pic_parameter_set_id.
    """

    profile: int
    references: int
    reorder: int
    free_id: int


def read_coding(path: Path, video: VideoSource) -> Coding | None:
    """Return how a video is coded; None if it is not plain H.264, to which x264 could add pictures.

    Plain pictures have 8 bits, 4:2:0, whole frames, square pixels, and are shown upright.
    """
    if video.stream.codec != "h264" or video.coded_size != video.size:
        return None
    arguments = [
        *build_input_arguments(path, video.media_format.demuxer),
        *("-map", f"0:{video.stream.index}", "-c", "copy", "-frames:v", "1"),
        *("-bsf:v", "trace_headers", "-f", "null", "-"),
    ]
    try:
        log = run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, verbosity="info", log_bytes=_LOG_BYTES)
    except (FfmpegError, RenderTimeoutError):
        return None
    is_turned = "display matrix" in log.lower()
    return None if is_turned else _parse_coding(log, video.reorder)


def _parse_coding(log: str, reorder: int) -> Coding | None:
    """Read the values of syntax elements, in the names of ITU-T H.264."""
    values: dict[str, list[int]] = {}
    for name, value in _ELEMENT.findall(log):
        values.setdefault(name, []).append(int(value))

    def has_only(name: str, *allowed: int) -> bool:
        return set(values.get(name, allowed[:1])) <= set(allowed)

    is_plain = (
        has_only("profile_idc", *_HIGH_PROFILES)
        and has_only("chroma_format_idc", 1)
        and has_only("bit_depth_luma_minus8", 0)
        and has_only("bit_depth_chroma_minus8", 0)
        and has_only("frame_mbs_only_flag", 1)
        and "max_num_ref_frames" in values
        and reorder <= _MOST_REORDERED
    )
    used = {*values.get("seq_parameter_set_id", ()), *values.get("pic_parameter_set_id", ())}
    free = sorted(set(range(_MOST_PARAMETER_SETS)) - used)
    if not (is_plain and free):
        return None
    profile, references = max(values["profile_idc"]), max(values["max_num_ref_frames"])
    return Coding(profile, references, reorder, free[0])
