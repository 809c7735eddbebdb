"""Encode the sound of a slideshow: its music, joined and looped, its videos and its narration.

Each track gets one gain, which brings it to the loudness of video services; its loudness is
measured while it is decoded. A limiter then lowers the few peaks that are too high. ffmpeg's
loudnorm reaches the same loudness, but takes 15 times as long or changes the gain all the time.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from errno import ENOMEM, ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeVar

from reelqueue.errors import RenderTimeoutError, UnreadableMediaError
from reelqueue.media.sniff import sniff_audio
from reelqueue.planning.delivery.targets import SOUND_BIT_RATE
from reelqueue.planning.soundtrack import RATE, Track, measure_music, plan_soundtrack
from reelqueue.render.audio.aac import AAC_FRAME_SAMPLES, encode_aac
from reelqueue.render.audio.loudness import (
    duck_music,
    find_gain,
    from_decibels,
    measure_loudness,
)
from reelqueue.render.audio.mix import CHANNELS, Layer, Mix, PcmTrack, limit_mix, mix_chunks
from reelqueue.render.audio.narration_sound import HeardNarration, decode_narration
from reelqueue.render.audio.video_sound import HeardVideo, decode_videos
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.sound import build_stereo_filter, build_sync_filter
from reelqueue.render.ffmpeg.source import choose_sound

LOUDNESS = -14.0
"""LUFS: the loudness at which YouTube and Spotify play music."""

_CEILING_DB = -2.0  # dBTP; AAC raises the peaks of music by up to one decibel
_SHORTEST_SAMPLES = RATE // 20
_SURPLUS = RATE  # samples decoded after the video's end: they show whether the track ends there
_BATCH = RATE // 10  # samples: each frame wakes several threads of ffmpeg, and most are of 24 ms
_LOUDNESS = re.compile(r"\] Summary:\s+Integrated loudness:\s+I: +(-?[0-9.]+|-inf|nan) LUFS")
_RESOURCE_EXIT_CODES = {(-error) & 0xFF for error in (ENOMEM, ENOSPC)}
"""ffmpeg's exit codes when the memory or the disk is full."""

OnProgress = Callable[[int], None]
Heard = TypeVar("Heard", HeardVideo, HeardNarration)


def encode_audio(
    tracks: Sequence[Track],
    output: Path,
    *,
    duration: float,
    volume: float = 1.0,
    videos: Sequence[HeardVideo] = (),
    narration: Sequence[HeardNarration] = (),
    duck: bool = True,
    bit_rate: int = SOUND_BIT_RATE,
    on_progress: OnProgress | None = None,
) -> None:
    """Write the sound as an .m4a file: AAC-LC, stereo, 48 kHz, without metadata.

    Args:
        tracks: the music in its order; the first track follows the last until the video ends.
        output: the file to write; it appears only when it is complete.
        duration: of the video, in seconds. The sound is up to one AAC frame (1024 samples) shorter.
        volume: factor of the music's amplitude; 1 is -14 LUFS.
        videos: those among the photos that are heard, each at -14 LUFS.
        narration: what is spoken; all of it together is at -14 LUFS.
        duck: whether the music is turned down while either is heard.
        bit_rate: bits a second of the AAC.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        UnsupportedMediaError: if a track has no supported format.
        UnreadableMediaError: if a track cannot be decoded.
        RenderError: if the disk or the memory is full, or ffmpeg is killed.
    """
    on_progress = on_progress or (lambda _: None)
    samples = int(duration * RATE) // AAC_FRAME_SAMPLES * AAC_FRAME_SAMPLES
    with TemporaryDirectory(dir=output.parent, prefix="audio-") as folder:
        encoded = Path(folder, "audio.m4a")
        layers = []
        if tracks:
            layers.append(decode_music(tracks, Path(folder), samples, volume, on_progress))
        spoken = [
            *_decode_each(decode_videos, videos, Path(folder), samples, on_progress),
            *_decode_each(decode_narration, narration, Path(folder), samples, on_progress),
        ]
        if spoken and duck:
            layers = _duck(layers, spoken, samples, on_progress)
        layers += spoken
        ceiling = from_decibels(_CEILING_DB)
        mix = Mix(layers, samples)
        limited = limit_mix(mix, ceiling=ceiling, on_chunk=lambda: on_progress(0))
        coder: Literal["twoloop", "fast"] = "twoloop" if spoken else "fast"
        encode_aac(limited, encoded, bit_rate=bit_rate, coder=coder)
        os.replace(encoded, output)


def _decode_each(
    decode: Callable[[Sequence[Heard], Path, int, float, OnProgress], Layer],
    heard: Sequence[Heard],
    folder: Path,
    samples: int,
    on_progress: OnProgress,
) -> list[Layer]:
    return [decode(heard, folder, samples, LOUDNESS, on_progress)] if heard else []


def _duck(
    music: Sequence[Layer], others: Sequence[Layer], samples: int, on_progress: OnProgress
) -> list[Layer]:
    """Return music that is turned down while the others are heard."""
    if not music:
        return []
    mix = Mix(others, samples)
    heard = measure_loudness(mix_chunks(mix, on_chunk=lambda: on_progress(0)))
    return [duck_music(layer, heard) for layer in music]


def decode_music(
    tracks: Sequence[Track], folder: Path, samples: int, volume: float, on_progress: OnProgress
) -> Layer:
    """Decode music, and return it as it is heard in a video.

    Args:
        tracks: the tracks in their order; the first follows the last until the video ends.
        folder: an empty folder for the decoded tracks.
        samples: length of the video.
        volume: factor of the amplitude; 1 is -14 LUFS.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        InputError: if a track cannot be decoded.
        RenderError: if the disk or the memory is full, or ffmpeg is killed.
    """
    decoded = _decode_tracks(tracks, folder, samples, volume, on_progress)
    lengths = [track.samples for track in decoded]
    is_cut = tracks[len(decoded) - 1].is_cut
    return Layer(plan_soundtrack(lengths, samples, is_cut=is_cut), decoded)


def _decode_tracks(
    tracks: Sequence[Track], folder: Path, samples: int, volume: float, on_progress: OnProgress
) -> list[PcmTrack]:
    """Decode the tracks that are needed to fill `samples` samples."""
    decoded: list[PcmTrack] = []
    for number, track in enumerate(tracks):
        path = folder / f"{number}.pcm"
        loudness = _decode_track(track, path, min(track.samples, samples + _SURPLUS), on_progress)
        decoded.append(PcmTrack(path, volume * find_gain(loudness, LOUDNESS)))
        if measure_music([pcm.samples for pcm in decoded]) * RATE >= samples:
            break
    return decoded


def _decode_track(track: Track, output: Path, samples: int, on_progress: OnProgress) -> float:
    """Write at most `samples` samples as 32-bit float stereo; return their loudness in LUFS."""
    media_format = sniff_audio(track.path)
    start = round(track.start * RATE)
    end = (start + samples + _SURPLUS) / RATE
    stereo = f"{build_stereo_filter()},atrim=end={end:.6f}"
    measured = (
        f"[dec:0]{build_sync_filter()},atrim=start_sample={start}:end_sample={start + samples},"
        f"asetnsamples={_BATCH}:p=0,ebur128=framelog=quiet[music]"
    )
    arguments = [
        *build_input_arguments(track.path, media_format.demuxer),
        *("-filter_complex", measured, "-map", "[music]"),
        *("-f", "f32le", "-ac", str(CHANNELS), output.name),
        *build_loopbacks(Loopback("a", choose_sound(track.path, media_format), stereo)),
    ]
    unreadable = UnreadableMediaError("The music cannot be read: its file is damaged.")
    timeout = _find_timeout(track.start + samples / RATE)
    try:
        log = run_ffmpeg(
            arguments,
            timeout=timeout,
            cwd=output.parent,
            verbosity="info",
            on_progress=on_progress,
        )
    except FfmpegError as error:
        # ffmpeg decoded this file when it was uploaded, so a signal now comes from outside.
        if error.exit_code < 0 or error.exit_code in _RESOURCE_EXIT_CODES:
            raise
        raise unreadable from error
    except RenderTimeoutError as error:
        raise unreadable from error
    if PcmTrack(output, 1).samples < _SHORTEST_SAMPLES:
        raise unreadable
    found = _LOUDNESS.findall(log)  # the last one: tags of the file come before it
    return float(found[-1]) if found else -math.inf


def _find_timeout(duration: float) -> float:
    """Return the seconds that decoding can take; it needs less than a fiftieth of the duration."""
    return 60 + duration
