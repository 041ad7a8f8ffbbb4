# SPDX-License-Identifier: Apache-2.0
"""Makes a running process call the kernel as we say, so that its own walls answer. As root, on x86-64."""
import ctypes
import errno
import os
import platform

POSSIBLE = os.geteuid() == 0 and platform.machine() == "x86_64"
SINGLESTEP, GETREGS, SETREGS, ATTACH, DETACH = 9, 12, 13, 16, 17
# What the tests call: asm/unistd_64.h.
CALLS = {"open": 2, "close": 3, "mmap": 9, "getpid": 39, "socket": 41, "listen": 50, "fork": 57, "execve": 59, "kill": 62, "rename": 82, "unlink": 87, "ptrace": 101,
         "mount": 165, "settimeofday": 164, "keyctl": 250, "openat": 257, "unshare": 272, "process_vm_readv": 310, "bpf": 321, "io_uring_setup": 425}
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class _Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in (
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()]


class Injected:
    """A process, stopped while one is in here; use as a context manager."""

    def __init__(self, pid):
        self.pid = pid

    def _ptrace(self, request, data=None):
        if _libc.ptrace(request, self.pid, None, data) < 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request}")

    def __enter__(self):
        self._ptrace(ATTACH)
        os.waitpid(self.pid, 0x40000000)    # __WALL
        self.before = _Registers()
        self._ptrace(GETREGS, ctypes.addressof(self.before))
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)
        # It sleeps in a system call, so what stands before is the instruction.
        if os.pread(self.memory, 2, self.before.rip - 2) != b"\x0f\x05":
            raise AssertionError("the process is not in a system call")
        return self

    def __exit__(self, *_):
        self._ptrace(SETREGS, ctypes.addressof(self.before))
        self._ptrace(DETACH)
        os.close(self.memory)

    def call(self, name, *arguments):
        """The name of the error that the kernel answers, else what it returns; bytes are passed as a pointer to them."""
        registers = _Registers.from_buffer_copy(self.before)
        room = (self.before.rsp - 65536) & ~15
        registers.rax, registers.orig_rax, registers.rip = CALLS[name], 2**64 - 1, self.before.rip - 2
        for register, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments):
            if isinstance(value, (bytes, os.PathLike)):
                value = os.fsencode(value) + b"\0"
                os.pwrite(self.memory, value, room)
                value, room = room, room - 4096
            setattr(registers, register, value % 2**64)
        self._ptrace(SETREGS, ctypes.addressof(registers))
        self._ptrace(SINGLESTEP)
        os.waitpid(self.pid, 0x40000000)
        self._ptrace(GETREGS, ctypes.addressof(registers))
        answer = ctypes.c_longlong(registers.rax).value
        return errno.errorcode[-answer] if -4096 < answer < 0 else answer
