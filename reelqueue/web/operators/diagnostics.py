"""/logs and /debug, for operators: the last log lines of all processes, and what this one runs."""

from __future__ import annotations

import json
import os
import platform
import sys
from functools import cache
from importlib.metadata import distributions
from threading import Lock
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field

from reelqueue import __version__
from reelqueue.config import ROOT
from reelqueue.errors import BusyError, UnavailableError
from reelqueue.masking import get_mask
from reelqueue.processes.children import ChildTimeoutError, run_child
from reelqueue.web.context import answer_json, get_services, read_query
from reelqueue.web.operators.admin import guard
from reelqueue.web.operators.answers import Debug, FindingShown, Logs, LogTail

blueprint = Blueprint("diagnostics", __name__)
blueprint.before_request(guard)

_DOCTOR_SECONDS = 60
_doctor = Lock()


class LogsQuery(BaseModel):
    """The query of `GET /logs`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(None, max_length=200, description="Only the process of this name.")
    lines: int = Field(100, ge=1, le=500, description="The number of lines of each process.")


@blueprint.get("/logs")
def show_logs() -> Response:
    """Answer with the last log lines of the running processes, without secrets."""
    query = read_query(LogsQuery)
    services = get_services()
    mask = get_mask(services.settings)  # again: an earlier version may mask less
    logs = [
        LogTail(name=name, lines=[mask.apply(line) for line in lines[-query.lines :]])
        for name, lines in sorted(services.queue.control.read_logs().items())
        if query.name in (None, name)
    ]
    return answer_json(Logs(logs=logs))


@blueprint.get("/debug")
def show_debug() -> Response:
    """Answer with versions, the settings in force, and what doctor finds; it takes seconds."""
    settings = get_services().settings
    mask = get_mask(settings)
    report = _run_doctor()
    findings = [
        FindingShown(**finding | {"text": mask.apply(finding["text"])})
        for finding in report["findings"]
    ]
    return answer_json(
        Debug(
            versions={**_list_versions(), "ffmpeg": report["ffmpeg"]},
            settings=mask.describe_settings(settings),
            findings=findings,
        )
    )


def _run_doctor() -> dict[str, Any]:
    """Run doctor as a process of its own: the web may not render, and doctor tries that out.

    Raises:
        BusyError: if it runs already.
        UnavailableError: if it does not end.
    """
    if not _doctor.acquire(blocking=False):
        raise BusyError("The installation is being examined: try again in a moment.", 5)
    try:
        command = [sys.executable, "-m", "reelqueue", "doctor", "--json"]
        environment = dict(os.environ)
        _, out, _ = run_child(command, timeout=_DOCTOR_SECONDS, cwd=ROOT, environment=environment)
        report: dict[str, Any] = json.loads(out)
    except (ChildTimeoutError, ValueError) as error:
        raise UnavailableError("The installation could not be examined.") from error
    finally:
        _doctor.release()
    return report


@cache
def _list_versions() -> dict[str, str]:
    """Return the versions of the product, of Python, and of all installed packages."""
    packages = {
        str(package.metadata["Name"]).lower(): package.version for package in distributions()
    }
    own = {"reelqueue": __version__, "python": platform.python_version()}
    return own | {name: packages[name] for name in sorted(packages) if name not in own}
