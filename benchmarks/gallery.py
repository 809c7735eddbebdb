"""`python -m benchmarks.gallery`: make the looks of docs/gallery.md, and draw their contact sheets.

Each look is made as the page says; the tests also make them from the page.
"""

from __future__ import annotations

import json
import re
import shlex
from contextlib import chdir
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import av
import click
from PIL import Image

from benchmarks.album import write_file
from benchmarks.material import read_frames
from benchmarks.report import ROOT
from reelqueue.cli.commands import main as run_command
from reelqueue.planning.soundtrack import Track
from reelqueue.render.ffmpeg.probe import probe_audio
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.submission.kinds.slideshow import SlideshowRequest

PAGE = ROOT / "docs" / "gallery.md"
SHOWN = 8
"""Frames on a sheet."""

_SECTION = re.compile(
    r"^## (?P<title>.+)\n(?:(?!## |```).*\n)*"
    r"```(?:sh|json)\n(?P<request>(?:.*\n)+?)```\n\n"
    r"!\[.+\]\(gallery/(?P<name>\w+)\.webp\)$",
    re.MULTILINE,
)
_COMMAND = "python -m reelqueue "
_TILE_AREA = 240 * 135
_GAP = 4
_QUALITY = 85  # what WebP loses then is far less than what a test tells from a change


class Look(NamedTuple):
    """A section of the page, with a command line or the body of `POST /generate_video`."""

    name: str
    title: str
    request: str

    @property
    def sheet(self) -> Path:
        """The path of its contact sheet."""
        return PAGE.with_suffix("") / f"{self.name}.webp"


def read_looks() -> list[Look]:
    """Return the looks of the page."""
    return [Look(**match.groupdict()) for match in _SECTION.finditer(PAGE.read_text())]


def render_look(look: Look, folder: Path) -> Path:
    """Make a look's files and its video in a folder, as the page says."""
    if look.request.startswith("{"):
        return _render_request(look.request, folder)
    arguments = shlex.split(look.request.removeprefix(_COMMAND).replace("\\\n", " "))
    output = folder / arguments[arguments.index("-o") + 1]
    for argument in arguments:
        if re.fullmatch(r"\w+\.[a-z]\w+", argument) and argument != output.name:
            write_file(folder / argument)
    with chdir(folder):
        run_command(arguments, standalone_mode=False)
    return output


def _render_request(request: str, folder: Path) -> Path:
    """Render the body of an API call, whose ids are file names here."""
    body = json.loads(request)
    paths = {}
    for choice in [*body["photos"], *body.get("tracks", ())]:
        path, media_id = folder / choice["id"], str(uuid5(NAMESPACE_URL, choice["id"]))
        if media_id not in paths:
            write_file(path)
        paths[media_id], choice["id"] = path, media_id
    asked = parse_json(SlideshowRequest, json.dumps({**body, "session_id": next(iter(paths))}))
    output = folder / "video.mp4"
    render_slideshow(
        [Photo(paths[photo.id], photo.id, photo.for_photo("")) for photo in asked.photos or ()],
        SlideshowSpec.model_validate(asked.model_dump(include=set(SlideshowSpec.model_fields))),
        output,
        tracks=[
            Track(paths[track.id], probe_audio(paths[track.id]).duration, track.start, track.end)
            for track in asked.music
        ],
        on_progress=lambda *_: None,
    )
    return output


def draw_sheet(video: Path) -> Image.Image:
    """Return frames of a video side by side, at equal intervals."""
    frames = count_frames(video)
    shown = [frames * (2 * place + 1) // (2 * SHOWN) for place in range(SHOWN)]
    pictures = list(read_frames(video, shown.__contains__))
    boxes = list_tiles(pictures[0].size)
    sheet = Image.new("RGB", boxes[-1][2:], "white")
    for picture, (left, top, right, bottom) in zip(pictures, boxes, strict=True):
        size = right - left, bottom - top
        sheet.paste(picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0), (left, top))
    return sheet


def list_tiles(size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Return the positions of the frames on the sheet of a video of that size."""
    scale = sqrt(_TILE_AREA / (size[0] * size[1]))
    width, height = round(size[0] * scale), round(size[1] * scale)
    columns = SHOWN if height > width else SHOWN // 2
    corners = [
        (place % columns * (width + _GAP), place // columns * (height + _GAP))
        for place in range(SHOWN)
    ]
    return [(left, top, left + width, top + height) for left, top in corners]


def count_frames(video: Path) -> int:
    """Return the number of frames that a video's header says."""
    with av.open(str(video)) as container:
        return container.streams.video[0].frames


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Write the contact sheet of every look, or of those with these NAMES."""
    for look in read_looks():
        if names and look.name not in names:
            continue
        with TemporaryDirectory() as folder:
            sheet = draw_sheet(render_look(look, Path(folder)))
        sheet.save(look.sheet, quality=_QUALITY, method=6)
        click.echo(f"{look.sheet.name}: {look.sheet.stat().st_size} bytes")


if __name__ == "__main__":
    main()
