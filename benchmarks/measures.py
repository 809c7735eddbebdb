"""Measure time and memory of a render, each in a new process.

A server process imports everything, and every run is a fork of it, as in a worker. The time is the
wall clock time of the render alone. The memory is the sum of the resident sets of the run's process
tree, sampled every 50 ms: pages that two processes share are counted twice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import av
import click
import psutil

from benchmarks.clips.films import Film
from benchmarks.material import Slideshow
from benchmarks.measurement import Measurement
from benchmarks.ways import Render

_TICK_SECONDS = 0.05
_MB = 1e6

_context = get_context("forkserver")
_context.set_forkserver_preload(["benchmarks.ways", "benchmarks.clips.ways"])

Way = Callable[..., Render]
"""Takes what it works on and the path of its video, which it need not write."""


@dataclass(frozen=True)
class Trial:
    """A way to make a video, to be measured `runs` times."""

    title: str
    way: Way
    work: Slideshow | Film
    runs: int = 1


@dataclass(frozen=True)
class Run:
    """The cost of one run: wall clock seconds, processor seconds, and bytes of memory."""

    seconds: float
    processor_seconds: float
    peak_bytes: int


def measure_trials(trials: Mapping[str, Trial], folder: Path) -> dict[str, Measurement]:
    """Run all trials, interleaved so that other load on the machine affects all alike.

    Seconds are the median of a trial's runs, memory is the maximum. The video of each trial is left
    in the folder, under the trial's name.
    """
    turns = sorted(
        ((turn + 0.5) / trial.runs, name)
        for name, trial in trials.items()
        for turn in range(trial.runs)
    )
    runs: dict[str, list[Run]] = {name: [] for name in trials}
    for _, name in turns:
        run = run_trial(trials[name], find_output(folder, name))
        runs[name].append(run)
        click.echo(f"{run.seconds:9.2f} s  {trials[name].title}", err=True)
    return {
        name: _sum_up(trial, runs[name], find_output(folder, name))
        for name, trial in trials.items()
    }


def find_output(folder: Path, name: str) -> Path:
    """Return the path of a trial's video."""
    return folder / f"{name}.mp4"


def run_trial(trial: Trial, output: Path) -> Run:
    """Render once, in a new process."""
    output.unlink(missing_ok=True)
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(target=_render_timed, args=(sender, trial.way, trial.work, output))
    process.start()
    sender.close()
    try:
        receiver.recv()
        peak = measure_memory(process.pid)
        while not receiver.poll(_TICK_SECONDS):
            peak = max(peak, measure_memory(process.pid))
        seconds, processor_seconds = receiver.recv()
    except EOFError as error:
        raise RuntimeError(f"{trial.title} failed; its error is above.") from error
    finally:
        process.join()
    return Run(seconds, processor_seconds, peak)


def measure_memory(pid: int | None) -> int:
    """Return the resident bytes of a process and its descendants; 0 if it has ended."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total


def _render_timed(sender: Connection, way: Way, work: Slideshow | Film, output: Path) -> None:
    render = way(work, output)
    sender.send("ready")
    used, start = _read_processor_seconds(), time.perf_counter()
    render()
    seconds = time.perf_counter() - start
    sender.send((seconds, _read_processor_seconds() - used))


def _read_processor_seconds() -> float:
    return sum(os.times()[:4])  # its own and its children's, user and system


def _sum_up(trial: Trial, runs: Sequence[Run], output: Path) -> Measurement:
    return Measurement(
        title=trial.title,
        photos=len(trial.work.photos) if isinstance(trial.work, Slideshow) else 0,
        film_seconds=trial.work.seconds if isinstance(trial.work, Film) else 0,
        seconds=median(run.seconds for run in runs),
        runs=[run.seconds for run in runs],
        processor_seconds=median(run.processor_seconds for run in runs),
        peak_mb=max(run.peak_bytes for run in runs) / _MB,
        size_mb=output.stat().st_size / _MB if output.exists() else 0,
        frames=_count_frames(output) if output.exists() else 0,
    )


def _count_frames(output: Path) -> int:
    with av.open(str(output)) as container:
        return sum(stream.frames for stream in container.streams.video)
