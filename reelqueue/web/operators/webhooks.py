"""/admin/webhooks, for operators: what was sent to other services, and sending it again."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reelqueue.errors import ConflictError
from reelqueue.jobs.outbox import Delivery, Event, EventKey
from reelqueue.jobs.status import Moment
from reelqueue.services import Services
from reelqueue.specs.parsing import parse_json
from reelqueue.upkeep.webhooks.sender import find_host
from reelqueue.web.answers import Answer, Page, PageQuery, Success
from reelqueue.web.context import answer_json, get_services, read_json_body, read_query
from reelqueue.web.operators.audited import audited

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_BODY_BYTES = 1000
WebhookId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z]{1,20}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_[0-9]{1,9}$"
    ),
]


class ResendRequest(BaseModel):
    """The body of `POST /admin/webhooks/resend`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook_id: WebhookId = Field(description="The webhook to send again, under the same id.")


class WebhookAttempt(Answer):
    """One attempt to send a webhook."""

    at: Moment
    status_code: int | None = Field(None, description="The HTTP status of the answer.")
    error: str | None = Field(None, description="Why there was no answer.")


class Webhook(Answer):
    """A webhook, and the attempts to send it since it was last asked for."""

    webhook_id: str
    type: str
    job_id: str | None = None
    batch_id: str | None = None
    host: str = Field(description="Where it goes, without the rest of the address.")
    state: Delivery
    occurred_at: Moment
    next_at: Moment | None = Field(None, description="When it is tried again.")
    attempts: list[WebhookAttempt]


class Webhooks(Page):
    """A page of the webhooks, those with the latest changes first."""

    webhooks: list[Webhook]


class Resent(Success):
    """A webhook that will be sent again in a moment."""

    webhook_id: str


@blueprint.get("")
def show_webhooks() -> Response:
    """Answer with a page of the webhooks."""
    return answer_json(list_webhooks(get_services(), read_query(PageQuery)))


@blueprint.post("/resend")
def resend() -> Response:
    """Send a webhook again, whatever came of it before."""
    wanted = parse_json(ResendRequest, read_json_body(_BODY_BYTES))
    with audited("resend", wanted.webhook_id):
        resend_webhook(get_services(), wanted.webhook_id)
    return answer_json(Resent(webhook_id=wanted.webhook_id))


def list_webhooks(services: Services, query: PageQuery) -> Webhooks:
    """Return a page of the webhooks, those with the latest changes first."""
    events, total = services.outbox.list_deliveries(query.first, query.per_page)
    webhooks = [_describe(event) for event in events]
    return Webhooks(webhooks=webhooks, total=total, page=query.page, per_page=query.per_page)


def resend_webhook(services: Services, webhook_id: str) -> None:
    """Have a webhook sent again, or now if it waits for its next attempt.

    Raises:
        NotFoundError: if there is none with this id, or no longer.
        ConflictError: if no webhooks are sent.
    """
    if not services.settings.webhook_secret:
        raise ConflictError("No webhooks are sent: set WEBHOOK_SECRET for web and workers.")
    services.outbox.ask_again(EventKey.from_webhook_id(webhook_id))


def _describe(event: Event) -> Webhook:
    return Webhook(
        webhook_id=event.key.webhook_id,
        type=event.type,
        host=find_host(event),
        state=event.state,
        occurred_at=event.occurred_at,
        next_at=event.next_at,
        attempts=[WebhookAttempt(**attempt.model_dump()) for attempt in event.attempts],
        **{f"{event.subject}_id": event.id},
    )
