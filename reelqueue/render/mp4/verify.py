"""Verify that a finished MP4 is complete before it is handed out."""

from __future__ import annotations

from pathlib import Path

from av.error import FFmpegError

from reelqueue.errors import RenderError
from reelqueue.render.mp4.mux import open_coded, open_trusted


def check_video(path: Path, frames: int) -> None:
    """Count the frames of a video and decode its keyframes.

    Decoding all frames would take longer than rendering most slideshows.

    Raises:
        RenderError: if the video does not have exactly `frames` frames, or a keyframe is damaged.
    """
    try:
        found, keyframes = _count_frames(path)
        decoded = _decode_keyframes(path)
    except FFmpegError as error:
        raise RenderError("The finished video cannot be read.") from error
    if (found, decoded) != (frames, keyframes):
        raise RenderError(
            f"The finished video has {found} frames instead of {frames}, "
            f"and {decoded} of {keyframes} keyframes can be decoded."
        )


def count_frames(path: Path) -> int:
    """Return the number of frames of a video that is read to its end.

    Raises:
        RenderError: if it cannot be read.
    """
    try:
        return _count_frames(path)[0]
    except FFmpegError as error:
        raise RenderError("The finished video cannot be read.") from error


def _count_frames(path: Path) -> tuple[int, int]:
    """Return the number of all frames and of keyframes."""
    with open_coded(path) as container:
        are_keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    return len(are_keys), sum(are_keys)


def _decode_keyframes(path: Path) -> int:
    with open_trusted(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONKEY"
        stream.codec_context.options = {"err_detect": "explode"}
        return sum(1 for _ in container.decode(stream))
