"""Deliveries: send an event to the service that wants it, and judge what came of it.

Bodies, headers and signatures are those of Standard Webhooks 1.0.0:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from reelqueue.config import Settings
from reelqueue.errors import DeliveryError
from reelqueue.jobs.model import now
from reelqueue.jobs.outbox import Attempt, Delivery, Event
from reelqueue.jobs.status import to_text
from reelqueue.upkeep.outgoing import Reply, post_json

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=6, minutes=24, seconds=55),
)
"""From each attempt to the next: those of the convention's example, and a last one after a day."""
JITTER = 0.1
"""A delay is longer by at most this part of itself, so that not all events come back at once."""
LONGEST_WISH = timedelta(hours=1)
"""How long a service can have us wait beyond the delay, by Retry-After."""
_GONE = 410


def build_body(event: Event, data: Mapping[str, Any]) -> bytes:
    """Return what is sent: JSON without spaces."""
    body = {"type": event.type, "timestamp": to_text(event.occurred_at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def sign(secrets: Sequence[str], webhook_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook, with a signature by each secret."""
    text = body.decode()
    signatures = [Webhook(secret).sign(webhook_id, moment, text) for secret in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def attempt_delivery(
    settings: Settings, event: Event, data: Mapping[str, Any], luck: float
) -> Event:
    """Send an event once; return it with what came of it.

    Args:
        settings: with the secrets, and the hosts that need not be public.
        event: what is sent.
        data: of the event.
        luck: from 0 to 1, how much of `JITTER` is added to the next delay.
    """
    moment, body = now(), build_body(event, data)
    headers = sign(settings.webhook_secret, event.key.webhook_id, moment, body)
    try:
        reply = post_json(event.url, body, headers, allowed_hosts=settings.webhook_hosts)
    except DeliveryError as error:
        return judge(event, Attempt(at=moment, error=str(error)), timedelta(), luck)
    return judge(event, Attempt(at=moment, status_code=reply.status), read_wish(reply), luck)


def judge(event: Event, attempt: Attempt, wish: timedelta, luck: float) -> Event:
    """Return an event after an attempt: delivered, gone, given up, or with the next time.

    Args:
        event: before the attempt.
        attempt: what came of it.
        wish: how long the service asks to be left alone.
        luck: as above.
    """
    attempts = (*event.attempts, attempt)
    state, next_at = Delivery.PENDING, None
    if attempt.status_code is not None and 200 <= attempt.status_code < 300:
        state = Delivery.DELIVERED
    elif attempt.status_code == _GONE:
        state = Delivery.GONE
    elif len(attempts) > len(DELAYS):
        state = Delivery.GIVEN_UP
    else:
        delay = DELAYS[len(attempts) - 1] * (1 + JITTER * luck)
        next_at = attempt.at + max(delay, wish)
    return event.model_copy(update={"attempts": attempts, "state": state, "next_at": next_at})


def read_wish(reply: Reply) -> timedelta:
    """Return how long a service asks to be left alone, in whole seconds; dates are not read."""
    text = reply.headers.get("retry-after", "")
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return min(timedelta(seconds=seconds), LONGEST_WISH)
