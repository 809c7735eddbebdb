"""Render a clip: its pictures in pieces, its sound as a whole, and both in one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import RenderError
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage, Span
from reelqueue.planning.analysis.findings import MOST_TOLD
from reelqueue.planning.analysis.silences import find_silences, keep_longest
from reelqueue.planning.analysis.sound import Sound
from reelqueue.planning.captions.cues import Placed, plan_captions
from reelqueue.planning.clips.cut import align_cut
from reelqueue.planning.clips.edit import Edit, list_pieces, plan_edit
from reelqueue.planning.clips.silences import list_heard, list_pauses, spare_words
from reelqueue.planning.clips.sound_copy import keeps_sound
from reelqueue.planning.delivery.budget import choose_sound_bit_rate, refuse_least
from reelqueue.planning.delivery.targets import Rules, find_rules
from reelqueue.planning.focus.view import find_whole
from reelqueue.planning.focus.whole import SHOWN_WHOLE
from reelqueue.planning.soundtrack import SoundCut, Track
from reelqueue.planning.storyboard.clearance import COVERED, clear_faces, covers_faces
from reelqueue.processes.heap import share_heap
from reelqueue.render.analysis.sound import hear_sound
from reelqueue.render.audio.clip_sound import encode_clip_sound
from reelqueue.render.audio.parallel import encoding_sound
from reelqueue.render.delivery.clip_pictures import ClipEncoder
from reelqueue.render.delivery.fitting import fit_file
from reelqueue.render.ffmpeg.poster import write_poster
from reelqueue.render.ffmpeg.source import VideoSource, choose_track, probe_source
from reelqueue.render.focus.follow import Watched, plan_watch, watch_clip
from reelqueue.render.images.clip_captions.film import film_captions
from reelqueue.render.images.photos import Photo
from reelqueue.render.look.animation import write_animation
from reelqueue.render.look.filters import count_fades
from reelqueue.render.look.logo import Mark, draw_logo
from reelqueue.render.mp4.mux import mux_pieces
from reelqueue.render.mp4.verify import count_frames
from reelqueue.render.pieces import Pictures, open_pieces
from reelqueue.render.progress import PassProgress
from reelqueue.render.shaper import has_shaper
from reelqueue.render.smart_cut.copied_sound import copy_sound
from reelqueue.render.soft_track import write_soft_track
from reelqueue.specs.clips.captions import Times
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.segments import Silences
from reelqueue.specs.clips.sound import ClipAudio
from reelqueue.text.fonts import check_cards

_SEEN_AS_ONE = 4  # frames that are only looked at take as long as one that is encoded


def render_clip(
    source: Path,
    spec: ClipSpec,
    output: Path,
    *,
    tracks: Sequence[Track] = (),
    logo: Photo | None = None,
    poster: Path | None = None,
    animation: Path | None = None,
    preset: str = "veryfast",
    on_progress: OnProgress,
) -> RenderFacts:
    """Render a clip as an MP4 and return the facts of the finished file.

    Args:
        source: the video.
        spec: segments, aspect ratio, fit, sound and captions.
        output: the file to write; like the others, it appears only when it is complete.
        tracks: the music, track after track, looped or cut to the duration of the clip.
        logo: the picture of the spec's logo, if it has one.
        poster: the JPEG to write of the first frame after a fade from black; None for none.
        animation: the WebP of some seconds to write; None for none.
        preset: preset of x264, from `ultrafast` to `veryslow`.
        on_progress: called with the frames written so far, and with a part of those that are
            looked at before; it can raise to stop the render.

    Raises:
        UnsupportedMediaError: if the format or a codec of the source is not supported, or the
            logo is no picture.
        UnreadableMediaError: if the source or the logo is damaged or beyond the limits.
        InvalidSpecError: if a segment is outside the source, the source has fewer sound tracks, or
            a caption or a title needs a missing font.
        RenderError: if ffmpeg fails.
    """
    share_heap()
    on_progress(0, 1, "preparing")
    whole = probe_source(source)
    video = _choose_sound(source, whole, spec.audio)
    check_cards(spec.cards, has_shaper)
    with TemporaryDirectory(dir=output.parent, prefix="clip-") as name:
        folder = Path(name)
        silences = _find_silences(source, spec, whole, folder, on_progress)
        edit = plan_edit(spec, video.duration, video.rate.fps, video.size, silences)
        captions = plan_captions(spec, edit, has_shaper)
        mark = draw_logo(logo, spec.logo, edit, folder) if logo and spec.logo else None
        clip, pictures, has_copied_sound = _encode_clip(
            source, spec, video, edit, captions, tracks, mark, folder, preset, on_progress
        )
        facts = _verify_clip(clip, edit)
        if poster:
            write_poster(clip, folder / "poster.jpg", _find_bright_second(spec, edit))
            os.replace(folder / "poster.jpg", poster)
        if animation:
            start = max(float(edit.title / edit.fps), _find_bright_second(spec, edit))
            write_animation(clip, folder / "animation.webp", start)
            os.replace(folder / "animation.webp", animation)
        os.replace(clip, output)
    warnings = (*video.warnings, *captions.warnings, *pictures.warnings)
    copied = {"copied_frames": pictures.copied or None, "copied_sound": has_copied_sound or None}
    pauses = _tell_pauses(spec, video, silences)
    return facts.model_copy(update={"warnings": warnings or None, **copied, "pauses": pauses})


def _find_silences(
    source: Path, spec: ClipSpec, video: VideoSource, folder: Path, on_progress: OnProgress
) -> tuple[Span, ...]:
    """Return the silences that are cut out of the clip, also of a video whose sound is left out."""
    if spec.silences is Silences.KEEP or video.sound is None:
        return ()
    video = _choose_track(source, video, spec.audio)

    def hear(part: Span) -> Sound:
        heard = hear_sound(source, video, folder, lambda _: on_progress(0, 1, "preparing"), part)
        return heard.sound

    parts = list_heard(spec.resolve_segments(video.duration), video.duration)
    silences = find_silences(*map(hear, parts))
    sheet = spec.cue_sheet
    cues = sheet.cues if sheet.times is Times.SOURCE else ()
    return spare_words(silences, (word for cue in cues for word in cue.words))


def _tell_pauses(
    spec: ClipSpec, video: VideoSource, silences: Sequence[Span]
) -> tuple[Span, ...] | None:
    """Return what was cut out of the clip as silent; None if its pauses were to stay."""
    if spec.silences is Silences.KEEP:
        return None
    return keep_longest(list_pauses(spec.resolve_segments(video.duration), silences), MOST_TOLD)


def _find_bright_second(spec: ClipSpec, edit: Edit) -> float:
    """Return the second just before the first frame that is not on its way from black."""
    frame = min(count_fades(spec, edit).first, edit.frames - 1)
    return max(float((frame - 0.5) / edit.fps), 0.0)


def _choose_sound(source: Path, video: VideoSource, audio: ClipAudio) -> VideoSource:
    """Return the video with the sound that the clip has of it."""
    if audio.mute:
        return replace(video, sound=None)
    return _choose_track(source, video, audio)


def _choose_track(source: Path, video: VideoSource, audio: ClipAudio) -> VideoSource:
    return choose_track(source, video, audio.track) if audio.track else video


def _encode_clip(
    source: Path,
    spec: ClipSpec,
    video: VideoSource,
    edit: Edit,
    captions: Placed,
    tracks: Sequence[Track],
    mark: Mark | None,
    folder: Path,
    preset: str,
    on_progress: OnProgress,
) -> tuple[Path, Pictures, bool]:
    """Write the clip into a folder, pictures and sound at the same time.

    Return its path, its pictures, and whether its sound is copied.
    """
    sound, rules, is_copied = folder / "sound.m4a", find_rules(spec), False

    def write_sound(on_sound: Callable[[int], None]) -> None:
        nonlocal is_copied
        is_copied = _write_sound(source, spec, video, edit, tracks, sound, on_sound)

    watch = plan_watch(spec, video, edit, captions)
    looking = watch.frames // _SEEN_AS_ONE
    progress = PassProgress(on_progress, may_repeat=rules.max_bytes is not None)

    def report(stage: RenderStage, done: int = edit.frames) -> None:
        progress(looking + done, looking + edit.frames, stage)

    has_sound = video.sound is not None or len(tracks) > 0
    with encoding_sound(write_sound if has_sound else None, partial(report, "audio")) as check:

        def report_pictures(done: int) -> None:
            check()
            report("rendering", done)

        def report_sights(seen: int) -> None:
            report("preparing", seen // _SEEN_AS_ONE - looking)

        seen = watch_clip(source, spec, video, edit, watch, folder, report_sights)
        spec, captions, warnings = _keep_clear(spec, edit, captions, seen)
        pieces = list(list_pieces(edit, seen.paths))
        encode_pieces = open_pieces(
            source,
            video,
            spec,
            edit,
            pieces,
            seen.paths,
            film_captions(spec, edit, captions),
            folder,
            mark=mark,
            preset=preset,
            on_frames=report_pictures,
        )
        encoder = ClipEncoder(edit, pieces, encode_pieces)
        first = encoder.encode(None)
    others = [*([sound] if has_sound else []), *_write_soft_tracks(spec, edit, captions, folder)]
    finish = partial(_mux, others=others, fps=edit.fps, rules=rules, folder=folder)
    refuse = partial(refuse_least, spec, rules)
    clip = fit_file(encoder, first, finish, rules.max_bytes, refuse, progress)
    report("saving")
    warnings = (*watch.warnings, *warnings, *encoder.pictures.warnings)
    return clip, replace(encoder.pictures, warnings=warnings), is_copied


def _keep_clear(
    spec: ClipSpec, edit: Edit, captions: Placed, seen: Watched
) -> tuple[ClipSpec, Placed, tuple[str, ...]]:
    """Return a spec and captions that cover no faces if that was asked for, and warnings."""
    warnings: list[str] = []
    if whole := find_whole(seen.paths.values()):
        warnings.append(SHOWN_WHOLE)
        captions = captions._replace(picture=whole.rows)
    if spec.avoids_faces:
        spec = clear_faces(spec, edit, captions, seen.faces)
    elif covers_faces(spec, edit, captions, seen.faces):
        warnings.append(COVERED)
    return spec, captions, tuple(warnings)


def _write_soft_tracks(spec: ClipSpec, edit: Edit, captions: Placed, folder: Path) -> list[Path]:
    """Write the captions that are not drawn, and return their file; none without any."""
    if not (spec.soft_captions and captions.captions):
        return []
    track = folder / "captions.mp4"
    write_soft_track(captions.captions, spec.cue_sheet, edit, track)
    return [track]


def _mux(
    pieces: Sequence[Path],
    number: int,
    *,
    others: Sequence[Path],
    fps: Fraction,
    rules: Rules,
    folder: Path,
) -> Path:
    clip = folder / f"clip-{number}.mp4"
    mux_pieces(pieces, fps, others, clip, has_edit_lists=rules.has_edit_lists)
    return clip


def _write_sound(
    source: Path,
    spec: ClipSpec,
    video: VideoSource,
    edit: Edit,
    tracks: Sequence[Track],
    output: Path,
    on_progress: Callable[[int], None],
) -> bool:
    """Copy or encode the sound, and tell whether it is copied."""
    heard = [
        SoundCut(align_cut(cut, video.times).start, cut.duration, float(cut.speed))
        for cut in edit.cuts
    ]
    may_copy = not tracks and keeps_sound(spec, edit, video.rate.fps, video.size)
    if may_copy and copy_sound(source, video, heard[0], output, on_progress):
        return True
    encode_clip_sound(
        source,
        video,
        heard,
        output,
        overlap=float(edit.overlap / edit.fps),
        before=float(edit.title / edit.fps),
        after=float(edit.end_title / edit.fps),
        spec=spec,
        music=tracks,
        bit_rate=choose_sound_bit_rate(find_rules(spec), edit.duration),
        on_progress=on_progress,
    )
    return False


def _verify_clip(clip: Path, edit: Edit) -> RenderFacts:
    """Return the facts of the finished file, and verify that it has all frames.

    ffmpeg can exit with 0 and still leave an incomplete file.
    """
    frames = count_frames(clip)
    if frames != edit.frames:
        raise RenderError(f"The finished clip has {frames} frames instead of {edit.frames}.")
    return RenderFacts(
        duration=edit.duration,
        width=edit.size[0],
        height=edit.size[1],
        fps=float(edit.fps),
        frames=frames,
        file_size=clip.stat().st_size,
    )
