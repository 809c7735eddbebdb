"""What cannot be written. Catch `H264Error`, and encode every frame instead."""

from __future__ import annotations


class H264Error(Exception):
    """Raised when a stream cannot be written this way."""


class UnexpectedStreamError(H264Error):
    """Raised when another encoder's stream is not of a kind that can be used."""


class OutOfRangeError(H264Error):
    """Raised when a size, a rate, a distance, a weight or a vector is beyond H.264's limits."""
