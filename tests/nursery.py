"""Web services that are forked from a process that has imported all that they need.

Each is gunicorn in processes of its own, as a command starts it, and its start takes an eighth of
the processor time. They are for tests of what a service does, such as those of the page; tests of
how it is deployed start it by its command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from reelqueue.config import ROOT

# But nothing that reads the settings while it is imported.
IMPORTS = ["gunicorn.app.wsgiapp", "reelqueue.web.app", "reelqueue.web.serving.worker"]


@contextmanager
def forked(environment: Mapping[str, str]) -> Iterator[None]:
    """Run a web service in an environment that says at which port."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTS)
    service = context.Process(target=_serve, args=(dict(environment),), daemon=True)
    service.start()
    try:
        yield
    finally:
        service.terminate()
        service.join(10)
        service.kill()
        service.join()


def _serve(environment: Mapping[str, str]) -> None:
    from gunicorn.app.wsgiapp import run

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "app:app"]
    run()
