"""The moving preview of a clip: a few seconds as a small animated WebP, for a list of clips."""

from __future__ import annotations

from pathlib import Path

from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg

SIDE = 240
"""Pixels of the longer side."""
SECONDS = 3
FPS = 10
_QUALITY = 55  # of libwebp
_TIMEOUT_SECONDS = 300.0


def write_animation(video: Path, output: Path, second: float) -> None:
    """Write 3 seconds of an MP4 as a WebP that repeats for ever, at most 240 pixels a side.

    Args:
        video: a file that this program wrote.
        output: the file to write.
        second: of the video, at which it starts.

    Raises:
        RenderError: if ffmpeg fails.
    """
    # Lossy WebP is limited-range BT.601 (RFC 9649, section 1); the videos are BT.709.
    scale = (
        f"scale=w='min({SIDE},iw)':h='min({SIDE},ih)':force_original_aspect_ratio=decrease"
        ":force_divisible_by=2:in_color_matrix=bt709:out_color_matrix=bt601:out_range=tv"
    )
    arguments = [
        *("-ss", f"{second:.6f}", "-t", str(SECONDS)),
        *(*build_input_arguments(video, "mp4"), "-map", "0:V:0"),
        *("-vf", f"fps={FPS},{scale},format=yuv420p", "-threads", "1"),
        *("-c:v", "libwebp_anim", "-quality", str(_QUALITY), "-loop", "0"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-f", "webp", str(output)),
    ]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS)
