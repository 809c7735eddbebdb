"""Hear a video: the power of its sound, as loud as people hear it, and when someone speaks.

ffmpeg weights the sound by the K curve (ITU-R BS.1770-5, Annex 1) and sends it through a pipe, with
the sound as it was as another channel, for the network that knows speech.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.loudness import WINDOW
from reelqueue.planning.analysis.sound import Sound
from reelqueue.planning.soundtrack import RATE
from reelqueue.render.analysis.low_pass import Samples
from reelqueue.render.analysis.speech import FRAME_SECONDS, SpeechDetector, find_network
from reelqueue.render.analysis.voicing import CONTEXT_WINDOWS, FRAME_WINDOWS, measure_voicing
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.sound import build_sound_filters, build_stereo_filter
from reelqueue.render.ffmpeg.source import VideoSource

TIMEOUT_SECONDS = 3600.0
_LEAD_SECONDS = 1.0  # decoded before a part: the first sound after a seek may be damaged
_SURPLUS_SECONDS = 0.1  # decoded after it: a packet may come early or late

# The coefficients of the two stages at 48 kHz, tables 1 and 2 of the standard.
_SHELF = (
    "biquad=b0=1.53512485958697:b1=-2.69169618940638:b2=1.19839281085285"
    ":a0=1:a1=-1.69065929318241:a2=0.73248077421585:precision=f64"
)
_LOW_CUT = "biquad=b0=1:b1=-2:b2=1:a0=1:a1=-1.99004745483398:a2=0.99007225036621:precision=f64"
_WEIGHTED = 2  # channels
_CHANNELS = _WEIGHTED + 1
_SAMPLES = round(RATE * WINDOW)  # of a window
_WINDOW_BYTES = _SAMPLES * _CHANNELS * 4


@dataclass(frozen=True)
class Heard:
    """The weighted sound, and the peak of each of its windows."""

    sound: Sound
    peaks: array[float]


def hear_sound(
    source: Path,
    video: VideoSource,
    folder: Path,
    on_second: Callable[[int], None],
    part: Span | None = None,
) -> Heard:
    """Decode the sound of a video; where it has none, there is silence.

    Args:
        source: the file.
        video: what is known of it; it must have sound.
        folder: an empty one.
        on_second: called with the number of seconds that have been heard; it can raise to stop.
        part: what is heard of it; None for all.

    Raises:
        RenderError: if ffmpeg fails.
    """
    start, end = (part.start, part.end) if part else (0.0, video.duration)
    listener = _Listener(on_second, start)
    seek = video.find_seek(max(0.0, start - _LEAD_SECONDS))
    samples = round((end - start) * RATE)
    weighted = (
        f"[dec:0]{build_sound_filters(start, samples)},asplit[w][s];"
        f"[w]{_SHELF},{_LOW_CUT},aformat=flt:channel_layouts=stereo[k];"
        "[s]pan=mono|c0=0.5*c0+0.5*c1,aformat=flt:channel_layouts=mono[m];[k][m]amerge[a]"
    )
    # Times are those of the source again: an output drops what comes before 0. And a loopback must
    # not be empty, so a sample of silence follows.
    passed = (
        f"{build_stereo_filter()},asetpts=PTS+round({seek:.6f}/TB),"
        f"atrim=end={end + _SURPLUS_SECONDS:.6f},apad=pad_len=1"
    )
    run_ffmpeg(
        [
            *(("-noaccurate_seek", "-ss", f"{seek:.6f}") if seek else ()),
            *build_input_arguments(source, video.media_format.demuxer),
            *("-filter_complex", weighted, "-map", "[a]"),
            *("-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"),
            *build_loopbacks(Loopback("a", f"0:{video.sound}", passed)),
        ],
        timeout=TIMEOUT_SECONDS,
        cwd=folder,
        on_data=listener.feed,
    )
    return listener.heard


class _Listener:
    """Takes samples as they come, and keeps what their windows have in common."""

    def __init__(self, on_second: Callable[[int], None], start: float = 0.0) -> None:
        self._powers, self._peaks, self._voicing = array("f"), array("f"), array("f")
        self._speech = array("f")
        network = find_network()
        self._detector = SpeechDetector(network) if network else None
        self._on_second = on_second
        self._start = start
        self._rest = bytearray()
        self._before: Samples = np.zeros((CONTEXT_WINDOWS * _SAMPLES, _WEIGHTED), np.float32)

    @property
    def heard(self) -> Heard:
        """What has been heard so far."""
        # A frame is that of the window in its middle; those of the last windows are not whole.
        after = CONTEXT_WINDOWS - FRAME_WINDOWS // 2
        voicing = (self._voicing + array("f", bytes(4 * after)))[after:]
        speech = _spread_frames(self._speech, len(self._powers))
        return Heard(Sound(self._powers, voicing, self._start, speech), self._peaks)

    def feed(self, data: bytes) -> None:
        """Take the next bytes, which can end within a window."""
        self._rest += data
        size = len(self._rest) // _WINDOW_BYTES * _WINDOW_BYTES
        before = len(self._powers)
        samples = np.frombuffer(bytes(self._rest[:size]), "<f4").reshape(-1, _CHANNELS)
        del self._rest[:size]
        sound = np.ascontiguousarray(samples[:, :_WEIGHTED])
        windows = sound.reshape(-1, _SAMPLES * _WEIGHTED)
        self._powers.extend((np.einsum("ws,ws->w", windows, windows) / _SAMPLES).tolist())
        self._peaks.extend(np.abs(windows).max(axis=1, initial=0).tolist())
        self._rate_voices(sound)
        if self._detector:
            self._speech.extend(self._detector.rate(samples[:, _WEIGHTED]).tolist())
        seconds = int(len(self._powers) * WINDOW)
        if seconds > int(before * WINDOW):
            self._on_second(seconds)

    def _rate_voices(self, samples: Samples) -> None:
        sound = np.concatenate([self._before, samples])
        self._voicing.extend(measure_voicing(sound).tolist())
        self._before = sound[len(samples) :]


def _spread_frames(likely: Sequence[float], windows: int) -> Sequence[float]:
    """Return how likely each window is speech; the last ones are not whole frames."""
    if not likely:
        return ()
    middles = (np.arange(windows) + 0.5) * WINDOW
    frames = (middles / FRAME_SECONDS).astype(int).clip(max=len(likely) - 1)
    return array("f", np.asarray(likely, np.float32)[frames].tobytes())
