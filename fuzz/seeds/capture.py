# SPDX-License-Identifier: BSD-2-Clause
"""The first packets of the captures of tests/captures, in the forms that libpcap reads."""
import struct

PACKETS = 12
NANOSECONDS, MICROSECONDS = 0xA1B23C4D, 0xA1B2C3D4


def packets_of(content):
    """[(seconds, fraction, original length, bytes)] of a little-endian libpcap file."""
    at, packets = 24, []
    while at < len(content):
        seconds, fraction, captured, original = struct.unpack_from("<IIII", content, at)
        packets.append((seconds, fraction, original, content[at + 16:at + 16 + captured]))
        at += 16 + captured
    return packets


def pcap(link, packets, order="<", magic=NANOSECONDS):
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    return head + b"".join(struct.pack(order + "IIII", seconds, fraction, len(body), original) + body
                           for seconds, fraction, original, body in packets)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(link, packets):
    made = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", link, 0, 0))
    for seconds, fraction, original, body in packets:
        time = seconds * 1000000 + fraction // 1000
        made += block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(body), original) + body)
    return made


def seeds(root):
    made = {}
    for name in ("ethernet", "raw"):
        content = (root / f"tests/captures/{name}.pcap").read_bytes()
        link = struct.unpack_from("<I", content, 20)[0]
        packets = packets_of(content)[:PACKETS]
        made[name] = pcap(link, packets)
        made[f"{name}-ng"] = pcapng(link, packets[:4])
        made[f"{name}-big-endian"] = pcap(link, packets[:2], ">")
        made[f"{name}-microseconds"] = pcap(link, packets[:2], magic=MICROSECONDS)
        made[f"{name}-cut"] = pcap(link, packets[:2])[:-7]
    null = [(1, 2, 88, struct.pack("<I", 2) + b"E\0\0T" + bytes(80))]
    made["null"] = pcap(0, null)
    made["loop"] = pcap(108, [(1, 2, 88, struct.pack(">I", 30) + b"`\0\0\0" + bytes(80))])
    made["unknown-link"] = pcap(9999, null)
    made["empty"] = b""
    return made
