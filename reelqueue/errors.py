"""Every error that Reelqueue raises on purpose. Messages are sentences that a user may read.

ReelqueueError
├── InputError                  what was sent is at fault: the same again fails the same way
│   ├── MalformedRequestError   the request itself cannot be read
│   ├── InvalidSpecError        a field is missing, unknown or outside its limits
│   ├── UnsupportedMediaError   a file of a kind that is not taken
│   ├── UnreadableMediaError    the right kind of file, but damaged or beyond the limits
│   ├── TooLargeError           more bytes or more files than are taken
│   ├── NotFoundError           no such thing, or not yours
│   ├── ConflictError           the job's state does not allow this
│   ├── ReusedKeyError          an idempotency key or job id came again with another body
│   ├── NotSignedInError        no valid token or password
│   └── ForbiddenError          known, but not allowed
├── UnavailableError            not now: trying again later may help
│   ├── BusyError               all places are taken
│   └── UnreadableRecordError   a stored record that this version cannot read
├── RenderError                 a fault of ours while rendering
│   ├── RenderTimeoutError      the job used up its time
│   └── RenderCanceledError     somebody cancelled the job
└── SettingsError               an environment variable is wrong: refuse to start
"""

from __future__ import annotations


class ReelqueueError(Exception):
    """The root: catch this to catch everything raised on purpose."""


class InputError(ReelqueueError):
    """Raised when what the user sent is at fault."""


class MalformedRequestError(InputError):
    """Raised when a request cannot be read: no JSON, no file, a broken form."""


class InvalidSpecError(InputError):
    """Raised when a field of a spec is missing, unknown or outside its limits.

    Attributes:
        field: the field's path, such as `photos.3.id`; empty when it is the whole.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class UnsupportedMediaError(InputError):
    """Raised when a file is of a kind that is not taken, whatever its name says."""


class UnreadableMediaError(InputError):
    """Raised when a file is damaged, or beyond the limits for its kind."""


class TooLargeError(InputError):
    """Raised when a request carries more bytes or more files than are taken."""


class NotFoundError(InputError):
    """Raised for an id that does not exist or belongs to somebody else: both read the same."""


class ConflictError(InputError):
    """Raised when a job's state does not allow what was asked."""


class ReusedKeyError(InputError):
    """Raised when an idempotency key or a job id comes again with another body."""


class NotSignedInError(InputError):
    """Raised when a token or password is missing or wrong."""


class ForbiddenError(InputError):
    """Raised when a request may not be made, whoever makes it."""


class UnavailableError(ReelqueueError):
    """Raised when something that we need is away for now.

    Attributes:
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BusyError(UnavailableError):
    """Raised when all places are taken."""


class UnreadableRecordError(UnavailableError):
    """Raised for a stored record that this version cannot read: a newer one may have written it."""


class RenderError(ReelqueueError):
    """Raised when a render fails and the input is not to blame."""


class RenderTimeoutError(RenderError):
    """Raised when a job has used up its time."""


class RenderCanceledError(RenderError):
    """Raised inside a render whose job has been cancelled."""


class SettingsError(ReelqueueError):
    """Raised at start for an environment variable that cannot be used."""


FINAL_ERRORS = (InputError, RenderTimeoutError)
"""Faults that another attempt would only repeat."""
