"""The progress of a render in several parts."""

from __future__ import annotations

from reelqueue.media.facts import OnProgress, RenderStage


class _MonotonicProgress:
    """Passes on progress that never goes back, even when the render starts again."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._done, self._total = 0, 1

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        if done * self._total >= self._done * total:
            self._done, self._total = done, total
        self._on_progress(self._done, self._total, stage)


def never_back(on_progress: OnProgress) -> OnProgress:
    """Return a callback that passes on progress, but none that goes back."""
    return _MonotonicProgress(on_progress)


class PassProgress:
    """The progress of work that may have to be done again: the first pass is half of it then."""

    def __init__(self, on_progress: OnProgress, *, may_repeat: bool) -> None:
        first, second = share_progress(on_progress) if may_repeat else (on_progress, on_progress)
        self._report, self._report_next = first, never_back(second)

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        """Report as `OnProgress` does."""
        self._report(done, total, stage)

    def repeat(self) -> None:
        """Tell that another pass begins."""
        self._report = self._report_next


def share_progress(on_progress: OnProgress, parts: int = 2) -> tuple[OnProgress, OnProgress]:
    """Return two callbacks: the work of the first is one of so many parts of all."""

    def report_first(done: int, total: int, stage: RenderStage) -> None:
        on_progress(done, parts * total, stage)

    def report_second(done: int, total: int, stage: RenderStage) -> None:
        on_progress(total + (parts - 1) * done, parts * total, stage)

    return report_first, report_second
