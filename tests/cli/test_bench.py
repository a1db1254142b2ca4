#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim bench: what it prints and what it refuses. How fast anything is decides nothing here.

usage: test_bench.py TUNTAPSIM [TUNTAPSIM-MUSEUM] [unittest arguments]
"""
import json
import re
import subprocess
import sys
import unittest

TOOL = sys.argv.pop(1)
MUSEUM = sys.argv.pop(1) if len(sys.argv) > 1 and "museum" in sys.argv[1] else None
SIZES = (64, 576, 1400, 9000)
PACKETS = [f"{device}-{direction}-{size}" for device in ("tun", "tap") for direction in ("write", "read")
           for size in SIZES]
NAMES = PACKETS + ["boot", "tun-cycle", "tap-cycle", "tun-explore", "tap-explore"]


def run(*arguments, tool=TOOL):
    return subprocess.run([tool, "bench", *map(str, arguments)], capture_output=True, text=True,
                          check=False)


class Bench(unittest.TestCase):
    def measurements(self, *arguments):
        result = run("--json", *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        report = json.loads(result.stdout)
        self.assertEqual(set(report), {"version", "measurements"})
        return report["measurements"]

    def refuse(self, words, *arguments):
        result = run(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn(words, result.stderr)

    def test_everything_is_measured_in_one_order(self):
        measured = self.measurements("--count", 3)
        self.assertEqual([m["name"] for m in measured], NAMES)
        for line in measured:
            self.assertGreater(line["ns"], 0)
            self.assertAlmostEqual(line["ns_each"], line["ns"] / line["count"], delta=0.06)
            self.assertAlmostEqual(line["per_second"], 1e9 * line["count"] / line["ns"], delta=0.06)

    def test_packets_go_in_bursts_and_the_rest_singly(self):
        for line in self.measurements("--count", 65):
            self.assertEqual(line["count"], 128 if line["name"] in PACKETS else 65, line["name"])

    def test_a_path_names_its_device_direction_and_size(self):
        for line in self.measurements("--count", 1):
            if line["name"] in PACKETS:
                self.assertEqual(f'{line["device"]}-{line["direction"]}-{line["bytes"]}', line["name"])

    def test_the_memory_of_a_machine_is_the_same_in_each_run(self):
        first, second = (self.measurements("--count", n, "--only", "tun-cycle") for n in (1, 5))
        self.assertGreater(first[0]["memory_bytes"], 0)
        self.assertEqual(first[0]["memory_bytes"], second[0]["memory_bytes"])

    def test_one_measurement_alone(self):
        for name in NAMES:
            self.assertEqual([m["name"] for m in self.measurements("--count", 1, "--only", name)], [name])

    def test_a_time_instead_of_a_count(self):
        line, = self.measurements("--for", "0.01", "--only", "tun-write-64")
        self.assertGreaterEqual(line["ns"], 10_000_000)

    def test_the_text_has_a_line_for_each(self):
        result = run("--count", 1)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertEqual(len(lines), len(NAMES))
        self.assertRegex(lines[0], r"^tun  write -> stack +64 bytes +\d+ ns +\d+ packets/s$")
        self.assertRegex(lines[-6], r"^tap  stack -> read +9000 bytes +\d+ ns +\d+ packets/s$")
        self.assertRegex(lines[-5], r"^ +boot +\d+ ns +\d+ boots/s$")
        self.assertRegex(lines[-1], r"^tap  life with three threads +\d+ ns +\d+ executions/s$")
        self.assertRegex(lines[-3], r"^tap  full life cycle +\d+ ns +\d+ cycles/s +\d+ KiB of memory$")

    def test_help(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("usage: tuntapsim bench"))

    def test_bad_options(self):
        for seconds in ("0", "-1", "x", "nan", "inf", "1s", "", "3601"):
            self.refuse("--for: not understood", "--for", seconds)
        for count in ("0", "-1", "x", "1.5", "", "99999999999999999999"):
            self.refuse("--count: not understood", "--count", count)
        for name in ("", "tun", "tun-write-65", "en0-read-64"):
            self.refuse("--only: not understood", "--only", name)
        self.refuse("--frob", "--frob")
        self.refuse("no operand", "tun0")


class Explore(unittest.TestCase):
    """bench explore"""

    def line(self, name, *arguments, tool=TOOL):
        result = run("explore", "--only", name, *arguments, tool=tool)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), 1)
        self.assertTrue(result.stdout.startswith(name + " "))
        return result.stdout

    def test_runs_are_counted(self):
        for name in ("tun-explore", "tap-explore"):
            self.assertRegex(self.line(name, "--for", "0.01"), r" [1-9]\d* runs/s +life with three threads")

    def test_covering_stops_in_time_and_says_so(self):
        self.assertRegex(self.line("core-two-switches", "--for", "0.05", "--jobs", 2),
                         r" \d+\.\d s .*: [1-9]\d* runs by 2 processes; stopped before the end$")

    @unittest.skipUnless(MUSEUM, "needs tuntapsim-museum")
    def test_what_only_the_museum_can_measure(self):
        self.assertRegex(self.line("tun-access", "--for", "0.01", tool=MUSEUM), r" [1-9]\d* runs/s ")
        shrunk = re.search(r": from (\d+) choices to (\d+) in \d+ runs$", self.line("shrink", tool=MUSEUM))
        self.assertGreaterEqual(int(shrunk[1]), 250)
        self.assertLess(int(shrunk[2]), 20)

    def test_bad_use(self):
        for words, *arguments in (("not understood: frob", "--only", "frob"), ("not understood: 0", "--jobs", 0),
                                  ("not understood: x", "--for", "x"), ("no operand", "tun-life"),
                                  ("only tuntapsim-museum", "--only", "shrink"), ("--frob", "--frob")):
            result = run("explore", *arguments)
            self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (2, "", 1), words)
            self.assertIn(words, result.stderr)


if __name__ == "__main__":
    unittest.main()
