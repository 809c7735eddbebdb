"""What a process needs for its jobs, and Redis behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from reelqueue.config import Settings
from reelqueue.services import Services, open_services


@pytest.fixture
def services(redis_url: str, tmp_path: Path) -> Services:
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    return open_services(Settings.from_env(settings))


@pytest.fixture
def connection(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)
