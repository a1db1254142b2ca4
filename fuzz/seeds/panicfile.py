# SPDX-License-Identifier: BSD-2-Clause
"""Panic reports in each form that macOS has written, and the one of the session that shows the emulated kernel's."""
import json

KEXTS = ("         net.sf.tuntaposx.tap(1.0)[2FF3CB18-848D-39B0-B14D-F04B0128E023]@0xffffff7f80d6d000->0xffffff7f80d74fff\n"
         "            dependency: com.apple.kpi.bsd(19.6)@0xffffff8000200000\n")
INTEL = ('panic(cpu 1 caller 0xffffff80004d3b07): "m_free: freeing an already freed mbuf"@/SourceCache/xnu/bsd/kern/x.c:1\n'
         "Backtrace (CPU 1), Frame : Return Address\n"
         "0xffffff80b5a33b60 : 0xffffff80004d3b07 \n"
         "0xffffff80b5a33be0 : 0xffffff7f80d6e933 \n"
         "      Kernel Extensions in backtrace:\n" + KEXTS +
         "\nBSD process name corresponding to current thread: openvpn\n\nMac OS version:\n19G2021\n")
TRAP = ("Anonymous UUID:       BBBBBBBB-0000-1111-2222-CCCCCCCCCCCC\n\n"
        "panic(cpu 0 caller 0xffffff8000291f0d): Kernel trap at 0xffffff7f80d6e933, type 14=page fault, registers:\n"
        "CR0: 0x000000008001003b, CR2: 0x0000000000000010, CR3: 0x0000000005bd3000, CR4: 0x00000000001626e0\n"
        "RFL: 0x0000000000010246, RIP: 0xffffff7f80d6e933, CS:  0x0000000000000008, SS:  0x0000000000000010\n"
        "Backtrace (CPU 0), Frame : Return Address\n"
        "0xffffff80b5a33b60 : 0xffffff7f80d6e933 \n"
        "0xffffff80b5a33be0 : 0xffffff7f80d6f001 \n"
        "      Kernel Extensions in backtrace:\n" + KEXTS)
SILICON = ("panic(cpu 4 caller 0xfffffe001c9b5abc): Kernel data abort. at pc 0xfffffe001d2c8a04, lr 0xfffffe001d2c89f0\n"
           "Debugger message: panic\n"
           "Panicked thread: 0xfffffe1b33c44000, backtrace: 0xfffffe3d0c0c3020, tid: 1234\n"
           "\t\t  lr: 0xfffffe001c15e2b4  fp: 0xfffffe3d0c0c3090\n"
           "\t\t  lr: 0xfffffe001d2c8a04  fp: 0xfffffe3d0c0c3180\n"
           "      Kernel Extensions in backtrace:\n"
           "         net.sf.tuntaposx.tun(1.0)[00112233-4455-6677-8899-AABBCCDDEEFF]@0xfffffe001d2c8000->0xfffffe001d2cbfff\n")


def seeds(root):
    session = (root / "tests/sessions/panic-report.session").read_text()
    return {
        "intel": INTEL.encode(),
        "trap": TRAP.encode(),
        "silicon": SILICON.encode(),
        "windows-lines": INTEL.replace("\n", "\r\n").encode(),
        "ips": (json.dumps({"bug_type": "210"}) + "\n" + json.dumps({"build": "x", "panicString": TRAP})).encode(),
        "ips-newer": (json.dumps({"macOSPanicString": SILICON, "panicString": "?"})).encode(),
        "emulated": session.encode(),
        "none": b"hello\n",
    }
