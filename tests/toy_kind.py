"""A kind of job that is all here: it counts the bytes of a photo, and leaves a letter and a list.

`register` is all that makes it one. Children of a test take it from `write_customization`.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
from pydantic import BaseModel, Field

from reelqueue.cli.kinds import COMMANDS
from reelqueue.cli.options import FILE, output_option
from reelqueue.config import Settings
from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.media.uploads import Uploads
from reelqueue.services import Services
from reelqueue.specs.base import Model
from reelqueue.submission.kinds import KINDS
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput
from reelqueue.submission.requests import AddressedRequest, Id, JobRequest
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds import RENDERERS
from reelqueue.workers.kinds.base import Result

NAME = "toy"


class ToySpec(Model):
    greeting: str = "Hello"
    steps: int = Field(1, ge=1, strict=True)
    step_seconds: float = 0.1
    gate: str = ""  # a file that has to be there before it ends


class ToyRequest(ToySpec, JobRequest):
    photo_id: Id


class AddressedToyRequest(ToySpec, AddressedRequest):
    photo_id: Id


class ToyWork(Work):
    spec: ToySpec
    photo: WorkInput


class ToyFacts(BaseModel):
    letters: int


def plan_toy(
    uploads: Uploads, _settings: Settings, owner: str, request: ToyRequest | AddressedToyRequest
) -> Plan:
    photo = uploads.find(owner, request.session_id, request.photo_id, "photo")
    spec = ToySpec(**request.model_dump(include=set(ToySpec.model_fields)))
    source = WorkInput(key=photo.key, name=photo.name, digest=photo.digest)
    return Plan(ToyWork(spec=spec, photo=source), {"estimated_time": request.steps, "letters": 1})


def render_toy(
    services: Services, _job: Job, work: ToyWork, folder: Path, on_progress: OnProgress
) -> Result:
    (photo,) = fetch_inputs(services.store, [work.photo], folder, on_progress)
    for step in range(work.spec.steps):
        on_progress(step, work.spec.steps, "rendering")
        time.sleep(work.spec.step_seconds)
    while work.spec.gate and not Path(work.spec.gate).exists():
        time.sleep(0.05)
    letter, listing = folder / "letter.txt", folder / "list.json"
    letter.write_text(f"{work.spec.greeting}: {photo.stat().st_size} bytes")
    listing.write_text(f'["{work.photo.name}"]')
    return Result({"letter": letter, "list": listing}, {"letters": 1})


@click.command()
@click.argument("photo", type=FILE)
@output_option
def toy(photo: Path, output: Path) -> None:
    """Count the bytes of PHOTO."""
    output.write_text(f"Hello: {photo.stat().st_size} bytes")


def register() -> None:
    KINDS[NAME] = Kind(
        name=NAME,
        route="/make_toy",
        summary="Make a toy.",
        request=ToyRequest,
        work=ToyWork,
        plan=plan_toy,
        facts=ToyFacts,
    )
    RENDERERS[NAME] = render_toy
    COMMANDS[NAME] = toy


def write_customization(folder: Path) -> None:
    """Have every Python that finds `folder` on its path know the kind from its start."""
    (folder / "sitecustomize.py").write_text("from tests.toy_kind import register\nregister()\n")
