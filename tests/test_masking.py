"""What operators see of settings and logs has no secrets."""

from __future__ import annotations

import pytest

from reelqueue.config import Settings
from reelqueue.masking import Mask

ENVIRONMENT = {
    "AWS_SECRET_ACCESS_KEY": "bucket-secret",
    "AWS_REGION": "eu-central-1",
    "TOKENIZERS_PARALLELISM": "false",
}


def make_mask(**settings: str) -> Mask:
    return Mask(Settings.from_env({"STORAGE_URL": "file:///data", **settings}), ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("the key is k-0123456789", "the key is ***"),
        ("tokens one-token, two-token", "tokens ***, ***"),
        ("bucket-secret", "***"),
        ("redis://user:hush-hush@host:6379/0", "redis://***@host:6379/0"),
        ("AUTH failed for hush-hush", "AUTH failed for ***"),
        ("Authorization: Bearer abcdef.12345", "Authorization: Bearer ***"),
        ("GET /x?token=abc&page=2", "GET /x?token=***&page=2"),
        ("abc is alphabet, ab is short", "abc is alphabet, *** is short"),
        ("the region is eu-central-1, and this is false", None),
        ("20 wrong passwords", None),
    ],
)
def test_secrets_are_masked_and_other_words_are_not(text: str, masked: str | None) -> None:
    mask = make_mask(
        SECRET_KEY="k-0123456789",
        API_TOKENS="one-token,two-token",
        REDIS_URL="redis://user:hush-hush@host:6379/0",
        DASHBOARD_PASSWORD="ab",
    )
    assert mask.apply(text) == (text if masked is None else masked)


def test_settings_are_shown_with_their_secrets_masked_and_their_defaults_marked() -> None:
    settings = Settings.from_env(
        {
            "STORAGE_URL": "s3://reels/here",
            "REDIS_URL": "redis://:hush-hush@host:6379/0",
            "API_TOKENS": "one-token,two-token",
            "TRUSTED_HOSTS": "reels.example.com",
            "PORT": "5000",
        }
    )
    shown = Mask(settings, {}).describe_settings(settings)
    assert shown["REDIS_URL"] == {"value": "redis://***@host:6379/0", "is_default": False}
    assert shown["API_TOKENS"] == {"value": ["***", "***"], "is_default": False}
    assert shown["STORAGE_URL"] == {"value": "s3://reels/here", "is_default": False}
    assert shown["TRUSTED_HOSTS"] == {"value": ["reels.example.com"], "is_default": False}
    assert shown["SECRET_KEY"] == {"value": "", "is_default": True}
    assert shown["PORT"] == {"value": 5000, "is_default": True}
    assert shown["WRONG_PASSWORDS_PER_MINUTE"] == {"value": 20, "is_default": True}
    assert shown["MAX_STORED_BYTES"] == {"value": None, "is_default": True}


def test_passwords_in_the_query_of_an_address_are_masked_wherever_they_are() -> None:
    mask = make_mask(REDIS_URL="redis+sentinel://host:1/primary/0?sentinel_password=hush-hush&db=1")
    assert mask.apply("AUTH failed for hush-hush") == "AUTH failed for ***"
    assert mask.apply("primary") == "primary"
