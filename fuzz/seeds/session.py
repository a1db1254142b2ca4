# SPDX-License-Identifier: BSD-2-Clause
"""The sessions that are small enough, as they are."""

BYTES_MAX = 2048  # fuzz_session.c


def seeds(root):
    paths = sorted((root / "tests/sessions").rglob("*.session"))
    small = {f"{path.parent.name}-{path.stem}": path.read_bytes() for path in paths
             if path.stat().st_size <= BYTES_MAX}
    small["wrong-directive"] = b"#: kernels darwin9\nroot# ls /dev\n"
    small["output-first"] = b"hello\nroot# ls /dev\n"
    return small
