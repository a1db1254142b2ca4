# SPDX-License-Identifier: BSD-2-Clause
"""Writes into a tun: IP packets of tests/captures in each mode, whole, cut, faulting, too short and too long."""
import _write


def seeds(root):
    return _write.seeds_of(root, "tun")
