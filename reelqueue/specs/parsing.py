"""From a JSON text or a command line to a spec, or to a sentence that says what is wrong."""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reelqueue.errors import InvalidSpecError, MalformedRequestError
from reelqueue.specs.formats import RESOLUTIONS

_LONGEST_FIELD = 100
_REASONS = {"missing": "must be given", "extra_forbidden": "is not known here: leave it out"}
_PATTERNS = {
    **dict.fromkeys(
        ("id", "session_id", "job_id", "audio_id", "source_id"),
        "must be an id as an upload answered it, or a UUID in lower case",
    ),
    "background": "must be a colour such as #203040",
    "resolution": f"must be a size such as 1280x720, or {', '.join(RESOLUTIONS)}",
}
"""What fields of a pattern are to be, by their name: nobody reads patterns."""

Spec = TypeVar("Spec", bound=BaseModel)


def parse_json(model: type[Spec], body: bytes | str) -> Spec:
    """Return the model that a JSON text describes.

    Raises:
        MalformedRequestError: if it is not JSON.
        InvalidSpecError: for the first field that is missing, unknown or outside its limits.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise MalformedRequestError(
                f"The body is not valid JSON: {first['ctx']['error']}."
            ) from None
        raise _explain(first) from None


def parse_values(model: type[Spec], values: dict[str, object]) -> Spec:
    """Return the model of some values, as a command line gives them.

    Raises:
        InvalidSpecError: for the first value outside its limits.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _explain(first) from None


def _explain(error: ErrorDetails) -> InvalidSpecError:
    path = ".".join(str(part) for part in error["loc"])
    field = path[:_LONGEST_FIELD]  # an unknown one may be huge
    reason = _REASONS.get(error["type"]) or _reword(error["msg"])
    if error["type"] == "string_pattern_mismatch":
        reason = _PATTERNS.get(str(error["loc"][-1]), reason)
    return InvalidSpecError(f"{field or 'The request'}: {reason}.", field)


def _reword(message: str) -> str:
    message = message.removeprefix("Value error, ").replace(" after validation", "").rstrip(".")
    return re.sub(r"^\w+ should", "must", message)
