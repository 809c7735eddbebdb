"""Signatures by the service: what only it could have written, or what nobody can trace back."""

from __future__ import annotations

import hmac

from flask import current_app

_DIGITS = 32  # 128 bits


def sign(purpose: str, text: str) -> str:
    """Return a signature: HMAC-SHA256 (RFC 2104) with the key that signs cookies, as 32 digits.

    Those for one purpose are of no use for another.
    """
    secret = current_app.secret_key
    key = secret.encode() if isinstance(secret, str) else bytes(secret or b"")
    return hmac.new(key, f"{purpose} {text}".encode(), "sha256").hexdigest()[:_DIGITS]
