"""Videos whose frames carry their number, with a flash and a beep at each whole second.

`MASTER` and `BEEPS` are sources for ffmpeg, from which any kind of file is made. `read_clip` reads
a clip: which pictures it shows, and when it flashes and beeps.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelqueue.media.facts import RenderFacts
from reelqueue.render.ffmpeg.run import find_ffmpeg

BITS = 10
_BLOCK = 16  # pixels
_SIZE = (BITS * _BLOCK, 3 * _BLOCK)
_RATE = 48_000
_FLASH = "gte(T+0.001,1)*lt(mod(T+0.001,1),0.1)"
BEEPS = "aevalsrc=gte(t\\,1)*lt(mod(t\\,1)\\,0.1)*0.5*sin(2*PI*(500+100*floor(t))*t):s=48000"
"""In each second but the first, a beep of 0.1 seconds whose pitch tells the second."""
SLOW_BEEPS = f"{BEEPS.removesuffix('48000')}47800,asetrate=48000"
"""The same by a clock that is too slow: its samples are too few, and need stretched timestamps."""
FAST_BEEPS = f"{BEEPS.removesuffix('48000')}48200,asetrate=48000"
"""The same by a clock that is too fast: its samples are too many, and need squeezed timestamps."""


def make_master(fps: str, seconds: float = 4) -> str:
    """Return a source of frames: the bits of their number, below a band that flashes."""
    width, height = _SIZE
    bit = f"16+219*mod(floor(N/pow(2,floor(X/{_BLOCK}))),2)"
    luma = f"if(lt(Y,{_BLOCK}),40+195*{_FLASH},{bit})"
    source = f"color=black:s={width}x{height}:r={fps}:d={seconds},format=yuv420p"
    return f"{source},geq=lum='{luma}':cb=128:cr=128"


@dataclass(frozen=True)
class Shown:
    """A clip as it is seen and heard; times are in seconds.

    Attributes:
        codes: the number of the picture in each frame.
        flashes: when the flashes begin.
        beeps: when the beeps begin, with the second that their pitch tells.
        sound: seconds of sound.
    """

    codes: list[int]
    flashes: list[float]
    beeps: list[tuple[float, int]]
    sound: float

    def measure_offsets(self) -> list[float]:
        """Return the seconds from each flash to the beep that is nearest to it."""
        return [
            min((beep - flash for beep, _ in self.beeps), key=abs)
            for flash in self.flashes
            if flash > 0
        ]


def read_clip(clip: Path, facts: RenderFacts) -> Shown:
    """Decode a clip of the shape of its source, and see and hear what it has."""
    planes = np.frombuffer(_decode(clip, "-map", "0:v?", "-pix_fmt", "gray"), np.uint8)
    frames = planes.reshape(-1, facts.height, facts.width).astype(int)
    block = facts.width // BITS
    blocks = frames[:, -block, block // 2 :: block][:, :BITS] > 126
    codes = blocks @ (1 << np.arange(BITS))
    bright = frames[:, block // 2, facts.width // 2] > 126
    begins = np.flatnonzero(bright & ~np.concatenate([[False], bright[:-1]]))
    sound = np.frombuffer(_decode(clip, "-map", "0:a?", "-ac", "1", "-ar", str(_RATE)), "<f4")
    return Shown(
        codes=[int(code) for code in codes],
        flashes=[float(frame / facts.fps) for frame in begins],
        beeps=_find_beeps(sound),
        sound=len(sound) / _RATE,
    )


def _decode(clip: Path, *options: str) -> bytes:
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(clip), *options]
    form = "rawvideo" if "-pix_fmt" in options else "f32le"
    done = subprocess.run([*command, "-f", form, "-"], check=False, capture_output=True)
    return done.stdout


def _find_beeps(sound: NDArray[np.float32]) -> list[tuple[float, int]]:
    loud = np.flatnonzero(np.abs(sound) > 0.1)
    begins = loud[np.diff(loud, prepend=-_RATE) > _RATE * 0.3]
    found = []
    for begin in begins:
        beep = sound[begin : begin + int(_RATE * 0.08)]
        spectrum = np.abs(np.fft.rfft(beep * np.hanning(len(beep)), 1 << 16))
        hertz = float(np.argmax(spectrum)) * _RATE / (1 << 16)
        found.append((float(begin) / _RATE, round((hertz - 500) / 100)))
    return found
