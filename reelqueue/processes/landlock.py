"""Restrict this process, and all that it starts, to some files: Landlock (landlock(7)).

Landlock needs no privilege, but Linux 5.13. From Linux 6.12 on, it also keeps a process from
sending signals to others. In every version, a process can no longer look into the memory or the
environment of one that is not restricted in the same way.
"""

from __future__ import annotations

import ctypes
import os
import stat

# linux/landlock.h; the numbers of the system calls are the same on all machines.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_SCOPE_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = _READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _REFER
_WRITE |= _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""All rights that a version of Landlock knows and we use."""
_SCOPES_SINCE = 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def find_version() -> int:
    """Return the version of Landlock in this kernel, 0 for none."""
    return max(_call(_CREATE_RULESET, None, 0, _VERSION_FLAG), 0)


def restrict_files(reads: list[str], writes: list[str], lists: list[str]) -> None:
    """Refuse from now on to open files other than these; do nothing without Landlock.

    A path that does not exist gives no right.

    Args:
        reads: files and folders with all that is in them, to read and to execute.
        writes: files and folders with all that is in them, to read and to write.
        lists: folders whose names may be listed, but whose files stay closed.

    Raises:
        OSError: if the kernel has Landlock but refuses.
    """
    version = find_version()
    if not version:
        return
    known = _RIGHTS_OF_VERSION.get(version, _RIGHTS_OF_VERSION[3])
    scopes = _SCOPE_SOCKETS | _SCOPE_SIGNALS if version >= _SCOPES_SINCE else 0
    ruleset = _Ruleset(known, 0, scopes)
    size = ctypes.sizeof(ruleset) if scopes else 8  # earlier versions know the first member only
    rules = _check(_call(_CREATE_RULESET, ctypes.byref(ruleset), size, 0))
    for paths, rights in ((reads, _READ), (writes, _WRITE), (lists, _READ_DIR)):
        for path in paths:
            try:
                _allow(rules, path, rights & known)
            except (FileNotFoundError, NotADirectoryError, PermissionError):
                continue
    _check(_call(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FOR_FILES
        rule = _PathRule(rights, descriptor)
        _check(_call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    values = [
        ctypes.c_ulong(argument) if isinstance(argument, int) else argument
        for argument in arguments
    ]
    return int(_libc.syscall(ctypes.c_long(number), *values))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result


_libc = ctypes.CDLL(None, use_errno=True)
