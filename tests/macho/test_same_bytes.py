#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The three builds of a driver (native, Mach-O object, Mach-O bundle) answer a capture with the same bytes, seed for
seed, and in the same number of steps; and it is the file that runs, not the native build in its place.

usage: test_same_bytes.py TUNTAPSIM KEXT-FOLDER CAPTURES
"""
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, KEXTS, CAPTURES = sys.argv[1:4]


def replay(kext, device, capture, seed, out):
    """(digest of the capture, report without the host's time) of one replay."""
    option = ["--kext", kext] if kext else []
    run = subprocess.run([PROGRAM, *option, "replay", "--dev", device, "--in", "%s/%s" % (CAPTURES, capture),
                          "--out", out, "--seed", str(seed)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise AssertionError(run.stdout + run.stderr)
    report = re.sub(r"[0-9.]+ s real", "", run.stdout)
    return hashlib.sha256(pathlib.Path(out).read_bytes()).hexdigest(), report


class SameBytes(unittest.TestCase):
    def compare(self, device, capture):
        name = device.rstrip("0123456789")
        with tempfile.TemporaryDirectory() as folder:
            out = folder + "/out.pcap"
            for seed in (1, 2, 3):
                native = replay(None, device, capture, seed, out)
                self.assertEqual(replay("%s/object/%s.kext" % (KEXTS, name), device, capture, seed, out), native)
                self.assertEqual(replay("%s/%s.kext" % (KEXTS, name), device, capture, seed, out), native)

    def test_tap(self):
        self.compare("tap0", "ethernet.pcap")

    def test_tun(self):
        self.compare("tun0", "raw.pcap")

    def test_the_file_is_what_runs(self):
        """Given the kext from the file, then kextstat has its UUID, which no native build has."""
        uuid = re.search(rb"\x1b\0\0\0\x18\0\0\0(.{16})", pathlib.Path(KEXTS, "tap.kext/Contents/MacOS/tap").read_bytes(),
                         re.S).group(1).hex().upper()
        text = "%s-%s-%s-%s-%s" % (uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
        run = subprocess.run([PROGRAM, "--kext", KEXTS + "/tap.kext", "shell"], capture_output=True, text=True,
                             input="kextload tap.kext\nkextstat -k\n", check=True)
        self.assertIn(text, run.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
