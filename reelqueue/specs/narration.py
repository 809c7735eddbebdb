"""Narration: words that are spoken while a photo or a title card is shown."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from reelqueue.specs.base import Model, make_error
from reelqueue.specs.clips.captions import Preset, SpokenStyle
from reelqueue.specs.limits import FASTEST_NARRATION, SLOWEST_NARRATION
from reelqueue.specs.text import Position

_CODES = """
af am an ar as az ba be bg bn bs ca cmn cs cv cy da de el en en-029 en-gb en-gb-scotland en-us eo es
es-419 et eu fa fi fr fr-be fr-ch ga gd gn gu hak haw he hi hr ht hu hy ia id is it ja ka kk kl kn
ko kok ku ky la lb lt ltg lv mi mk ml mr ms mt my nb ne nl no om or pa pap pl pt pt-br quc ro ru sd
si sk sl sq sr sv sw ta te th tk tn tr tt ug uk ur uz vi yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""The languages that narration can have, in espeak-ng's codes (BCP 47, in small letters)."""

VARIANTS = (*(f"f{number}" for number in range(1, 6)), *(f"m{number}" for number in range(1, 9)))
"""The voices of espeak-ng, of women and of men, in which it speaks any language."""


class SpeechEngine(StrEnum):
    """What speaks: `espeak-ng` knows most languages, `piper` sounds more like a person."""

    ESPEAK = "espeak-ng"
    PIPER = "piper"


def _normalize_language(code: object) -> object:
    return code.lower().replace("_", "-") if isinstance(code, str) else code


def _check_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError("is not a language that can be spoken: use a code such as en, en-us or de")
    return code


NarrationLanguage = Annotated[
    str, BeforeValidator(_normalize_language), AfterValidator(_check_language)
]
VoiceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Voice(Model):
    """The voice of all narration of a slideshow."""

    language: NarrationLanguage = Field(
        "en", description="The language of the words, such as `en`, `en-us` or `de` (BCP 47)."
    )
    name: VoiceName | None = Field(
        None,
        description="`f1` to `f5` or `m1` to `m8`, of espeak-ng, or one of Piper's that the "
        "operator has installed. Unset: any of the language.",
    )
    speed: float = Field(
        1.0,
        ge=SLOWEST_NARRATION,
        le=FASTEST_NARRATION,
        strict=True,
        description="How fast it speaks, as a factor of its usual speed.",
    )
    engine: SpeechEngine | None = Field(
        None,
        description="What speaks. Unset: Piper where it has a voice of the language, else "
        "espeak-ng.",
    )

    @model_validator(mode="after")
    def _name_suits_engine(self) -> Self:
        is_variant = self.name in VARIANTS
        if self.engine is SpeechEngine.ESPEAK and self.name and not is_variant:
            raise make_error(f"must be one of {', '.join(VARIANTS)} with espeak-ng", "name")
        if self.engine is SpeechEngine.PIPER and is_variant:
            raise make_error("is a voice of espeak-ng: name one of Piper's, or none", "name")
        return self


class NarrationStyle(SpokenStyle):
    """The look of captions that follow what is spoken."""

    preset: Preset = Field(
        Preset.PHRASE,
        description="`phrase` shows four to six words at a time and marks the one that is spoken; "
        "`karaoke` also dims the words to come; `pop` shows one large word at a time; `plain` "
        "shows whole captions.",
    )
    position: Position = Field(
        Position.BOTTOM, description="Where captions are placed in the frame."
    )


class Narrator(NamedTuple):
    """What speaks; `model` is the file of the voice, of Piper."""

    engine: SpeechEngine
    model: Path | None = None


NarrationCaptions = Literal["narration"]
