"""Copy coded pictures of a video into a piece of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.error import FFmpegError

from reelqueue.errors import RenderError
from reelqueue.planning.clips.smart_cut import Copy
from reelqueue.render.ffmpeg.packets import Packets, read_packet
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.mp4.configuration import Configuration
from reelqueue.render.mp4.mux import open_coded

_TIMEOUT_SECONDS = 600.0
_MARGIN_SECONDS = 0.005
_SAME_SECONDS = 0.002  # by which times of one picture may differ: some are rounded to 1 ms
_TRIES = 3
_IDR, _SPS, _PPS = 5, 7, 8  # nal_unit_type (ITU-T H.264, table 7-1)


def copy_piece(source: Path, video: VideoSource, copy: Copy, output: Path) -> bool:
    """Write the coded pictures of a copy as an MP4; tell whether they can be used.

    They cannot if decoding cannot start with them after all, if there are others in the file than
    the video's times say, or if they do not fit an MP4.

    Raises:
        RenderError: if ffmpeg hangs or runs out of memory.
    """
    try:
        return _copy_from_key(source, video, copy, output)
    except (FfmpegError, FFmpegError):
        return False


def _copy_from_key(source: Path, video: VideoSource, copy: Copy, output: Path) -> bool:
    wanted = float(video.times.ticks[copy.picture] * video.times.tick)
    frames = copy.end - copy.first
    start = wanted + _MARGIN_SECONDS
    for _ in range(_TRIES):
        found = _copy_packets(source, video, start, frames, output)
        if found is None:
            break
        if abs(found - wanted) < _SAME_SECONDS:
            return _is_usable(output, frames, video.rate.fps)
        # Demuxers seek by the times of decoding, and some of ffmpeg's a little earlier.
        start += wanted - found
    return False


def _copy_packets(
    source: Path, video: VideoSource, start: float, frames: int, output: Path
) -> float | None:
    """Write `frames` packets; return the second at which the first is shown, None without any."""
    start = round(max(start, 0), 6)
    packets = Packets()
    stream = ("-map", f"0:{video.stream.index}", "-c", "copy", "-copypriorss", "1")
    arguments = [
        *("-noaccurate_seek", "-ss", f"{start:.6f}"),
        *build_input_arguments(source, video.media_format.demuxer),
        *(*stream, "-frames:v", "1", "-f", "framecrc", "pipe:1"),
        *(*stream, "-frames:v", str(frames), "-avoid_negative_ts", "make_zero"),
        *("-map_metadata", "-1", "-f", "mp4", output.name),
    ]
    run_ffmpeg(
        arguments,
        timeout=_TIMEOUT_SECONDS,
        cwd=output.parent,
        on_line=lambda line: read_packet(line, [packets]),
    )
    return start + float(packets.times[0] * packets.tick) if packets.times else None


def _is_usable(piece: Path, frames: int, fps: Fraction) -> bool:
    """Tell whether a piece is complete in itself.

    It is if it begins with an IDR picture, its parameter sets never change, and each frame has its
    picture: what follows in the file can be shown before the last one.
    """
    with open_coded(piece) as container:
        stream = container.streams[0]
        try:
            known = Configuration.from_bytes(stream.codec_context.extradata or b"")
        except RenderError:  # cameras write others than our encoder
            return False
        times: list[int] = []
        for packet in container.demux(stream):
            units = list(_split_units(bytes(packet)))
            kinds = {unit[0] & 31 for unit in units}
            sets = {unit for unit in units if unit[0] & 31 in (_SPS, _PPS)}
            if (not times and _IDR not in kinds) or not sets <= {*known.sps, *known.pps}:
                return False
            if packet.pts is not None:
                times.append(packet.pts)
        ticks = 1 / (fps * (stream.time_base or 1))
    shown = sorted(round((time - times[0]) / ticks) for time in times)
    return shown == list(range(frames))


def _split_units(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a sample; each follows its length of four bytes."""
    position = 0
    while position + 4 < len(data):
        start = position + 4
        position = start + int.from_bytes(data[position:start])
        yield data[start:position]
