"""Clips whose crop follows something, rendered and measured."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.faces import count_middle
from benchmarks.material import find_film, find_picture
from reelqueue.errors import RenderCanceledError
from reelqueue.media.facts import RenderFacts, RenderStage
from reelqueue.planning.clips.cut import Shot, align_cut
from reelqueue.planning.focus.subjects import Sight
from reelqueue.planning.focus.view import CropPath, View
from reelqueue.planning.focus.whole import SHOWN_WHOLE
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.graph import build_graph
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.focus import sights as sights_module
from reelqueue.render.focus.faces import NOT_FOLLOWED, FaceFinder, has_faces
from reelqueue.render.focus.moving_crop import COMMANDS, list_crop_commands
from reelqueue.specs.clips.clip import ClipSpec
from tests.conftest import ROOT
from tests.render.conftest import Make
from tests.render.test_clip import X264, ignore, make_video, plan_video, run_tool, see

pytestmark = pytest.mark.render

needs_faces = pytest.mark.skipif(
    not has_faces(), reason="needs what requirements-faces.txt installs"
)
FOLLOW = {"fit": "crop", "focus": "auto"}
# The luma of a pixel tells its column, and a white box moves over it, at rest first and last.
SLOPE = "color=black:s=320x180:r=25:d=4,format=yuv420p,geq=lum='20+X/2':cb=128:cr=128"
WALK = "overlay=x='30+220*clip((t-1)/2,0,1)':y=70:eval=frame,format=yuv420p"


@pytest.fixture(scope="session")
def lecture(make_media: Make, carphone: Path) -> Path:
    """A man who fills the picture for two seconds, and is then a small inset in a white board."""
    man = "[0:v]fps=25,split[first][second];[first]trim=end_frame=50,scale=440:360"
    man += ",setsar=1,pad=640:360:-1:-1[speaker];[second]trim=end_frame=50,scale=98:80,setsar=1"
    board = "[1:v][inset]overlay=20:260:shortest=1[talk]"
    graph = f"{man}[inset];{board};[speaker][talk]concat,format=yuv420p"
    source = "color=white:s=640x360:r=25:d=2,format=yuv420p,drawgrid=w=160:h=80:t=4:c=black"
    inputs = ("-i", carphone, "-f", "lavfi", "-i", source)
    return make_media("lecture.mp4", *inputs, "-filter_complex", graph, *X264, "-qp", "4")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"


@pytest.fixture(scope="session")
def walker(make_media: Make) -> Path:
    """A textured box that moves from left to right, within four seconds."""
    box = "testsrc=s=40x40:r=25:d=4"
    graph = f"[0:v][1:v]{WALK}"
    inputs = ("-f", "lavfi", "-i", SLOPE, "-f", "lavfi", "-i", box)
    return make_media("walker.mp4", *inputs, "-filter_complex", graph, *X264, "-qp", "4")


def follow(source: Path, output: Path, **choices: object) -> RenderFacts:
    spec = ClipSpec.model_validate(FOLLOW | choices)
    return render_clip(source, spec, output, preset="ultrafast", on_progress=ignore)


def measure_lefts(path: Path, scale: float = 1.0) -> list[int]:
    """Return the left of the crop in each frame of a clip of `SLOPE`, from its top row."""
    row = see(path)[:, 4, :, 1].astype(np.float64)
    luma = 16 + row * 219 / 255
    left: npt.NDArray[np.float64] = np.median((luma - 20) * 2 * scale - np.arange(row.shape[1]), 1)
    return [round(each) for each in left.tolist()]


def test_what_moves_stays_in_the_frame(
    walker: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    facts = follow(walker, output, resolution="120x180")
    assert (facts.frames, facts.warnings) == (100, (NOT_FOLLOWED,))
    lefts = measure_lefts(output)
    assert lefts[0] < 40
    assert lefts[-1] > 160
    for frame, left in enumerate(lefts):
        box = 30 + 220 * min(max((frame / 25 - 1) / 2, 0), 1)
        assert left - 10 <= box <= left + 120 - 30
    steps = [two - one for one, two in pairwise(lefts)]
    assert min(steps) >= -2  # the measurement's error
    assert max(steps) <= 1.2 * 120 / 25 + 2
    assert {file.name for file in output.parent.iterdir()} == {"video.mp4"}


def test_one_segment_follows_and_another_stays(
    walker: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    still = {"start": 0.0, "end": 0.8, "focus": {"x": 1, "y": 0.5}}
    segments = [still, {"start": 1.0, "end": 4.0}]
    follow(walker, output, resolution="120x180", segments=segments)
    lefts = measure_lefts(output)
    assert lefts[:20] == pytest.approx([200] * 20, abs=8)
    assert lefts[20] < 60
    assert lefts[-1] > 160


@pytest.mark.parametrize("rotate", [0, 180])
def test_point_of_a_turned_video_is_followed(
    walker: Path, output: Path, monkeypatch: pytest.MonkeyPatch, rotate: int
) -> None:
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    follow(walker, output, resolution="120x180", rotate=rotate, end=1.0)
    edges = np.abs(np.diff(see(output)[-1][70:110].astype(np.int64), axis=1)).sum(axis=(0, 2))
    assert 10 < np.argmax(edges) < 110  # the box is seen


@pytest.mark.parametrize(("source_fps", "fps"), [(25, "25"), (30, "30000/1001"), (5, "25")])
def test_crop_is_in_each_frame_where_its_path_says(
    make_media: Make, tmp_path: Path, source_fps: int, fps: str
) -> None:
    slope = f"color=black:s=320x64:r={source_fps}:d=3,format=yuv420p"
    slope += ",geq=lum='16+X/2':cb=128:cr=128"
    source = make_media(f"slope-{source_fps}.mp4", "-f", "lavfi", "-i", slope, "-qp", "1")
    places = [0] * 5 + [4 * n + n % 3 for n in range(60)] + [240] * 5
    scales = [1] * 20 + [2] * 30 + [1] * 20
    path = [
        View((left * scale, 0), (320 * scale, 64 * scale))
        for left, scale in zip(places, scales, strict=True)
    ]
    (tmp_path / COMMANDS.format(0)).write_text(list_crop_commands(0, path, Fraction(fps)))
    graph = f"[0:v]fps={fps},trim=end_frame=70,setpts=N,{find_crop(path)}[v]"
    arguments = ["-i", str(source), "-filter_complex", graph, "-map", "[v]", "-f", "rawvideo"]
    run_ffmpeg([*arguments, "-pix_fmt", "yuv420p", "out.yuv"], timeout=60, cwd=tmp_path)
    frames = np.fromfile(tmp_path / "out.yuv", np.uint8).reshape(70, -1)
    lefts = [(int(frame[64 * 8]) - 16) * 2 for frame in frames]
    assert lefts == pytest.approx(places, abs=2)


def find_crop(path: CropPath) -> str:
    """Return the filters of a crop of 64x64 that moves, as a clip's graph has them."""
    spec = ClipSpec.model_validate({"fit": "crop", "resolution": "64x64"})
    video = make_video()
    cut = plan_video(spec, video)
    shot = Shot(cut, align_cut(cut, video.times))
    graph = build_graph(spec, video, [shot], [], [path])
    found = re.search(r"sendcmd=[^,]+,scale@moving0=[^,]+,crop@moving0=[^,]+", graph)
    assert found
    return found[0]


@pytest.mark.parametrize("start", [0.0, 0.52])
def test_scenes_begin_with_their_exact_frames(
    make_media: Make, output: Path, monkeypatch: pytest.MonkeyPatch, start: float
) -> None:
    """Three scenes of which each has a still thing elsewhere; the second begins at 1.2 s."""
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    scenes = []
    for number, (color, x, seconds) in enumerate(
        [("navy", 20, 1.2), ("olive", 260, 0.92), ("white", 20, 0.88)]
    ):
        box = f"drawbox=x={x}:y=60:w=40:h=40:color=red:t=fill"
        scenes.append(f"color={color}:s=320x180:r=25:d={seconds},{box}[{'abc'[number]}]")
    graph = ";".join([*scenes, "[a][b][c]concat=n=3,format=yuv420p"])
    source = make_media("scenes.mp4", "-filter_complex", graph, *X264)
    follow(source, output, resolution="280x180", start=start)
    frames = see(output)
    reds = (frames[:, 80, :, 0] > 150) & (frames[:, 80, :, 1] < 60)
    assert [int(count) for count in reds.sum(axis=1)] == [40] * len(frames)


def test_render_can_be_stopped_while_it_looks(walker: Path, output: Path) -> None:
    def stop(done: int, total: int, stage: RenderStage) -> None:
        if stage == "preparing" and 0 < done < total:
            raise RenderCanceledError

    with pytest.raises(RenderCanceledError):
        render_clip(walker, ClipSpec.model_validate(FOLLOW), output, on_progress=stop)
    assert list(output.parent.iterdir()) == []


def test_progress_goes_on_while_the_video_is_looked_at(
    walker: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    parts: list[tuple[str, float]] = []

    def note(done: int, total: int, stage: RenderStage) -> None:
        parts.append((stage, done / total))

    segments = [{"start": 0.0, "end": 1.6}, {"start": 1.6, "end": 2.0, "focus": {"x": 0, "y": 0}}]
    segments.append({"start": 2.0, "end": 4.0})
    spec = ClipSpec.model_validate(FOLLOW | {"resolution": "120x180", "segments": segments})
    render_clip(walker, spec, output, preset="ultrafast", on_progress=note)
    done = [part for _, part in parts]
    assert done == sorted(done)
    assert done[-1] == 1
    looked = {part for stage, part in parts if stage == "preparing"}
    assert len(looked) > 5
    assert max(looked) == 22 / (22 + 100)  # a quarter of the frames of two segments
    assert min(part for stage, part in parts if stage == "rendering") > max(looked)


@needs_faces
def test_network_is_loaded_once(
    walker: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    class Finder(FaceFinder):
        def __init__(self) -> None:
            loaded.append(self)
            super().__init__()

    monkeypatch.setattr("reelqueue.render.focus.follow.FaceFinder", Finder)
    segments = [{"start": start, "end": start + 0.4} for start in (0.0, 1.0, 2.0)]
    follow(walker, output, resolution="120x180", segments=segments)
    assert len(loaded) == 1


def test_frames_are_taken_from_pieces_of_any_length() -> None:
    eye = sights_module._Eye((32, 16), 5, None)
    data = bytes(32 * 16 * 3 * 3)
    for start in range(0, len(data), 1000):
        eye.take(data[start : start + 1000])
    assert eye.sights == [Sight(0), Sight(5, stillness=1), Sight(10, stillness=1)]


@needs_faces
@pytest.mark.process
def test_finder_of_faces_does_not_report_its_use(tmp_path: Path) -> None:
    """Where onnxruntime reports its use, it first writes who it is into these folders."""
    program = "from reelqueue.render.focus.faces import FaceFinder; FaceFinder()"
    home = str(tmp_path)
    environment = {"HOME": home, "TMPDIR": home, "XDG_CACHE_HOME": home, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


@needs_faces
def test_face_of_a_talking_man_is_found_in_every_frame(carphone: Path) -> None:
    small = ("-vf", "fps=6,scale=192:144", "-f", "rawvideo", "-pix_fmt", "rgb24")
    raw = run_tool("-i", carphone, *small, "-")
    frames = np.frombuffer(raw.stdout, np.uint8).reshape(-1, 144, 192, 3)
    finder = FaceFinder()
    for frame in frames:
        (face,) = finder.find(frame)
        assert face.score > 0.8
        assert 0.3 < face.center[0] < 0.55
        assert 0.2 < face.size[0] < 0.35
    assert finder.find(np.zeros((90, 160, 3), np.uint8)) == ()


@needs_faces
@pytest.mark.parametrize(("top", "other"), [(50, 0), (10, 115)])
def test_talking_man_is_kept_in_the_middle_half(
    make_media: Make, carphone: Path, output: Path, top: int, other: int
) -> None:
    """He is moved across a wide picture, over which something else moves all the time.

    At the top of it, a crop of its whole height would show his face above the middle half.
    """
    man = "[0:v]scale=96:80,setsar=1[man]"
    board = "[1:v]scale=320:180[board];[2:v]scale=60:60[other]"
    where = "10+200*clip((t-1)/2.5,0,1)"
    graph = f"{man};{board};[board][man]overlay=x='{where}':y={top}:eval=frame[both];"
    graph += f"[both][other]overlay=x='260-40*t':y={other}:eval=frame"
    graph += ",trim=duration=4,format=yuv420p"
    inputs = ("-i", carphone, "-f", "lavfi", "-i", SLOPE, "-f", "lavfi", "-i", "testsrc=r=25:d=4")
    source = make_media(f"man-{top}.mp4", *inputs, "-filter_complex", graph, *X264, "-qp", "4")
    facts = follow(source, output, resolution="110x174")
    assert facts.warnings is None
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert {stream.sample_aspect_ratio, stream.codec_context.sample_aspect_ratio} <= {None, 1}
    finder = FaceFinder()
    faces = [finder.find(frame.astype(np.uint8)) for frame in see(output)]
    seen = [max(each, key=lambda face: face.weight) for each in faces if each]
    assert len(seen) > 0.9 * len(faces)
    share = count_middle([face.center for face in seen])
    assert min(share.across, share.down, share.both) >= 0.95 * len(faces)


@needs_faces
def test_man_in_a_corner_is_shown_with_all_that_he_talks_about(lecture: Path, output: Path) -> None:
    facts = follow(lecture, output, resolution="180x320")
    assert (facts.frames, facts.warnings) == (100, (SHOWN_WHOLE,))
    pictures = see(output)
    above = pictures[:, :80].max(axis=(1, 2, 3))
    assert (pictures[:50, 120:200].mean(axis=(1, 2, 3)) < 180).all()
    assert (pictures[50:, 120:200].mean(axis=(1, 2, 3)) > 180).all()  # the board, at once
    assert (above[50:] < 180).all()  # the dark backdrop
    is_line = pictures[60, 166, :, 0] < 128
    assert np.count_nonzero(np.diff(is_line.astype(int)) == 1) >= 3  # those of the whole board


@pytest.fixture(scope="session")
def writing(make_media: Make) -> Path:
    """Two seconds of a white page on which lines are written, one after another."""
    lines = ",".join(
        f"drawbox=x={40 + 40 * number}:y={60 + 24 * number}:w=300:h=4:color=blue:t=fill"
        f":enable='gte(t,{0.3 * number})'"
        for number in range(6)
    )
    margin = "drawbox=w=640:h=360:t=14:color=0xff4020"
    source = f"color=white:s=640x360:r=25:d=2,format=rgb24,{margin},{lines},format=yuv420p"
    return make_media("writing.mp4", "-f", "lavfi", "-i", source, *X264)


@pytest.mark.parametrize("preset", ["phrase", "karaoke", "pop"])
@pytest.mark.parametrize("position", ["auto", "bottom"])
def test_what_is_written_on_a_page_is_all_seen_and_captions_stand_below_it(
    writing: Path, output: Path, preset: str, position: str
) -> None:
    style = {"preset": preset, "position": position, "color": "#00ff00", "highlight": "#00ff00"}
    choices = {"captions": [{"start": 0, "end": 2, "text": "Here is what I write"}]}
    facts = follow(writing, output, resolution="360x640", caption_style=style, **choices)
    assert facts.warnings is not None
    assert SHOWN_WHOLE in facts.warnings
    red, green, blue = np.moveaxis(see(output)[45].astype(np.int64), -1, 0)
    margin = (red > 150) & (green < 110) & (blue < 90)
    rows, columns = (np.flatnonzero(margin.sum(axis=axis) > 100) for axis in (1, 0))
    assert columns.min() <= 2
    assert columns.max() >= 357
    words = np.flatnonzero(((green > red + 90) & (green > blue + 90)).any(axis=1))
    assert rows.max() + 4 < words.min()
    assert words.max() < 0.8 * 640  # above what a phone's apps lay over it


@pytest.mark.parametrize("film", ["bikes.mp4", "bigbuckbunny.mp4", "carphone_distorted.mp4"])
def test_no_film_is_taken_for_a_screen(film: str, output: Path) -> None:
    facts = follow(find_film(film), output, resolution="90x160", end=2.0)
    assert SHOWN_WHOLE not in (facts.warnings or ())


@pytest.mark.parametrize("photo", ["coffee.png", "rocket.jpg"])
def test_no_photo_that_stands_still_is_taken_for_a_screen(
    make_media: Make, output: Path, photo: str
) -> None:
    picture = ("-loop", "1", "-t", "1.5", "-i", find_picture(photo), "-vf", "scale=640:360")
    source = make_media(f"{photo}.mp4", *picture, *X264, "-crf", "32", "-pix_fmt", "yuv420p")
    facts = follow(source, output, resolution="90x160")
    assert SHOWN_WHOLE not in (facts.warnings or ())


@needs_faces
def test_scene_that_changes_within_a_fade_is_framed_as_before_it(
    lecture: Path, output: Path
) -> None:
    segments = [{"start": 1.0, "end": 2.2}, {"start": 3.0, "end": 4.0}]  # the first one fades on
    choices = {"segments": segments, "transition": "fade", "transition_duration": 0.4}
    facts = follow(lecture, output, resolution="180x320", **choices)
    pictures = see(output)
    assert facts.frames == len(pictures) == 45
    apart = follow(lecture, output, resolution="180x320", segments=segments[:1])
    assert apart.frames == 30
    alone = see(output)
    assert np.abs(pictures[20] - alone[20]).mean() < 4  # the fade begins with what it fades from


@needs_faces
def test_what_is_cropped_fades_into_what_is_shown_whole(lecture: Path, output: Path) -> None:
    segments = [{"start": 0.4, "end": 1.4}, {"start": 2.2, "end": 3.2}]
    choices = {"segments": segments, "transition": "fade", "transition_duration": 0.4}
    follow(lecture, output, resolution="180x320", **choices)
    faded = see(output)[15:25, 20:60].mean(axis=(1, 2, 3))
    follow(lecture, output, resolution="180x320", segments=segments)
    apart = see(output)
    expected = [
        (1 - number / 10) * apart[15 + number] + number / 10 * apart[25 + number]
        for number in range(10)
    ]
    assert faded == pytest.approx([each[20:60].mean() for each in expected], abs=4)
