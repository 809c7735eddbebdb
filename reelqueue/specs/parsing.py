"""Parse JSON or command-line values into a spec, and say in one sentence what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reelqueue.errors import InvalidSpecError, MalformedRequestError
from reelqueue.specs.formats import RESOLUTIONS

_LONGEST_PATH = 100
_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not supported here: remove it",
    **dict.fromkeys(
        ("url_parsing", "url_scheme", "url_type"),
        "must be an address such as https://example.com/hook",
    ),
}
# Replaces pydantic's message about a regular expression, by the name of the JSON member without
# what stands before "id".
_PATTERN_REASONS = {
    "id": "must be an id from an upload, or a UUID in lower case",
    **dict.fromkeys(("background", "color", "highlight"), "must be a colour such as #203040"),
    **dict.fromkeys(("name", "from", "depends_on"), "must have only letters, digits, - and _"),
    "language": "must be the tag of a language, such as en or pt-BR",
    "webhook_id": "must be the webhook_id of an event, as GET /admin/webhooks lists it",
    "resolution": f"must be a size such as 1280x720, or {', '.join(RESOLUTIONS)}",
}

Spec = TypeVar("Spec", bound=BaseModel)


def parse_json(
    model: type[Spec], body: bytes | str, context: Mapping[str, str] | None = None
) -> Spec:
    """Parse a JSON text into a model; `context` is for its validators.

    Raises:
        MalformedRequestError: if the text is not JSON.
        InvalidSpecError: for the first value that is missing, unknown or outside its limits.
    """
    try:
        return model.model_validate_json(body, context=context)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise MalformedRequestError(
                f"The body is not valid JSON: {first['ctx']['error']}."
            ) from None
        raise _explain(first) from None


def parse_values(model: type[Spec], values: dict[str, object]) -> Spec:
    """Validate values from the command line and return them as a model.

    Raises:
        InvalidSpecError: for the first value that is outside its limits.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _explain(first) from None


def _explain(error: ErrorDetails) -> InvalidSpecError:
    # The forms that a value can have are told apart by tags, which the request does not have.
    parts = [str(part) for part in error["loc"] if not str(part).startswith("|")]
    path = ".".join(parts)[:_LONGEST_PATH]  # a user can send an unknown name of any length
    reason = _REASONS.get(error["type"]) or _reword(error["msg"])
    if error["type"] == "string_pattern_mismatch":
        name = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
        known = name if name in _PATTERN_REASONS else re.sub(r"\w+_id$", "id", name)
        reason = _PATTERN_REASONS.get(known, reason)
    return InvalidSpecError(f"{path or 'The request'}: {reason}.", path)


def _reword(message: str) -> str:
    message = message.removeprefix("Value error, ").replace(" after validation", "").rstrip(".")
    return re.sub(r"^\w+ should", "must", message)
