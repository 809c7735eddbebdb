"""Plan an order: what is to be rendered, and whether that is possible within the time limit."""

from __future__ import annotations

from dataclasses import replace

from reelqueue.errors import InvalidSpecError
from reelqueue.media.uploads import Uploads
from reelqueue.services import Services
from reelqueue.submission.callbacks import check_callback
from reelqueue.submission.kinds.base import Kind, Plan
from reelqueue.submission.narration import check_narration
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.speech import check_speech

_FACTOR_OF_DOUBT, _SECONDS_OF_DOUBT = 2, 30
"""An estimate may be so much more than what a fast worker takes."""


def make_plan(
    services: Services,
    owner: str,
    kind: Kind,
    request: JobRequest,
    uploads: Uploads | None = None,
) -> Plan:
    """Return the plan of a request; `uploads` replaces those that are stored.

    Raises:
        InputError: if it cannot be rendered as requested, or not by far within the time limit.
        UnavailableError: if no worker tells whether it can do that.
    """
    check_callback(services.settings, request.callback_url)
    plan = kind.plan(uploads or services.uploads, services.settings, owner, request)
    if plan.speech:
        plan = _add_time(plan, check_speech(services, plan.speech))
    if plan.narration:
        plan = _add_time(plan, check_narration(services, plan.narration))
    seconds, limit = plan.estimate["estimated_time"], services.settings.job_timeout_seconds
    if seconds > _FACTOR_OF_DOUBT * limit + _SECONDS_OF_DOUBT:
        raise InvalidSpecError(
            f"The render would take about {seconds} seconds, and may take {limit}: use fewer "
            "photos, a shorter video, a smaller size or fewer frames per second."
        )
    return plan


def _add_time(plan: Plan, seconds: float) -> Plan:
    """Return a plan that takes so many seconds more."""
    time = plan.estimate["estimated_time"] + round(seconds)
    return replace(plan, estimate={**plan.estimate, "estimated_time": time})
