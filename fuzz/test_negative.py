#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The fuzz targets see what is wrong with broken drivers, from the shipped seeds, within a budget, with a fixed seed.

usage: test_negative.py FUZZ_NEGATIVE_SYSCALLS TUNTAPSIM_MUSEUM [--all] [unittest's words]

--all: also the rows of negative.tsv that need many inputs.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

FUZZ = pathlib.Path(__file__).resolve().parent
INPUTS_OF_A_CHECK = 5000


def rows():
    """[(exhibit, inputs, outcome)]"""
    lines = (FUZZ / "negative.tsv").read_text().splitlines()
    return [(name, int(inputs), outcome)
            for name, inputs, outcome in (line.split("\t") for line in lines if not line.startswith("#"))]


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600)


def look(driver, inputs, *words):
    """The target among mutants of its seeds."""
    return run(PROGRAM, "--driver", driver, "--runs", inputs, "--seed", 2, *words, FUZZ / "corpus/syscalls")


class Negative(unittest.TestCase):
    def test_each_broken_driver_is_found(self):
        for driver, inputs, outcome in rows():
            if inputs > INPUTS_OF_A_CHECK and not ALL:
                continue
            with self.subTest(driver):
                result = look(driver, inputs)
                self.assertEqual(result.returncode, 1, f"{driver}: {result.stdout}{result.stderr}")
                self.assertRegex(result.stderr, rf"(?m)^oracle: .*: {outcome}: ")

    def test_at_least_ten_are_found_with_every_check(self):
        self.assertGreaterEqual(sum(inputs <= INPUTS_OF_A_CHECK for _, inputs, _ in rows()), 10)

    def test_what_ships_survives_the_same_inputs(self):
        result = look("shipped", INPUTS_OF_A_CHECK)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(result.stdout, f"nothing found in {INPUTS_OF_A_CHECK} runs\n")

    def test_a_finding_becomes_a_tape_that_fails_the_same_way(self):
        with tempfile.TemporaryDirectory() as folder:
            finding, tape, picture = (pathlib.Path(folder, name) for name in ("finding", "found.tape", "found.json"))
            found = look("unlock-then-sleep", 500, "--out", finding)
            cause = re.search(r"(?m)^oracle: .*: (hang: .*) \(darwin", found.stderr)[1]
            written = run(PROGRAM, "--driver", "unlock-then-sleep", "--tape", tape, finding)
            self.assertEqual((written.returncode, written.stdout), (1, f"{tape}: {cause}\n"))
            self.assertIn("\ndriver unlock-then-sleep\n", tape.read_text())
            replayed = run(MUSEUM, "replay-tape", "--quiet", tape)
            self.assertEqual(replayed.returncode, 0, replayed.stdout)
            self.assertIn(f"{tape}: {cause} (", replayed.stdout)
            shrunk = run(MUSEUM, "shrink", tape)
            self.assertEqual(shrunk.returncode, 0, shrunk.stdout + shrunk.stderr)
            self.assertIn(f"\ncause {cause}\n", tape.read_text())
            self.assertEqual(run(MUSEUM, "trace", "--out", picture, tape).returncode, 0)
            self.assertEqual(run(MUSEUM, "replay-tape", "--quiet", "--driver", "shipped", tape).returncode, 0)

    def test_the_text_of_an_input_is_a_workload(self):
        seed = FUZZ / "corpus/syscalls/seed-tun-child"
        text, choices = run(PROGRAM, "--text", seed).stdout.splitlines()
        self.assertEqual(text, "tun-program running: 0 fork 50, read, dup, close, close; 1 open, close; 2 send 2")
        self.assertEqual(choices, "(darwin19, nothing fails, 0 bytes of choices)")
        self.assertEqual(run(MUSEUM, "explore", "--runs", 20, text).returncode, 0)

    def test_bad_use_is_one_line(self):
        corpus = FUZZ / "corpus/syscalls"
        for words in ([], ["--runs", "x", corpus], ["--runs", 5, "--seed", 1], ["--runs", 5, "/no/such/folder"],
                      ["--frob", 5, corpus], ["--driver", "nobodys", "--runs", 5, corpus], ["--text"],
                      ["--tape", "x"], ["--tape", "/no/such/folder/x", corpus / "seed-tun-life"],
                      ["--text", "/no/such/file"]):
            with self.subTest(words):
                result = run(PROGRAM, *words)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


if __name__ == "__main__":
    PROGRAM, MUSEUM = sys.argv[1:3]
    ALL = "--all" in sys.argv
    unittest.main(argv=sys.argv[:1] + [word for word in sys.argv[3:] if word != "--all"])
