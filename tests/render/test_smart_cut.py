"""Clips that change only time: most of their pictures are those of the video, to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.media.facts import RenderFacts
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.mp4.configuration import Configuration
from reelqueue.render.smart_cut import copied_piece
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make
from tests.render.flashes import BEEPS, make_master, read_clip
from tests.render.test_segments import TEN_CUTS, order
from tests.render.test_sync import IN_SYNC

pytestmark = pytest.mark.render

Frames = npt.NDArray[np.uint8]
GOP = 15
CODINGS = {
    "B pictures": ("-bf", "3"),
    "a pyramid": ("-bf", "3", "-x264-params", "b-pyramid=normal"),
    "one B picture": ("-bf", "1", "-x264-params", "b-pyramid=none"),
    "no B pictures": ("-bf", "0"),
    "Baseline profile": ("-profile:v", "baseline"),
    "many references": ("-refs", "4", "-bf", "2"),
}


def make_talk(make_media: Make, name: str, *options: str, seconds: float = 4) -> Path:
    pictures = ("-f", "lavfi", "-i", make_master("30", seconds), "-f", "lavfi", "-i", BEEPS)
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", str(GOP))
    return make_media(name, *pictures, "-t", str(seconds), *coding, *options)


def decode(path: Path) -> Frames:
    """Return the luma of all frames: `(frames, height, width)`."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])


def cut(source: Path, output: Path, **choices: Any) -> RenderFacts:
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    return render_clip(source, spec, output, on_progress=lambda *_: None)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("coding", CODINGS)
def test_frames_from_the_first_key_on_are_those_of_the_video(
    make_media: Make, tmp_path: Path, coding: str, suffix: str
) -> None:
    source = make_talk(make_media, f"{coding}.{suffix}".replace(" ", "-"), *CODINGS[coding])
    clip = tmp_path / "clip.mp4"
    facts = cut(source, clip, segments=order((0.3, 1.8), (2.2, 4.0)))
    first = (facts.copied_frames or 0) - 45  # from 0.5, and from 2.5 to 4
    assert 39 - 3 <= first <= 39  # at most three B pictures refer to one after 1.8
    shown, known = decode(clip), decode(source)[[*range(9, 54), *range(66, 120)]]
    assert len(shown) == facts.frames == 99
    copied = [*range(6, 6 + first), *range(45 + 9, 99)]
    assert np.array_equal(shown[copied], known[copied])
    assert np.abs(shown.astype(int) - known).mean() < 1
    assert read_clip(clip, facts).measure_offsets() == pytest.approx([0] * 2, abs=IN_SYNC)


def test_ten_cuts_stay_in_sync(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "short-gops.mp4", "-g", "3")
    facts = cut(source, tmp_path / "clip.mp4", segments=order(*TEN_CUTS))
    assert (facts.copied_frames or 0) > facts.frames / 2
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert clip.codes == [
        code for start, end in TEN_CUTS for code in range(round(start * 30), round(end * 30))
    ]
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)


def test_frames_are_found_by_seeking(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "seek.mp4", "-bf", "3")
    cut(source, tmp_path / "clip.mp4", segments=order((0.3, 1.8), (2.2, 4.0)))
    frames = decode(tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        for number in range(0, len(frames), 7):
            time = int(number / 30 / float(stream.time_base or 1))
            container.seek(time, stream=stream)
            found = next(
                frame
                for frame in container.decode(stream)
                if (frame.time or 0) > number / 30 - 0.01
            )
            assert np.array_equal(found.to_ndarray(format="gray"), frames[number])


def test_fades_are_encoded_and_the_rest_is_copied(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "fade.mp4")
    segments = order((0.0, 1.5), (2.2, 4.0))
    facts = cut(
        source, tmp_path / "c.mp4", segments=segments, transition="fade", transition_duration=0.2
    )
    assert facts.frames == 45 + 54 - 6
    assert facts.copied_frames == 39 + 45
    shown = decode(tmp_path / "c.mp4")
    assert np.array_equal(shown[:39], decode(source)[:39])


@pytest.mark.parametrize(
    ("options", "choices"),
    [
        ((), {"speed": 2.0}),
        ((), {"aspect": "9:16"}),
        ((), {"captions": [{"start": 0.0, "end": 1.0, "text": "Hi"}]}),
        (("-g", "300"), {}),  # no key within
        (("-x264-params", "open-gop=1:bframes=3", "-g", "10"), {}),
        (("-pix_fmt", "yuv422p"), {}),
        (("-pix_fmt", "yuv420p10le"), {}),
        (("-flags", "+ildct+ilme"), {}),
        (("-vf", "setsar=2"), {}),
    ],
)
def test_all_frames_are_encoded_if_they_must_be(
    make_media: Make, tmp_path: Path, options: tuple[str, ...], choices: dict[str, Any]
) -> None:
    source = make_talk(make_media, f"whole{''.join(options)}.mp4".replace(" ", ""), *options)
    facts = cut(source, tmp_path / "clip.mp4", **{"start": 0.3, "end": 2.0} | choices)
    assert facts.copied_frames is None
    assert len(decode(tmp_path / "clip.mp4")) == facts.frames


def test_recording_on_its_side_is_encoded(make_media: Make, tmp_path: Path) -> None:
    upright = make_talk(make_media, "upright.mp4")
    source = make_media("turned.mp4", "-display_rotation", "180", "-i", upright, "-c", "copy")
    assert cut(source, tmp_path / "clip.mp4", start=0.3, end=2.0).copied_frames is None


def test_pictures_are_copied_from_a_recording_of_a_still(make_media: Make, tmp_path: Path) -> None:
    still = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=30:d=8", "-pix_fmt", "yuv420p")
    source = make_media("still.mp4", *still, "-c:v", "libx264", "-g", str(GOP))
    assert cut(source, tmp_path / "clip.mp4", start=2.3, end=6.7).copied_frames == 125


def test_open_gops_are_copied_from_the_start_on(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "open.mp4", "-x264-params", "open-gop=1:bframes=3", "-g", "10")
    facts = cut(source, tmp_path / "clip.mp4", end=2.0)
    assert 60 - 3 <= (facts.copied_frames or 0) <= 60
    copied = slice(facts.copied_frames)
    assert np.array_equal(decode(tmp_path / "clip.mp4")[copied], decode(source)[copied])


def test_pictures_after_the_end_of_an_edit_list_are_not_copied(
    make_media: Make, tmp_path: Path
) -> None:
    """The last picture that is coded before the end can be one that is shown after it.

    Those before it are copied nevertheless.
    """
    source = make_talk(make_media, "edited.mp4", "-bf", "3", "-an")
    for end in (3.6, 3.63, 3.67):
        edited = shorten_edit(source, tmp_path / "edited.mp4", round(end * 1000))
        known = decode(source)
        facts = cut(edited, tmp_path / "clip.mp4", start=0.3)
        assert facts.frames - 6 - 3 <= (facts.copied_frames or 0) <= facts.frames - 6
        shown = decode(tmp_path / "clip.mp4")
        assert len(shown) == facts.frames
        off = np.abs(shown.astype(int) - known[9 : 9 + len(shown)]).mean(axis=(1, 2))
        assert off.max() < 1


def test_pictures_with_other_lengths_of_units_are_encoded(make_media: Make, tmp_path: Path) -> None:
    source = shorten_lengths(make_talk(make_media, "long.mp4", "-an"), tmp_path / "short.mp4")
    facts = cut(source, tmp_path / "clip.mp4", start=0.3, end=2.0)
    assert facts.copied_frames is None
    assert len(decode(tmp_path / "clip.mp4")) == facts.frames


def test_pictures_are_encoded_if_copying_fails(
    make_media: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_elsewhere(arguments: Sequence[str], **options: Any) -> str:
        return run_ffmpeg([*arguments[:-1], "missing/copy.mp4"], **options)

    source = make_talk(make_media, "talk.mp4")
    monkeypatch.setattr(copied_piece, "run_ffmpeg", write_elsewhere)
    facts = cut(source, tmp_path / "clip.mp4", segments=order((0.3, 1.8), (2.2, 4.0)))
    assert facts.copied_frames is None
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert clip.codes == [*range(9, 54), *range(66, 120)]
    assert clip.measure_offsets() == pytest.approx([0] * 2, abs=IN_SYNC)


def shorten_lengths(source: Path, output: Path) -> Path:
    """Write an MP4 whose NAL units follow lengths of two bytes (ISO/IEC 14496-15, 5.3.3.1)."""
    with av.open(str(source)) as before, av.open(str(output), "w") as after:
        known = before.streams.video[0]
        stream = after.add_stream_from_template(known)
        head = bytearray(known.codec_context.extradata or b"")
        head[4] = 0xFC | 1
        stream.codec_context.extradata = bytes(head)
        for packet in before.demux(known):
            data, units = bytes(packet), b""
            while data:
                size = int.from_bytes(data[:4])
                units, data = units + data[2 : 4 + size], data[4 + size :]
            short = av.Packet(units)
            short.pts, short.dts, short.time_base = packet.pts, packet.dts, packet.time_base
            short.is_keyframe, short.stream = packet.is_keyframe, stream
            if packet.dts is not None:
                after.mux(short)
    return output


def test_last_picture_stays_after_copied_ones_while_sound_goes_on(
    make_media: Make, tmp_path: Path
) -> None:
    talk = make_talk(make_media, "talk.mp4")
    later = ("-itsoffset", "0.7", "-i", talk, "-map", "0:v", "-map", "1:a", "-c", "copy")
    facts = cut(make_media("later.mp4", "-i", talk, *later), tmp_path / "clip.mp4", start=2.2)
    assert facts.frames == round((4.7 - 2.2) * 30)
    assert facts.copied_frames == 45
    shown, known = decode(tmp_path / "clip.mp4"), decode(talk)
    assert np.array_equal(shown[9:54], known[75:])
    assert np.abs(shown[54:].astype(int) - known[-1]).mean(axis=(1, 2)).max() < 1


def shorten_edit(source: Path, output: Path, milliseconds: int) -> Path:
    """Write an MP4 whose edit list (ISO/IEC 14496-12, 8.6.6) ends earlier."""
    data = bytearray(source.read_bytes())
    at = data.index(b"elst") + 12  # after type, version, flags and the number of edits
    data[at : at + 4] = milliseconds.to_bytes(4)
    output.write_bytes(data)
    return output


def test_both_parameter_sets_are_in_the_configuration(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "sets.mp4")
    cut(source, tmp_path / "clip.mp4", start=0.3, end=2.0)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        configuration = Configuration.from_bytes(
            container.streams.video[0].codec_context.extradata or b""
        )
    assert len(configuration.sps) == len(configuration.pps) == 2
    assert Configuration.from_bytes(configuration.to_bytes()) == configuration
