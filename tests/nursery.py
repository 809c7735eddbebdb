"""Web services and workers that are forked from a process that has imported all that they need.

Each runs in processes of its own, as a command starts it, and its start takes an eighth of the
processor time. They are for tests of what a service does, such as those of the page; tests of how
it is deployed start it by its command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import get_temp_dir

from reelqueue.config import ROOT

# But nothing that reads the settings while it is imported.
IMPORTS = [
    "gunicorn.app.wsgiapp",
    "reelqueue.cli.commands",
    "reelqueue.web.app",
    "reelqueue.web.serving.worker",
    "reelqueue.workers.pool",
    "tests.larder",
]

# Its socket gets a place now: within a test that has a temporary folder of its own, the path of it
# could be too long for one.
get_temp_dir()


@contextmanager
def forked(run: Callable[[], object], environment: Mapping[str, str]) -> Iterator[None]:
    """Run `serve` or `work` in a process of this environment, which says what it does."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTS)
    service = context.Process(target=_run, args=(run, dict(environment)))
    service.start()
    try:
        yield
    finally:
        service.terminate()
        service.join(10)
        service.kill()
        service.join()


def serve() -> None:
    from flask import Flask
    from gunicorn.app.wsgiapp import run
    from jinja2 import FileSystemBytecodeCache

    templates = FileSystemBytecodeCache(os.environ["COMPILED_TEMPLATES"])
    Flask.jinja_options = {"bytecode_cache": templates}
    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "app:app"]
    run()


def work() -> None:
    from reelqueue.cli.commands import worker

    worker([], prog_name="python worker.py")


def _run(run: Callable[[], object], environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    run()
