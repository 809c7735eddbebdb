"""The base class of all specs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


class Model(BaseModel):
    """An immutable model that refuses unknown fields, NaN and infinity."""

    # Most processes need few of the models that they import: each is built when it is first used.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def make_error(reason: str, *path: str | int) -> ValidationError:
    """Return the error for a value within a model, for a validator of all of it to raise."""
    # The message is a template, in which braces name values.
    cause = PydanticCustomError("value_error", "{reason}", {"reason": reason})
    return ValidationError.from_exception_data(
        "model", [InitErrorDetails(type=cause, loc=path, input=None)]
    )
