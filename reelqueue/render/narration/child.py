"""The child process that speaks: `python -m reelqueue.render.narration.child FOLDER`.

It runs in a sandbox. FOLDER has `order.json`, an `Order`. For each text the program writes a file
`NUMBER.wav` and then a line of JSON, a `Line`.
"""

from __future__ import annotations

import sys
import wave
from pathlib import Path

from pydantic import BaseModel

from reelqueue.planning.narration import time_marks
from reelqueue.render.narration.espeak import Espeak
from reelqueue.render.narration.piper import Piper
from reelqueue.render.narration.speech import Samples, Speaker, trim_pauses
from reelqueue.specs.narration import Narrator, SpeechEngine, Voice


class Order(BaseModel):
    """What to speak.

    Attributes:
        texts: the texts.
        voice: the voice.
        narrator: what speaks.
        threads: how many work at once.
        longest: seconds of a text, at most; the rest is left out.
    """

    texts: tuple[str, ...]
    voice: Voice
    narrator: Narrator
    threads: int = 1
    longest: float


class Line(BaseModel):
    """A text that has been spoken, and `(text, start, end)` of its words, in seconds."""

    seconds: float
    words: tuple[tuple[str, float, float], ...]


def main(folder: Path) -> None:
    """Speak the texts in a folder, and write lines."""
    order = Order.model_validate_json((folder / "order.json").read_bytes())
    speaker = _open_speaker(order)
    for number, text in enumerate(order.texts):
        flat = text.replace("\n", " ")
        speech = trim_pauses(speaker.speak(flat), speaker.rate)
        seconds = len(speech.samples) / speaker.rate
        _write(folder / f"{number}.wav", speech.samples, speaker.rate)
        words = time_marks(flat, speech.marks, seconds)
        line = Line(seconds=seconds, words=tuple(words))
        sys.stdout.write(f"{line.model_dump_json()}\n")
        sys.stdout.flush()


def _write(path: Path, samples: Samples, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def _open_speaker(order: Order) -> Speaker:
    if order.narrator.engine is SpeechEngine.ESPEAK:
        return Espeak(order.voice, order.longest)
    assert order.narrator.model
    return Piper(order.voice, order.narrator.model, order.longest)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
