"""Whether a finished MP4 is whole, before anybody gets to see it."""

from __future__ import annotations

from pathlib import Path

from av.error import FFmpegError

from reelqueue.errors import RenderError
from reelqueue.render.mp4.mux import open_own


def check_video(path: Path, frames: int) -> None:
    """Count a video's pictures, and decode each one from which players can start.

    To decode all of them would take longer than rendering most slideshows does.

    Raises:
        RenderError: if there are not exactly `frames` pictures, or one of those is broken.
    """
    try:
        found, keys = _count_pictures(path)
        decoded = _decode_keys(path)
    except FFmpegError as error:
        raise RenderError("The finished video cannot be read.") from error
    if (found, decoded) != (frames, keys):
        raise RenderError(
            f"The finished video has {found} pictures instead of {frames}, "
            f"and {decoded} of {keys} key pictures can be decoded."
        )


def _count_pictures(path: Path) -> tuple[int, int]:
    """Return how many pictures there are, and how many of them are key pictures."""
    with open_own(path) as container:
        are_keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    return len(are_keys), sum(are_keys)


def _decode_keys(path: Path) -> int:
    with open_own(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONKEY"
        stream.codec_context.options = {"err_detect": "explode"}
        return sum(1 for _ in container.decode(stream))
