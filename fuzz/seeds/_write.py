# SPDX-License-Identifier: BSD-2-Clause
"""Inputs of fuzz_write_tun and fuzz_write_tap (write_input.h)."""
import struct

import capture

PACKETS = 12
MTUS = (1500, 72, 9000, 65535)
FAULTS = 4


def mode(head, mtu):
    return bytes([head | MTUS.index(mtu) << 1])


def write(body, cuts=(), faulty=None):
    made = struct.pack("<BH", len(cuts) | (0 if faulty is None else FAULTS), len(body))
    made += b"".join(struct.pack("<H", cut) for cut in cuts)
    return made + (b"" if faulty is None else struct.pack("<H", faulty)) + body


def family(packet):
    return struct.pack(">I", 30 if packet[0] >> 4 == 6 else 2)


def seeds_of(root, device):
    link = "ethernet" if device == "tap" else "raw"
    content = (root / f"tests/captures/{link}.pcap").read_bytes()
    packets = [body for *_, body in capture.packets_of(content)[:PACKETS]]
    first = packets[0]
    header = 14 if device == "tap" else 0
    full = first[:header + 20] + bytes(1500 - 20)
    made = {"empty": b"", "captured": mode(0, 1500) + b"".join(write(body) for body in packets),
            "small-mtu": mode(0, 72) + b"".join(write(body) for body in packets),
            "cut": mode(0, 1500) + write(first, (3, 0, 17)) + write(first, (1,)) + write(first, (header, 5)),
            "faults": mode(0, 1500) + b"".join(write(first, faulty=at) for at in (0, 13, 19, len(first) - 1)),
            "short": mode(0, 1500) + b"".join(write(first[:length]) for length in (0, 1, 13, 14, 17, 19, 20)),
            "longest": mode(0, 1500) + write(full) + write(full + b"x") + write(full + bytes(5)),
            "large": mode(0, 9000) + write(full + bytes(7500)) + write(full + bytes(7501))}
    if device == "tap":
        tagged = first[:12] + b"\x81\0\0\7" + full[12:]
        made["tagged"] = mode(0, 1500) + write(tagged) + write(tagged + b"x") + write(tagged[:17]) + write(tagged[:18])
    else:
        made["head"] = mode(1, 1500) + b"".join(write(family(body) + body) for body in packets)
        made["head-wrong"] = mode(1, 1500) + write(b"\0\0\0\7" + first) + write(first) + write(family(first) + first[:19])
    return made
