"""The shape of a clip: what is refused says what to send."""

from __future__ import annotations

import json
import re

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.picture import Point


def test_refused_focus_is_told_an_example_that_is_taken() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(ClipSpec, '{"fit": "crop", "focus": "left"}')
    example = re.search(r"\{.*\}", str(caught.value))
    assert example
    order = {"fit": "crop", "focus": json.loads(example[0])}
    assert parse_json(ClipSpec, json.dumps(order)).focus == Point(x=0.5, y=0.3)
