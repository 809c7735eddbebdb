"""The address of the description of the API."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from reelqueue.web.openapi.document import build_openapi

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def show_openapi() -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return jsonify(build_openapi())
