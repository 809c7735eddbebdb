"""Access: find the owner of a request, refuse requests, and set the security headers.

Without `API_TOKENS` anyone may use the service. A browser gets a signed cookie that names its
owner. Programs without cookies share one owner, and reach their files by random ids.

With `API_TOKENS` each token is an owner. Programs send it as `Authorization: Bearer` (RFC 6750);
people enter it once on the sign-in page.

The dashboard and /admin ask for the operator's user name and password (HTTP Basic, RFC 7617).
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from ipaddress import ip_address
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import SecurityError
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.errors import ForbiddenError, NotSignedInError
from reelqueue.jobs.model import ANYONE
from reelqueue.jobs.priorities import NUMBERS, Priority
from reelqueue.submission.requests import JobRequest
from reelqueue.web.context import get_owner, get_services, is_for_operators
from reelqueue.web.problems import make_problem
from reelqueue.web.signatures import sign

blueprint = Blueprint("access", __name__)

_OPEN_ENDPOINTS = {
    *("static", "access.show_sign_in", "access.sign_in", "access.sign_out"),
    *("health.show_health", "sharing.show_shared", "sharing.play_shared"),
}
_CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PRIVATE_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")
"""Domains that have no owner on the internet (RFC 6761, 6762 and 8375, and ICANN's .internal)."""
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of each answer that has none of the same name."""


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed session cookie, marked Secure if the request came over TLS."""

    def open_session(self, app: Flask, incoming: Request) -> SecureCookieSession | None:
        """Read the cookie of a request; without one no signature has to be checked."""
        if "Cookie" not in incoming.headers:
            return self.session_class()
        return super().open_session(app, incoming)

    def get_cookie_secure(self, *_: Any) -> bool:
        """Tell whether the browser sent its request over TLS."""
        return request.is_secure


def register_access(app: Flask) -> None:
    """Check every request before its route, and add the headers to every answer."""
    app.session_interface = SessionCookie()
    app.register_blueprint(blueprint)
    app.before_request(_authenticate)
    app.after_request(_add_headers)


@blueprint.get("/sign_in")
def show_sign_in() -> str:
    """Show the form that asks for a token."""
    return render_template("sign_in.html", error=None)


@blueprint.post("/sign_in")
def sign_in() -> AnyResponse | tuple[str, int]:
    """Store the owner of a valid token in the browser's cookie."""
    owner = find_token_owner(request.form.get("token", ""))
    if owner is None:
        return render_template("sign_in.html", error="This token is not valid: check it."), 401
    session.clear()
    session["owner"] = owner
    session.permanent = True
    return redirect(url_for("pages.show_index"), 303)


@blueprint.post("/sign_out")
def sign_out() -> AnyResponse:
    """Forget the owner in the browser's cookie."""
    session.clear()
    return redirect(url_for("access.show_sign_in"), 303)


def keep_browser_owner() -> None:
    """Renew the cookie that names a browser as an owner; without tokens, give it one if needed.

    Pages alone do so. An answer to a script may arrive after the person has signed out, and must
    not bring the cookie back.
    """
    if not get_services().settings.api_tokens and "owner" not in session:
        g.owner = session["owner"] = uuid4().hex
        session.permanent = True
    session.modified = bool(session)  # a program that sends its token has none


def mark_owner() -> str:
    """Return what tells a browser whether it is the same owner's as before, and nothing else."""
    return sign("owner of the page", get_owner())


def find_token_owner(token: str) -> str | None:
    """Return the owner that a token stands for, None if the token is not in `API_TOKENS`."""
    owner, given = None, _hash(token)
    for known, name in _hash_tokens(get_services().settings.api_tokens):
        if hmac.compare_digest(given, known):
            owner = name
    return owner


def check_priority(order: JobRequest, path: str) -> None:
    """Check that this caller may order with such a priority, which is at `path` in the body.

    Raises:
        ForbiddenError: if it may not.
    """
    if order.queue is Priority.HIGH and not _may_hurry():
        raise ForbiddenError(
            f'{path}: only operators and chosen tokens may ask for "high" or a number above '
            f"{NUMBERS[Priority.DEFAULT]}: use default or low."
        )


def _may_hurry() -> bool:
    hurried = {_name_owner(token) for token in get_services().settings.high_priority_tokens}
    return get_owner() in hurried or _is_operator()


def require_operator() -> Response | None:
    """Return a 401 answer (RFC 9110, section 15.5.2) unless the request is the operator's."""
    if _is_operator():
        return None
    response = make_problem(
        NotSignedInError("Sign in with the dashboard's user name and password.")
    )
    response.headers["WWW-Authenticate"] = 'Basic realm="Reelqueue dashboard", charset="UTF-8"'
    return response


def _is_operator() -> bool:
    settings, given = get_services().settings, request.authorization
    if not settings.has_operator or given is None or given.type != "basic":
        return False
    pairs = [
        (given.username or "", settings.dashboard_username),
        (given.password or "", settings.dashboard_password),
    ]
    return all(hmac.compare_digest(_hash(one), _hash(other)) for one, other in pairs)


def _name_owner(token: str) -> str:
    return _hash(token).hex()[:32]


@lru_cache(1)
def _hash_tokens(tokens: tuple[str, ...]) -> list[tuple[bytes, str]]:
    """Return the hash and the owner of each token, which every request is compared with."""
    return [(_hash(token), _name_owner(token)) for token in tokens]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _authenticate() -> AnyResponse | None:
    """Set `g.owner`, or refuse the request."""
    if isinstance(request.routing_exception, SecurityError | RequestRedirect):
        return None  # Flask answers: the Host header is not trusted, or the last slash is missing
    _check_host(request)
    _check_origin(request)
    if is_for_operators() or request.endpoint in _OPEN_ENDPOINTS:
        return None  # what is for operators asks for their password by itself
    owner = find_owner()
    if owner is not None:
        g.owner = owner
        return None
    if request.endpoint == "pages.show_index":
        return redirect(url_for("access.show_sign_in"))
    raise NotSignedInError(
        "This service needs a token: send it as 'Authorization: Bearer <token>'."
    )


def find_owner() -> str | None:
    """Return the owner of this request, None if it needs a token and has no valid one."""
    if not get_services().settings.api_tokens:
        return str(session.get("owner", ANYONE))
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return find_token_owner(token.strip())
    return _find_signed_in_owner()


def _find_signed_in_owner() -> str | None:
    """Return the owner in the cookie, None if its token is no longer in `API_TOKENS`."""
    owner = session.get("owner")
    return owner if owner is not None and is_admitted(owner) else None


def is_admitted(owner: str) -> bool:
    """Tell whether an owner may use the service: a token of its own, if any are needed, is set."""
    tokens = get_services().settings.api_tokens
    return not tokens or any(owner == name for _, name in _hash_tokens(tokens))


def _check_host(incoming: Request) -> None:
    """Refuse names that anyone can register, where neither hosts nor tokens are set.

    A website could let its own name point to this service, and so use it from the browser of
    someone who can reach it (DNS rebinding). With tokens it would have none.

    Raises:
        SecurityError: if the host is such a name.
    """
    settings, host = get_services().settings, _read_host(incoming)
    if not (settings.trusted_hosts or settings.api_tokens or _is_private(host)):
        raise SecurityError(f"Host {host!r} is not trusted: set TRUSTED_HOSTS.")


def _read_host(incoming: Request) -> str:
    """Return the host that a client has asked for; Werkzeug leaves out names with underscores."""
    return incoming.host or incoming.headers.get("Host", "")


def _is_private(host: str) -> bool:
    """Tell whether a host is an address, or a name that no stranger can register."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    is_local = "." not in name or name.endswith(_PRIVATE_DOMAINS) or name == gethostname()
    return is_local or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _check_origin(incoming: Request) -> None:
    """Refuse cross-site requests that would change something (CSRF).

    Raises:
        ForbiddenError: if Origin or Sec-Fetch-Site name another site.
    """
    if incoming.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = incoming.headers.get("Sec-Fetch-Site", "same-origin")
    own = [f"{scheme}://{_read_host(incoming)}" for scheme in ("https", "http")]
    if incoming.headers.get("Origin", own[0]) not in own or site not in ("same-origin", "none"):
        raise ForbiddenError("Requests from other sites are refused.")


def _add_headers(response: Response) -> Response:
    given = {name.lower() for name, _ in response.headers}
    for name, value in _HEADERS.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
