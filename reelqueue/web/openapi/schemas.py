"""The JSON schemas of the bodies of requests and of all answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from reelqueue.submission.batches.requests import BatchEntry, BatchRequest
from reelqueue.submission.kinds import KINDS
from reelqueue.web.answers import (
    Accepted,
    AcceptedBatch,
    BatchEstimate,
    BegunUpload,
    EarlierOrder,
    Estimate,
    Jobs,
    Problem,
    SessionUploads,
    SharedLink,
    UploadedAudio,
    UploadedCaptions,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.operators.description import OPERATIONS

SCHEMAS = "#/components/schemas/"
REF = SCHEMAS + "{model}"
_ANSWERS: list[type[BaseModel]] = [
    *(Problem, Accepted, Jobs, Estimate, AcceptedBatch, BatchEstimate),
    *(UploadedImages, UploadedAudio, UploadedVideo, UploadedCaptions, BegunUpload),
    *(SessionUploads, SharedLink, EarlierOrder),
    *dict.fromkeys(operation.answer for operation in OPERATIONS),
]


class AnswerSchema(GenerateJsonSchema):
    """Makes JSON schemas of answers, in which an unset value is left out instead of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Describe the value without null."""
        return self.generate_inner(schema["schema"])

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: ARG002  # as pydantic calls it
    ) -> bool:
        """Tell whether an answer always has this value: only a default of None is left out."""
        inner = field["schema"]
        return inner["type"] != "default" or inner.get("default") is not None

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Describe the value without its default, which means nothing in an answer."""
        return self.generate_inner(schema["schema"])


def build_bodies() -> dict[str, Any]:
    """Return the schemas of all bodies of requests."""
    orders: list[type[BaseModel]] = [kind.request for kind in KINDS.values()]
    forms = dict.fromkeys(operation.body for operation in OPERATIONS if operation.body)
    bodies: list[type[BaseModel]] = [*orders, BatchRequest, *forms]
    _, requests = models_json_schema([(model, "validation") for model in bodies], ref_template=REF)
    return _name_kinds(requests["$defs"])


def _name_kinds(schemas: dict[str, Any]) -> dict[str, Any]:
    """Take the fields that come with the address out of the schemas of bodies; list all kinds."""
    schemas[BatchEntry.__name__]["properties"]["kind"]["enum"] = list(KINDS)
    for kind in KINDS.values():
        schema = schemas[kind.request.__name__]
        for name in kind.address_fields:
            del schema["properties"][name]
            schema["required"].remove(name)
    return schemas


def build_answers() -> dict[str, Any]:
    """Return the schemas of all answers; that of a result has the facts of every job kind."""
    _, answers = models_json_schema(
        [(model, "validation") for model in _ANSWERS],
        ref_template=REF,
        schema_generator=AnswerSchema,
    )
    schemas: dict[str, Any] = answers["$defs"]
    del schemas["JobResult"]["additionalProperties"]
    for status in ("JobStatus", "Accepted", "FailedJob", "ListedJob"):
        schemas[status]["properties"]["kind"]["enum"] = list(KINDS)
    for kind in KINDS.values():
        facts = kind.facts.model_json_schema(ref_template=REF, schema_generator=AnswerSchema)
        schemas |= facts.pop("$defs", {})
        addresses = {f"{name}_url": {"type": "string"} for name in kind.files}
        schemas["JobResult"]["properties"] |= facts["properties"] | addresses
    return schemas
