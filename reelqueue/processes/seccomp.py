"""Take the network from this process, and from all that it starts: a filter of system calls.

See seccomp(2). The filter refuses to open sockets, and what would get round that or into another
process: io_uring, new namespaces, ptrace and its relatives. It needs no privilege.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

# linux/filter.h and linux/seccomp.h
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_X32_BIT = 0x40000000  # of the calls of x86-64's other interface; no other machine has so many

_MACHINES = {  # linux/audit.h
    "x86_64": 0xC000003E,
    "aarch64": 0xC00000B7,
}
_REFUSED = {  # asm/unistd.h of each machine
    "socket": {"x86_64": 41, "aarch64": 198},
    "ptrace": {"x86_64": 101, "aarch64": 117},
    "mount": {"x86_64": 165, "aarch64": 40},
    "unshare": {"x86_64": 272, "aarch64": 97},
    "setns": {"x86_64": 308, "aarch64": 268},
    "process_vm_readv": {"x86_64": 310, "aarch64": 270},
    "process_vm_writev": {"x86_64": 311, "aarch64": 271},
    "keyctl": {"x86_64": 250, "aarch64": 219},
    "perf_event_open": {"x86_64": 298, "aarch64": 241},
    "bpf": {"x86_64": 321, "aarch64": 280},
    "userfaultfd": {"x86_64": 323, "aarch64": 282},
    "io_uring_setup": {"x86_64": 425, "aarch64": 425},
    "pidfd_getfd": {"x86_64": 438, "aarch64": 438},
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_network() -> bool:
    """Refuse new sockets from now on; tell whether this machine and its kernel can do that.

    The process must have given up new privileges (PR_SET_NO_NEW_PRIVS).
    """
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in _MACHINES:
        return False
    code = _build_filter(machine)
    program = _Program(len(code) // 8, code)
    done: int = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program))
    return done == 0


def _build_filter(machine: str) -> bytes:
    """Return the program in classic BPF: calls of another machine's interface are refused too."""
    numbers = [numbers[machine] for numbers in _REFUSED.values()]
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_JUMP_IF_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, len(numbers) + 1, 0, _X32_BIT),
        *(
            (_JUMP_IF_EQUAL, len(numbers) - position, 0, number)
            for position, number in enumerate(numbers)
        ),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
