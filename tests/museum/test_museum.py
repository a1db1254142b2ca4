#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every exhibit of exhibits.tsv: its tape fails with the broken driver as it says, to the byte; what ships survives the same
tape; and explore finds the failure by itself with a fixed seed.

usage: test_museum.py TUNTAPSIM-MUSEUM [--explore] [unittest arguments]

Without --explore only the tapes are played.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOOL = sys.argv.pop(1)
EXPLORE = "--explore" in sys.argv
if EXPLORE:
    sys.argv.remove("--explore")
NAMES = ("id", "museum", "kext", "source", "workload", "faults", "kernel", "outcome", "cause")
ROWS = [dict(zip(NAMES, line.split("\t"))) for line in (HERE / "exhibits.tsv").read_text().splitlines()
        if line and not line.startswith("#")]
# What random schedules needed at most (README.md), and a margin.
RUNS = 1000


def run(*arguments):
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, check=False)


def tape(row):
    return HERE / "tapes" / (row["id"] + ".tape")


class Museum(unittest.TestCase):
    def test_there_is_a_tape_a_patch_and_a_line_of_the_table_for_each_exhibit(self):
        ids = {row["id"] for row in ROWS}
        self.assertGreaterEqual(len(ids), 12)
        self.assertEqual(len(ids), len(ROWS))
        self.assertEqual({path.stem for path in (HERE / "tapes").iterdir()}, ids)
        self.assertEqual({path.stem for path in (HERE / "patches").iterdir()}, ids)
        readme = (HERE / "README.md").read_text()
        for name in ids:
            self.assertIn("| `%s` |" % name, readme)

    def test_each_tape_fails_as_it_says_and_twice_the_same(self):
        for row in ROWS:
            with self.subTest(row["id"]):
                text = tape(row).read_text()
                self.assertIn("\noutcome %(outcome)s\n" % row, text)
                self.assertIn("\ncause %(cause)s\n" % row, text)
                self.assertIn("\ndriver %(id)s\n" % row, text)
        result = run("replay-tape", "--quiet", *map(tape, ROWS))
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), len(ROWS))

    def test_what_ships_survives_each_tape(self):
        result = run("replay-tape", "--quiet", "--driver", "shipped", *map(tape, ROWS))
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        for line in result.stdout.splitlines():
            self.assertRegex(line, r": ok \(")

    def test_loads_and_stores_are_preemption_points(self):
        for driver in ("tun-every-access", "tun-store-buffer", "tap-every-access", "tap-store-buffer"):
            with self.subTest(driver), tempfile.TemporaryDirectory() as folder:
                log = pathlib.Path(folder) / "runs.log"
                result = run("explore", "--driver", driver, "--runs", 5, "--log", log, driver[:3] + "-packet")
                self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
                text = log.read_text()
                self.assertGreater(text.count(" load"), 500)
                self.assertGreater(text.count(" store"), 500)
                self.assertEqual("** delay 1 of 2 at store buffer" in text, driver.endswith("store-buffer"))

    @unittest.skipUnless(EXPLORE, "only with --explore")
    def test_explore_finds_each_by_itself(self):
        for row in ROWS:
            with self.subTest(row["id"]), tempfile.TemporaryDirectory() as folder:
                faults = ["--faults", row["faults"], "--runs", 10] if row["faults"] != "none" else ["--runs", RUNS]
                if row["source"] == "-": # one store held and one switch in the right places
                    faults = ["--strategy", "pct:3", "--runs", 5 * RUNS]
                result = run("explore", "--driver", row["id"], "--kernel", row["kernel"], "--seed", 1, "--out", folder,
                             "--stop-at-first", *faults, row["workload"])
                self.assertEqual((result.returncode, result.stderr), (1, ""), result.stdout)
                self.assertIn("1 x " + row["cause"], result.stdout)
                found = list(pathlib.Path(folder).glob("*.tape"))
                self.assertEqual(len(found), 1)
                self.assertIn("\noutcome %(outcome)s\n" % row, found[0].read_text())


if __name__ == "__main__":
    unittest.main()
