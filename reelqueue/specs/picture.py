"""What can be said of any picture: a point in it, and how it is turned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelqueue.specs.base import Model

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise."""


class Point(Model):
    """A point in a picture as it is shown, after orientation and rotation."""

    x: float = Field(ge=0, le=1, strict=True, description="0 is the left edge, 1 the right.")
    y: float = Field(ge=0, le=1, strict=True, description="0 is the top edge, 1 the bottom.")
