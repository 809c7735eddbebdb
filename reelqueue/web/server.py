"""The settings and hooks of gunicorn: https://docs.gunicorn.org/en/stable/settings.html.

`gunicorn -c python:reelqueue.web.server "reelqueue.web.app:create_app()"` serves the installed
package. In a checkout, `gunicorn app:app` reads `gunicorn.conf.py`, which imports this module.
"""

import socket
from collections.abc import Callable
from functools import partial
from threading import Thread

from gunicorn.arbiter import Arbiter

import reelqueue.web.app  # noqa: F401  # once, for all processes that the arbiter forks
from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.processes.exec import die_with_parent, hide_process
from reelqueue.services import check_services, open_services
from reelqueue.upkeep.log_feed import open_feed
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.parts import start_upkeep
from reelqueue.upkeep.presence import Presence, name_process
from reelqueue.web.serving.worker import Worker

_leave: list[Callable[[], None]] = []
"""What this process does as it ends."""


def has_ipv6() -> bool:
    """Tell whether this machine takes connections over IPv6; if so, one socket takes IPv4 too."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:
            listener.bind(("::", 0))
            return not listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    except OSError:
        return False


try:
    settings = Settings.from_env()
    check_services(settings)
except SettingsError as error:
    raise SystemExit(f"Error: {error}") from None

bind = f"[::]:{settings.port}" if has_ipv6() else f"0.0.0.0:{settings.port}"
workers = 2
worker_class = "reelqueue.web.serving.worker.Worker"
threads = 16 + settings.inline_renders  # for requests that change something, such as renders
timeout = 60  # restarts a process that hangs; a long request does not count as one
graceful_timeout = 30
keepalive = 75  # longer than the 60 s after which Railway's proxy closes an idle connection
control_socket_disable = True


def on_starting(_arbiter: object) -> None:
    """Hide the secrets of the arbiter, and of the processes that it forks, from decoders."""
    hide_process()


def post_fork(arbiter: Arbiter, _worker: object) -> None:
    """Have this process die with gunicorn's arbiter: it would keep the port open otherwise."""
    die_with_parent(arbiter.pid)


def child_exit(_arbiter: Arbiter, worker: Worker) -> None:
    """Have the others not wait for a process that was killed."""
    worker.share.leave()


def post_worker_init(_worker: object) -> None:
    """Announce this process and publish its log; without Redis, also do the upkeep."""
    services = open_services(settings)
    name = name_process()
    presence = Presence(services, "web", name)
    _leave.append(presence.leave)
    publish_log = partial(open_feed(settings).watch, services.queue.control, name)
    watches: list[Callable[[], object]] = [presence.watch, publish_log]
    if settings.redis_url is None:
        start_upkeep(services)
    else:
        watches.append(Observer(services, is_standby=True).watch)
    for watch in watches:
        Thread(target=watch, daemon=True).start()


def worker_exit(_arbiter: Arbiter, _worker: object) -> None:
    """Have the others know at once that this process ends."""
    for leave in _leave:
        leave()
