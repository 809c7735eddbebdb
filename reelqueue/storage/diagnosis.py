"""Why a storage cannot be used: from an error of it to a cause that an operator can remove.

The codes of S3 are those of "Error responses" in the Amazon S3 API Reference; those that begin with
X are MinIO's. The library passes on the answer's XML in its message.
"""

from __future__ import annotations

import re

from reelqueue.findings import Cause, hide_secrets

_CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>")
_TRIES = re.compile(r" in [\d.]+\S*s(, after .*?)? +- ")
_REGION = re.compile(r"<Region>\s*([\w-]+)\s*</Region>")

UNREACHABLE = Cause(
    "unreachable", "The storage does not answer: compare AWS_ENDPOINT_URL with your provider's."
)
BUSY = Cause("busy", "The storage asks for fewer requests right now: try again in a minute.")
FULL = Cause("full", "The storage is full: delete files, or give it more room.")
DENIED = Cause(
    "denied",
    "The storage refuses this key (AccessDenied): allow it s3:ListBucket on the bucket, and "
    "s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects.",
)
REGION = Cause("region", "AWS_REGION is not the region of the bucket: set the bucket's own.")
UNSUPPORTED = Cause(
    "unsupported", "The storage does not support this operation: use another S3 service."
)
UNKNOWN = Cause("unknown", "The storage answers with an error; it stands in the log.")

_BY_CODE = {
    "InvalidAccessKeyId": Cause(
        "key", "The storage does not know AWS_ACCESS_KEY_ID: copy the key again, or make a new one."
    ),
    "SignatureDoesNotMatch": Cause(
        "secret", "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: copy both again."
    ),
    "RequestTimeTooSkewed": Cause(
        "clock",
        "The clock of this machine and that of the storage are over 15 minutes apart: set this "
        "machine's clock, for example with NTP.",
    ),
    "ExpiredToken": Cause(
        "token",
        "AWS_SESSION_TOKEN has expired: get new temporary keys, or use keys that do not expire.",
    ),
    "NoSuchBucket": Cause(
        "bucket", "There is no such bucket: create it, or correct its name in STORAGE_URL."
    ),
    "AuthorizationHeaderMalformed": REGION,
    "IllegalLocationConstraintException": REGION,
    "PermanentRedirect": REGION,
    "AccessDenied": DENIED,
    "AccountProblem": DENIED,
    "AllAccessDisabled": DENIED,
    "NotImplemented": UNSUPPORTED,
    "MethodNotAllowed": UNSUPPORTED,
    "SlowDown": BUSY,
    "ServiceUnavailable": BUSY,
    "QuotaExceeded": FULL,
    "XMinioStorageFull": FULL,
}
_BY_CODE |= {
    "ExpiredTokenException": _BY_CODE["ExpiredToken"],
    "InvalidClientTokenId": _BY_CODE["InvalidAccessKeyId"],
    "RequestExpired": _BY_CODE["RequestTimeTooSkewed"],
    "InvalidToken": _BY_CODE["ExpiredToken"],
    "TokenRefreshRequired": _BY_CODE["ExpiredToken"],
    "InvalidBucketName": _BY_CODE["NoSuchBucket"],
    "XAmzContentSHA256Mismatch": _BY_CODE["SignatureDoesNotMatch"],
    "XMinioAdminBucketQuotaExceeded": FULL,
}

_BY_TEXT = [
    (r"os error (28|122)\b|\b507\b", FULL),  # ENOSPC and EDQUOT of Linux
    (
        r"os error (13|1|30)\b",  # EACCES, EPERM, EROFS
        Cause(
            "unwritable",
            "This user may not write to the folder of STORAGE_URL: change its owner or its mode.",
        ),
    ),
    (r"os error (5|117)\b", Cause("damaged", "The disk of STORAGE_URL reports errors: check it.")),
    (
        r"169\.254\.169\.254|InstanceProfile|instance metadata",
        Cause("key", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are unset: set both."),
    ),
    (r"redirect without LOCATION", REGION),
    (
        r"dns error|failed to lookup",
        Cause("host", "The host in AWS_ENDPOINT_URL is unknown: correct it."),
    ),
    (
        r"certificate|UnknownIssuer",
        Cause(
            "certificate",
            "The certificate of AWS_ENDPOINT_URL is not trusted: use a host whose certificate this "
            "machine knows, or http:// in a private network.",
        ),
    ),
    (
        r"InvalidContentType|InvalidMessage|corrupt message",
        Cause("tls", "AWS_ENDPOINT_URL begins with https://, but the storage there speaks http."),
    ),
    (
        r"tcp connect error|Connection refused",
        Cause("port", "Nothing answers at the host and port of AWS_ENDPOINT_URL: correct them."),
    ),
    (r"timed out|TimedOut|Timeout", UNREACHABLE),
    (r"\b403 Forbidden|\b401 Unauthorized", DENIED),
    (r"\b(501|405) ", UNSUPPORTED),
    (r"\b(429|503) ", BUSY),
    (r"error sending request|HTTP error", UNREACHABLE),
]
"""Patterns in the texts of errors without a code, such as answers to HEAD; the first counts."""


WORDS = sorted({cause.word for cause in [*_BY_CODE.values(), *(cause for _, cause in _BY_TEXT)]})
"""The words of all causes but `unknown`; docs/api.md explains them."""


def diagnose_storage(error: BaseException) -> Cause:
    """Return the cause of an error of the storage, or of the error that it was raised from."""
    text = str(error.__cause__ or error)
    code = _CODE.search(text)
    if code and (cause := _BY_CODE.get(code[1])):
        region = _REGION.search(text)
        if cause is REGION and region:
            return Cause(REGION.word, f"AWS_REGION is wrong: the bucket is in {region[1]}.")
        return cause
    for pattern, cause in _BY_TEXT:
        if re.search(pattern, text):
            return cause
    return UNKNOWN


def summarise(error: BaseException) -> str:
    """Return the storage's own words: the code of S3, or the first line of the library's error."""
    text = str(error.__cause__ or error)
    code = _CODE.search(text)
    return code[1] if code else hide_secrets(_TRIES.sub(": ", text.partition("\n")[0].strip()))


def is_full(error: BaseException) -> bool:
    """Tell whether the storage has no room left."""
    return diagnose_storage(error) is FULL


def is_bucket_missing(error: BaseException) -> bool:
    """Tell whether not only the key, but the whole bucket does not exist."""
    code = _CODE.search(str(error))
    return code is not None and _BY_CODE.get(code[1]) is _BY_CODE["NoSuchBucket"]
