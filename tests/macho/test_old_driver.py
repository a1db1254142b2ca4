#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A C++ kext of the old style loads, runs and unloads on every release, as an object and as a bundle.

usage: test_old_driver.py TUNTAPSIM KEXT...
"""
import subprocess
import sys
import unittest

PROGRAM, *KEXTS = sys.argv[1:]
TYPED = "kextload old.kext\nkextunload old.kext\nkextload old.kext\nkextunload old.kext\ndmesg\nkextstat -k\n"
ONE_LIFE = ["old: org.example.old 2.5, 2 alive, tap3, unit 7, sleep 35", "old: tun is there", "old: 0 alive"]


class OldDriver(unittest.TestCase):
    def test_two_lives_on_every_release(self):
        for kext in KEXTS:
            for darwin in (10, 14, 19, 24):
                run = subprocess.run([PROGRAM, "--kext", kext, "shell", "--kernel", "darwin%d" % darwin], input=TYPED,
                                     capture_output=True, text=True, check=False)
                said = [line[line.index("old: "):] for line in run.stdout.splitlines() if "old: " in line]
                self.assertEqual(said, ONE_LIFE * 2, (kext, darwin, run.stdout, run.stderr))
                self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
