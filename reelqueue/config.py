"""Settings from the environment: the only place that reads it.

Each field is the environment variable of the same name in capitals. A bad value refuses to start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    DirectoryPath,
    Field,
    UrlConstraints,
    ValidationError,
    model_validator,
)

from reelqueue.errors import SettingsError
from reelqueue.specs.slideshow import Engine

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE.parent
"""The folder that holds the package: a checkout, or site-packages."""
IS_INSTALLED = (_PACKAGE / "templates").is_dir()
"""Whether the package came from a wheel, which has inside it what a checkout has beside it."""


def find_assets(name: str) -> Path:
    """Return the folder `templates` or `static`."""
    return (_PACKAGE if IS_INSTALLED else ROOT) / name


def find_data() -> Path:
    """Return the default folder for files: `data` in a checkout, else the user's own data folder.

    The latter is that of the XDG Base Directory Specification 0.8.

    Raises:
        SettingsError: if the user has no home.
    """
    if not IS_INSTALLED:
        return ROOT / "data"
    try:
        home = Path.home()
    except RuntimeError:
        raise SettingsError("STORAGE_URL: set it, as this user has no home folder.") from None
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "reelqueue"


def _split_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


RedisUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "unix"])]
Names = Annotated[tuple[str, ...], BeforeValidator(_split_commas)]


class Settings(BaseModel):
    """All that can be chosen from outside; `.env.example` lists the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    redis_url: RedisUrl | None = Field(None, description="Redis for the queue; unset: inline.")
    storage_url: str = Field(
        default_factory=lambda: find_data().as_uri(),
        description="Where files live: file:///folder or s3://bucket/x.",
    )
    port: int = Field(5000, ge=1, le=65535, description="Port of the web service.")
    secret_key: str = Field("", description="Signs the session cookie; unset: kept in storage.")
    api_tokens: Names = Field((), description="Tokens that may use the service; unset: anyone.")
    trusted_hosts: Names = Field((), description="Host names to answer to; unset: any.")
    trusted_proxies: int = Field(0, ge=0, le=5, description="Proxies in front that set X-Forwarded")
    render_engine: Engine = Field(
        Engine.STILL, description="What draws slideshows: still, x264, moviepy."
    )
    dashboard_username: str = Field(
        "", description="User of /dashboard and /admin; unset: neither."
    )
    dashboard_password: str = Field("", description="Password of /dashboard and /admin.")
    max_upload_bytes: int = Field(500_000_000, ge=1, description="Largest single file.")
    max_request_bytes: int = Field(2_000_000_000, ge=1, description="Largest upload in one call.")
    max_photos: int = Field(1000, ge=1, le=10_000, description="Most photos in one slideshow.")
    max_video_seconds: float = Field(3600, gt=0, description="Longest video to render.")
    max_session_bytes: int = Field(5_000_000_000, ge=1, description="Most stored by one session.")
    inline_renders: int = Field(1, ge=1, le=64, description="Renders at once without Redis.")
    job_timeout_seconds: int = Field(1500, ge=1, description="A render is told to end.")
    job_kill_seconds: int = Field(1800, ge=2, description="A render is killed.")
    drain_seconds: int = Field(
        20, ge=0, description="A worker that is told to stop gives its render so long to end."
    )
    result_ttl_seconds: int = Field(604_800, ge=60, description="RQ keeps finished jobs so long.")
    failure_ttl_seconds: int = Field(2_592_000, ge=60, description="RQ keeps failed jobs so long.")
    retention_hours: int = Field(168, ge=0, le=1_000_000, description="Files are kept so long.")
    fonts_folder: DirectoryPath | None = Field(
        None, description="Where the system's fonts are; unset: /usr/share/fonts."
    )
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="What is logged."
    )

    @model_validator(mode="after")
    def _kill_comes_last(self) -> Self:
        if self.job_kill_seconds <= self.job_timeout_seconds:
            raise ValueError("JOB_KILL_SECONDS must be greater than JOB_TIMEOUT_SECONDS")
        return self

    @property
    def has_operator(self) -> bool:
        """Whoever operates the service is known by both of the dashboard's credentials."""
        return bool(self.dashboard_username and self.dashboard_password)

    @property
    def has_dashboard(self) -> bool:
        """The dashboard needs a queue to show, and somebody who may see it."""
        return bool(self.redis_url and self.has_operator)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; an empty variable counts as unset.

        Raises:
            SettingsError: naming the variable and what it must be.
        """
        given = os.environ if environment is None else environment
        names = {name.upper(): name for name in cls.model_fields}
        values = {names[key]: value for key, value in given.items() if key in names and value}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            variable = str(first["loc"][0]).upper() if first["loc"] else "The settings"
            reason = first["msg"].removeprefix("Value error, ").replace("Input should", "must")
            raise SettingsError(f"{variable}: {reason}.") from None
