"""The route of the page."""

from __future__ import annotations

from enum import StrEnum

from flask import Blueprint, Response, render_template, send_from_directory

from reelqueue.errors import NotFoundError
from reelqueue.jobs.priorities import Priority
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.look import Corner, Denoise
from reelqueue.specs.clips.reframe import Aspect, ClipFit
from reelqueue.specs.clips.speech import LANGUAGES
from reelqueue.specs.delivery import Quality, Target
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.photo import Fit, Motion, Transition
from reelqueue.submission.narration import list_languages
from reelqueue.submission.speech import has_speech
from reelqueue.text.fonts import BUNDLED
from reelqueue.web.access import keep_browser_owner, mark_owner
from reelqueue.web.compression import make_page
from reelqueue.web.context import get_services
from reelqueue.web.language.choice import get_language

blueprint = Blueprint("pages", __name__)

_FONT_SECONDS = 7 * 24 * 3600  # that browsers keep one

_TWINS = {"cmn"}
"""Codes of narration for what has another one, `zh`, and its name."""

RESOLUTIONS = ["1920x1080", "1280x720", "1080x1920", "1080x1080", "640x360"]


@blueprint.get("/")
def show_index() -> Response:
    """Show the page, with the choices that the specs have."""
    keep_browser_owner()
    settings = get_services().settings
    spoken = list_languages(get_services())
    largest = min(settings.max_upload_bytes, settings.max_request_bytes)
    page = render_template(
        "index.html",
        owner=mark_owner(),
        has_tokens=bool(settings.api_tokens),
        has_speech=has_speech(get_services()),
        voice_language=_choose_voice(spoken),
        limits={
            "max_upload_bytes": largest,
            "max_photos": settings.max_photos,
            "kept_hours": settings.retention_hours,
        },
        choices={
            "transitions": _list_values(Transition),
            "motions": _list_values(Motion),
            "fits": _list_values(Fit),
            "aspects": _list_values(Aspect),
            "clip_fits": _list_values(ClipFit),
            "denoise": _list_values(Denoise),
            "corners": _list_values(Corner),
            "languages": sorted(LANGUAGES),
            "narration_languages": spoken - _TWINS,
            "caption_presets": _list_values(Preset),
            "priorities": _list_values(Priority),
            "resolutions": RESOLUTIONS,
            "frame_rates": [f"{rate:g}" for rate in FRAME_RATES],
            "targets": _list_values(Target),
            "qualities": _list_values(Quality),
        },
    )
    return make_page(page)


@blueprint.get("/typefaces/<name>")
def send_typeface(name: str) -> Response:
    """Send a font of the package, in which a preview writes captions."""
    if not name.endswith((".otf", ".ttf")):
        raise NotFoundError("There is no such font.")
    return send_from_directory(BUNDLED, name, max_age=_FONT_SECONDS)


def _choose_voice(spoken: frozenset[str]) -> str:
    """Return the language of the page if it can be spoken, or else English."""
    tag = get_language().lower()
    return next((code for code in (tag, tag.partition("-")[0]) if code in spoken), "en")


def _list_values(choices: type[StrEnum]) -> list[str]:
    return [str(choice) for choice in choices]
