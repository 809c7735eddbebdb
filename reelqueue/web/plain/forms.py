"""From the text fields of the page's forms to orders, as the API has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reelqueue.errors import InvalidSpecError

Texts = Mapping[str, str]
Order = dict[str, Any]

_MEGABYTE = 1e6
_LARGEST = 1e100  # number of a field; beyond it are infinities, and what no float can be
_CHOICES = ("transition", "resolution", "fit", "background", "motion", "on_bad_photo", "quality")
_NUMBERS = ("duration", "transition_duration", "fps", "volume")
_CLIP_CHOICES = ("aspect", "fit", "resolution", "denoise", "quality")
_CLIP_NUMBERS = (
    *("start", "end", "rotate", "speed", "fade_in", "fade_out"),
    *("brightness", "contrast", "saturation"),
)
_USUAL = {"resolution": "1920x1080", "fps": 30}
"""What the form of slideshows has first: a target or a limit may choose something else."""
_USUAL_MUSIC = 0.5
"""What the form of clips has first: the server chooses by what else is heard."""


def read_slideshow(texts: Texts) -> Order:
    """Return what the form of slideshows says; what is empty is left out.

    Raises:
        InvalidSpecError: for a number that is none.
    """
    order = {
        **_read_choices(texts, _CHOICES),
        **_read_numbers(texts, _NUMBERS),
        **_read_titles(texts),
        **_read_delivery(texts),
        "fit_to_music": "fit_to_music" in texts,
    }
    if "target" in order or "max_bytes" in order:
        order = {name: value for name, value in order.items() if _USUAL.get(name) != value}
    return order


def read_clip(texts: Texts, *, has_music: bool) -> Order:
    """Return what the form of clips says; without an end, the clip ends with the video.

    Raises:
        InvalidSpecError: for a number that is none.
    """
    numbers = _read_numbers(texts, _CLIP_NUMBERS)
    if not numbers.get("end"):
        numbers.pop("end", None)
    return {
        **_read_choices(texts, _CLIP_CHOICES),
        **numbers,
        **_read_titles(texts),
        **_read_delivery(texts),
        **_read_sound(texts, has_music=has_music),
        **({"silences": "cut"} if "cut_silences" in texts else {}),
    }


def _read_choices(texts: Texts, names: tuple[str, ...]) -> Order:
    return {name: texts[name].strip() for name in names if texts.get(name, "").strip()}


def _read_numbers(texts: Texts, names: tuple[str, ...]) -> Order:
    found = {name: _read_number(texts, name) for name in names}
    return {name: number for name, number in found.items() if number is not None}


def _read_number(texts: Texts, name: str) -> float | int | None:
    """Return the number in a field; None if it is empty."""
    text = texts.get(name, "").strip()
    if not text:
        return None
    for read in _READERS:
        try:
            number = read(text)
        except ValueError:
            continue
        if abs(number) <= _LARGEST:  # and so no NaN
            return number
    raise InvalidSpecError(f"{name}: must be a number.", name)


_READERS: tuple[Callable[[str], float | int], ...] = (int, float)


def _read_titles(texts: Texts) -> Order:
    duration = _read_number(texts, "card_duration")
    look: Order = {} if duration is None else {"duration": duration}
    if texts.get("card_backdrop") == "color":
        look["background"] = texts.get("card_background")
    cards = {}
    for name in ("title", "end_title"):
        text, subtitle = (texts.get(field, "").strip() for field in (name, f"{name}_subtitle"))
        if text or subtitle:
            cards[name] = {"text": text, "subtitle": subtitle, **look}
    return cards


def _read_delivery(texts: Texts) -> Order:
    target, megabytes = texts.get("place", "").strip(), _read_number(texts, "max_megabytes")
    return {
        **({"target": target} if target else {}),
        **({"max_bytes": round(megabytes * _MEGABYTE)} if megabytes else {}),
    }


def _read_sound(texts: Texts, *, has_music: bool) -> Order:
    """Return what is heard in a clip, without what only matters to a sound that is not there."""
    is_muted, volume = "mute" in texts, _read_number(texts, "music_volume")
    named = {} if is_muted else {"own_volume": "volume"}
    if has_music or not is_muted:
        named |= {"loudness": "loudness", "sound_fade_in": "fade_in", "sound_fade_out": "fade_out"}
    audio: Order = {"mute": True} if is_muted else {}
    audio |= {named[name]: number for name, number in _read_numbers(texts, tuple(named)).items()}
    sound: Order = {"audio": audio} if audio else {}
    if has_music and volume not in (None, _USUAL_MUSIC):
        sound["music_volume"] = volume
    if has_music and not is_muted and "duck" not in texts:
        sound["duck"] = False
    return sound
