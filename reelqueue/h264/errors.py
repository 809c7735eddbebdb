"""What this package cannot do. Its caller catches `H264Error` and encodes every frame instead."""

from __future__ import annotations

from reelqueue.errors import RenderError


class H264Error(RenderError):
    """Raised when a stream cannot be written this way."""


class UnexpectedStreamError(H264Error):
    """Raised when x264's stream is not built as we know it."""


class OutOfRangeError(H264Error):
    """Raised when a size, a rate or a motion is beyond what H.264 can say."""
