"""Send damaged and hostile files through the probe, and what it accepts through a render."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from fuzz.canary import Canary, find_traced, open_canary, trace_command
from fuzz.mutants import Sample, list_media, list_mutants, list_photos
from fuzz.tricks import list_tricks
from reelqueue.errors import InputError
from reelqueue.media.facts import MediaKind, find_large_path
from reelqueue.media.probing import Staged, find_derived_path, probe_files

LONGEST_SECONDS = 30.0
_BATCH = 16
_TRACED_BATCH = 4  # a traced child is slow
_RENDER_SECONDS = 300
_REFUSED = 2  # exit code of the command line for bad input

Named = tuple[str, Sample]


class Tried(NamedTuple):
    """What came of some files: a line for each fault, and the files that were accepted."""

    faults: list[str]
    accepted: list[Named]


def run(seconds: float, seed: int) -> list[str]:
    """Try all tricks, then damaged files until the time is up; return a line for each fault."""
    with TemporaryDirectory() as name, open_canary(Path(name)) as canary:
        folder = Path(name)
        tricks = list_tricks(canary.url, str(canary.path))
        faults = try_files(tricks, folder, canary).faults + _trace_tricks(folder, canary)
        deadline = time.monotonic() + seconds
        mutants = list_mutants([*list_photos(), *list_media()], seed)
        count = 0
        while time.monotonic() < deadline:
            batch = list(islice(mutants, 4 * _BATCH))
            tried = try_files(batch, folder, canary)
            faults += tried.faults + render_files(tried.accepted, folder)
            count += len(batch)
    print(f"files: {count} damaged files")
    return faults


def try_files(files: Iterable[Named], folder: Path, canary: Canary) -> Tried:
    """Probe files as the web does.

    A fault is an error that is none of the user's, a probe that takes too long, a file that is
    left behind, or a canary that was touched.
    """
    faults: list[str] = []
    accepted: list[Named] = []
    for batch in _split_batches(files):
        with TemporaryDirectory(dir=folder) as name:
            staged = [Staged(Path(name, str(number)), "file") for number in range(len(batch))]
            for file, (_, sample) in zip(staged, batch, strict=True):
                file.path.write_bytes(sample.data)
            names = f"{batch[0][0]} to {batch[-1][0]}"
            began = time.monotonic()
            try:
                answers = list(probe_files(batch[0][1].kind, staged, lambda: False))
            except Exception as error:
                faults.append(f"{names}: {error!r}")
                continue
            seconds = time.monotonic() - began
            if seconds > LONGEST_SECONDS and len(batch) == 1:
                faults.append(f"{names}: {seconds:.0f} seconds")
            elif seconds > LONGEST_SECONDS:  # together; each for itself may be fast
                for single in batch:
                    faults += try_files([single], folder, canary).faults
            good = [not isinstance(facts, InputError) for _, facts in answers]
            accepted += [file for file, is_good in zip(batch, good, strict=True) if is_good]
            left = set(Path(name).iterdir()) - {file.path for file in staged}
            thumbnails = {find_derived_path("photo", file) for file in staged}
            left -= thumbnails | {find_large_path(path) for path in thumbnails}
            faults += [f"{names}: left {path.name}" for path in left]
            shown = [str(facts).encode() for _, facts in answers]
            shown += [path.read_bytes() for path in Path(name).glob("*.jpg")]
            faults += [f"{names}: {touch}" for touch in canary.find_touches(shown)]
    return Tried(faults, accepted)


def render_files(accepted: Sequence[Named], folder: Path) -> list[str]:
    """Render what the probe accepted by the command line, and return a line for each fault.

    Photos make one slideshow, and each sound file one of its own; each video makes a clip.
    """
    faults = []
    photos = [file for file in accepted if file[1].kind == "photo"]
    for files in ([photos] if photos else []) + [
        [file] for file in accepted if file[1].kind != "photo"
    ]:
        with TemporaryDirectory(dir=folder) as name:
            command = [sys.executable, "-m", "reelqueue", *_build_order(files, Path(name))]
            try:
                ended = subprocess.run(command, capture_output=True, timeout=_RENDER_SECONDS)
            except subprocess.TimeoutExpired:
                faults.append(f"render of {[file[0] for file in files]}: takes too long")
                continue
            if ended.returncode not in (0, _REFUSED) or b"Usage:" in ended.stderr:
                log = ended.stderr.decode(errors="replace")[-500:]
                faults.append(f"render of {[file[0] for file in files]}: {log}")
    return faults


def _build_order(files: Sequence[Named], folder: Path) -> list[str]:
    """Write files into a folder, and return the arguments of the command that renders them."""
    paths = [folder / f"{number}-{sample.name}" for number, (_, sample) in enumerate(files)]
    for path, (_, sample) in zip(paths, files, strict=True):
        path.write_bytes(sample.data)
    output = ["--output", str(folder / "video.mp4")]
    kind = files[0][1].kind
    if kind == "video":
        return ["clip", str(paths[0]), *output]
    small = ["--duration", "0.4", "--transition-duration", "0.1", "--size", "64x64"]
    if kind == "photo":
        return ["slideshow", *map(str, paths), *small, "--on-bad-photo", "skip", *output]
    photo = folder / "good.png"
    photo.write_bytes(next(sample.data for sample in list_photos() if sample.name == "plain.PNG"))
    return ["slideshow", str(photo), *small, "--audio", str(paths[0]), *output]


def _split_batches(files: Iterable[Named]) -> Iterator[list[Named]]:
    """Yield batches of files of one kind."""

    def find_kind(file: Named) -> MediaKind:
        return file[1].kind

    for _, group in groupby(sorted(files, key=find_kind), find_kind):
        rest = list(group)
        for start in range(0, len(rest), _BATCH):
            yield rest[start : start + _BATCH]


def _trace_tricks(folder: Path, canary: Canary) -> list[str]:
    """Try all tricks again, where strace is installed, and return the calls that touch a canary."""
    log = folder / "trace.log"
    if trace := trace_command(log):
        command = [*trace, sys.executable, "-m", "fuzz.files", canary.url, str(canary.path)]
        subprocess.run(command, check=True)
    return canary.find_touches() + find_traced(log, canary)


def main(url: str, path: str) -> None:
    """Try all tricks while another process watches: `python -m fuzz.files URL PATH`."""
    canary = Canary(url, Path(path), "of which this process knows nothing")
    tricks = sorted(list_tricks(url, path), key=lambda trick: trick[1].kind)
    for start in range(0, len(tricks), _TRACED_BATCH):
        try_files(tricks[start : start + _TRACED_BATCH], canary.path.parent, canary)


if __name__ == "__main__":
    main(*sys.argv[1:])
