# SPDX-License-Identifier: BSD-2-Clause
"""Property lists as they ship (odd first byte) and small executables of kexts (even)."""
import struct

MAGIC_64, CPU_X86_64, MH_KEXT_BUNDLE = 0xFEEDFACF, 0x01000007, 11
LC_SEGMENT_64, LC_SYMTAB, LC_UUID = 0x19, 0x2, 0x1B


def segment(name, sections, file_bytes):
    body = b"".join(
        struct.pack("<16s16sQQIIIIIIII", section, name, address, size, offset, 0, relocations, count, flags, 0, 0, 0)
        for section, address, size, offset, relocations, count, flags in sections)
    return struct.pack("<II16sQQQQiiII", LC_SEGMENT_64, 72 + len(body), name, 0, file_bytes, 0, file_bytes, 7, 7,
                       len(sections), 0) + body


def header(commands, kind=MH_KEXT_BUNDLE):
    body = b"".join(commands)
    return struct.pack("<IiIIIIII", MAGIC_64, CPU_X86_64, 3, kind, len(commands), len(body), 1, 0) + body


def symbol_table(at, names):
    strings, symbols = b"\0", b""
    for name in names:
        symbols += struct.pack("<IBBHQ", len(strings), 1, 0, 0, 0)
        strings += name + b"\0"
    command = struct.pack("<IIIIII", LC_SYMTAB, 24, at, len(names), at + len(symbols), len(strings))
    return command, symbols + strings


def executable(names=(), relocations=b"", sections=True):
    uuid = struct.pack("<II16s", LC_UUID, 24, bytes(range(16)))
    at = 0x200
    table, tail = symbol_table(at + 64 + len(relocations), names)
    code = [(b"__text", at, 32, at, at + 64, len(relocations) // 8, 0x80000400),
            (b"__data", at + 32, 32, at + 32, 0, 0, 0)] if sections else []
    head = header([segment(b"__TEXT", code, at + 64), table, uuid])
    return head.ljust(at, b"\0") + b"\xc3".ljust(64, b"\0") + relocations + tail


def fat(thin):
    return struct.pack(">IIIIIII", 0xCAFEBABE, 1, CPU_X86_64, 3, 4096, len(thin), 12).ljust(4096, b"\0") + thin


def seeds(root):
    made = {}
    for kind in ("tun", "tap"):
        made[f"plist-{kind}"] = b"\1" + (root / "kext_glue" / f"{kind}-Info.plist.in").read_bytes()
    made["plist-entities"] = (b'\1<?xml version="1.0"?><plist version="1.0"><dict><key>a&amp;b</key><array><true/>'
                              b"<false/><integer>-7</integer><real>1.5</real><data>AAEC</data></array></dict></plist>")
    branch = struct.pack("<iI", 8, 0 | 1 << 24 | 2 << 25 | 1 << 27 | 2 << 28)
    for name, content in {"bare": executable(sections=False), "symbols": executable((b"_printf", b"_kmod_info")),
                          "branch": executable((b"_printf",), branch), "fat": fat(executable((b"_msleep",)))}.items():
        made[f"macho-{name}"] = b"\0" + content
    return made
