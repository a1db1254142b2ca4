# SPDX-License-Identifier: BSD-2-Clause
"""Protocols of each kind, alone and beside each other, and the frames that are theirs and nearly theirs."""
KINDS = {"ipv4": (4, b"\x08\0"), "arp": (4, b"\x08\x06"), "ipv6": (4, b"\x86\xdd"), "sap": (5, b"BB\x03"),
         "snap-sap": (5, b"\xaa\xaa\x03"), "snap": (6, b"\x08\0\x07\x80\x9b")}


def attach(family, *names):
    return bytes([0, family, len(names)]) + b"".join(bytes([KINDS[name][0], len(KINDS[name][1])]) + KINDS[name][1]
                                                     for name in names)


def detach(family):
    return bytes([1, family])


def frame(kind, payload=b"", short=0):
    return bytes([2, len(payload), short]) + (bytes(12) + kind)[:14 - short] + payload


def frame_of(name):
    kind, data = KINDS[name]
    return frame(data) if kind == 4 else frame(b"\0\x08", (data if kind == 5 else b"\xaa\xaa\x03" + data) + b"\0")


def seeds(root):
    del root
    made = {"empty": b""}
    every = b"".join(frame_of(name) for name in KINDS)
    for name in KINDS:
        made[f"only-{name}"] = attach(2, name) + every + detach(2) + every
        made[f"twice-{name}"] = attach(2, name) + attach(3, name) + attach(2, "arp") + attach(4, name, name)
        made[f"beside-snap-sap-{name}"] = attach(1, "snap-sap") + attach(2, name) + every + detach(2) + every
    for kind in (1500, 1501, 1535, 1536):
        made[f"type-{kind}"] = attach(5, "sap") + frame(kind.to_bytes(2, "big"), b"BB\x03")
    for length in (0, 2, 3, 7, 8):
        made[f"payload-{length}"] = attach(1, "snap") + attach(2, "snap-sap") + frame(
            b"\0\x08", b"\xaa\xaa\x03\x08\0\x07\x80\x9b"[:length])
    made["short-header"] = attach(2, "ipv4") + frame(b"\x08\0", short=1)
    made["full"] = b"".join(attach(family) for family in range(18)) + detach(3) + attach(18)
    made["too-many"] = attach(2, *["ipv4"] * 9) + attach(3, *KINDS) + every
    made["malformed"] = bytes([0, 2, 3, 4, 3, 1, 2, 3, 7, 2, 8, 0, 0, 0])
    return made
