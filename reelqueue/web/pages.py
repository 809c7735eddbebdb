"""The route of the page."""

from __future__ import annotations

from enum import StrEnum

from flask import Blueprint, render_template

from reelqueue.jobs.priorities import Priority
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.look import Corner, Denoise
from reelqueue.specs.clips.reframe import Aspect, ClipFit
from reelqueue.specs.clips.speech import LANGUAGES
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.slideshow import Fit, Motion, Transition
from reelqueue.specs.text import Backing, LetterSize, Position
from reelqueue.submission.speech import has_speech
from reelqueue.web.access import set_browser_owner
from reelqueue.web.context import get_services

blueprint = Blueprint("pages", __name__)

RESOLUTIONS = ["1920x1080", "1280x720", "1080x1920", "1080x1080", "640x360"]


@blueprint.get("/")
def show_index() -> str:
    """Show the page, with the choices that the specs have."""
    set_browser_owner()
    settings = get_services().settings
    largest = min(settings.max_upload_bytes, settings.max_request_bytes)
    return render_template(
        "index.html",
        has_speech=has_speech(get_services()),
        limits={"max_upload_bytes": largest, "max_photos": settings.max_photos},
        choices={
            "transitions": _list_values(Transition),
            "motions": _list_values(Motion),
            "fits": _list_values(Fit),
            "aspects": _list_values(Aspect),
            "clip_fits": _list_values(ClipFit),
            "denoise": _list_values(Denoise),
            "corners": _list_values(Corner),
            "languages": sorted(LANGUAGES),
            "caption_presets": _list_values(Preset),
            "caption_positions": _list_values(Position),
            "caption_sizes": _list_values(LetterSize),
            "caption_backings": _list_values(Backing),
            "priorities": _list_values(Priority),
            "resolutions": RESOLUTIONS,
            "frame_rates": [f"{rate:g}" for rate in FRAME_RATES],
        },
    )


def _list_values(choices: type[StrEnum]) -> list[str]:
    return [str(choice) for choice in choices]
