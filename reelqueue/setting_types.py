"""The types of settings that pydantic lacks: they read text, and refuse what would be misread."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AnyUrl,
    BeforeValidator,
    DirectoryPath,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    UrlConstraints,
    ValidationError,
)
from pydantic_core import MultiHostUrl


def _split_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


_RAW_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_ONE_REDIS = TypeAdapter[AnyUrl](
    Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "unix"])]
)
_SENTINELS = TypeAdapter(MultiHostUrl)
_SENTINEL_SCHEMES = ("redis+sentinel", "rediss+sentinel")


def _read_redis(value: object) -> AnyUrl | MultiHostUrl:
    """Read the address of one Redis, or of Sentinels that tell which Redis is the primary."""
    text = _quote_password(str(value))
    try:
        if text.partition("://")[0] in _SENTINEL_SCHEMES:
            return _check_primary(_SENTINELS.validate_python(text))
        return _check_database(_ONE_REDIS.validate_python(text))
    except ValidationError as error:
        raise ValueError(error.errors(include_url=False)[0]["msg"]) from None


def _quote_password(address: str) -> str:
    """Percent-encode what is not: a raw `#`, `/` or `?` in a password would end the host."""
    scheme, _, rest = address.partition("://")
    user, at, hosts = rest.rpartition("@")
    if ":" not in user:
        return address
    user = quote(_RAW_PERCENT.sub("%25", user), safe=":%")
    return f"{scheme}://{user}{at}{hosts}"


def _check_database(url: AnyUrl) -> AnyUrl:
    """Refuse what redis-py would take as database 0 without a word."""
    if url.scheme != "unix" and not re.fullmatch(r"/?\d*", url.path or ""):
        raise ValueError("must end with the number of a database, such as /0")
    return url


def _check_primary(url: MultiHostUrl) -> MultiHostUrl:
    """Refuse an address that does not tell what the Sentinels are asked for."""
    if not re.fullmatch(r"/[\w.-]+(/\d*)?", url.path or ""):
        raise ValueError(
            "must end with the name that the Sentinels know, and the number of a database, such as "
            "/mymaster/0"
        )
    return url


RedisUrl = Annotated[AnyUrl | MultiHostUrl, PlainValidator(_read_redis), PlainSerializer(str)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split_commas)]


def _check_hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"\.?[\w.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?", name):
            raise ValueError(
                f"{name!r} is no host name: write it without https:// and without a path, as in "
                "reels.example.com"
            )
    return names


HostNames = Annotated[Names, AfterValidator(_check_hosts)]


_SECRET = re.compile("whsec_((?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2,3})?)={0,2}")
_SECRET_BYTES = range(24, 65)


def _check_webhook_secrets(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no secret of Standard Webhooks: 24 to 64 bytes in base64, after `whsec_`."""
    for value in values:
        match = _SECRET.fullmatch(value)
        if not match or len(match[1]) * 3 // 4 not in _SECRET_BYTES:
            raise ValueError(
                "must be whsec_ and 24 to 64 random bytes in base64: make one with "
                '`echo "whsec_$(openssl rand -base64 32)"`'
            )
    return values


WebhookSecrets = Annotated[Names, AfterValidator(_check_webhook_secrets)]


def _check_absolute(folder: Path) -> Path:
    if not folder.is_absolute():
        raise ValueError("must be an absolute path")
    return folder


FontsFolder = Annotated[DirectoryPath, AfterValidator(_check_absolute)]
VoicesFolder = FontsFolder
