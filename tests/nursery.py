"""Services and commands that are forked from a process that has imported all that they need.

Each runs in processes of its own, as a command starts it, and its start takes an eighth of the
processor time. They are for tests of what a service or a command does, such as those of the page;
tests of how it is deployed or installed start it by its command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from unittest.mock import patch

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

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(IMPORTS)


@contextmanager
def forked(run: Callable[[], object], environment: Mapping[str, str]) -> Iterator[BaseProcess]:
    """Run `serve`, `work` or the like in a process; this environment says what it does."""
    # The socket that processes are forked by is there: other paths can be too long for one. Those
    # that are forked import this module before they are told of it, so not while it is imported.
    with patch.object(tempfile, "tempdir", "/tmp"):
        get_temp_dir()
    service = _CONTEXT.Process(target=_run, args=(run, dict(environment)))
    service.start()
    try:
        yield service
    finally:
        service.terminate()
        service.join(10)
        service.kill()
        service.join()


def call(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> CompletedProcess[str]:
    """Do what `python -m reelqueue` does, in a process of this environment and folder."""
    with TemporaryDirectory(prefix="said-") as name:
        said = [Path(name, "out"), Path(name, "err")]
        command = partial(_call, list(arguments), folder, said)
        with forked(command, environment) as process:
            process.join()
        assert process.exitcode is not None
        out, err = [path.read_text("utf-8") for path in said]
    return CompletedProcess(arguments, process.exitcode, out, err)


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


def _call(arguments: list[str], folder: Path, said: Sequence[Path]) -> None:
    from reelqueue.cli.commands import main

    for number, path in enumerate(said, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    os.chdir(folder)
    main(arguments, prog_name="python -m reelqueue")


def _run(run: Callable[[], object], environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    run()
