"""What this machine has to speak with: espeak-ng, and Piper, an extra, with its voices.

They are only looked for: `reelqueue/render/narration/child.py` loads them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from reelqueue.config import IS_INSTALLED
from reelqueue.errors import InvalidSpecError
from reelqueue.specs.narration import LANGUAGES, VARIANTS, Narrator, SpeechEngine, Voice

_PACKAGES = "piper-tts" if IS_INSTALLED else "-r requirements-narration.txt"
ESPEAK_COMMAND = "apt-get install espeak-ng"
PIPER_COMMAND = f"pip install {_PACKAGES}"
"""What installs each engine."""

_ESPEAK_PACE, _PIPER_PACE = 0.02, 0.3
"""Seconds that a second of speech takes, about, on two cores."""


class SpeakingAbility(BaseModel):
    """Whether words can be spoken, and in which voices.

    Services tell each other of it, so a later version may add to it.

    Attributes:
        has_espeak: whether espeak-ng is there, which speaks all languages that may be requested.
        piper: the voices of Piper, each with its language, such as `en-us`.
    """

    model_config = ConfigDict(frozen=True)

    has_espeak: bool = False
    piper: Mapping[str, str] = {}

    @property
    def fault(self) -> str | None:
        """A sentence that says why nothing can be spoken; None if something can."""
        if self.has_espeak or self.piper:
            return None
        return f"Words are not spoken here: say `{ESPEAK_COMMAND}` where videos are rendered."

    @property
    def languages(self) -> frozenset[str]:
        """The codes of the languages that can be spoken."""
        if self.has_espeak:
            return LANGUAGES
        return frozenset(code for code in LANGUAGES if self._list_fitting(code))

    def choose_narrator(self, voice: Voice, folder: Path | None) -> Narrator:
        """Return what speaks in a voice.

        Args:
            voice: the voice.
            folder: the one with the voices of Piper.

        Raises:
            InvalidSpecError: if nothing can.
        """
        if self.choose_engine(voice) is SpeechEngine.ESPEAK:
            return Narrator(SpeechEngine.ESPEAK)
        assert folder
        model = folder.resolve() / f"{self.choose_piper_voice(voice)}.onnx"
        return Narrator(SpeechEngine.PIPER, model)

    def choose_engine(self, voice: Voice) -> SpeechEngine:
        """Return which engine speaks in a voice.

        Raises:
            InvalidSpecError: if nothing can.
        """
        if self.fault:
            raise InvalidSpecError(f"voice: {self.fault}", "voice")
        engine = voice.engine or self._find_engine(voice)
        if engine is SpeechEngine.PIPER:
            self.choose_piper_voice(voice)
        elif not self.has_espeak:
            raise InvalidSpecError(
                f"voice: espeak-ng is not installed where videos are rendered: say "
                f"`{ESPEAK_COMMAND}` there, or use a voice of Piper: {self._name_voices()}.",
                "voice",
            )
        return engine

    def choose_piper_voice(self, voice: Voice) -> str:
        """Return the name of one of Piper's voices.

        Raises:
            InvalidSpecError: if there is none of this name or language.
        """
        if not self.piper:
            raise InvalidSpecError(
                f"voice: Piper is not installed where videos are rendered: say `{PIPER_COMMAND}` "
                "there, and set PIPER_VOICES to a folder with voices.",
                "voice",
            )
        if voice.name is None:
            fitting = self._list_fitting(voice.language)
            if not fitting:
                raise InvalidSpecError(
                    f"voice.language: Piper has no voice of this language: use one of its voices, "
                    f"{self._name_voices()}.",
                    "voice.language",
                )
            return fitting[0]
        if voice.name not in self.piper:
            raise InvalidSpecError(
                f"voice.name: there is no such voice: use {VARIANTS[0]} to {VARIANTS[-1]}, or one "
                f"of Piper's, {self._name_voices()}.",
                "voice.name",
            )
        return voice.name

    def _find_engine(self, voice: Voice) -> SpeechEngine:
        if voice.name is not None:
            is_variant = voice.name in VARIANTS
            return SpeechEngine.ESPEAK if is_variant else SpeechEngine.PIPER
        return SpeechEngine.PIPER if self._list_fitting(voice.language) else SpeechEngine.ESPEAK

    def _list_fitting(self, code: str) -> list[str]:
        """Return the voices of a language: `en` fits `en-us`, but `en-gb` does not."""
        return [
            name
            for name, language in self.piper.items()
            if language == code or language.startswith(f"{code}-")
        ]

    def _name_voices(self) -> str:
        return ", ".join(self.piper) or "of which there is none"


def find_pace(engine: SpeechEngine) -> float:
    """Return the seconds that an engine takes to speak for a second, about."""
    return _PIPER_PACE if engine is SpeechEngine.PIPER else _ESPEAK_PACE


def find_speaking(voices: Path | None) -> SpeakingAbility:
    """Return what this machine can speak with.

    Args:
        voices: the folder with the voices of Piper.
    """
    has_piper = voices is not None and find_spec("piper") is not None
    return SpeakingAbility(
        has_espeak=shutil.which("espeak-ng") is not None,
        piper=dict(_list_voices(voices)) if voices and has_piper else {},
    )


def list_unreadable(folder: Path) -> list[str]:
    """Return the names of the files that should tell the language of a voice of Piper, and do not.

    Such a voice is left out.
    """
    return [path.name for path in _list_settings(folder) if _read_language(path) is None]


def _list_voices(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the language of each voice."""
    for path in _list_settings(folder):
        if language := _read_language(path):
            yield path.name.removesuffix(".onnx.json"), language


def _list_settings(folder: Path) -> list[Path]:
    """Return the files with settings that have a model beside them."""
    paths = sorted(folder.glob("*.onnx.json"))
    return [path for path in paths if path.with_suffix("").is_file()]


class _Language(BaseModel):
    code: str = ""


class _Espeak(BaseModel):
    voice: str = ""


class _VoiceSettings(BaseModel):
    """What Piper's settings of a voice tell of its language; older ones name a voice alone."""

    language: _Language = _Language()
    espeak: _Espeak = _Espeak()


def _read_language(path: Path) -> str | None:
    """Return the language of a voice, such as `en-us`; None if its settings do not tell."""
    try:
        settings = _VoiceSettings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    code = settings.language.code or settings.espeak.voice
    return code.lower().replace("_", "-") or None
