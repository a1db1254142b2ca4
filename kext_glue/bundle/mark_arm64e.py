#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Marks an arm64e object as one of the kernel's pointer authentication ABI, version 0, as Apple's compiler does for
-mkernel: Apple's linker gives its result the mark of its first input, and the kernel wants this one.

usage: mark_arm64e.py OBJECT OUTPUT

Exit status: 0 done, 2 not an arm64e object (nothing is written).
"""
import pathlib
import struct
import sys

MAGIC_64, CPU_ARM64, SUBTYPE_ARM64E, KERNEL_ABI = 0xFEEDFACF, 0x0100000C, 2, 0xC0000000


def mark(data):
    """The marked bytes; None: not an arm64e object."""
    if len(data) < 32:
        return None
    magic, cpu, subtype = struct.unpack_from("<III", data)
    if magic != MAGIC_64 or cpu != CPU_ARM64 or subtype & 0xFFFFFF != SUBTYPE_ARM64E:
        return None
    return data[:8] + struct.pack("<I", KERNEL_ABI | SUBTYPE_ARM64E) + data[12:]


def main():
    if len(sys.argv) != 3:
        print("usage: mark_arm64e.py OBJECT OUTPUT", file=sys.stderr)
        return 2
    try:
        marked = mark(pathlib.Path(sys.argv[1]).read_bytes())
    except OSError as error:
        print("mark_arm64e.py: %s" % error, file=sys.stderr)
        return 2
    if marked is None:
        print("mark_arm64e.py: %s: not an arm64e object" % sys.argv[1], file=sys.stderr)
        return 2
    pathlib.Path(sys.argv[2]).write_bytes(marked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
