"""The Flask application; `create_app` puts it together."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, request
from werkzeug.http import parse_date
from werkzeug.middleware.proxy_fix import ProxyFix

from reelqueue.config import Settings, find_assets
from reelqueue.services import open_services
from reelqueue.storage import Store
from reelqueue.web import batches, context, downloads, health, jobs, pages, sharing
from reelqueue.web.access import register_access
from reelqueue.web.assets import register_assets
from reelqueue.web.language.choice import register_language
from reelqueue.web.language.sentences import AnswerJson, translate
from reelqueue.web.openapi import routes as openapi
from reelqueue.web.operators import admin, diagnostics
from reelqueue.web.operators.dashboard import register_dashboard
from reelqueue.web.plain import routes as plain
from reelqueue.web.problems import register_problems
from reelqueue.web.rate_limits import register_rate_limits
from reelqueue.web.statistics import metrics
from reelqueue.web.uploads import forms, tus
from reelqueue.web.uploads.receiving import FormRequest

log = logging.getLogger(__name__)

_COOKIE_DAYS = 365
_BODY_BYTES = 64_000  # the default limit; some routes raise it
_LOOPBACK = ("localhost", "127.0.0.1")  # a health check on this machine comes by these names
_DATES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE")
_SECRET_KEY = "settings/secret_key"  # noqa: S105 (a storage key, not the secret)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the web service; `settings` defaults to those of the environment.

    Raises:
        SettingsError: if a setting is invalid.
    """
    settings = settings or Settings.from_env()
    logging.basicConfig(level=settings.log_level)
    for name in settings.list_weak_secrets():
        log.warning("%s is easy to guess: use `openssl rand -hex 32`.", name)
    app = Flask(
        __name__, template_folder=find_assets("templates"), static_folder=find_assets("static")
    )
    app.request_class = FormRequest
    app.json = AnswerJson(app)
    app.extensions[context.EXTENSION] = services = open_services(settings)
    app.secret_key = settings.secret_key or _keep_secret(services.store)
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["PERMANENT_SESSION_LIFETIME"] = _COOKIE_DAYS * 24 * 3600
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # `keep_browser_owner` does so
    app.config["MAX_CONTENT_LENGTH"] = _BODY_BYTES
    if settings.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = [*settings.trusted_hosts, *_LOOPBACK]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's documented way
    app.before_request(_ignore_odd_dates)
    register_problems(app)
    register_rate_limits(app, settings)
    register_language(app)
    app.jinja_env.filters["translate"] = translate
    register_access(app)
    register_assets(app)
    for module in (
        pages,
        plain,
        forms,
        tus,
        jobs,
        batches,
        downloads,
        sharing,
        health,
        openapi,
        metrics,
        admin,
        diagnostics,
    ):
        app.register_blueprint(module.blueprint)
    jobs.register_orders(app)
    metrics.register_sources(app, services)
    register_dashboard(app, settings)
    return app


def _ignore_odd_dates() -> None:
    """Drop dates whose zones Werkzeug cannot count in (RFC 9110, 13.1.3: they are ignored)."""
    for name in _DATES:
        try:
            parse_date(request.environ.get(name))
        except OverflowError:
            del request.environ[name]


def _keep_secret(store: Store) -> bytes:
    """Return the key that signs cookies: made once, then kept in storage for all processes."""
    store.create(_SECRET_KEY, secrets.token_hex(32).encode())
    key = store.read(_SECRET_KEY)
    assert key
    return key
