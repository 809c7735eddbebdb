"""The child process that recognises speech: `python -m reelqueue.render.speech.child FOLDER MODEL`.

It runs in a sandbox. FOLDER has `speech.pcm`, 16-bit mono at `RATE`, and `order.json`, an `Order`.
The program writes lines of JSON, each a `Line`: what was recognised, as soon as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from reelqueue.media.transcripts import HeardWord, Segment, to_segment
from reelqueue.render.speech.timing import RATE, Samples, settle_words
from reelqueue.render.speech.windows import cut_windows


class Order(BaseModel):
    """What to recognise.

    Attributes:
        language: None if it is to be recognised too.
        vocabulary: names and terms to listen for.
        offset: second of the video at which the sound starts.
        spans: ranges of it that are heard, in seconds of the video.
        threads: how many work at once.
    """

    language: str | None
    vocabulary: tuple[str, ...]
    offset: float
    spans: tuple[tuple[float, float], ...]
    threads: int


class Line(BaseModel):
    """A part of the answer: any of its values, and seconds of sound that are done with."""

    language: str | None = None
    segment: Segment | None = None
    heard: float = 0.0
    is_foreign: bool = False
    """Whether the model does not have the language."""


def main(folder: Path, model: str) -> None:
    """Recognise the speech in a folder, and write lines."""
    order = Order.model_validate_json((folder / "order.json").read_bytes())
    samples = np.memmap(folder / "speech.pcm", np.int16, "r")
    for line in _recognize(order, samples, model):
        sys.stdout.write(f"{line.model_dump_json(exclude_defaults=True)}\n")
        sys.stdout.flush()


def _recognize(order: Order, samples: Samples, model: str) -> Iterator[Line]:
    from faster_whisper import WhisperModel  # an extra

    whisper = WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=order.threads, local_files_only=True
    )
    language = order.language
    if language not in (None, *whisper.supported_languages):
        yield Line(is_foreign=True)
        return
    heard = 0.0
    for start, end in _list_windows(order, samples):
        window = np.array(samples[start:end])
        segments, info = whisper.transcribe(
            window.astype(np.float32) / 32768,
            language=language,
            hotwords=", ".join(order.vocabulary) or None,
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,  # one mistake would be repeated
        )
        yield Line(language=info.language, heard=heard)
        found: list[list[HeardWord]] = []
        for segment in segments:
            found.append(_list_words(segment))
            yield Line(heard=heard + min(float(segment.end), len(window) / RATE))
        if any(found):
            language = info.language  # that of silence is a guess
        heard += len(window) / RATE
        for settled in _settle(found, window, order.offset + start / RATE):
            yield Line(segment=settled, heard=heard)


def _list_windows(order: Order, samples: Samples) -> Iterator[tuple[int, int]]:
    for span in order.spans:
        start, end = (round((second - order.offset) * RATE) for second in span)
        yield from cut_windows(samples, max(start, 0), end)


def _list_words(segment: Any) -> list[HeardWord]:
    return [HeardWord(float(w.start), float(w.end), w.word) for w in segment.words or ()]


def _settle(found: Sequence[list[HeardWord]], window: Samples, offset: float) -> Iterator[Segment]:
    """Yield segments in seconds of the video: all words of a window get their times together."""
    settled = iter(settle_words([word for words in found for word in words], window))
    for words in found:
        moved = [
            word._replace(start=word.start + offset, end=word.end + offset)
            for word in islice(settled, len(words))
        ]
        if segment := to_segment(moved):
            yield segment


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
