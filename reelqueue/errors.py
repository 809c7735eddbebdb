"""The errors that Reelqueue raises on purpose. Their messages are sentences for users.

ReelqueueError
├── InputError                  the input is at fault: sending the same again fails the same way
│   ├── MalformedRequestError   the request cannot be read
│   ├── InvalidSpecError        a value is missing, unknown or outside its limits
│   ├── UnsupportedMediaError   the file has a format or codec that is not supported
│   ├── UnreadableMediaError    the file is damaged, or beyond the limits for its format
│   ├── TooLargeError           too many bytes or too many files
│   ├── NotFoundError           the id does not exist, or belongs to another owner
│   ├── ConflictError           the state of the job does not allow the request
│   ├── ReusedKeyError          the idempotency key or job id belongs to another request
│   ├── NotSignedInError        the token or password is missing or wrong
│   └── ForbiddenError          this caller may not do that
├── UnavailableError            a part of the service is away: trying again later can help
│   ├── BusyError               too much is being done at once: renders, uploads, checks
│   ├── NoRoomError             the disk or the bucket has no room for more files
│   └── UnreadableRecordError   a stored record that this version cannot read
├── RenderError                 a render failed, and the input is not the cause
│   ├── RenderTimeoutError      the render took longer than allowed
│   ├── RenderMemoryError       the render ran out of memory
│   └── RenderCanceledError     the job was cancelled, or ended elsewhere
├── DeliveryError               another service did not take what we sent it
└── SettingsError               an environment variable has a bad value: the service does not start
"""

from __future__ import annotations

TOOK_TOO_LONG = (
    "The render took too long and was stopped: use fewer photos, a shorter clip or a smaller size."
)


class ReelqueueError(Exception):
    """The base of all errors that are raised on purpose."""


class InputError(ReelqueueError):
    """Raised when the input of a user is at fault."""


class MalformedRequestError(InputError):
    """Raised when a request cannot be read: invalid JSON, a missing file, a broken form."""


class InvalidSpecError(InputError):
    """Raised when a value of a spec is missing, unknown or outside its limits.

    Attributes:
        field: path of the value, such as `photos.3.id`; empty for the request as a whole.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class UnsupportedMediaError(InputError):
    """Raised when a file has a format or codec that is not supported, whatever its name."""


class UnreadableMediaError(InputError):
    """Raised when a file is damaged, or beyond the limits for its format."""


class TooLargeError(InputError):
    """Raised when a request has too many bytes or too many files."""


class NotFoundError(InputError):
    """Raised for an id that does not exist or belongs to another owner; both read the same."""


class ConflictError(InputError):
    """Raised when the state of a job does not allow the request."""


class ReusedKeyError(InputError):
    """Raised when an idempotency key or a job id was used before with another request."""


class NotSignedInError(InputError):
    """Raised when a token or password is missing or wrong."""


class ForbiddenError(InputError):
    """Raised when a caller may not do what it asks for, whatever its values are."""


class UnavailableError(ReelqueueError):
    """Raised when the queue or the storage does not answer, or no worker.

    Attributes:
        retry_after: seconds after which the caller can try again.
        field: path of the value that cannot be checked without it, as the message names it; empty
            for the request as a whole.
    """

    def __init__(self, message: str, retry_after: int = 5, field: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.field = field


class BusyError(UnavailableError):
    """Raised when too much is being done at once: renders, uploads, checks of files, streams."""


class NoRoomError(UnavailableError):
    """Raised when the disk or the bucket has no room for more files."""

    def __init__(
        self, message: str = "There is no room for new files right now: try again later."
    ) -> None:
        super().__init__(message, retry_after=60)


class UnreadableRecordError(UnavailableError):
    """Raised for a stored record that this version cannot read: a newer one may have written it."""


class RenderError(ReelqueueError):
    """Raised when a render fails and the input is not the cause."""


class RenderTimeoutError(RenderError):
    """Raised when a render takes longer than allowed."""

    def __init__(self, message: str = TOOK_TOO_LONG) -> None:
        super().__init__(message)


class RenderMemoryError(RenderError):
    """Raised when a render runs out of memory, its own or that of the machine."""


class RenderCanceledError(RenderError):
    """Raised inside a render when its run has an outcome: by a user's cancel, or another worker."""


class DeliveryError(ReelqueueError):
    """Raised when another service does not answer a request of ours, or may not be asked."""


class SettingsError(ReelqueueError):
    """Raised at the start for an environment variable with a bad value."""


FINAL_ERRORS = (InputError, RenderTimeoutError)
"""Faults that another attempt would only repeat."""
