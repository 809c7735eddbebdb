"""Settings from environment variables."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import pytest
from redis import Redis
from standardwebhooks import Webhook

from reelqueue import config
from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.jobs.model import now
from tests.conftest import ROOT


def test_empty_environment_renders_inline_into_the_data_folder() -> None:
    settings = Settings.from_env({})
    assert settings.redis_url is None
    assert settings.storage_url.endswith("/data")
    assert not settings.has_dashboard


def test_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"REDIS_URL": "", "PORT": ""}).port == 5000


def test_settings_ignore_other_variables() -> None:
    Settings.from_env({"PATH": "/bin", "STORAGE": "x"})


def test_settings_split_lists_at_commas() -> None:
    assert Settings.from_env({"API_TOKENS": "one, two,"}).api_tokens == ("one", "two")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("REDIS_URL", "localhost:6379"),
        ("RENDER_ENGINE", "gpu"),
        ("MAX_PHOTOS", "-1"),
        ("INLINE_RENDERS", "0"),
        ("LOG_LEVEL", "loud"),
        ("MAX_VIDEO_SECONDS", "nan"),
        ("WEBHOOK_SECRET", "secret"),
        ("WEBHOOK_SECRET", "c2VjcmV0" * 4),
        ("WEBHOOK_SECRET", "whsec_" + "c2VjcmV0" * 3),
        ("WEBHOOK_SECRET", "whsec_" + "c2VjcmV0" * 11),
        ("WEBHOOK_SECRET", "whsec_" + "c2VjcmV0" * 4 + "c"),
        ("WEBHOOK_SECRET", "whsec_" + "c2VjcmV0" * 4 + ",whsec_"),
        ("WEBHOOK_HOSTS", "https://hooks.lan"),
    ],
)
def test_settings_refuse_a_bad_value_and_name_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}: "):
        Settings.from_env({variable: value})


def test_kill_limit_must_be_above_the_time_limit() -> None:
    with pytest.raises(SettingsError, match="JOB_KILL_SECONDS must be greater"):
        Settings.from_env({"JOB_KILL_SECONDS": "10", "JOB_TIMEOUT_SECONDS": "10"})


@pytest.mark.parametrize("size", [24, 25, 26, 32, 64])
def test_secret_for_webhooks_is_taken_as_the_library_reads_it(size: int) -> None:
    secret = "whsec_" + b64encode(bytes(range(size))).decode()
    for text in (secret, secret.rstrip("=")):
        (taken,) = Settings.from_env({"WEBHOOK_SECRET": text}).webhook_secret
        assert Webhook(taken).sign("x", now(), "{}").startswith("v1,")


@pytest.mark.parametrize("missing", ["REDIS_URL", "DASHBOARD_USERNAME", "DASHBOARD_PASSWORD"])
def test_dashboard_needs_redis_and_both_credentials(missing: str) -> None:
    environment = {
        "REDIS_URL": "redis://127.0.0.1/0",
        "DASHBOARD_USERNAME": "admin",
        "DASHBOARD_PASSWORD": "secret",
    }
    assert Settings.from_env(environment).has_dashboard
    assert not Settings.from_env(environment | {missing: ""}).has_dashboard


def test_installed_package_keeps_files_in_the_data_of_its_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().storage_url == (ROOT / "data").as_uri()
    monkeypatch.setattr(config, "IS_INSTALLED", True)
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert Settings().storage_url == "file:///home/ann/.local/share/reelqueue"
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/ann")
    assert Settings().storage_url == "file:///srv/ann/reelqueue"


@pytest.mark.parametrize(
    "password", ["a#b", "a/b", "a?b", "a@b", "a:b", "a%b", "a%zz", "a[b]", "#", "pä ss", "a+b&c=d"]
)
@pytest.mark.parametrize("user", ["", "me"])
def test_password_of_redis_may_be_written_raw_or_encoded(user: str, password: str) -> None:
    for written in (password, quote(password, safe="")):
        settings = Settings.from_env({"REDIS_URL": f"redis://{user}:{written}@host:7/3"})
        options = Redis.from_url(str(settings.redis_url)).connection_pool.connection_kwargs
        found = {name: options.get(name) for name in ("password", "host", "port", "db")}
        assert found == {"password": password, "host": "host", "port": 7, "db": 3}
        assert (options.get("username") or "") == user


@pytest.mark.parametrize("url", ["redis://host:7/3", "redis://:abc@host:7", "unix:///a/b@c.sock"])
def test_address_of_redis_that_needs_no_encoding_stays_as_it_is(url: str) -> None:
    assert str(Settings.from_env({"REDIS_URL": url}).redis_url).rstrip("/") == url


def test_token_that_is_none_cannot_have_a_high_priority() -> None:
    with pytest.raises(SettingsError, match=r"HIGH_PRIORITY_TOKENS must all be in API_TOKENS"):
        Settings.from_env({"API_TOKENS": "one", "HIGH_PRIORITY_TOKENS": "two"})


def test_secret_that_is_easy_to_guess_is_named() -> None:
    good = {"API_TOKENS": "a" * 16, "DASHBOARD_PASSWORD": "b" * 16, "SECRET_KEY": "c" * 16}
    assert Settings.from_env({}).list_weak_secrets() == []
    assert Settings.from_env(good).list_weak_secrets() == []
    for name, value in good.items():
        weak = good | {name: value[1:]}
        assert Settings.from_env(weak).list_weak_secrets() == [name]
    assert Settings.from_env({"API_TOKENS": f"{'a' * 16},x"}).list_weak_secrets() == ["API_TOKENS"]
