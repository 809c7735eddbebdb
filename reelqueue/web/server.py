"""How gunicorn serves the web: its settings and hooks.

`gunicorn -c python:reelqueue.web.server "reelqueue.web.app:create_app()"` serves the installed
package. In a checkout, `gunicorn app:app` finds `gunicorn.conf.py`, which takes all of this.
"""

from threading import Thread

from gunicorn.arbiter import Arbiter

from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.processes.exec import die_with_parent
from reelqueue.services import open_services
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention import Retention

try:
    settings = Settings.from_env()
except SettingsError as error:
    raise SystemExit(f"Error: {error}") from None

bind = f"0.0.0.0:{settings.port}"
workers = 2
worker_class = "gthread"
threads = 16  # an inline render, an upload and an event stream hold one each
timeout = 60  # of a process that no longer beats; a long request is no such thing under gthread
graceful_timeout = 30
keepalive = 75  # above the 60 s after which Railway's edge drops an idle connection
control_socket_disable = True


def post_fork(arbiter: Arbiter, _worker: object) -> None:
    """Have a process of the web die with the first one, whose port it would hold else."""
    die_with_parent(arbiter.pid)


def post_worker_init(_worker: object) -> None:
    """Without Redis, the web itself looks for renders whose process died, and for old files."""
    if settings.redis_url is None:
        services = open_services(settings)
        for watch in (Recovery(services).watch, Retention(services).watch):
            Thread(target=watch, daemon=True).start()
