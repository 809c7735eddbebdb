"""What a render needs to know of a sound or video: which streams it uses, and how.

The bundled ffmpeg has no ffprobe, and the header of a file can be wrong, so the first frame is
decoded and the packets are counted.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from reelqueue.errors import InputError, UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.sniff import OGG, MediaFormat, sniff_audio, sniff_video
from reelqueue.planning.clips.cut import Shot
from reelqueue.planning.clips.frame_rate import FrameRate, PictureTimes, choose_rate
from reelqueue.render.ffmpeg.color import Color, check_color
from reelqueue.render.ffmpeg.first_frame import decode_picture, decode_sound
from reelqueue.render.ffmpeg.packets import Packets, read_packets
from reelqueue.render.ffmpeg.run import build_input_arguments
from reelqueue.render.ffmpeg.streams import UNREADABLE, Stream, check_dolby_vision, list_streams
from reelqueue.render.threads import count_decoder_threads, working_beside
from reelqueue.specs.clips.sound import check_track
from reelqueue.specs.limits import LONGEST_MEDIA

SHORTEST_SECONDS = 0.1
HIGHEST_FPS = 240

_PADDING_SECONDS = 0.1  # by which sound is longer because it is coded in blocks
_OWN_FIELDS = ("h264", "hevc", "mpeg4")  # codecs that say of each picture whether it is interlaced

_Decoded = TypeVar("_Decoded")


@dataclass(frozen=True)
class SoundSource:
    """Sound as a render needs it: the number of its stream, and seconds."""

    media_format: MediaFormat
    stream: int
    duration: float
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class VideoSource:
    """A video as a render needs it: `size=(width, height)` as shown, exact `fps`, seconds.

    `coded_size` is that of its first picture, upright, whose pixels need not be square.
    `keys` are the ticks of the pictures that decoding can start with, and `stops`, in ascending
    order, of those with which it can stop: all that are decoded by then are shown by then.
    `reorder` is how many pictures, at most, are decoded before another one and shown after it.
    `sounds` are its streams of sound, in the order of the file, and `sound` is the number of the
    one that is heard, if there is one that can be decoded.
    `first_field` is "tff" or "bff" if all pictures are interlaced without saying so themselves.
    """

    media_format: MediaFormat
    stream: Stream
    coded_size: tuple[int, int]
    size: tuple[int, int]
    rate: FrameRate
    times: PictureTimes
    keys: frozenset[int]
    reorder: int
    color: Color
    first_field: Literal["tff", "bff"] | None
    has_alpha: bool
    duration: float
    sounds: tuple[Stream, ...]
    sound: int | None
    warnings: tuple[str, ...]
    subtitles: tuple[Stream, ...] = ()
    stops: Sequence[int] = ()

    @property
    def first_shown(self) -> float:
        """Second of the first picture that can be decoded: a recording can begin without a key."""
        earliest = self.times.ticks[0]
        return float(max(earliest, min(self.keys, default=earliest)) * self.times.tick)

    def find_seek(self, start: float) -> float:
        """Return the second to seek, to see what is shown from `start` on; 0 for no seek at all.

        ffmpeg loses pictures where it seeks what lies before the first key.
        """
        return start if start >= self.first_shown else 0.0


def probe_sound(path: Path) -> SoundSource:
    """Return the details of a file's sound.

    Raises:
        UnsupportedMediaError: if format or codec are not supported, or there is no sound.
        UnreadableMediaError: if the file is damaged or beyond the limits.
    """
    media_format = sniff_audio(path)
    streams = _list_sounds(path, media_format)
    if not streams:
        raise UnsupportedMediaError("This file has no sound: send one with sound.")
    stream, _ = _decode_any(decode_sound, path, media_format, streams)
    (packets,) = read_packets(path, media_format, [stream.index])
    _check_duration(packets.seconds)
    warnings = () if stream is streams[0] else (_warn_of_other_track(streams[0]),)
    return SoundSource(media_format, stream.index, round(packets.seconds, 6), warnings)


def choose_sound(path: Path, media_format: MediaFormat) -> str:
    """Return ffmpeg's name of the stream that is heard of a file that was probed before."""
    if not (media_format.can_hold_video or media_format is OGG):
        return "0:a:0"  # it has one only
    streams = _list_sounds(path, media_format)
    if len(streams) > 1:
        streams = [_decode_any(decode_sound, path, media_format, streams)[0]]
    return f"0:{streams[0].index}" if streams else "0:a:0"


def probe_source(path: Path) -> VideoSource:
    """Return the details of a video; cover pictures are none.

    Raises:
        UnsupportedMediaError: if format or codec are not supported, or there is no video.
        UnreadableMediaError: if the file is damaged or beyond the limits.
    """
    media_format = sniff_video(path)
    streams = list_streams(path, media_format)
    videos = [stream for stream in streams if stream.kind == "video"]
    if not videos:
        raise UnsupportedMediaError("This file has no video: send one with video.")
    sounds = [stream for stream in streams if stream.kind == "audio"]
    likely = [stream.index for stream in (videos[0], *sounds[:1])]
    with (
        working_beside(partial(read_packets, path, media_format, likely)) as reading,
        working_beside(lambda _: _find_sound(path, media_format, sounds)) as hearing,
    ):
        stream, picture = _decode_any(decode_picture, path, media_format, videos)
        check_dolby_vision(stream)
        check_color(picture.color)
        sound, warnings = hearing.result()
        used = [stream.index] if sound is None else [stream.index, sound]
        is_likely = used == likely
        found = reading.result() if is_likely else read_packets(path, media_format, used)
    pictures, *heard = found
    duration = _measure_duration(pictures, heard)
    times = PictureTimes(array("q", sorted(set(pictures.times))), pictures.tick)
    return VideoSource(
        media_format=media_format,
        stream=stream,
        coded_size=picture.coded_size,
        size=picture.size,
        rate=_find_rate(picture.fps, times, duration),
        times=times,
        keys=frozenset(pictures.keys),
        reorder=pictures.measure_reorder(),
        color=picture.color,
        first_field=None if stream.codec in _OWN_FIELDS else stream.first_field,
        has_alpha=picture.has_alpha,
        duration=duration,
        sounds=tuple(sorted(sounds, key=lambda sound: sound.index)),
        sound=sound,
        warnings=warnings,
        subtitles=tuple(stream for stream in streams if stream.kind == "subtitle"),
        stops=pictures.find_stops(),
    )


def build_shot_arguments(path: Path, video: VideoSource, shot: Shot) -> list[str]:
    """Return the arguments that open a video where a shot of it begins."""
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    start = video.find_seek(shot.alignment.seek)
    seek = ["-noaccurate_seek", "-ss", f"{start:.6f}"] if start else []
    opened = build_input_arguments(
        path,
        video.media_format.demuxer,
        video.stream.decoder,
        threads=count_decoder_threads(video.coded_size),
    )
    return [*seek, *opened]


def choose_track(path: Path, video: VideoSource, number: int) -> VideoSource:
    """Return a video with another track of its sound, by its number from 1.

    Raises:
        InvalidSpecError: if it has fewer tracks.
        UnsupportedMediaError: if the track's codec is not supported.
        UnreadableMediaError: if the track is damaged.
    """
    check_track(number, len(video.sounds))
    stream = video.sounds[number - 1]
    decode_sound(path, video.media_format, stream)
    return replace(video, sound=stream.index, warnings=())


def _decode_any(
    decode: Callable[[Path, MediaFormat, Stream], _Decoded],
    path: Path,
    media_format: MediaFormat,
    streams: Sequence[Stream],
) -> tuple[Stream, _Decoded]:
    """Return the first stream that can be decoded, and what `decode` returns of it.

    Raises:
        InputError: if there is none; it is about the first one.
    """
    errors = []
    for stream in streams:
        try:
            return stream, decode(path, media_format, stream)
        except InputError as error:
            errors.append(error)
    raise errors[0]


def _list_sounds(path: Path, media_format: MediaFormat) -> list[Stream]:
    return [stream for stream in list_streams(path, media_format) if stream.kind == "audio"]


def _find_sound(
    path: Path, media_format: MediaFormat, streams: Sequence[Stream]
) -> tuple[int | None, tuple[str, ...]]:
    """Return the stream of a video that is heard, and a warning if that is not its first choice."""
    if not streams:
        return None, ()
    try:
        stream, _ = _decode_any(decode_sound, path, media_format, streams)
    except InputError:
        if not any(
            packets.times for packets in read_packets(path, media_format, [streams[0].index])
        ):
            return None, ()  # of a recorder without a microphone
        return None, (
            f"The sound of this video ({streams[0].codec_name}) cannot be decoded, so its clips "
            "are silent: export it with AAC sound.",
        )
    return stream.index, () if stream is streams[0] else (_warn_of_other_track(streams[0]),)


def _warn_of_other_track(stream: Stream) -> str:
    return (
        f"The main sound track ({stream.codec_name}) cannot be decoded, so another one is heard: "
        "export the file with AAC sound."
    )


def _measure_duration(pictures: Packets, heard: Sequence[Packets]) -> float:
    """Return the seconds of a video: its last picture stays while sound goes on."""
    duration = pictures.seconds
    for sound in heard:
        if sound.seconds > duration + _PADDING_SECONDS:
            duration = sound.seconds
    _check_duration(duration)
    return round(duration, 6)


def _find_rate(fps: Fraction, times: PictureTimes, duration: float) -> FrameRate:
    """Return the frames a second: `fps` is what ffmpeg finds, which can be implausible."""
    if not times.ticks:
        raise UnreadableMediaError(UNREADABLE)
    average = Fraction(len(times.ticks) / duration)
    guess = fps if 0 < fps <= HIGHEST_FPS else average
    if guess > HIGHEST_FPS:
        raise UnreadableMediaError(
            f"This video has more than {HIGHEST_FPS} frames per second: export it with fewer."
        )
    return choose_rate(times, guess.limit_denominator(1001))


def _check_duration(duration: float) -> None:
    if SHORTEST_SECONDS <= duration <= LONGEST_MEDIA:
        return
    # Rounded away from the limits, so that no sentence contradicts itself.
    is_short = duration < SHORTEST_SECONDS
    lasts = f"{math.floor(max(duration, 0) * 1000) / 1000:.3f}" if is_short else math.ceil(duration)
    raise UnreadableMediaError(
        f"This file lasts {lasts} seconds: send one that lasts between {SHORTEST_SECONDS:g} "
        f"seconds and {LONGEST_MEDIA / 3600:g} hours."
    )
