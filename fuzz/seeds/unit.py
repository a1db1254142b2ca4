# SPDX-License-Identifier: BSD-2-Clause
"""Lives that end in each way, two after each other, and claims of a table that is stopped between them."""
LIVES = {"plain": [0, 1, 4, 5, 6, 7, 9], "early-up": [0, 4, 1, 6, 9, 7], "removed": [0, 1, 4, 9, 6],
         "attach-failed": [0, 2], "setup-failed": [0, 3, 9, 7], "dead": [0, 1, 6, 8, 9], "lost": [0, 1, 6, 8],
         "removed-in-open": [0, 9, 1, 6]}


def seeds(root):
    del root
    made = {"empty": b"", "every-event": bytes(range(13)), "table": bytes([160, 161, 176, 252, 160, 161, 192, 252, 255])}
    for name, life in LIVES.items():
        made[name] = bytes(life)
        made[f"{name}-again"] = bytes(life * 2)
        made[f"{name}-stopped"] = bytes(life + [10, 0, 11, 0])
        made[f"{name}-claimed"] = bytes([192, 128]) + bytes(life) + bytes([224, 160, 252, 224, 248])
    return made
