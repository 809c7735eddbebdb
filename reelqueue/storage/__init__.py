"""Storage: bytes under keys, in a local folder or in an S3 bucket.

Every write is atomic, and of several calls of `create` for one key only one succeeds: the ledger
depends on both. Keys are made from ids, never from a user's text.
"""

from reelqueue.storage.address import BRIEF, HASTY, PATIENT, Patience, check_address, open_store
from reelqueue.storage.store import CHUNK_BYTES, Entry, Store

__all__ = [
    "BRIEF",
    "CHUNK_BYTES",
    "HASTY",
    "PATIENT",
    "Entry",
    "Patience",
    "Store",
    "check_address",
    "open_store",
]
