"""Orders of any size are refused by their first fault."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.kinds.clip import ClipRequest
from reelqueue.submission.kinds.slideshow import SlideshowRequest
from reelqueue.submission.requests import JobRequest

ID = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"


@pytest.mark.parametrize(
    ("model", "field"),
    [(ClipRequest, "captions"), (SlideshowRequest, "photos"), (SlideshowRequest, "tracks")],
)
def test_list_is_read_up_to_its_first_fault(model: type[JobRequest], field: str) -> None:
    """A report of each fault in two megabytes of them takes seconds, and only one is told."""
    order = {"session_id": ID, "source_id": ID} if model is ClipRequest else {"session_id": ID}
    body = json.dumps({**order, field: [{}, 1, None] * 10})
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(body)
    paths = [error["loc"] for error in caught.value.errors()]
    assert {part for path in paths for part in path if isinstance(part, int)} == {0}
    with pytest.raises(InvalidSpecError, match=rf"^{field}\.0\.\w+: is missing\.$"):
        parse_json(model, body)
