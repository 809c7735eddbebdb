"""The docs say what is so: settings, routes, dependencies, files and commands; examples run."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image, ImageSequence

import reelqueue
from app import app
from benchmarks import captions
from benchmarks.transitions import SIZE, draw_transition
from reelqueue import __version__
from reelqueue.cli.commands import main
from reelqueue.config import Settings
from reelqueue.queues.redis_diagnosis import WORDS as REDIS
from reelqueue.render.ffmpeg.probe import probe_video
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.photo import Transition
from reelqueue.storage.diagnosis import WORDS as STORAGE
from reelqueue.web.openapi.document import build_openapi
from tests.conftest import ROOT, StartServer

DOCS = [
    "README.md",
    "RAILWAY_QUEUE_SETUP.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/api.md",
    "docs/gallery.md",
    "docs/jobs.md",
    "docs/motion.md",
    "docs/operating.md",
    "docs/transitions.md",
]
FOR_THE_PAGE = {
    "/shared/{video_id}/{signature}",
    *("/", "/sign_in", "/sign_out", "/admin", "/admin/events"),
    *("/static/{filename}", "/typefaces/{name}"),
    *("/plain/slideshow", "/plain/clip", "/plain/jobs"),
    *("/plain/jobs/{job_id}", "/plain/jobs/{job_id}/cancel"),
}
HOST = "http://127.0.0.1:5000"


def read(name: str) -> str:
    return (ROOT / name).read_text()


def find_blocks(name: str, language: str = "sh") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", read(name), re.MULTILINE | re.DOTALL)


def list_routes() -> set[str]:
    """Return the routes that programs may use, as OpenAPI writes them."""
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    return {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules} - FOR_THE_PAGE


def list_packages() -> dict[str, str]:
    """Return the versions of what package.json requires, by name."""
    packages: dict[str, str] = json.loads(read("package.json"))["devDependencies"]
    return packages


def list_commands() -> list[list[str]]:
    """Return the arguments of each `reelqueue` in a shell block."""
    text = "\n".join(block for name in DOCS for block in find_blocks(name))
    found = re.findall(r"(?:^|python -m )reelqueue (.*)", text.replace("\\\n", " "), re.MULTILINE)
    return [shlex.split(arguments, comments=True) for arguments in found]


def test_env_example_has_every_setting_with_its_default_and_nothing_else() -> None:
    lines = re.findall(r"^([A-Z0-9_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    assert [name for name, _ in lines] == [name.upper() for name in Settings.model_fields]
    assert Settings.from_env(dict(lines)) == Settings()
    # An empty value counts as unset, so a default that there is must be shown.
    shown = {name.lower() for name, value in lines if value}
    unset = {
        name for name, field in Settings.model_fields.items() if field.default in (None, "", ())
    }
    assert shown == set(Settings.model_fields) - unset - {"storage_url"}


def test_env_example_says_a_line_about_every_setting() -> None:
    for group in read(".env.example").split("\n\n"):
        assert re.match(r"# \w", group), group


def test_env_example_leaves_the_variables_of_a_bucket_to_whoever_has_one() -> None:
    given = re.findall(r"^#([A-Z0-9_]+)=", read(".env.example"), re.MULTILINE)
    assert given
    assert all(name.startswith("AWS_") for name in given)


def test_page_of_transitions_has_a_moving_picture_of_each() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| !\[(\w+)\]\((\S+)\) \|", read("docs/transitions.md"), re.MULTILINE
    )
    names = [str(transition) for transition in Transition]
    assert rows == [(name, name, f"transitions/{name}.webp") for name in names]
    pictures = {path.stem: path for path in (ROOT / "docs" / "transitions").iterdir()}
    assert set(pictures) == set(names)
    assert sum(path.stat().st_size for path in pictures.values()) < 1_500_000
    for name, path in pictures.items():
        with Image.open(path) as picture:
            assert picture.size == SIZE, name
            assert getattr(picture, "n_frames", 1) > 1, name


def test_each_style_of_captions_has_a_moving_picture() -> None:
    rows = re.findall(r"^\| `(\w+)` \| !\[(\w+)\]\((\S+)\) \|", read("docs/api.md"), re.MULTILINE)
    names = [str(preset) for preset in Preset]
    assert rows == [(name, name, f"captions/{name}.webp") for name in names]
    pictures = {path.stem: path for path in (ROOT / "docs" / "captions").iterdir()}
    assert set(pictures) == set(names)
    assert sum(path.stat().st_size for path in pictures.values()) < 500_000
    for name, path in pictures.items():
        with Image.open(path) as picture:
            assert picture.size == captions.SIZE, name
            assert getattr(picture, "n_frames", 1) > 1, name


@pytest.mark.render
def test_picture_of_captions_has_one_look_for_each_word(tmp_path: Path) -> None:
    captions.draw_captions(Preset.POP, tmp_path / "drawn.webp")
    with Image.open(tmp_path / "drawn.webp") as picture:
        assert getattr(picture, "n_frames", 1) >= len(captions.TEXT.split())


@pytest.mark.render
def test_picture_of_a_transition_goes_round(tmp_path: Path) -> None:
    draw_transition(Transition.CIRCLE_OPEN, tmp_path / "drawn.webp")
    with Image.open(tmp_path / "drawn.webp") as picture:
        frames = [np.asarray(frame.convert("L"), int) for frame in ImageSequence.Iterator(picture)]
    distances = [np.abs(frame - frames[0]).mean() for frame in frames]
    assert max(distances) > 20
    assert distances[-1] < 5


def test_changelog_has_the_version() -> None:
    releases = re.findall(
        r"^## \[(\d[\d.]+)\] - \d{4}-\d\d-\d\d$", read("CHANGELOG.md"), re.MULTILINE
    )
    assert releases[0] == __version__


def test_routes_are_those_of_the_description() -> None:
    assert set(build_openapi()["paths"]) == list_routes() - {"/openapi.json"}


def test_routes_are_named_in_the_docs() -> None:
    page = read("docs/api.md")
    assert [route for route in list_routes() if f"{route}`" not in page] == []


@pytest.mark.parametrize(("part", "words"), [("queue", REDIS), ("storage", STORAGE)])
def test_causes_of_the_health_route_are_named_in_the_docs(part: str, words: list[str]) -> None:
    row = re.search(rf"^\| `{part}` \| (.+) \|$", read("docs/api.md"), re.MULTILINE)
    assert row
    assert set(re.findall(r"`([a-z-]+)`", row[1])) == {*words, "unknown"}


@pytest.mark.parametrize("name", list_packages())
def test_package_of_the_scripts_is_pinned_and_has_a_reason(name: str) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", list_packages()[name]), "pin one version"
    assert re.search(rf"^\| {name} \| \w.+ \|$", read("CONTRIBUTING.md"), re.MULTILINE)


def test_page_needs_no_package_in_the_browser() -> None:
    assert set(json.loads(read("package.json"))) & {"dependencies", "peerDependencies"} == set()


def test_lock_of_the_scripts_has_hashes_and_no_addresses() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    assert packages.pop("")["devDependencies"] == list_packages()
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def test_every_room_is_named() -> None:
    names = {path.stem for path in (ROOT / "reelqueue").glob("[a-z]*") if path.name != "py.typed"}
    tree = read("CONTRIBUTING.md").partition("\nreelqueue/\n")[2].partition("```")[0]
    listed = {room or module for room, module in re.findall(r"(?m)^  (\w+)/|(\w+)\.py", tree)}
    assert listed == names
    assert set(re.findall(r"(?m)^(\w+)  +\S", reelqueue.__doc__ or "")) == names


def test_contributing_sends_to_files_that_exist() -> None:
    paths = re.findall(
        r"`([\w.-]*/[\w./-]*|[\w.-]+\.(?:py|html|md|txt|example))`", read("CONTRIBUTING.md")
    )
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_to_files_that_exist(name: str) -> None:
    links = re.findall(r"\[[^]]+\]\(([^)#:]+)\)", read(name), re.DOTALL)
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("name", DOCS)
def test_make_targets_that_are_named_exist(name: str) -> None:
    targets = re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)
    code = "\n".join([*find_blocks(name), *re.findall(r"`([^`\n]+)`", read(name))])
    assert set(re.findall(r"^make ([a-z-]+)", code, re.MULTILINE)) <= set(targets)


@pytest.mark.parametrize("arguments", list_commands(), ids=" ".join)
def test_command_of_the_docs_is_understood(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    for argument in arguments:
        if re.fullmatch(r"(notes/)?\w+\.[a-z]\w{2,3}", argument):
            Path(argument).touch()
    name, *rest = arguments
    command = main.get_command(click.Context(main), name)
    assert command, f"there is no command {name}"
    command.make_context(name, rest).close()


def test_settings_of_the_docs_are_taken_as_they_are_written() -> None:
    """A shell that reads them as a file takes what follows a space for a command."""
    text = "\n".join(find_blocks("docs/operating.md"))
    lines = re.findall(r"^[A-Z_]+=\S.*$", text, re.MULTILINE)
    assert lines
    for line in lines:
        (word,) = shlex.split(line)
        name, _, value = word.partition("=")
        assert name.lower() in Settings.model_fields
        Settings.from_env({name: value})


def test_hooks_are_the_checks_of_make_lint() -> None:
    checks = re.findall(
        r"^\t\$\(BIN\)/(\S+)",
        read("Makefile").partition("\nlint:")[2].partition("\n\n")[0],
        re.MULTILINE,
    )
    hooks = re.findall(r"entry: \.venv/bin/(\S+)", read(".pre-commit-config.yaml"))
    assert set(hooks) >= {"ruff", "mypy", "lint-imports"}
    assert set(hooks) <= set(checks)


def test_dockerfile_and_guide_start_what_the_procfile_starts() -> None:
    processes = dict(re.findall(r"^(\w+): (.+)$", read("Procfile"), re.MULTILINE))
    command = re.search(r"^CMD (.+)$", read("Dockerfile"), re.MULTILINE)
    assert command
    assert json.loads(command[1]) == processes["web"].split()
    assert re.search(rf"^ *{processes['worker']}$", read("RAILWAY_QUEUE_SETUP.md"), re.MULTILINE)


def test_guide_quotes_what_the_service_says() -> None:
    rows = re.findall(r"^\| (.+?) \|", read("RAILWAY_QUEUE_SETUP.md"), re.MULTILINE)
    quoted = {text.rstrip(" .") for row in rows for text in re.findall(r'"([A-Z][^"]+)"', row)}
    sources = (path.read_text() for path in (ROOT / "reelqueue").rglob("*.py"))
    code = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))  # long texts are in pieces
    others = {"Application failed to respond", "Permission denied (publickey)"}
    assert {text for text in quoted - others if text not in code} == set()
    assert len(quoted) > 8


def test_image_starts_with_the_example_of_settings_as_it_is() -> None:
    """What `--env-file` leaves empty is empty in the container, whatever the image had said."""
    lines = re.findall(r"^([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    assert Settings.from_env(dict(lines)) == Settings.from_env({})
    own = set(re.findall(r"^(?:ENV)? +([A-Z_]+)=", read("Dockerfile"), re.MULTILINE))
    assert own
    assert not own & dict(lines).keys()


@pytest.mark.process
@pytest.mark.parametrize("extra", ["faces", "speech", "narration"])
def test_image_installs_an_extra_when_its_argument_is_set(tmp_path: Path, extra: str) -> None:
    """Run the instruction of the Dockerfile with a pip that tells what it was asked for."""
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\necho "$@"\n')
    pip.chmod(0o755)
    argument = extra.upper()
    instruction = re.search(rf"^ARG {argument}=\nRUN (.+)$", read("Dockerfile"), re.MULTILINE)
    assert instruction
    asked = {
        value: subprocess.check_output(
            ["/bin/sh", "-ec", instruction[1]],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", argument: value},
            text=True,
        ).split()
        for value in ("", "1")
    }
    assert asked[""] == []
    assert asked["1"][-2:] == ["-r", f"requirements-{extra}.txt"]
    copied = read("Dockerfile").partition("\nCOPY ")[2].partition(" ./\n")[0]
    assert f"requirements-{extra}.txt" in copied.split()
    assert f"!requirements-{extra}.txt" in read(".dockerignore").splitlines()
    assert f"`--build-arg {argument}=1`" in read("README.md")


@pytest.mark.process
def test_image_holds_all_that_runs(tmp_path: Path) -> None:
    """Import everything from a folder that has only what .dockerignore lets through."""
    for name in re.findall(r"^!(.+)$", read(".dockerignore"), re.MULTILINE):
        source, target = ROOT / name, tmp_path / "app" / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    modules = [
        ".".join(path.relative_to(tmp_path / "app").with_suffix("").parts)
        for path in sorted((tmp_path / "app").rglob("*.py"))
        if path.name not in ("exec.py", "gunicorn.conf.py")
    ]
    assert {"app", "worker", "tasks", "reelqueue.render.clip"} <= set(modules)
    program = f"import importlib; [importlib.import_module(name) for name in {modules}]"
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {program}"]
    environment = {"STORAGE_URL": (tmp_path / "data").as_uri(), "PATH": ""}
    subprocess.run(command, cwd=tmp_path / "app", env=environment, check=True)


@pytest.fixture
def files(
    tmp_path: Path,
    photo_paths: list[Path],
    song_path: Path,
    video_path: Path,
    talk_path: Path,
) -> Path:
    """A folder with the files that the examples name."""
    folder = tmp_path / "files"
    folder.mkdir()
    names = ["beach.jpg", "hills.jpg", "song.mp3", "holiday.mp4", "talk.mp4"]
    paths = [*photo_paths[:2], song_path, video_path, talk_path]
    for name, path in zip(names, paths, strict=True):
        shutil.copy(path, folder / name)
    return folder


def run_example(name: str, server: str, folder: Path) -> None:
    blocks = [block for block in find_blocks(name) if "host=" in block or "$host" in block]
    script = "".join(blocks)
    assert script.count(f"host={HOST}\n") == 1
    command = ["bash", "-e", "-c", script.replace(HOST, server)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=["inline", "redis"])
def server(
    request: pytest.FixtureRequest, start_server: StartServer, start_worker: Callable[..., None]
) -> str:
    """The product as it is deployed, in both modes."""
    if request.param == "inline":
        return start_server()
    environment: Mapping[str, str] = {"REDIS_URL": request.getfixturevalue("redis_url")}
    start_worker(environment)
    return start_server(environment)


def test_examples_of_the_readme_make_a_video(server: str, files: Path) -> None:
    run_example("README.md", server, files)
    assert probe_video(files / "trip.mp4").duration == pytest.approx(6, abs=0.01)


def test_examples_of_the_api_page_make_videos_and_an_analysis(server: str, files: Path) -> None:
    run_example("docs/api.md", server, files)
    slideshow, clip = (probe_video(files / name) for name in ("slideshow.mp4", "clip.mp4"))
    best = probe_video(files / "best.mp4")
    assert (best.width, best.height, best.has_audio) == (720, 1280, True)
    assert 4 < best.duration < 8  # the clips are of a second each, and the card is spoken
    assert (slideshow.width, slideshow.height, slideshow.has_audio) == (1280, 720, True)
    assert slideshow.duration == pytest.approx(4, abs=0.05)
    assert (clip.width, clip.height) == (1080, 1920)
    assert clip.duration == pytest.approx(1.5, abs=0.05)
    told = probe_video(files / "told.mp4")
    assert (told.has_audio, 5 < told.duration < 12) == (True, True)
    analysis = json.loads((files / "analysis.json").read_text())
    assert analysis["duration"] == pytest.approx(3, abs=0.05)
    assert analysis["highlights"]
    for name in ("filmstrip.jpg", "waveform.png"):
        with Image.open(files / name) as picture:
            assert picture.width > 1000
