"""Speak with espeak-ng, which tells at which sample each word begins.

Only its library does (speak_lib.h), so it is called by `ctypes`. The flags leave SSML and phoneme
codes in the text off.
"""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise
from typing import Any

import numpy as np

from reelqueue.planning.captions.words import split_words
from reelqueue.planning.narration import Mark
from reelqueue.render.narration.speech import Samples, Speech
from reelqueue.specs.narration import Voice

_LIBRARY = "libespeak-ng.so.1"
_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: samples go to the callback
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
_POS_CHARACTER, _UTF8 = 1, 1
_RATE = 1  # espeakRATE, in words a minute
_USUAL_RATE = 175
_LIST_END, _WORD = 0, 1  # espeak_EVENT_TYPE
_DOTTED = re.compile(r"(?:\S\.\W*){10,}")
_LONGEST_RUN, _LONGEST_PIECE = 120, 30  # bytes and characters without a space
_ALIASES = {"en-gb": "en", "no": "nb", "zh": "cmn"}
"""Languages whose voices have another name."""


def space_out(text: str) -> tuple[str, list[int]]:
    """Return a text with spaces in what is too long for espeak-ng, and where its characters were.

    Its buffer for a word overflows at 160 bytes (1.51), where there are dots in it. Letters with
    dots are one word, as in an abbreviation, even with spaces between them.
    """
    text = _DOTTED.sub(lambda dotted: dotted[0].replace(".", " "), text)
    spaced: list[str] = []
    origins: list[int] = []
    run = at = 0  # bytes since the last space, and characters
    for word in split_words(text):
        for start in range(0, len(word), _LONGEST_PIECE):
            piece = word[start : start + _LONGEST_PIECE]
            run += len(piece.encode())
            if run > _LONGEST_RUN:
                spaced.append(" ")
                origins.append(at)
                run = len(piece.encode())
            spaced.append(piece)
            origins += range(at, at + len(piece))
            at += len(piece)
            run = 0 if piece[-1].isspace() else run
    return "".join(spaced), origins


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_int64),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """espeak-ng with a voice. A process has one of them."""

    def __init__(self, voice: Voice, longest: float) -> None:
        """Open the library.

        Args:
            voice: its language, its variant and its speed.
            longest: seconds after which it stops to speak.
        """
        self._library = ctypes.CDLL(_LIBRARY)
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _DONT_EXIT)
        if self.rate <= 0:
            raise OSError("espeak-ng does not find its data")
        self._most = round(longest * self.rate)
        language = _ALIASES.get(voice.language, voice.language)
        name = f"{language}+{voice.name}" if voice.name else language
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise OSError(f"espeak-ng has no voice {name}")
        self._library.espeak_SetParameter(_RATE, round(_USUAL_RATE * voice.speed), 0)
        self._take = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._take)
        self._pieces: list[Samples] = []
        self._begins: list[tuple[int, float]] = []  # of words: character, second
        self._count = 0

    def speak(self, text: str) -> Speech:
        """Return a text as speech."""
        self._pieces, self._begins, self._count = [np.zeros(0, np.int16)], [], 0
        spaced, origins = space_out(text)
        data = spaced.encode()
        code = self._library.espeak_Synth(
            data, ctypes.c_size_t(len(data) + 1), 0, _POS_CHARACTER, 0, _UTF8, None, None
        )
        if code:
            raise OSError(f"espeak-ng refuses to speak, with {code}")
        edges = [*self._begins, (len(spaced), self._count / self.rate)]
        last = len(origins) - 1
        marks = [
            Mark(origins[min(max(first, 0), last)], start, end)
            for (first, start), (_, end) in pairwise(edges)
        ]
        return Speech(np.concatenate(self._pieces), marks)

    def _collect(self, samples: Any, count: int, events: Any) -> int:
        """Take what is spoken; 1 makes the library stop."""
        if count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
            self._count += count
        number = 0
        while events[number].type != _LIST_END:
            event = events[number]
            if event.type == _WORD:
                self._begins.append((event.text_position - 1, event.sample / self.rate))
            number += 1
        return int(self._count > self._most)
