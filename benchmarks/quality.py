"""Measure how close a video is to the exact frames: VMAF, and PSNR of the luma."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.material import Slideshow
from benchmarks.measurement import Quality
from reelqueue.render.ffmpeg.run import find_ffmpeg

SAMPLED = 7  # every so many frames; no divisor of the 30 after which pictures repeat their kind


def measure_quality(video: Path, slideshow: Slideshow) -> Quality:
    """Compare a video with its frames before encoding."""
    rate = slideshow.spec.frame_rate
    width, height = slideshow.spec.size
    numbered = f"settb={1 / rate},setpts=N,setparams=range=tv:colorspace=bt709"
    judge = (
        f"libvmaf=model=version=vmaf_v0.6.1:feature=name=psnr:n_subsample={SAMPLED}:n_threads=2"
        ":log_fmt=json:log_path=log.json"
    )
    command = [
        *(find_ffmpeg(), "-v", "error", "-y", "-i", str(video.resolve())),
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", f"{width}x{height}"),
        *("-framerate", str(rate), "-i", "pipe:0"),
        *("-lavfi", f"[0:v]{numbered}[shown];[1:v]{numbered}[drawn];[shown][drawn]{judge}"),
        *("-f", "null", "-"),
    ]
    with TemporaryDirectory() as folder:
        with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=folder) as process:
            assert process.stdin
            for frame in slideshow.draw():
                process.stdin.write(frame.to_ndarray().tobytes())
            process.stdin.close()
            if process.wait():
                raise RuntimeError(f"ffmpeg could not judge {video.name}; its error is above.")
        pooled = json.loads(Path(folder, "log.json").read_text())["pooled_metrics"]
    return Quality(vmaf=pooled["vmaf"]["mean"], psnr_y=pooled["psnr_y"]["mean"])
