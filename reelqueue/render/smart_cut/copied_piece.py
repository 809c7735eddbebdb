"""Copy coded pictures of a video into a piece of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import adler32

from reelqueue.planning.clips.smart_cut import Copy
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.mp4.configuration import Configuration
from reelqueue.render.mp4.mux import open_trusted

_TIMEOUT_SECONDS = 600.0
_MARGIN_SECONDS = 0.005
_TRIES = 3
_IDR, _SPS, _PPS = 5, 7, 8  # nal_unit_type (ITU-T H.264, table 7-1)


def copy_piece(source: Path, video: VideoSource, copy: Copy, output: Path) -> bool:
    """Write the coded pictures of a copy as an MP4; tell whether they can be used.

    They cannot if decoding cannot start with them after all, or if there are others in the file
    than the video's times say.

    Raises:
        RenderError: if ffmpeg fails.
    """
    wanted = video.times.ticks[copy.picture]
    frames = copy.end - copy.first
    times = {checksum: key for key, checksum in video.keys.items()}
    start = float(wanted * video.times.tick) + _MARGIN_SECONDS
    for _ in range(_TRIES):
        _copy_packets(source, video, start, frames, output)
        found = times.get(_read_checksum(output))
        if found == wanted:
            return _is_usable(output, frames)
        if found is None:
            break
        # Demuxers seek by the times of decoding, and some of ffmpeg's a little earlier.
        start += float((wanted - found) * video.times.tick)
    return False


def _copy_packets(
    source: Path, video: VideoSource, start: float, frames: int, output: Path
) -> None:
    arguments = [
        *("-noaccurate_seek", "-ss", f"{max(start, 0):.6f}"),
        *build_input_arguments(source, video.media_format.demuxer),
        *("-map", f"0:{video.stream.index}", "-c", "copy", "-copypriorss", "1"),
        *("-frames:v", str(frames), "-avoid_negative_ts", "make_zero"),
        *("-map_metadata", "-1", "-f", "mp4", output.name),
    ]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS, cwd=output.parent)


def _read_checksum(piece: Path) -> int:
    """Return the checksum of the first packet, as ffmpeg's framecrc has it."""
    with open_trusted(piece) as container:
        return adler32(bytes(next(container.demux(container.streams[0]))), 0)


def _is_usable(piece: Path, frames: int) -> bool:
    """Tell whether a piece begins with an IDR picture, and its parameter sets never change."""
    with open_trusted(piece) as container:
        stream = container.streams[0]
        known = Configuration.from_bytes(stream.codec_context.extradata or b"")
        count = 0
        for packet in container.demux(stream):
            units = list(_split_units(bytes(packet)))
            kinds = {unit[0] & 31 for unit in units}
            sets = {unit for unit in units if unit[0] & 31 in (_SPS, _PPS)}
            if (count == 0 and _IDR not in kinds) or not sets <= {*known.sps, *known.pps}:
                return False
            count += bool(units)
    return count == frames


def _split_units(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a sample; each follows its length of four bytes."""
    position = 0
    while position + 4 < len(data):
        start = position + 4
        position = start + int.from_bytes(data[position:start])
        yield data[start:position]
