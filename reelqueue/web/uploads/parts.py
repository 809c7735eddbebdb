"""The body of a request that goes on with a resumable upload: stored part by part as it comes."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from werkzeug.exceptions import RequestEntityTooLarge

from reelqueue.errors import NoRoomError, ReelqueueError
from reelqueue.media.resumable.uploads import PART_BYTES, Progress, ResumableUploads
from reelqueue.processes.room import find_room
from reelqueue.processes.workspace import open_workspace
from reelqueue.web.serving.body import translate_errors


class Parts:
    """Bytes of an upload that are being received, after those that are stored.

    If the client leaves, what has come of them is stored as well.

    Attributes:
        resources: what is held until the body is closed.
        error: why it is refused; what comes after it is thrown away.
        offset: how many bytes of the upload are stored.
    """

    def __init__(self, uploads: ResumableUploads, progress: Progress, free_bytes: int) -> None:
        self.resources = ExitStack()
        self.error: Exception | None = None
        self.offset = progress.offset
        self._uploads, self._progress, self._free_bytes = uploads, progress, free_bytes
        self._waiting = 0  # bytes on the disk that are not stored
        with translate_errors():
            folder = self.resources.enter_context(open_workspace())
        self._path = Path(folder, "part")

    def write(self, piece: bytes) -> None:
        """Take the next bytes; `error` says whether it is worth sending more."""
        if self.error is None:
            self._try(piece)

    def finish(self) -> None:
        """Store what is left."""
        if self.error is None:
            self._try(b"")

    def close(self) -> None:
        """Store what came of a request that broke off, and release what else is held."""
        if self.error is None:
            with suppress(ReelqueueError, OSError):
                self._store()
        self.resources.close()

    def _try(self, piece: bytes) -> None:
        try:
            with translate_errors():
                self._keep(piece)
                if not piece or self._waiting >= PART_BYTES:
                    self._store()
        except (ReelqueueError, RequestEntityTooLarge) as error:
            self.error = error

    def _keep(self, piece: bytes) -> None:
        if self.offset + self._waiting + len(piece) > self._progress.announced.size_bytes:
            raise RequestEntityTooLarge
        if find_room(self._path.parent, self._free_bytes) < len(piece):
            raise NoRoomError
        with self._path.open("ab") as file:
            file.write(piece)
        self._waiting += len(piece)

    def _store(self) -> None:
        if self._waiting:
            self._uploads.add_part(self._progress, self.offset, self._path)
            self._path.unlink()
            self.offset, self._waiting = self.offset + self._waiting, 0
