"""Speech whose words have known times: espeak-ng says when it speaks each of them.

Its library is called by `ctypes`, as the program does not tell (espeak-ng, speak_lib.h).
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelqueue.specs.clips.captions import Word

_SYNCHRONOUS, _UTF8 = 2, 1  # of espeak_Initialize and espeak_Synth
_WORD, _LIST_END = 1, 0  # types of events


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_int64),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def _open_library() -> tuple[ctypes.CDLL, int]:
    """Return the library, and the samples a second of its sound."""
    library = ctypes.CDLL(find_library("espeak-ng") or "libespeak-ng.so.1")
    frequency = library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
    assert frequency > 0
    return library, frequency


def speak(
    text: str, voice: str = "en-us", rate: int = 150
) -> tuple[NDArray[np.int16], int, list[Word]]:
    """Return `(samples, rate, words)`: the speech, and each word with its start.

    A word ends where the next one begins.
    """
    library, frequency = _open_library()
    pieces: list[NDArray[np.int16]] = []
    begins: list[tuple[float, str]] = []

    @_CALLBACK  # type: ignore[untyped-decorator]  # ctypes leaves it untyped
    def take(samples: Any, count: int, events: Any) -> int:
        if count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type != _LIST_END:
            event = events[number]
            if event.type == _WORD and event.length:
                start = event.text_position - 1
                begins.append((event.audio_position / 1000, text[start : start + event.length]))
            number += 1
        return 0

    library.espeak_SetSynthCallback(take)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_SetParameter(1, rate, 0)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
    sound = np.concatenate(pieces)
    ends = [start for start, _ in begins[1:]] + [len(sound) / frequency]
    return (
        sound,
        frequency,
        [
            Word(start=start, end=end, text=word)
            for (start, word), end in zip(begins, ends, strict=True)
        ],
    )
