"""From a JSON text or a command line to a spec, or to a sentence that says what is wrong."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from reelqueue.errors import InvalidSpecError, MalformedRequestError

_LONGEST_FIELD = 100
_ID_FIELDS = ("id", "session_id", "job_id", "audio_id", "source_id")

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
        raise _explain_field(first["loc"], first["msg"]) from None


def parse_values(model: type[Spec], values: dict[str, object]) -> Spec:
    """Return the model of some values, as a command line gives them.

    Raises:
        InvalidSpecError: for the first value outside its limits.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _explain_field(first["loc"], first["msg"]) from None


def _explain_field(location: tuple[int | str, ...], message: str) -> InvalidSpecError:
    field = ".".join(str(part) for part in location)[:_LONGEST_FIELD]  # an unknown one may be huge
    reason = message.removeprefix("Value error, ").replace("Input should", "must").rstrip(".")
    if location and location[-1] in _ID_FIELDS and "pattern" in reason:
        reason = "must be an id as an upload answered it, or a UUID in lower case"
    return InvalidSpecError(f"{field or 'The request'}: {reason}.", field)
