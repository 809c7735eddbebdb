"""Whether those who render can recognise speech: what workers tell, or else this process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from reelqueue.errors import UnavailableError
from reelqueue.media.speech.recognition import COMMAND, Ability
from reelqueue.media.speech.recognition import find_ability as find_own_ability
from reelqueue.services import Services
from reelqueue.specs.clips.speech import Speech

_UNTOLD = Ability(
    fault="Speech is not recognised here: deploy one version everywhere, and say "
    f"`{COMMAND}` where videos are rendered."
)


class SpeechNeed(NamedTuple):
    """Speech that a job has to recognise.

    Attributes:
        speech: what is known of it.
        seconds: how much of it there is.
        field: the path in the request that asks for it.
        language_field: the path of its language.
    """

    speech: Speech
    seconds: float
    field: str
    language_field: str


def check_speech(services: Services, need: SpeechNeed) -> float:
    """Return how many seconds the recognition takes, about.

    Raises:
        InvalidSpecError: if speech cannot be recognised, or not in this language.
        UnavailableError: if no worker is there to tell, or the queue does not answer.
    """
    ability = find_ability(services)
    if ability is None:
        raise UnavailableError(
            f"{need.field}: no worker is running that could tell whether it recognises speech: try "
            "again in a minute.",
            field=need.field,
        )
    ability.check(need.speech, need.field, need.language_field)
    return need.seconds * ability.pace


def find_ability(services: Services) -> Ability | None:
    """Return what all who render can do; None if no worker tells.

    Raises:
        UnavailableError: if the queue does not answer.
    """
    if services.settings.redis_url is None:
        return find_own_ability(services.settings.whisper_model)
    told = services.queue.list_services().values()
    return combine_abilities(facts for facts in told if facts.get("role") == "worker")


def has_speech(services: Services) -> bool:
    """Tell whether speech can be recognised right now; False if the queue does not answer."""
    try:
        ability = find_ability(services)
    except UnavailableError:
        return False
    return ability is not None and ability.fault is None


def combine_abilities(told: Iterable[dict[str, Any]]) -> Ability | None:
    """Return what all workers can do, as any of them may get a job; None if there is none."""
    abilities = [
        Ability.model_validate(facts["speech"]) if "speech" in facts else _UNTOLD for facts in told
    ]
    if not abilities:
        return None
    return Ability(
        fault=next((ability.fault for ability in abilities if ability.fault), None),
        is_english_only=any(ability.is_english_only for ability in abilities),
        pace=max(ability.pace for ability in abilities),
    )
