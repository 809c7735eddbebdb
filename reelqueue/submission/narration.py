"""Whether those who render can speak narration: what workers tell, or else this process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from reelqueue.errors import InvalidSpecError, UnavailableError
from reelqueue.media.speech.narration import SpeakingAbility, find_pace, find_speaking
from reelqueue.services import Services
from reelqueue.specs.narration import Voice


class NarrationNeed(NamedTuple):
    """What a job has to speak: in which voice, about how many seconds, and the field that asks."""

    voice: Voice
    seconds: float
    field: str


def check_narration(services: Services, need: NarrationNeed) -> float:
    """Return how many seconds it takes to speak, about.

    Raises:
        InvalidSpecError: if it cannot be spoken, or not in this voice.
        UnavailableError: if no worker is there to tell, or the queue does not answer.
    """
    ability = find_ability(services)
    if ability is None:
        raise UnavailableError(
            f"{need.field}: no worker is running that could tell whether it speaks: try again in a "
            "minute.",
            field=need.field,
        )
    if ability.fault:
        raise InvalidSpecError(f"{need.field}: {ability.fault}", need.field)
    return need.seconds * find_pace(ability.choose_engine(need.voice))


def find_ability(services: Services) -> SpeakingAbility | None:
    """Return what all who render can speak with; None if no worker tells.

    Raises:
        UnavailableError: if the queue does not answer.
    """
    if services.settings.redis_url is None:
        return find_speaking(services.settings.piper_voices)
    told = services.queue.list_services().values()
    return combine_abilities(facts for facts in told if facts.get("role") == "worker")


def list_languages(services: Services) -> frozenset[str]:
    """Return the languages that can be spoken right now; none if the queue does not answer."""
    try:
        ability = find_ability(services)
    except UnavailableError:
        return frozenset()
    return ability.languages if ability else frozenset()


def combine_abilities(told: Iterable[dict[str, Any]]) -> SpeakingAbility | None:
    """Return what all workers can do, as any of them may get a job; None if there is none.

    A worker that tells nothing has an earlier version, which does not speak.
    """
    abilities = [SpeakingAbility.model_validate(facts.get("narration", {})) for facts in told]
    if not abilities:
        return None
    first, *others = abilities
    piper = {
        name: language
        for name, language in first.piper.items()
        if all(name in other.piper for other in others)
    }
    return SpeakingAbility(has_espeak=all(each.has_espeak for each in abilities), piper=piper)
