"""Finished files are what the places take: an MP4 parser of the tests' own and ffmpeg say so."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.delivery import Target
from reelqueue.specs.slideshow import Engine
from tests.boxes import Track, read_top, read_tracks
from tests.render.conftest import Make
from tests.render.delivery.conftest import MakeVideo

pytestmark = pytest.mark.render

PROFILES = {
    **dict.fromkeys(Target, 100),
    Target.WHATSAPP: 77,
    Target.WIDEST: 66,
}
UNEDITED = {Target.WHATSAPP, Target.INSTAGRAM, Target.YOUTUBE, Target.WIDEST}
WITHOUT_B = {Target.WHATSAPP, Target.WIDEST}
CONSTRAINED = 0x40  # constraint_set1_flag: Constrained Baseline (ITU-T H.264, A.2.1.1)


def decode(path: Path, *filters: str) -> tuple[bytes, str]:
    """Return what ffmpeg writes of a file, and its log; any fault in the file is an error."""
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-err_detect", "explode", "-xerror"]
    command += ["-i", str(path), *filters, "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    return done.stdout, done.stderr.decode()


def count_types(path: Path) -> Counter[str]:
    """Return how many pictures of each type a video has, as libavcodec found them."""
    _, log = decode(path, "-an", "-vf", "showinfo", "-f", "null")
    return Counter(re.findall(r" type:(\w)", log))


def hear(path: Path) -> float:
    """Return the second at which the sound first reaches half of its peak."""
    pcm, _ = decode(path, "-vn", "-ac", "1", "-ar", "48000", "-f", "f32le")
    loud = np.abs(np.frombuffer(pcm, np.float32))
    return float(np.argmax(loud > loud.max() / 2)) / 48_000


def check_track(video: Track, sound: Track, target: Target) -> None:
    assert (sound.sound_rate, sound.is_aac_lc) == (48_000, True)
    assert (video.profile, video.handler, sound.handler) == (PROFILES[target], "vide", "soun")
    if target in UNEDITED:
        assert video.edit_lists == sound.edit_lists == 0
        assert sorted(video.shown)[0] == sound.shown[0] == 0
    if target in WITHOUT_B:
        assert not video.has_offsets
    if target is Target.WIDEST:
        assert video.compatibility is not None
        assert video.compatibility & CONSTRAINED


@pytest.mark.parametrize("target", Target)
def test_slideshow_is_what_the_place_takes(make_slideshow: MakeVideo, target: Target) -> None:
    resolution = "540x960" if target is Target.TIKTOK else "320x180"
    path, facts = make_slideshow(duration=1.0, target=target, resolution=resolution, fps=25)

    assert read_top(path).index(b"moov") < read_top(path).index(b"mdat")
    video, sound = read_tracks(path)
    check_track(video, sound, target)
    assert len(video.sizes) == facts.frames == 75
    assert video.size == tuple(map(int, resolution.split("x")))
    shown = [time - min(video.shown) for time in sorted(video.shown)]
    assert shown == pytest.approx([frame / 25 for frame in range(75)], abs=0.001)
    expected = 192_000 if target in (Target.TIKTOK, Target.YOUTUBE) else 128_000
    assert sound.bit_rate < 1.1 * expected
    types = count_types(path)
    assert types.total() == 75
    assert (types["B"] == 0) == (target in WITHOUT_B)


@pytest.mark.parametrize("target", Target)
def test_clip_is_what_the_place_takes(
    make_clip: MakeVideo, make_media: Make, target: Target
) -> None:
    flash = "color=gray:s=320x180:r=25:d=4,drawbox=color=white:t=fill:enable='between(t,2,2.2)'"
    beep = "aevalsrc='0.8*sin(2*PI*1000*t)*between(t,2,2.2)':s=48000:d=4"
    source = make_media("flash.mp4", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep)
    path, facts = make_clip(source, aspect="original", target=target, end=3.5)

    assert read_top(path).index(b"moov") < read_top(path).index(b"mdat")
    video, sound = read_tracks(path)
    check_track(video, sound, target)
    types = count_types(path)
    assert types.total() == facts.frames == 88
    assert video.size == ((960, 540) if target is Target.TIKTOK else (320, 180))
    assert (types["B"] == 0) == (target in WITHOUT_B)
    assert hear(path) == pytest.approx(2, abs=0.005)  # sound stays with its pictures
    luma, _ = decode(path, "-vf", "scale=1:1", "-pix_fmt", "gray", "-f", "rawvideo")
    assert list(luma).index(max(luma)) == 50


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
def test_video_without_sound_has_no_edit_list_either(
    make_slideshow: MakeVideo, engine: Engine
) -> None:
    order = {"duration": 1.0, "resolution": "320x180", "has_sound": False, "engine": engine}
    path, _ = make_slideshow(target=Target.YOUTUBE, **order)
    (video,) = read_tracks(path)
    assert video.edit_lists == 0
    assert min(video.shown) == 0
    plain, _ = make_slideshow(**order)
    assert read_tracks(plain)[0].edit_lists == 1


def test_captions_that_can_be_switched_off_have_no_edit_list(
    make_clip: MakeVideo, video_path: Path
) -> None:
    cues = [{"start": 0.5, "end": 1.0, "text": "Hello"}]
    path, _ = make_clip(video_path, target=Target.WHATSAPP, captions=cues, soft_captions=True)
    assert [track.edit_lists for track in read_tracks(path)] == [0, 0, 0]


@pytest.mark.parametrize("choice", [{"quality": "high"}, {"target": "email"}, {"max_bytes": 10**7}])
def test_pictures_of_another_quality_are_not_copied(
    make_clip: MakeVideo, video_path: Path, choice: dict[str, object]
) -> None:
    _, plain = make_clip(video_path, aspect="original")
    assert plain.copied_frames
    _, facts = make_clip(video_path, aspect="original", **choice)
    assert (facts.copied_frames, facts.copied_sound) == (None, None)
    (name,) = choice
    assert facts.warnings == (
        f"The pictures are encoded again, not copied from the video: {name} asked for that.",
    )
