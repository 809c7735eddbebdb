"""The recognition of speech on the command line."""

from __future__ import annotations

from reelqueue.config import read_whisper_model
from reelqueue.media.speech.recognition import find_ability
from reelqueue.specs.clips.speech import Speech


def find_model(speech: Speech | None, field: str, language_field: str) -> str | None:
    """Return the model that recognises speech, None if none is to be recognised.

    Args:
        speech: what is known of it.
        field: the path in the request that asks for it.
        language_field: the path of its language.

    Raises:
        InvalidSpecError: if speech cannot be recognised here.
        SettingsError: if the setting of the model is bad.
    """
    if speech is None:
        return None
    model = read_whisper_model()
    find_ability(model).check(speech, field, language_field)
    return model
