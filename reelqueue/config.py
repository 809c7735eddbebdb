"""Settings from environment variables; only those of a bucket are read elsewhere, by the storage.

The variable of a setting is its name in capitals. With a bad value the service does not start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from reelqueue.errors import SettingsError
from reelqueue.setting_types import (
    FontsFolder,
    HostNames,
    Names,
    RedisUrl,
    VoicesFolder,
    WebhookSecrets,
)
from reelqueue.specs.clips.speech import DEFAULT_MODEL, WhisperModel
from reelqueue.specs.destinations import WebUrl
from reelqueue.specs.slideshow import Engine

_SHORTEST_SECRET = 16  # characters
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
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (base if base.is_absolute() else home / ".local" / "share") / "reelqueue"


class Settings(BaseModel):
    """Every setting with its default; `.env.example` lists the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    redis_url: RedisUrl | None = Field(
        None, description="Redis for the queue. Unset: the web service renders by itself."
    )
    storage_url: str = Field(
        default_factory=lambda: find_data().as_uri(),
        description="Where files are stored: file:///folder or s3://bucket/prefix.",
    )
    port: int = Field(5000, ge=1, le=65535, description="Port of the web service.")
    secret_key: str = Field(
        "", description="Signs the session cookie. Unset: a random key, kept in the storage."
    )
    api_tokens: Names = Field(
        (), description="Tokens that give access to the service. Unset: no token is needed."
    )
    high_priority_tokens: Names = Field(
        (), description="Those of API_TOKENS that may order with priority high. Unset: none."
    )
    share_links: bool | None = Field(
        None, description="Whether owners get links to videos. Unset: if no tokens are needed."
    )
    trusted_hosts: HostNames = Field(
        (),
        description="Host names that the service answers to, besides localhost. Unset: any; if no "
        "tokens are set, IP addresses and private names only.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="Number of proxies in front that set X-Forwarded-* headers."
    )
    render_engine: Engine = Field(
        Engine.STILL, description="What draws and encodes slideshows: still, x264 or moviepy."
    )
    dashboard_username: str = Field(
        "", description="User name for /dashboard and /admin. Unset: both are off."
    )
    dashboard_password: str = Field(
        "", description="Password for /dashboard and /admin. Unset: both are off."
    )
    requests_per_minute: int = Field(
        30_000, ge=0, description="Most requests a minute from one address. 0: no limit."
    )
    uploads_per_minute: int = Field(
        600, ge=0, description="Most uploads a minute from one owner. 0: no limit."
    )
    orders_per_minute: int = Field(
        500, ge=0, description="Most orders and dry runs a minute from one owner. 0: no limit."
    )
    wrong_passwords_per_minute: int = Field(
        20,
        ge=0,
        description="Most wrong tokens or passwords a minute from one address. 0: no limit.",
    )
    max_upload_bytes: int = Field(
        500_000_000, ge=1, description="Size of the largest file to accept, in bytes."
    )
    max_request_bytes: int = Field(
        2_000_000_000, ge=1, description="Largest upload to accept in one request, in bytes."
    )
    max_photos: int = Field(1000, ge=1, le=10_000, description="Most photos in one slideshow.")
    max_video_seconds: float = Field(
        3600, gt=0, description="Duration of the longest video to render, in seconds."
    )
    max_session_bytes: int = Field(
        5_000_000_000, ge=1, description="Most bytes that the uploads of one session take."
    )
    max_owner_bytes: int = Field(
        20_000_000_000, ge=1, description="Most bytes that the uploads of one owner take."
    )
    max_stored_bytes: int | None = Field(
        None, ge=1, description="Most bytes that all uploads take. Unset: as many as there is room."
    )
    min_free_bytes: int = Field(
        500_000_000,
        ge=0,
        description="Bytes of disk space that uploads and orders leave free; "
        "of a small disk, a twentieth.",
    )
    inline_renders: int = Field(
        1, ge=1, le=64, description="Renders that run at the same time without Redis."
    )
    job_timeout_seconds: int = Field(
        1500, ge=1, description="Seconds after which a render is asked to stop, and its job fails."
    )
    job_kill_seconds: int = Field(
        1800, ge=2, description="Seconds after which a render that has not stopped is killed."
    )
    drain_seconds: int = Field(
        20, ge=0, description="Seconds that a stopping worker lets its render finish."
    )
    worker_max_jobs: int = Field(
        0,
        ge=0,
        description="Jobs after which the process of a worker is replaced by a new one. 0: never.",
    )
    result_ttl_seconds: int = Field(
        604_800, ge=60, description="Seconds that RQ and the dashboard keep finished jobs."
    )
    failure_ttl_seconds: int = Field(
        2_592_000, ge=60, description="Seconds that RQ and the dashboard keep failed jobs."
    )
    retention_hours: int = Field(
        168,
        ge=0,
        le=1_000_000,
        description="Hours after which uploads, videos and ended jobs are deleted. 0: never.",
    )
    webhook_secret: WebhookSecrets = Field(
        (), description="Signs webhooks: whsec_ and random bytes in base64. Unset: none are sent."
    )
    webhook_hosts: HostNames = Field(
        (),
        description="Hosts that webhooks may go to although their addresses are not public. "
        "Unset: none.",
    )
    alert_url: WebUrl | None = Field(
        None, description="Where alerts are sent, as JSON with a text. Unset: they are only logged."
    )
    alert_failure_percent: int = Field(
        50, ge=1, le=100, description="An alert begins if more of the jobs fail, in percent."
    )
    alert_waiting_seconds: int = Field(
        900, ge=1, description="An alert begins if a job waits longer for a worker, in seconds."
    )
    alert_disk_percent: int = Field(
        90, ge=1, le=100, description="An alert begins if the storage's disk is fuller, in percent."
    )
    report_url: WebUrl | None = Field(
        None, description="Where the daily report is sent. Unset: it is only kept in the storage."
    )
    fonts_folder: FontsFolder | None = Field(
        None, description="Where the system's fonts are; unset: /usr/share/fonts."
    )
    whisper_model: WhisperModel = Field(
        DEFAULT_MODEL,
        description="The model that recognises speech: its folder, or a name such as small or "
        "tiny.en.",
    )
    piper_voices: VoicesFolder | None = Field(
        None, description="The folder with the voices of Piper, which speaks narration."
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Lowest level of messages to log.",
    )

    @model_validator(mode="after")
    def _check_order_of_limits(self) -> Self:
        if self.job_kill_seconds <= self.job_timeout_seconds:
            raise ValueError("JOB_KILL_SECONDS must be greater than JOB_TIMEOUT_SECONDS")
        return self

    @model_validator(mode="after")
    def _check_high_priority_tokens(self) -> Self:
        if not set(self.high_priority_tokens) <= set(self.api_tokens):
            raise ValueError("HIGH_PRIORITY_TOKENS must all be in API_TOKENS")
        return self

    @property
    def has_operator(self) -> bool:
        """Whether operators can sign in: both of their credentials are set."""
        return bool(self.dashboard_username and self.dashboard_password)

    def list_weak_secrets(self) -> list[str]:
        """Return the names of the settings whose tokens or passwords are easy to guess."""
        secrets = {
            "API_TOKENS": self.api_tokens,
            "DASHBOARD_PASSWORD": (self.dashboard_password,),
            "SECRET_KEY": (self.secret_key,),
        }
        return [
            name
            for name, values in secrets.items()
            if any(0 < len(value) < _SHORTEST_SECRET for value in values)
        ]

    @property
    def has_dashboard(self) -> bool:
        """Whether the dashboard is on: it needs Redis and operators who can sign in."""
        return bool(self.redis_url and self.has_operator)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; an empty variable counts as unset.

        Args:
            environment: variables by name; None reads those of this process.

        Raises:
            SettingsError: if a value is bad; the message names its variable.
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


def read_fonts_folder() -> Path | None:
    """Return `FONTS_FOLDER` alone, for commands that depend on no other setting.

    Raises:
        SettingsError: if it is not the absolute path of a folder.
    """
    folder: Path | None = _read_alone("FONTS_FOLDER", FontsFolder, "the absolute path of a folder")
    return folder


def read_whisper_model() -> str:
    """Return `WHISPER_MODEL` alone, as above.

    Raises:
        SettingsError: if it is neither a folder's path nor a model's name.
    """
    what = "the absolute path of a folder, or the name of a model"
    model: str | None = _read_alone("WHISPER_MODEL", WhisperModel, what)
    return model or DEFAULT_MODEL


def read_piper_voices() -> Path | None:
    """Return `PIPER_VOICES` alone, as above."""
    folder: Path | None = _read_alone("PIPER_VOICES", VoicesFolder, "the absolute path of a folder")
    return folder


def _read_alone(name: str, kind: Any, what: str) -> Any:
    if not (given := os.environ.get(name)):
        return None
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError:
        raise SettingsError(f"{name}: must be {what}.") from None
