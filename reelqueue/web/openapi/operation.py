"""The parts that descriptions of operations have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from reelqueue.submission.requests import Id
from reelqueue.web.answers import Problem
from reelqueue.web.openapi.schemas import SCHEMAS


def build_operation(summary: str, responses: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Describe an operation, which may also answer with a problem."""
    problem = {
        "description": "A problem: what is wrong, and what to do.",
        "content": {"application/problem+json": {"schema": refer(Problem)}},
    }
    return {"summary": summary, "responses": responses | {"default": problem}, **members}


def refer(model: type[BaseModel]) -> dict[str, str]:
    """Return a reference to the schema of a model."""
    return {"$ref": SCHEMAS + model.__name__}


def describe_json(schema: dict[str, Any], description: str = "The answer.") -> dict[str, Any]:
    """Describe a body or an answer of JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def name_in_path(name: str) -> dict[str, Any]:
    """Describe a part of an address."""
    schema = TypeAdapter(Id).json_schema() if name.endswith("_id") else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}
