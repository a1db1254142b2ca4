# SPDX-License-Identifier: BSD-2-Clause
"""Writes at each limit: the shortest and the longest of tun and tap, with and without head, tagged or not."""
import struct

MTU = 72


def shown(mtu, head, whole, start):
    start = start[:whole]
    return struct.pack("<HBH", mtu, head, whole - len(start)) + start


def seeds(root):
    del root
    made = {"empty": b""}
    for name, word, first, shortest in (("inet", 2, 0x45, 20), ("inet6", 30, 0x60, 40)):
        packet = bytes([first]) + bytes(47)
        for whole in (shortest - 1, shortest, MTU, MTU + 1):
            made[f"{name}-{whole}"] = shown(MTU, 0, whole, packet)
            made[f"{name}-head-{whole}"] = shown(MTU, 1, whole + 4, struct.pack(">I", word) + packet)
        made[f"{name}-null"] = shown(1500, 0, 52, struct.pack("<I", word) + packet)
        made[f"{name}-other-word"] = shown(1500, 1, 52, struct.pack(">I", 32 - word) + packet)
    ours, other, everybody = b"\x02\0\0\0\0\1", b"\x02\0\0\0\0\2", b"\xff" * 6
    for name, kind in (("frame", b"\x08\0"), ("tagged", b"\x81\0")):
        for whole in (13, 14, 17, 18, MTU + 14, MTU + 15, MTU + 18, MTU + 19):
            made[f"{name}-{whole}"] = shown(MTU, 0, whole, ours + ours + kind)
    for name, address in (("other", other), ("broadcast", everybody), ("multicast", b"\x01\0\x5e\0\0\1")):
        made[f"to-{name}"] = shown(1500, 0, 60, address + ours + b"\x08\0")
    return made
