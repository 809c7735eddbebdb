from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest
from click.testing import CliRunner, Result
from PIL import ExifTags, Image

from reelqueue import __version__
from reelqueue.cli.commands import main
from tests import nursery
from tests.boxes import read_tracks
from tests.conftest import ROOT

pytestmark = pytest.mark.process

SMALL = ["--duration", "0.5", "--transition-duration", "0.2", "--size", "160x90", "--fps", "15"]


def run(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Do what a command does in a process of its own, which starts faster than the command."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return nursery.call([str(argument) for argument in arguments], environment, folder)


def start(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "reelqueue", *(str(argument) for argument in arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def call(*arguments: str | Path) -> Result:
    """Do what a command does in this process: one of its own takes longer to start than to refuse.

    An exception that the command lets through is exit code 1.
    """
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_slideshow_writes_a_video_and_prints_its_facts(
    tmp_path: Path, photo_paths: list[Path], song_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    result = start("slideshow", *photo_paths[:2], "-o", output, "--audio", song_path, *SMALL)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{output}: 1.00 s, 160x90, 15 fps, 15 frames")
    with av.open(str(output)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]


def test_slideshow_fits_its_songs(tmp_path: Path, photo_paths: list[Path], song_path: Path) -> None:
    songs = ("--audio", song_path, "--audio", song_path, "--fit-to-music", "--volume", "0.5")
    result = run("slideshow", *photo_paths[:2], "-o", tmp_path / "out.mp4", *SMALL, *songs)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 6.07 s, 160x90, 15 fps, 91 frames" in result.stdout


def test_songs_are_heard_in_part(tmp_path: Path, photo_paths: list[Path], song_path: Path) -> None:
    songs = ("--audio", song_path) * 3
    parts = ["--audio-part", "1-2.5", "--audio-part", "", "--audio-part", "-1.5"]
    look = ["--fit-to-music", *SMALL]
    result = run("slideshow", photo_paths[0], "-o", tmp_path / "out.mp4", *songs, *parts, *look)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 5.53 s" in result.stdout  # 1.5, 4.03 and 1.5 seconds; each change takes 0.75


def test_file_says_of_photos_and_cards_what_is_too_much_for_options(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    choices = tmp_path / "choices.json"
    card = {"text": "Our trip", "subtitle": "2026", "duration": 1.5, "background": "#203040"}
    own = [{"duration": 1, "motion": "zoom_in"}, {"transition": "none"}]
    choices.write_text(json.dumps({"photos": own, "title": card, "end_title": card}))
    words = ["--caption", "", "--caption", "Day 2", "--end-title", "The end"]
    files: list[str | Path] = [*photo_paths[:3], "-o", tmp_path / "out.mp4", "--choices", choices]
    result = run("slideshow", *files, *words, *SMALL)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 6.53 s, 160x90, 15 fps, 98 frames" in result.stdout  # 1.5 + 1 + 2 * 0.5 + 3
    result = run("slideshow", photo_paths[0], "-o", tmp_path / "out.mp4", "--choices", choices)
    assert (result.returncode, result.stdout) == (2, "")
    assert "--choices: the file has settings for 2 photos, but only 1 are given" in result.stderr


def test_option_gives_the_title_of_a_file_a_smaller_line(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    choices = tmp_path / "choices.json"
    choices.write_text(json.dumps({"title": {"text": "Our trip", "duration": 1.5}}))
    files = (photo_paths[0], "-o", tmp_path / "out.mp4", "--choices", choices, "--dry-run")
    result = call("slideshow", *files, "--subtitle", "2026", *SMALL)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("2.00 s, ")  # 1.5 + 0.5
    refused = call("slideshow", *files, "--subtitle", "\U0003ffff", *SMALL)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--subtitle: no installed font" in refused.stderr


def test_dry_run_says_what_the_slideshow_would_be_and_makes_none(
    tmp_path: Path, photo_paths: list[Path], song_path: Path
) -> None:
    damaged = tmp_path / "beach.jpg"
    damaged.write_bytes(photo_paths[1].read_bytes()[:50_000])
    files = (photo_paths[0], damaged, "-o", tmp_path / "out.mp4", "--audio", song_path)
    look = ["--on-bad-photo", "skip", "--end-title", "End", "--dry-run", *SMALL]
    result = run("slideshow", *files, *look)
    assert (result.returncode, result.stderr) == (0, "Left out as unreadable: beach.jpg\n")
    size = r"0\.\d MB( \(0\.\d to 0\.\d\))?"
    sentence = rf"3\.47 s, 160x90, 15 fps, 52 frames; about {size}, made in about \d s\n"
    assert re.fullmatch(sentence, result.stdout)
    facts = json.loads(run("slideshow", *files, *look, "--json").stdout)
    assert (facts["frames"], facts["skipped_photos"]) == (52, ["beach.jpg"])
    assert facts["estimated_file_size"] > 3.5 * 24_000
    assert [path.name for path in tmp_path.iterdir()] == ["beach.jpg"]


def test_dry_run_says_what_the_clip_would_be_and_makes_none(
    tmp_path: Path, video_path: Path
) -> None:
    arguments = ["--start", "1", "--end", "2", "--aspect", "original", "--dry-run", "--json"]
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    facts = json.loads(result.stdout)
    assert (facts["frames"], facts["width"], facts["height"]) == (25, 320, 240)
    assert "skipped_photos" not in facts
    assert not list(tmp_path.iterdir())


def test_videos_play_among_the_photos(
    tmp_path: Path, photo_paths: list[Path], video_path: Path
) -> None:
    choices = tmp_path / "choices.json"
    choices.write_text(json.dumps({"photos": [{}, {"start": 1.0, "end": 2.5, "mute": True}]}))
    files: list[str | Path] = [photo_paths[0], video_path, photo_paths[1], video_path]
    look: list[str | Path] = ["-o", tmp_path / "out.mp4", "--choices", choices, *SMALL]
    facts = json.loads(run("slideshow", *files, *look, "--dry-run", "--json").stdout)
    result = run("slideshow", *files, *look)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 5.07 s" in result.stdout  # 76 frames: 0.5 + 1.5 + 0.5 + 3, less 0.2 before each video
    assert facts["frames"] == 76


def test_slideshow_gets_its_words_from_the_command_line(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    words = ["--caption", "", "--caption", "日本 🏖️", "--title", "Start", "--end-title", "End"]
    result = run("slideshow", *photo_paths[:2], "-o", tmp_path / "out.mp4", *SMALL, *words)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 7.00 s" in result.stdout


@pytest.mark.parametrize("look", [[], ["--dry-run"]], ids=str)
@pytest.mark.usefixtures("without_shaper")
def test_words_are_refused_where_they_cannot_be_drawn(
    tmp_path: Path, photo_paths: list[Path], look: list[str]
) -> None:
    files: list[str | Path] = [photo_paths[0], "-o", tmp_path / "out.mp4", *SMALL, *look]
    result = start("slideshow", *files, "--title", "Start")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: --title: text cannot be drawn because ")
    assert start("slideshow", *files).returncode == 0


def test_fonts_are_looked_for_in_the_folder_that_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photo_paths: list[Path]
) -> None:
    look: list[str | Path] = [photo_paths[0], "-o", tmp_path / "out.mp4", "--dry-run"]
    assert run("slideshow", *look, "--title", "日本").returncode == 0
    monkeypatch.setenv("FONTS_FOLDER", str(tmp_path))
    assert "no installed font has 日" in run("slideshow", *look, "--title", "日本").stderr
    assert "No font has emoji, Chinese" in run("doctor").stdout
    monkeypatch.setenv("FONTS_FOLDER", str(tmp_path / "none"))
    result = run("slideshow", *look)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: FONTS_FOLDER: ")


@pytest.mark.usefixtures("without_shaper")
def test_doctor_says_that_words_cannot_be_drawn() -> None:
    result = start("doctor")
    assert result.returncode == 1
    assert re.search(r"^problem +words: .* install libfribidi0", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"title": {"text": " "}}, "title.text: must have at least one visible character."),
        ({"photos": [{"duration": -1}]}, "photos.0.duration: must be"),
        ([], ""),
    ],
)
def test_faults_of_a_file_of_choices_are_named_as_in_the_file(
    tmp_path: Path, photo_paths: list[Path], content: object, sentence: str
) -> None:
    choices = tmp_path / "choices.json"
    choices.write_text(json.dumps(content))
    result = call("slideshow", photo_paths[0], "-o", tmp_path / "out.mp4", "--choices", choices)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: choices.json: {sentence}")
    assert "The request" not in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--caption", "a", "--caption", "b"], "Error: --caption: given 2 times for 1 photos"),
        (["--caption", "x" * 301], "Error: --caption: must have at most 300"),
        (["--caption", "a\U0003ffff"], "Error: photos.0.caption: no installed font has "),
        (
            ["--title", "\U0003ffff"],
            "Error: --title: no installed font has \U0003ffff (U+3FFFF): ",
        ),
        (["--title", " "], "Error: --title: must have at least one visible character."),
    ],
)
def test_words_that_cannot_be_drawn_are_one_line_and_code_2(
    tmp_path: Path, photo_paths: list[Path], words: list[str], sentence: str
) -> None:
    result = call("slideshow", photo_paths[0], "-o", tmp_path / "out.mp4", *SMALL, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_slideshow_answers_a_machine_in_json(tmp_path: Path, photo_paths: list[Path]) -> None:
    result = run("slideshow", photo_paths[0], "-o", tmp_path / "out.mp4", "--json", *SMALL)
    facts = json.loads(result.stdout)
    assert (facts["success"], facts["frames"], facts["duration"]) == (True, 8, 8 / 15)


def test_slideshow_takes_its_photos_by_date_around_a_focus(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2025:08:09 10:11:12"
    halves = Image.new("RGB", (90, 30), "white")
    halves.paste("black", (0, 0, 45, 30))
    halves.save(tmp_path / "dated.jpg", exif=exif)
    look = ("--order", "date", "--fit", "cover", "--focus", "0", "0.5", "--rotate", "180")
    output = tmp_path / "out.mp4"

    result = run("slideshow", photo_paths[0], tmp_path / "dated.jpg", "-o", output, *look, *SMALL)

    assert (result.returncode, result.stderr) == (0, "")
    with av.open(str(output)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="gray")
    assert first.mean() > 200  # the white half, turned to the left


def test_slideshow_says_which_photos_it_left_out(tmp_path: Path, photo_paths: list[Path]) -> None:
    damaged = tmp_path / "beach.jpg"
    content = photo_paths[1].read_bytes()
    damaged.write_bytes(content[: len(content) // 2])
    output = tmp_path / "out.mp4"

    def make(*more: str) -> subprocess.CompletedProcess[str]:
        photos = (photo_paths[0], damaged)
        return run("slideshow", *photos, "-o", output, "--json", *SMALL, *more)

    result = make("--on-bad-photo", "skip")
    assert (result.returncode, result.stderr) == (0, "Left out as unreadable: beach.jpg\n")
    facts = json.loads(result.stdout)
    assert (facts["frames"], facts["skipped_photos"]) == (8, ["beach.jpg"])

    output.unlink()
    result = make()
    assert (result.returncode, result.stdout) == (2, "")
    assert "beach.jpg is damaged" in result.stderr
    assert not output.exists()


def test_damaged_video_is_left_out_like_a_photo(
    tmp_path: Path, photo_paths: list[Path], video_path: Path
) -> None:
    damaged = tmp_path / "beach.mp4"
    damaged.write_bytes(video_path.read_bytes()[:2000])
    files: list[str | Path] = [photo_paths[0], damaged, "-o", tmp_path / "out.mp4", *SMALL]

    result = run("slideshow", *files, "--on-bad-photo", "skip")
    assert (result.returncode, result.stderr) == (0, "Left out as unreadable: beach.mp4\n")
    assert ": 0.53 s" in result.stdout
    result = run("slideshow", *files)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: beach.mp4: ")


SRT = """1
00:00:00,200 --> 00:00:00,900
Welcome to my talk

2
00:00:01,500 --> 00:00:01,500
The funny part
"""
NONE = "No caption lies within the clip: their times count from the start of the video."
OUTSIDE = "1 of 2 captions lies outside of the clip and will not be shown."


@pytest.mark.parametrize(
    ("more", "notes"),
    [((), []), (("--caption-times", "clip"), [OUTSIDE]), (("--end", "1.4"), [NONE])],
)
def test_captions_of_a_file_count_from_the_video(
    tmp_path: Path, video_path: Path, more: tuple[str, ...], notes: list[str]
) -> None:
    captions = tmp_path / "words.srt"
    captions.write_text(SRT, encoding="utf-16")
    part = ("--start", "1", "--end", "2", "--aspect", "1:1", *more)
    output = tmp_path / "c.mp4"
    words = ("--captions", captions, "--json", "--dry-run")
    result = run("clip", video_path, "-o", output, *part, *words)
    assert json.loads(result.stdout)["warnings"] == notes
    read, *told = result.stderr.splitlines()
    assert read.startswith("Note: words.srt: Line 6: the end is not after the start")
    assert told == [f"Note: {note}" for note in notes]


def test_captions_can_be_a_transcript_of_whisper(tmp_path: Path, video_path: Path) -> None:
    captions = tmp_path / "talk.json"
    segments = [{"id": n, "start": n, "end": n + 0.5, "text": " Good morning."} for n in (0, 90)]
    captions.write_text(json.dumps({"text": "Good morning.", "segments": segments}))
    words = ("--captions", captions, "--caption-times", "clip", "--json", "--dry-run")
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", *words)
    assert json.loads(result.stdout)["warnings"] == [OUTSIDE]


def test_clip_writes_a_video_with_captions(tmp_path: Path, video_path: Path) -> None:
    captions = tmp_path / "words.srt"
    captions.write_text(SRT)
    arguments = ["--start", "1", "--end", "2", "--aspect", "1:1", "--fit", "pad", "--json"]
    arguments += ["--caption-times", "clip"]
    style = ["--caption-style", "phrase", "--caption-highlight", "#ff0000", "--caption-uppercase"]
    arguments += ["--captions", str(captions), *style]
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", *arguments)
    assert result.returncode == 0
    facts = json.loads(result.stdout)
    assert (facts["width"], len(facts["warnings"])) == (1080, 1)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (("--aspect", "4:5"), (1080, 1350)),
        (("--aspect", "original", "--rotate", "90"), (240, 320)),
        (("--resolution", "720x900", "--fit", "crop", "--focus", "0.2,1"), (720, 900)),
    ],
)
def test_clip_has_the_shape_that_is_asked_for(
    tmp_path: Path, video_path: Path, options: tuple[str, ...], size: tuple[int, int]
) -> None:
    result = call("clip", video_path, "-o", tmp_path / "c.mp4", *options, "--json", "--dry-run")
    facts = json.loads(result.stdout)
    assert (facts["width"], facts["height"]) == size


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--aspect", "1:1", "--resolution", "720x900"),
            "--resolution: takes the place of --aspect: use one",
        ),
        (("--resolution", "9"), "must be a size such as 1280x720"),
        (("--rotate", "45"), "rotate: "),
        (("--fit", "crop", "--focus", "left"), "neither auto nor a point such as 0.5,0.3"),
        (("--fit", "crop", "--focus", "0.5,1.5"), "--focus (y): must be"),
        (("--focus", "0.5,0.5"), "--focus: is for crop: add --fit crop"),
        (("--focus", "auto"), "add --fit crop"),
    ],
)
def test_shape_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, video_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    result = call("clip", video_path, "-o", tmp_path / "c.mp4", *options)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert sentence in result.stderr.splitlines()[-1]


def test_clip_can_have_its_captions_as_a_track(tmp_path: Path, video_path: Path) -> None:
    captions = tmp_path / "words.srt"
    captions.write_text(SRT)
    part = ["--end", "2", "--aspect", "original", "--soft-captions"]
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    assert start("clip", video_path, "-o", first, *part, "--captions", captions).returncode == 0
    again = run("clip", first, "-o", second, *part, "--captions", "track")
    assert (again.returncode, again.stderr) == (0, "")
    refused = run("clip", video_path, "-o", second, "--captions", "track")
    assert refused.returncode == 2
    assert "This video has no subtitle track" in refused.stderr


def test_files_can_be_named_from_the_folder_that_one_is_in(
    tmp_path: Path, photo_paths: list[Path], song_path: Path, video_path: Path
) -> None:
    for path in (photo_paths[0], song_path, video_path):
        shutil.copy(path, tmp_path)
    song, photo = song_path.name, photo_paths[0].name
    for command in (
        ["clip", video_path.name, "-o", "clip.mp4", "--end", "0.4", "--aspect", "original"],
        ["slideshow", photo, "-o", "show.mp4", "--audio", song, *SMALL],
    ):
        result = run(*command, folder=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert (tmp_path / command[command.index("-o") + 1]).exists()


def test_clip_of_several_segments_lasts_as_long_as_they_do(
    tmp_path: Path, video_path: Path
) -> None:
    segments = ("--segment", "0.1-0.4", "--segment", "0.6-1.0", "--speed", "0.5")
    arguments = (*segments, "--aspect", "original", "--json")
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", *arguments)
    assert json.loads(result.stdout)["duration"] == pytest.approx(1.4, abs=0.05)


@pytest.mark.parametrize(
    ("part", "seconds"),
    [
        (("--start", "0:00.5", "--end", "0:02"), 1.5),
        (("--start", "1", "--end", "0:00:02.5"), 1.5),
        (("--segment", "0:00.4-0:01", "--segment", "2-0:02.9"), 1.5),
        (("--end", "1", "--title", "Talk", "--title-duration", "0:01"), 2),
    ],
)
def test_times_can_have_minutes(
    tmp_path: Path, video_path: Path, part: tuple[str, ...], seconds: float
) -> None:
    result = call("clip", video_path, "-o", tmp_path / "c.mp4", *part, "--json", "--dry-run")
    assert json.loads(result.stdout)["duration"] == pytest.approx(seconds, abs=0.05)


def test_part_of_a_song_can_have_minutes(
    tmp_path: Path, photo_paths: list[Path], song_path: Path
) -> None:
    options = ("--audio", song_path, "--audio-part", "0:01-0:02", "--fit-to-music", "--json")
    result = call("slideshow", photo_paths[0], "-o", tmp_path / "s.mp4", *options, "--dry-run")
    assert json.loads(result.stdout)["duration"] == 1


def test_analyze_prints_tables_for_people_and_json_for_a_machine(
    tmp_path: Path, video_path: Path
) -> None:
    result = start("analyze", video_path, "--duration", "2", "--count", "1")
    assert result.returncode == 0
    progress = [line.rpartition(": ") for line in result.stderr.splitlines()]
    assert progress[-1] == ("saving", ": ", "100 %")
    percents = [int(percent.split()[0]) for *_, percent in progress]
    assert percents == sorted(set(percents))
    first, hint, *tables = result.stdout.splitlines()
    assert re.fullmatch(r"3\.\d\d s, 1 scene, 0 silences", first)
    assert hint == "No transcript: --transcript writes down what is said."
    assert [line.split()[0] for line in tables if line] == ["Scenes", "1", "Highlights", "1"]
    told = json.loads(run("analyze", video_path, "-o", tmp_path, "--json").stdout)
    assert told.pop("success") is True
    assert told == json.loads((tmp_path / "analysis.json").read_text())
    names = {"analysis.json", "filmstrip.jpg", "waveform.png"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_analysis_without_a_transcript_needs_no_model(
    video_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHISPER_MODEL", "no such/model")
    result = run("analyze", video_path, "--duration", "2", "--count", "1")
    assert result.returncode == 0
    assert "No transcript: WHISPER_MODEL: must be" in result.stdout
    assert "Highlights" in result.stdout


def test_dry_run_of_an_analysis_says_how_long_it_takes_and_makes_none(
    tmp_path: Path, video_path: Path
) -> None:
    result = run("analyze", video_path, "-o", tmp_path, "--dry-run")
    size = "0.1 MB (0.1 to 0.3)"
    expected = f"3.00 s, 320x240, 25 fps, 75 frames; about {size}, made in about 1 s\n"
    assert result.stdout == expected
    assert list(tmp_path.iterdir()) == []


def test_clip_has_music_instead_of_its_own_sound(
    tmp_path: Path, video_path: Path, song_path: Path
) -> None:
    output = tmp_path / "c.mp4"
    music: list[str | Path] = ["--mute", "--music", song_path]
    music += ["--music-part", "0.5-2", "--music-volume", "0.7", "--no-duck"]
    music += ["--sound-fade-in", "0.1", "--loudness", "-16"]
    result = run("clip", video_path, "-o", output, "--end", "0.6", "--aspect", "original", *music)
    assert (result.returncode, result.stderr) == (0, "")
    with av.open(str(output)) as clip:
        assert [stream.type for stream in clip.streams] == ["video", "audio"]


def test_clip_has_a_fade_of_its_pictures_and_one_of_its_sound(
    tmp_path: Path, video_path: Path
) -> None:
    output = tmp_path / "c.mp4"
    look = ("--fade-in", "0.2", "--sound-fade-in", "0.1", "--saturation", "0", "--denoise", "light")
    result = run("clip", video_path, "-o", output, "--end", "0.4", "--aspect", "original", *look)
    assert (result.returncode, result.stderr) == (0, "")
    with av.open(str(output)) as clip:
        frames = [frame.to_ndarray(format="yuv420p") for frame in clip.decode(video=0)]
    assert frames[0][:240].max() < 24
    assert frames[8][:240].mean() > 40
    assert abs(frames[8][240:].astype(int) - 128).max() < 4


def test_clip_has_title_cards(tmp_path: Path, video_path: Path) -> None:
    cards = ("--title", "Our trip", "--subtitle", "2026", "--end-title", "The end")
    end = ("--end-subtitle", "See you there")
    look = (
        *end,
        "--title-duration",
        "0.4",
        "--title-background",
        "#203040",
        "--aspect",
        "original",
    )
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", "--end", "0.4", *cards, *look)
    assert (result.returncode, result.stderr) == (0, "")
    assert ": 1.20 s" in result.stdout
    with av.open(str(tmp_path / "c.mp4")) as clip:
        assert [stream.type for stream in clip.streams] == ["video", "audio"]


def test_clip_has_a_moving_preview(tmp_path: Path, video_path: Path) -> None:
    part = ("--end", "0.4", "--aspect", "original")
    moving = tmp_path / "moving.webp"
    result = run("clip", video_path, "-o", tmp_path / "c.mp4", *part, "--animation", moving)
    assert (result.returncode, result.stderr) == (0, "")
    with Image.open(moving) as picture:
        assert (picture.format, picture.size) == ("WEBP", (240, 180))


def test_clip_has_a_logo(tmp_path: Path, video_path: Path) -> None:
    Image.new("RGB", (40, 40), "red").save(tmp_path / "logo.png")
    output = tmp_path / "c.mp4"
    logo = (
        "--logo",
        tmp_path / "logo.png",
        "--logo-position",
        "bottom_left",
        "--logo-width",
        "0.3",
    )
    result = run("clip", video_path, "-o", output, "--end", "0.4", "--aspect", "original", *logo)
    assert (result.returncode, result.stderr) == (0, "")
    with av.open(str(output)) as clip:
        frame = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    corner = frame[170:200, 30:80].mean(axis=(0, 1))
    assert corner[0] > 230
    assert corner[1:].max() < 30


def test_clip_does_not_write_over_its_source(tmp_path: Path, video_path: Path) -> None:
    source = Path(shutil.copy(video_path, tmp_path / "holiday.mp4"))
    result = run("clip", source, "-o", source)
    assert result.returncode == 2
    assert "input" in result.stderr
    assert source.read_bytes() == video_path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["slideshow", "{photo}", "-o", "{out}", "--duration", "0"], "duration: must be"),
        (["slideshow", "{photo}", "-o", "{out}", "--duration", "nan"], "duration: must be"),
        (["slideshow", "{photo}", "-o", "{out}", "--size", "1x1"], "--size: must be a size"),
        (["slideshow", "{photo}", "-o", "{out}", "--focus", "0.5", "2"], "--focus (y): must be"),
        (["slideshow", "{photo}", "-o", "{out}", "--rotate", "45"], "rotate: must be 0, 90"),
        (["slideshow", "{photo}", "-o", "{out}", "--background", "red"], "background: "),
        (["slideshow", "{text}", "-o", "{out}"], "notes.jpg"),
        (["slideshow", "{text}", "-o", "{out}", "--order", "date"], "notes.jpg"),
        (["slideshow", "{photo}", "-o", "{out}", "--audio", "{text}"], "send"),
        (["slideshow", "{photo}", "-o", "{out}", "--fit-to-music"], "--fit-to-music: there is no"),
        (["slideshow", "{photo}", "-o", "{out}", "--volume", "3"], "volume: must be"),
        (["slideshow", "{photo}", "-o", "{out}", "--audio-part", "1-2"], "1 times for 0 songs"),
        (["slideshow", "{photo}", "-o", "{out}", "--choices", "{song}"], "is not UTF-8 text"),
        (["slideshow", "{photo}", "-o", "{out}", "--choices", "{text}"], "is not valid JSON"),
        (["slideshow", "{photo}", "-o", "{text}", "--choices", "{text}"], "is also an input"),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--audio", "{song}", "--audio-part", "1..2"],
            "--audio-part: 1..2 is not a part, such as 12.5-70",
        ),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--audio", "{song}", "--audio-part", "3-2"],
            "--audio-part: end: must be at least 0.1 seconds after start",
        ),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--audio", "{song}", "--audio-part", "9-"],
            "--audio-part 1.start: must lie within the music",
        ),
        (["slideshow", "{song}", "-o", "{out}"], "tune.mp3 is not in a supported"),
        (["slideshow", "missing.jpg", "-o", "{out}"], "does not exist"),
        (["slideshow", "-o", "{out}"], "PHOTOS"),
        (["slideshow", "{photo}", "-o", "/no/such/folder/out.mp4"], "no folder"),
        (["slideshow", "{text}", "-o", "{out}", "--dry-run"], "notes.jpg"),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--dry-run", "--fit-to-music"],
            "--fit-to-music: ",
        ),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--dry-run", "--title", "\U0003ffff"],
            "--title: no installed font",
        ),
        (
            ["slideshow", "{photo}", "-o", "{out}", "--dry-run", "--end-subtitle", "hi"],
            "--end-subtitle: needs a title above it",
        ),
        (["clip", "{video}", "-o", "{out}", "--dry-run", "--start", "99"], "start: "),
        (["clip", "{video}", "-o", "{out}", "--start", "99"], "start: "),
        (["clip", "{video}", "-o", "{out}", "--start", "2", "--end", "1"], "Error: end must be"),
        (["clip", "{video}", "-o", "{out}", "--segment", "one-two"], "two times"),
        (
            ["clip", "{video}", "-o", "{out}", "--start", "0:75"],
            "say seconds, such as",
        ),
        (["clip", "{video}", "-o", "{out}", "--end", "1:2:3:4"], "'1:2:3:4' is not a time: say"),
        (["clip", "{video}", "-o", "{out}", "--segment", "0:01-0:60"], "or M:SS or H:MM:SS"),
        (["clip", "{video}", "-o", "{out}", "--start", "1:00:00"], "start: must lie within"),
        (
            ["clip", "{video}", "-o", "{out}", "--segment", "0-1", "--end", "1"],
            "leave out --start and",
        ),
        (["clip", "{video}", "-o", "{out}", "--segment", "0-1@left"], "left is neither auto"),
        (
            ["clip", "{video}", "-o", "{out}", "--segment", "0-1@0,0.5"],
            "--segment 1 (focus): is for",
        ),
        (["clip", "{video}", "-o", "{out}", "--sound-track", "2"], "has 1 sound track; leave"),
        (["clip", "{video}", "-o", "{out}", "--loudness", "5"], "--loudness: must"),
        (["clip", "{video}", "-o", "{out}", "--fade-in", "99"], "--fade-in: must be"),
        (
            ["clip", "{video}", "-o", "{out}", "--end-title", "End", "--end-subtitle", "x" * 301],
            "--end-subtitle: must",
        ),
        (
            ["clip", "{video}", "-o", "{out}", "--subtitle", "2026", "--dry-run"],
            "--subtitle: needs a title above it",
        ),
        (
            ["clip", "{video}", "-o", "{out}", "--end-title", "End", "--title-background", "red"],
            "Error: --title-background: must",
        ),
        (["clip", "{video}", "-o", "{out}", "--animation", "/no/such/a.webp"], "no folder"),
        (["clip", "{video}", "-o", "{out}", "--animation", "{video}"], "is also an input"),
        (["clip", "{video}", "-o", "{out}", "--transcript", "/no/such/t.json"], "no folder"),
        (["clip", "{video}", "-o", "{out}", "--transcript", "{video}"], "is also an input"),
        (["clip", "{video}", "-o", "{out}", "--transcript", "t.json"], "with --captions auto"),
        (["clip", "{video}", "-o", "{out}", "--contrast", "9"], "contrast: must be"),
        (["clip", "{video}", "-o", "{out}", "--logo", "{text}"], "notes.jpg is not in a supported"),
        (
            ["clip", "{video}", "-o", "{out}", "--dry-run", "--title", "\U0003ffff"],
            "--title: no installed font",
        ),
        (
            ["clip", "{video}", "-o", "{out}", "--logo", "{text}", "--dry-run"],
            "notes.jpg is not in a supported",
        ),
        (
            ["clip", "{video}", "-o", "{out}", "--logo", "{photo}", "--logo-width", "2"],
            "--logo-width: must be",
        ),
        (
            ["clip", "{video}", "-o", "{out}", "--music", "{song}", "--music-part", "9-"],
            "--music-part 1.start: must lie within the music",
        ),
        (["clip", "{video}", "-o", "{out}", "--music", "{text}"], "send"),
        (["clip", "{text}", "-o", "{out}"], "send"),
        (["analyze", "{text}"], "send"),
        (["analyze", "{song}"], "send"),
        (["analyze", "{text}", "--dry-run"], "send"),
        (["analyze", "{video}", "--count", "51"], "--count: must be"),
        (["analyze", "{video}", "--duration", "0.5"], "--duration: must be"),
        (["analyze", "{video}", "-o", "{text}"], "is a file"),
        (["analyze", "missing.mp4"], "does not exist"),
        (["clip", "{video}", "-o", "{out}", "--captions", "{text}"], "No captions were found"),
        (["clip", "{video}", "-o", "{out}", "--caption-color", "red"], "--caption-color: "),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence_and_leaves_no_file(
    tmp_path: Path,
    photo_paths: list[Path],
    video_path: Path,
    song_path: Path,
    arguments: list[str],
    sentence: str,
) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    names = {
        "{photo}": str(photo_paths[0]),
        "{video}": str(video_path),
        "{song}": str(song_path),
        "{text}": str(text),
        "{out}": str(tmp_path / "out.mp4"),
    }
    result = call(*(names.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.jpg"]


def test_engine_that_is_not_installed_is_named(tmp_path: Path, photo_paths: list[Path]) -> None:
    program = (
        "import sys; sys.modules['moviepy'] = None\nfrom reelqueue.__main__ import main; main()"
    )
    output = tmp_path / "out.mp4"
    order = ["slideshow", str(photo_paths[0]), "-o", str(output), "--engine", "moviepy"]
    command = [sys.executable, "-c", program, *order]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: The engine moviepy is not installed: ")
    assert list(tmp_path.iterdir()) == []


def test_worker_without_redis_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    result = run("worker")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: REDIS_URL: a worker needs it")


def test_version_is_that_of_the_package() -> None:
    result = start("--version")
    assert result.stdout == f"python -m reelqueue {__version__}\n"


def test_clip_has_captions_of_what_is_said(
    tmp_path: Path, reading_path: Path, whisper_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHISPER_MODEL", str(whisper_model))
    output, heard = tmp_path / "out.mp4", tmp_path / "heard.json"
    clip = ("clip", reading_path, "-o", output, "--start", "13.2", "--end", "16.8")
    speech = ("--captions", "auto", "--language", "en", "--transcript", heard)
    look = ("--aspect", "original", "--json")
    result = run(*clip, *speech, *look)
    assert (result.returncode, result.stderr) == (0, "")
    transcript = json.loads(heard.read_text())
    assert "season of light" in transcript["segments"][0]["text"].lower()
    again = run(*clip, "--captions", heard, "--dry-run", *look)
    assert (again.returncode, again.stderr) == (0, "")
    assert "warnings" not in json.loads(again.stdout) or not json.loads(again.stdout)["warnings"]
    wrong = run(*clip, "--captions", "auto", "--language", "de", *look)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Error: --language: the model knows English only")


def test_captions_of_what_is_said_need_a_model(tmp_path: Path, video_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "WHISPER_MODEL": str(tmp_path)}
    command = [sys.executable, "-m", "reelqueue", "clip", str(video_path), "--captions", "auto"]
    result = subprocess.run(
        [*command, "-o", str(tmp_path / "out.mp4")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("Error: --captions: Speech is not recognised here: ")
    assert result.stderr.count("\n") == 1


def test_place_sets_the_size_unless_the_command_does(
    tmp_path: Path, photo_paths: list[Path], video_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    look = ["--duration", "0.3", "--transition", "none", "--target", "widest"]
    result = run("slideshow", *photo_paths[:2], "-o", output, *look, "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["width"], facts["height"]) == (1280, 720)
    assert read_tracks(output)[0].profile == 66

    named = ["--size", "1920x1080", "--dry-run", "--json"]
    said = json.loads(run("slideshow", *photo_paths[:2], "-o", output, *look, *named).stdout)
    assert (said["width"], said["encoding"]["engine"]) == (1920, "x264")

    told = run("slideshow", *photo_paths[:2], "-o", output, *look, *named[:3]).stdout
    assert told.endswith(
        "For widest: engine x264, baseline profile, no B pictures, no edit lists\n"
    )

    refused = run("slideshow", *photo_paths[:2], "-o", output, *look, "--fps", "60")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Error: --fps: must be at most 30 for old players")

    limit = ["--max-bytes", "40000", "--quality", "high", "--aspect", "original"]
    result = run("clip", video_path, "-o", output, *limit, "--json")
    assert result.returncode == 0, result.stderr
    assert output.stat().st_size == json.loads(result.stdout)["file_size"] <= 40_000
