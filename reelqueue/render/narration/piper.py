"""Speak with Piper, a neural network; it has a voice for each of its languages.

Its phonemes have a length each, so words begin where it says, within a frame of its network
(12 ms). Where it joins words, or the voice gives no lengths, they share the time of their sentence
by their letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reelqueue.planning.captions.words import split_words
from reelqueue.planning.narration import Mark
from reelqueue.render.narration.speech import Samples, Speech
from reelqueue.specs.narration import Voice

_SENTENCE = re.compile(r"\S.*?(?:[.!?\u2026\u3002\uff01\uff1f]+(?=\s|$)|$)", re.DOTALL)
_PAUSE_SECONDS = 0.2  # after a sentence
_EDGES = ("^", "$", " ")  # the phonemes of Piper that are in no word


class _Sound(NamedTuple):
    """A phoneme, and how many samples it lasts."""

    phoneme: str
    samples: int


class Piper:
    """Piper with a voice."""

    def __init__(self, voice: Voice, model: Path, longest: float) -> None:
        """Load a voice.

        Args:
            voice: its speed.
            model: the file of the voice.
            longest: seconds after which it stops to speak.
        """
        from piper import PiperVoice, SynthesisConfig  # an extra

        self._voice = PiperVoice.load(model, include_alignments=True)
        self._config = SynthesisConfig(length_scale=self._voice.config.length_scale / voice.speed)
        self.rate: int = self._voice.config.sample_rate
        self._most = round(longest * self.rate)

    def speak(self, text: str) -> Speech:
        """Return a text as speech."""
        pieces: list[Samples] = [np.zeros(0, np.int16)]
        marks: list[Mark] = []
        position = 0
        for sentence in _SENTENCE.finditer(text):
            for spoken, sounds in self._speak_sentence(sentence[0]):
                words = _place_words(sentence[0], sounds)
                marks += [
                    Mark(
                        sentence.start() + first,
                        (position + start) / self.rate,
                        (position + end) / self.rate,
                    )
                    for first, start, end in words
                ]
                pieces += [spoken, np.zeros(round(_PAUSE_SECONDS * self.rate), np.int16)]
                position += len(pieces[-1]) + len(spoken)
            if position > self._most:
                break
        return Speech(np.concatenate(pieces), marks)

    def _speak_sentence(self, text: str) -> Iterator[tuple[Samples, list[_Sound]]]:
        """Yield the sound of a sentence, at most once, and its phonemes."""
        text = text.replace("[[", "[ [")  # phonemes would follow
        chunks = list(
            self._voice.synthesize(text, syn_config=self._config, include_alignments=True)
        )
        if chunks:
            sounds = [sound for chunk in chunks for sound in _list_sounds(chunk)]
            yield np.concatenate([chunk.audio_int16_array for chunk in chunks]), sounds


def _list_sounds(chunk: Any) -> list[_Sound]:
    """Return the phonemes of what Piper spoke; without their lengths, all are as long."""
    if chunk.phoneme_alignments:
        return [_Sound(each.phoneme, int(each.num_samples)) for each in chunk.phoneme_alignments]
    total, count = len(chunk.audio_int16_array), max(len(chunk.phonemes), 1)
    return [
        _Sound(phoneme, total * (number + 1) // count - total * number // count)
        for number, phoneme in enumerate(chunk.phonemes)
    ]


def _place_words(text: str, sounds: Sequence[_Sound]) -> list[tuple[int, int, int]]:
    """Return the words of a sentence: `(character, first sample, last sample)`."""
    words = split_words(text)
    firsts = [0, *accumulate(map(len, words))]
    heard = _find_heard(sounds)
    if len(heard) == len(words):
        return [(first, *span) for first, span in zip(firsts, heard, strict=False)]
    begin, end = (heard[0][0], heard[-1][1]) if heard else (0, sum(each.samples for each in sounds))
    edges = [begin + (end - begin) * first // firsts[-1] for first in firsts]
    return [(first, *span) for first, span in zip(firsts, pairwise(edges), strict=False)]


def _find_heard(sounds: Sequence[_Sound]) -> list[tuple[int, int]]:
    """Return where the words that Piper spoke begin and end, in samples."""
    heard: list[tuple[int, int]] = []
    position, is_within = 0, False
    for phoneme, samples in sounds:
        end = position + samples
        if phoneme in _EDGES:
            is_within = False
        elif is_within:
            heard[-1] = heard[-1][0], end
        else:
            heard.append((position, end))
            is_within = True
        position = end
    return heard
