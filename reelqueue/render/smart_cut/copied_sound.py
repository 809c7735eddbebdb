"""Copy coded sound of a video into a clip."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.error import FFmpegError

from reelqueue.planning.clips.sound_copy import SoundPackets, find_sound
from reelqueue.planning.soundtrack import SoundCut
from reelqueue.render.audio.aac import AAC_FRAME_SAMPLES
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.mp4.mux import EXACT, open_trusted

_TIMEOUT_SECONDS = 600.0
_MARGIN_SECONDS = 1  # read before and after a cut: packets of sound lie a little off in the file
_TICK = re.compile(rb"#tb 0: (\d+/\d+)")
_PACKET = re.compile(rb"0, +-?\d+, +(-?\d+), +(\d+), +\d+, 0x\w+(.*)")
_AAC_LC = 2  # audioObjectType (ISO/IEC 14496-3, 1.5.1.1)
_RATES = {3: 48_000, 4: 44_100, 5: 32_000}  # by samplingFrequencyIndex; SBR has lower ones
_SBR_EXTENSION = b"\x56\xe5"  # syncExtensionType and extensionAudioObjectType (1.6.2.1)
_SBR_PRESENT = 0x80


def copy_sound(
    source: Path,
    video: VideoSource,
    cut: SoundCut,
    output: Path,
    on_progress: Callable[[int], None],
) -> bool:
    """Write the coded sound of a cut as an .m4a file; tell whether it can be used.

    It can if it is AAC-LC of one or two channels, all of it can be decoded, and its packets follow
    each other without a gap. An edit list says with which sample it starts.

    Args:
        source: the video.
        video: its details, with the stream that is heard.
        cut: the part that is heard.
        output: the file to write. Another one lies beside it for a while.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        RenderError: if ffmpeg hangs or runs out of memory.
    """
    if not any((each.index, each.codec) == (video.sound, "aac") for each in video.sounds):
        return False
    seek = max(0, math.floor(cut.start) - _MARGIN_SECONDS)
    coded = output.with_name("coded.mp4")
    try:
        packets = _copy_packets(source, video, cut, seek, coded, on_progress)
        return _write_cut(coded, packets, cut.start - seek, cut.duration, output)
    except (FfmpegError, FFmpegError):  # it is damaged, which only decoding conceals
        return False
    finally:
        coded.unlink(missing_ok=True)


def _copy_packets(
    source: Path,
    video: VideoSource,
    cut: SoundCut,
    seek: int,
    output: Path,
    on_progress: Callable[[int], None],
) -> SoundPackets:
    """Write the packets of a cut and some around it.

    Raises:
        FfmpegError: if one of them cannot be decoded.
    """
    packets = SoundPackets(is_start=not seek)

    def read_line(line: bytes) -> None:
        _read_packet(line, packets)
        on_progress(0)

    end = math.ceil(cut.start + cut.duration) + _MARGIN_SECONDS
    stream = ("-map", f"0:{video.sound}")
    copied = (*stream, "-c", "copy", "-copypriorss", "1")
    arguments = [
        *(("-noaccurate_seek", "-ss", str(seek)) if seek else ()),
        *("-t", str(end - seek), "-xerror"),
        *build_input_arguments(source, video.media_format.demuxer),
        *(*copied, "-f", "framecrc", "pipe:1"),
        *(*copied, "-avoid_negative_ts", "make_zero", "-map_metadata", "-1", "-f", "mp4"),
        *(output.name, *stream, "-f", "null", "-"),
    ]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS, cwd=output.parent, on_line=read_line)
    return packets


def _write_cut(
    coded: Path, packets: SoundPackets, start: float, duration: float, output: Path
) -> bool:
    """Write the packets from a second of the file on; tell whether they can be used."""
    with open_trusted(coded) as source:
        known = source.streams.audio[0]
        rate = _read_rate(known.codec_context.extradata or b"")
        if rate is None or known.frames != len(packets.times):
            return False
        copy = find_sound(packets, rate, AAC_FRAME_SAMPLES, start, duration)
        if copy is None:
            return False
        with av.open(str(output), "w", format="mp4", options=EXACT) as result:
            stream = result.add_stream_from_template(known)
            place = -copy.lead
            for packet in islice(source.demux(known), copy.numbers.start, copy.numbers.stop):
                packet.pts = packet.dts = place
                packet.duration = min(AAC_FRAME_SAMPLES, copy.samples - place)
                packet.time_base, packet.stream = Fraction(1, rate), stream
                result.mux(packet)
                place += AAC_FRAME_SAMPLES
    return True


def _read_rate(config: bytes) -> int | None:
    """Return the samples a second of an AudioSpecificConfig; None unless it is plain AAC-LC.

    That has one or two channels and packets of 1024 samples, and no spectral band replication,
    whose decoders start later (ISO/IEC 14496-3, 1.6.2.1 and 4.4.1).
    """
    if len(config) < 2 or config[0] >> 3 != _AAC_LC:
        return None
    bits = int.from_bytes(config[:2])
    rate, channels, specific = bits >> 7 & 15, bits >> 3 & 15, bits & 7
    extension = config[2:5]
    has_sbr = extension[:2] == _SBR_EXTENSION and extension[2:] >= bytes([_SBR_PRESENT])
    return _RATES.get(rate) if channels in (1, 2) and not specific and not has_sbr else None


def _read_packet(line: bytes, packets: SoundPackets) -> None:
    """Read a line of ffmpeg's muxer framecrc; flags and side data follow the checksum."""
    if match := _TICK.match(line):
        packets.tick = Fraction(match[1].decode("ascii"))
    elif match := _PACKET.match(line):
        if match[3]:
            packets.partial.add(len(packets.times))
        packets.times.append(int(match[1]))
        packets.last = int(match[2])
