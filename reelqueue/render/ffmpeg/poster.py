"""The poster of a clip: one of its first frames as a JPEG."""

from __future__ import annotations

from pathlib import Path

from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg

POSTER_WIDTH = 640
TIMEOUT_SECONDS = 60.0


def write_poster(video: Path, output: Path, second: float = 0.0) -> None:
    """Write a frame of an MP4 as a JPEG, at most 640 pixels wide.

    Args:
        video: a file that this program wrote.
        output: the file to write.
        second: of the video; the frame is the first one that begins then or later.

    Raises:
        RenderError: if ffmpeg fails.
    """
    # JPEG is full-range BT.601 (JFIF 1.02); the videos are limited-range BT.709.
    scale = f"scale=w='min({POSTER_WIDTH},iw)':h=-2:out_color_matrix=bt601:out_range=pc"
    arguments = [
        *("-ss", f"{second:.6f}"),
        *(*build_input_arguments(video, "mp4"), "-map", "0:V:0"),
        *("-vf", f"{scale},format=yuvj420p", "-frames:v", "1", "-threads", "1", "-q:v", "4"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-update", "1", "-f", "image2", str(output)),
    ]
    run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS)
