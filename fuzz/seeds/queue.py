# SPDX-License-Identifier: BSD-2-Clause
"""What tests/core/test_queue.c does by hand: a queue that fills by packets and by bytes, holes, order, purges."""


def seeds(root):
    del root
    default, small = bytes(4), (4096).to_bytes(4, "little")
    fill, one, pop = bytes([1, 128, 255, 2]), bytes([0, 2]), bytes([2])
    return {"empty": default + pop + bytes([3, 4, 4, 4]),
            "order": default + one * 5 + pop * 6,
            "full": default + fill + one + pop + one * 2 + bytes([4, 160]),
            "wraps": default + (bytes([1, 100, 255, 2, 3, 90])) * 4,
            "bytes-full": small + bytes([1, 20, 255, 1]) + pop + bytes([0, 1, 0, 7]),
            "hole": default + bytes([1, 20, 10, 2]) + bytes([0, 63]),
            "huge": default + bytes([0, 0x80]) + b"\xff\xff\xff\xff" + one}
