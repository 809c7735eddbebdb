"""The result of a job: named files, and facts about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from reelqueue.jobs.records import Stored


class OutputFile(Stored):
    """A stored file of a result.

    `size` is in bytes, None in some records of version 0.1.
    """

    key: str
    size: int | None = None


class Output(Stored):
    """The result of a job: named files, and facts about them.

    `/download/<id>` answers with the first file. `facts` become part of the job's status.
    """

    files: Mapping[str, OutputFile]
    facts: Mapping[str, Any]
    is_reused: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_version_0_1(cls, values: Any) -> Any:
        """Read a video and its poster as version 0.1 stored them."""
        match values:
            case {"video_key": video, "poster_key": poster, "facts": {**facts}, **others}:
                size = facts.get("file_size")
                files = {"video": {"key": video, "size": size}, "poster": {"key": poster}}
                known = {name: value for name, value in facts.items() if value is not None}
                return {**others, "files": others.get("files", files), "facts": known}
        return values

    @model_serializer(mode="wrap")
    def _write_for_version_0_1(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Add the keys that version 0.1 reads: it may run beside this version during a deploy."""
        values: dict[str, Any] = write(self)
        for name in ("video", "poster"):
            if name in self.files:
                values[f"{name}_key"] = self.files[name].key
        return values

    @property
    def main_file(self) -> OutputFile:
        """The file that `/download/<id>` answers with."""
        return next(iter(self.files.values()))
