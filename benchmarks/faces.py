"""`python -m benchmarks.faces VIDEO...`: measure where faces are in clips that follow them.

Each video is cut to upright and square clips, and faces are looked for in what was rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import numpy as np

from benchmarks.material import find_film, read_frames
from reelqueue.media.facts import RenderStage
from reelqueue.planning.focus.subjects import Place
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.render.focus.faces import FaceFinder
from reelqueue.specs.clips.clip import ClipSpec

_ASPECTS = ("9:16", "4:5", "1:1")
_EACH_SECOND = 5  # frames that are looked at
_SIDE = 640  # of these, in pixels: twice what the render looks at
_LEAST_SCORE = 0.5
_LEAST_HEIGHT = 0.05  # of the frame: smaller ones are in scenes that are shown whole
_MIDDLE = 0.25, 0.75


class Share(NamedTuple):
    """The frames with a face, and in how many it is in the middle half of the frame."""

    faces: int
    across: int
    down: int
    both: int


def find_faces(video: Path, fps: float) -> Iterator[Place]:
    """Yield where the face that weighs most is in the frame, in each frame that shows one."""
    finder = FaceFinder()
    step = max(1, round(fps / _EACH_SECOND))
    for picture in read_frames(video, lambda number: number % step == 0):
        picture.thumbnail((_SIDE, _SIDE))
        faces = [
            face
            for face in finder.find(np.asarray(picture))
            if face.score >= _LEAST_SCORE and face.size[1] >= _LEAST_HEIGHT
        ]
        if faces:
            yield max(faces, key=lambda face: face.weight).center


def count_middle(places: Sequence[Place]) -> Share:
    """Return how many faces are in the middle half of the frame."""
    low, high = _MIDDLE
    inside = np.array([[low <= at <= high for at in place] for place in places] or [[False] * 2])
    across, down = (int(count) for count in inside.sum(axis=0))
    return Share(len(places), across, down, int(inside.all(axis=1).sum()))


@click.command()
@click.argument("videos", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--start", default=0.0, show_default=True, help="Second at which each clip starts.")
@click.option("--seconds", default=60.0, show_default=True, help="How long the clips are at most.")
def main(videos: tuple[Path, ...], start: float, seconds: float) -> None:
    """Print how often faces are in the middle half of clips of VIDEOS, or of a film of a talker."""
    print("| video | clip | frames with a face | middle of the width | of the height | of both |")
    print("| --- | --- | --- | --- | --- | --- |")
    everything: list[Place] = []
    for video in videos or (find_film("carphone_pristine.mp4"),):
        for aspect in _ASPECTS:
            places = _follow(video, aspect, start, seconds)
            everything += places
            print(_format(video.name, aspect, count_middle(places)), flush=True)
    print(_format("all", "", count_middle(everything)))


def _follow(video: Path, aspect: str, start: float, seconds: float) -> list[Place]:
    """Return the places of faces in a clip of a video."""
    with TemporaryDirectory() as folder:
        output = Path(folder, "clip.mp4")
        end = min(start + seconds, probe_source(video).duration)
        choices = {"aspect": aspect, "fit": "crop", "focus": "auto", "start": start, "end": end}
        spec = ClipSpec.model_validate(choices)
        facts = render_clip(video, spec, output, preset="ultrafast", on_progress=_ignore)
        return list(find_faces(output, facts.fps))


def _ignore(done: int, total: int, stage: RenderStage) -> None:
    """Take progress that nobody looks at."""


def _format(video: str, aspect: str, share: Share) -> str:
    parts = (f"{count / max(share.faces, 1):.1%}" for count in share[1:])
    return f"| {video} | {aspect} | {share.faces} | {' | '.join(parts)} |"


if __name__ == "__main__":
    main()
