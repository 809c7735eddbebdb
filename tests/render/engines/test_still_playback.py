"""The still engine's files in a browser."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFilter
from playwright.sync_api import Page, sync_playwright

from reelqueue.planning.camera import CANVAS
from reelqueue.planning.framing import enlarge
from reelqueue.planning.spans import PhotoSpan, Span, TransitionSpan
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.frames.ken_burns import to_moving_photo
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.photos import load_photo
from reelqueue.specs.photo import Fit, Motion, PhotoLook, PhotoSpec, Transition
from reelqueue.specs.slideshow import SlideshowSpec
from tests.conftest import find_chromium

pytestmark = pytest.mark.browser


SIZE = (160, 96)
MAX_DIFFERENCE = 3  # levels of the mean: browsers round colours their own way
OPEN = """async encoded => {
    const bytes = Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
    window.video = document.createElement('video');
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'}));
    await new Promise((resolve, reject) => {
        video.oncanplaythrough = resolve;
        video.onerror = () => reject(video.error.message);
    });
    return [video.videoWidth, video.videoHeight, video.duration];
}"""
SHOW = """async seconds => {
    await new Promise(resolve => {
        video.requestVideoFrameCallback(resolve); // the frame may be shown after `onseeked`
        video.currentTime = seconds;
    });
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const drawing = canvas.getContext('2d');
    drawing.drawImage(video, 0, 0);
    const {data} = drawing.getImageData(0, 0, canvas.width, canvas.height);
    return btoa(Array.from(data, byte => String.fromCharCode(byte)).join(''));
}"""
PLAY = """async () => {
    video.currentTime = 0;
    video.playbackRate = 4;
    await new Promise(resolve => { video.onended = resolve; video.play(); });
    const quality = video.getVideoPlaybackQuality();
    return [quality.totalVideoFrames, quality.corruptedVideoFrames];
}"""


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = find_chromium()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def ignore_progress(done: int) -> None:
    pass


def plan_all_kinds() -> Timeline:
    """Every transition from a photo that is held, and one from a photo that never is: drawn."""
    spans: list[Span] = []
    kinds = [kind for kind in Transition if kind not in (Transition.NONE, Transition.RANDOM)]
    for photo, transition in enumerate(kinds):
        spans += [PhotoSpan(photo, 5), TransitionSpan(transition, photo, photo + 1, 9)]
    last = len(kinds)
    drawn = TransitionSpan(Transition.PUSH_LEFT, last, last + 1, 9)
    return Timeline(SIZE, Fraction(25), (*spans, drawn, PhotoSpan(last + 1, 5)))


def test_browser_shows_every_kind_of_change(
    tmp_path: Path, photo_paths: list[Path], page: Page
) -> None:
    timeline = plan_all_kinds()
    paths = (photo_paths * 6)[: timeline.photo_count]
    pictures = [to_picture(load_photo(path, SIZE, PhotoLook(fit=Fit.COVER))) for path in paths]
    path = tmp_path / "video.mp4"
    encode_stills(timeline, pictures.__getitem__, path, on_frame=ignore_progress)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]

    assert_shown(path, timeline, frames, page)


def show(page: Page, seconds: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return what the video shows at a moment: `(height, width, 3)`."""
    width, height = size
    shown = base64.b64decode(page.evaluate(SHOW, seconds))  # as numbers they would take seconds
    return np.frombuffer(shown, np.uint8).reshape(height, width, 4)[:, :, :3]


def assert_shown(
    path: Path, timeline: Timeline, frames: Sequence[NDArray[np.generic]], page: Page
) -> None:
    opened = page.evaluate(OPEN, base64.b64encode(path.read_bytes()).decode())

    assert opened == [*SIZE, pytest.approx(float(timeline.duration))]
    for number in (0, 3, *range(7, timeline.frames, 7), timeline.frames - 1):
        picture = show(page, (number + 0.5) / 25, SIZE)
        difference = np.abs(picture.astype(int) - frames[number]).mean()
        assert difference <= MAX_DIFFERENCE, number
    assert page.evaluate(PLAY)[1] == 0


def test_browser_shows_photos_that_move(
    tmp_path: Path, photo_paths: list[Path], page: Page
) -> None:
    """Seeking into the middle of a written move, too."""
    spec = SlideshowSpec(
        duration=1.64, transition_duration=0.6, resolution="160x96", fps=25, motion=Motion.KENBURNS
    )
    timeline = build_timeline(spec, [PhotoSpec()] * 3)
    pictures = []
    for photo in photo_paths[:3]:
        image = load_photo(photo, enlarge(SIZE, CANVAS), PhotoLook(), moves=True)
        pictures.append(to_moving_photo(image.filter(ImageFilter.GaussianBlur(2))))
    path = tmp_path / "video.mp4"
    encode_stills(timeline, pictures.__getitem__, path, on_frame=ignore_progress)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    assert np.median(sizes) < max(sizes) / 5  # most are written

    assert_shown(path, timeline, frames, page)
