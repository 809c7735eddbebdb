"""Forms with files (RFC 7578), written to disk as they arrive: once, and within limits."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from uuid import uuid4

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    SEARCH_EXTRA_LENGTH,
    Data,
    Epilogue,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

from reelqueue.errors import NoRoomError, ReelqueueError, TooLargeError
from reelqueue.media.probing import Staged
from reelqueue.processes.room import find_room
from reelqueue.processes.workspace import open_workspace
from reelqueue.web.serving.body import translate_errors

_FIELD_BYTES = 1 << 20  # of all text fields, and of what is not decoded yet
_HEAD_BYTES = 1 << 13  # of one part: its name and that of its file


class _Decoder(MultipartDecoder):
    """Werkzeug's decoder, without two of its faults."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        """Read a form whose file names are not all UTF-8: otherwise all of it would be given up.

        Raises:
            TooLargeError: if they are so long that they take much memory and time.
        """
        if len(data) > _HEAD_BYTES:
            raise TooLargeError("The name of a file is far too long: rename the file.")
        return super()._parse_headers(data.decode(errors="replace").encode())

    def _last_partial_boundary_index(self, data: bytes | bytearray) -> int:
        """Return where a boundary may begin that is not all there.

        Werkzeug adds a line break to a file if a piece ends within the dashes after its boundary.
        """
        start = max(0, len(data) - len(self.boundary) - SEARCH_EXTRA_LENGTH)
        found = (data.find(b"\r", start), data.find(b"\n", start))
        return min((index for index in found if index >= 0), default=len(data))


@dataclass(frozen=True)
class FormLimits:
    """What a form may hold, and the disk space that must stay free."""

    request_bytes: int
    file_bytes: int
    parts: int
    free_bytes: int


@dataclass
class _Part:
    """The part of a form that is being received."""

    name: str
    file: FileIO | None = None
    filename: str = ""
    size: int = 0
    text: list[bytes] = field(default_factory=list)


class Form:
    """A form that is being received: its files in a workspace, its text fields in memory.

    Attributes:
        resources: what is held until the form is closed.
        error: why the form is refused; what comes after it is thrown away.
        texts: the text fields by name; of several, the first.
        files: the files by the name of their field, without those that have no file name.
    """

    def __init__(self, content_type: str, limits: FormLimits) -> None:
        self.resources = ExitStack()
        self.error: Exception | None = None
        self.texts: dict[str, str] = {}
        self.files: defaultdict[str, list[Staged]] = defaultdict(list)
        self._limits, self._received, self._text_bytes = limits, 0, 0
        self._part: _Part | None = None
        self._is_broken = False
        boundary = parse_options_header(content_type)[1].get("boundary", "")
        self._decoder = _Decoder(
            boundary.encode("latin-1", "replace"), _FIELD_BYTES, max_parts=limits.parts
        )
        with translate_errors():
            self._folder = self.resources.enter_context(open_workspace())

    def write(self, piece: bytes) -> None:
        """Take the next bytes of the form; `error` says whether it is worth sending more."""
        if self.error is None and not self._is_broken:
            self._receive(piece)

    def finish(self) -> None:
        """Note that the form has come to its end."""
        if self.error is None and not self._is_broken:
            self._receive(None)

    def close(self) -> None:
        """Delete the files, and release what else is held."""
        if self._part is not None and self._part.file is not None:
            self._part.file.close()
        self.resources.close()

    def _receive(self, piece: bytes | None) -> None:
        try:
            with translate_errors():
                self._count(len(piece or b""))
                self._decoder.receive_data(piece)
                while not isinstance(event := self._decoder.next_event(), Epilogue | NeedData):
                    self._handle(event)
        except (ReelqueueError, RequestEntityTooLarge) as error:
            self.error = error
        except ValueError:  # it is no form, or broken off: then it has no files
            self.files.clear()
            self._is_broken = True

    def _count(self, size: int) -> None:
        self._received += size
        if self._received > self._limits.request_bytes:
            raise RequestEntityTooLarge
        if find_room(self._folder, self._limits.free_bytes) < size:
            raise NoRoomError

    def _handle(self, event: object) -> None:
        if isinstance(event, File):
            path = self._folder / str(uuid4())
            self._part = _Part(event.name, FileIO(path, "w"), event.filename)
        elif isinstance(event, Field):
            self._part = _Part(event.name)
        elif isinstance(event, Data) and self._part is not None:
            self._keep(self._part, event.data)
            if not event.more_data:
                self._end_part(self._part)
                self._part = None

    def _keep(self, part: _Part, data: bytes) -> None:
        if part.file is None:
            self._text_bytes += len(data)
            if self._text_bytes > _FIELD_BYTES:
                raise RequestEntityTooLarge
            part.text.append(data)
            return
        part.size += len(data)
        if part.size > self._limits.file_bytes:
            limit = self._limits.file_bytes / 1_000_000
            raise TooLargeError(f"A file may have at most {limit:g} MB: send a smaller one.")
        part.file.write(data)

    def _end_part(self, part: _Part) -> None:
        """Close each file as soon as it is there: a form may have more than can be open at once."""
        if part.file is None:
            self.texts.setdefault(part.name, b"".join(part.text).decode("utf-8", "replace"))
            return
        part.file.close()
        if part.filename:  # a browser sends none if no file was chosen
            self.files[part.name].append(Staged(Path(os.fsdecode(part.file.name)), part.filename))
