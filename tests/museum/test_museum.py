#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every exhibit of exhibits.tsv: its tape fails with the broken driver as it says, to the byte; what ships survives the same
tape; and explore finds the failure by itself with a fixed seed. Every exhibit of transcripts.tsv: the session answers wrongly
with the broken driver, where and as it says, twice the same; with what ships it passes.

usage: test_museum.py TUNTAPSIM-MUSEUM [--explore] [--other-compiler] [unittest arguments]

Without --explore only tapes and sessions are played. --other-compiler: not the one that made the drivers whose tapes are
here. Tapes of store buffers count its loads and stores and are left to --explore; a driver that uses what it never set fails as
well, but perhaps in other words.
"""
import collections
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import transcripts

HERE = pathlib.Path(__file__).resolve().parent
TOOL = sys.argv.pop(1)
EXPLORE = "--explore" in sys.argv
if EXPLORE:
    sys.argv.remove("--explore")
OTHER_COMPILER = "--other-compiler" in sys.argv
if OTHER_COMPILER:
    sys.argv.remove("--other-compiler")
NAMES = ("id", "museum", "kext", "source", "workload", "faults", "kernel", "outcome", "cause")
ROWS = [dict(zip(NAMES, line.split("\t"))) for line in (HERE / "exhibits.tsv").read_text().splitlines()
        if line and not line.startswith("#")]
PLAYED = [row for row in ROWS if row["source"] != "-" or not OTHER_COMPILER]
TRANSCRIPTS = transcripts.rows()
# What random schedules needed at most (README.md), and a margin.
RUNS = 1000


def run(*arguments):
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, check=False)


def tape(row):
    return HERE / "tapes" / (row["id"] + ".tape")


class Museum(unittest.TestCase):
    def test_there_is_a_tape_a_patch_and_a_line_of_the_table_for_each_exhibit(self):
        ids = {row["id"] for row in ROWS}
        sessions = {row["id"] for row in TRANSCRIPTS}
        self.assertGreaterEqual(len(ids), 12)
        self.assertEqual(len(ids) + len(sessions), len(ROWS) + len(TRANSCRIPTS))
        self.assertEqual({path.stem for path in (HERE / "tapes").iterdir()}, ids)
        self.assertEqual({path.stem for path in (HERE / "patches").iterdir()}, ids | sessions)
        self.assertEqual(ids & sessions, set())
        readme = (HERE / "README.md").read_text()
        for name in ids:
            self.assertIn("| `%s` |" % name, readme)

    def test_each_exhibit_is_what_catches_an_entry(self):
        entries = (HERE / "ENTRIES.md").read_text()
        sections = set(re.findall(r"^## ([A-Z])\.", entries, re.M))
        for row in ROWS + TRANSCRIPTS:
            if row["museum"][0] in sections:
                with self.subTest(row["id"]):
                    self.assertIn("`%(id)s`" % row, entries)

    def test_each_entry_of_the_facts_has_a_row_with_an_exhibit_or_a_reason(self):
        exhibits = {row["id"] for row in ROWS + TRANSCRIPTS}
        table = {}
        for line in (HERE / "ENTRIES.md").read_text().splitlines():
            if re.match(r"\| [A-Z]\d\d \|", line):
                name, does, survives, caught = line.strip("| ").split(" | ")
                self.assertNotIn(name, table)
                table[name] = (does, survives, caught)
        facts = [line.split("\t")[0] for line in (HERE / "entries.tsv").read_text().splitlines() if line[0] != "#"]
        self.assertGreaterEqual(len(facts), 90)
        for name in facts:
            with self.subTest(name):
                self.assertIn(name, table)
                does, survives, caught = table[name]
                self.assertGreater(len(does), 10)
                # Nothing of ours runs in what does not concern us.
                self.assertTrue("`" in survives or "not concern us" in caught)
                # Or a mistake of scripts, whose tests make it; somebody else's driver; or why it is none of ours.
                self.assertTrue(exhibits & set(re.findall(r"`([\w-]+)`", caught)) or
                                re.search(r"^the same tests|\*somebody else's\*|does not concern us: .+", caught), caught)
        rows = {row["museum"] for row in ROWS + TRANSCRIPTS}
        self.assertEqual({name for name in rows if name not in facts and not name.startswith("O")}, set())

    def test_what_the_entries_name_exists(self):
        entries = (HERE / "ENTRIES.md").read_text()
        suites = HERE.parent / "driver"
        for session in set(re.findall(r"`([^`\s]*\.session)`", entries)):
            self.assertTrue((transcripts.SESSIONS / session).is_file(), session)
        for suite, name in set(re.findall(r"`(\w+):(\w+)`", entries)):
            self.assertIn("START_TEST(%s)" % name, (suites / ("test_%s.c" % suite)).read_text())
        shapes = {line.split()[0] for line in run("explore", "--list").stdout.splitlines()}
        for names in re.findall(r"workloads? ((?:(?:, )?`[\w-]+`)+)", entries):
            self.assertEqual(set(re.findall(r"`([\w-]+)`", names)) - shapes, set())

    def test_each_session_answers_wrongly_where_it_says_and_twice_the_same(self):
        for row in TRANSCRIPTS:
            with self.subTest(row["id"]):
                found = transcripts.verdict(TOOL, row)
                self.assertIsNotNone(found, "not caught, or not twice the same")
                outcome, line, expected, printed = found
                self.assertEqual((outcome, str(line), expected), (row["outcome"], row["line"], row["expected"]),
                                 "record.py writes it anew if the session was changed")
                pattern = row["printed"].replace("[...]", "\0").replace("[", "[[]").replace("\0", "*")
                self.assertTrue(fnmatch.fnmatchcase(printed, pattern), printed)

    def test_what_ships_answers_each_session_as_it_should(self):
        kernels = collections.defaultdict(set)
        for row in TRANSCRIPTS:
            kernels[row["kernel"]].add(row["session"])
        for kernel, sessions in kernels.items():
            result = transcripts.play(TOOL, kernel, "shipped", sorted(sessions))
            self.assertEqual((result.returncode, result.stderr, result.stdout),
                             (0, "", "%d passed, 0 failed, 0 skipped\n" % len(sessions)))

    def test_each_tape_fails_as_it_says_and_twice_the_same(self):
        for row in ROWS:
            with self.subTest(row["id"]):
                text = tape(row).read_text()
                self.assertIn("\noutcome %(outcome)s\n" % row, text)
                self.assertIn("\ncause %(cause)s\n" % row, text)
                self.assertIn("\ndriver %(id)s\n" % row, text)
        result = run("replay-tape", "--quiet", *map(tape, PLAYED))
        if not OTHER_COMPILER:
            self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), len(PLAYED))
        for line in result.stdout.splitlines():
            self.assertNotRegex(line, r": ok \(|: ended with (ok)?,|could not be made")

    def test_what_ships_survives_each_tape(self):
        result = run("replay-tape", "--quiet", "--driver", "shipped", *map(tape, PLAYED))
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
                    faults = ["--strategy", "pct:3", "--runs", 30 * RUNS]
                result = run("explore", "--driver", row["id"], "--kernel", row["kernel"], "--seed", 1, "--out", folder,
                             "--stop-at-first", *faults, row["workload"])
                self.assertEqual((result.returncode, result.stderr), (1, ""), result.stdout)
                self.assertIn("1 x " + row["cause"], result.stdout)
                found = list(pathlib.Path(folder).glob("*.tape"))
                self.assertEqual(len(found), 1)
                self.assertIn("\noutcome %(outcome)s\n" % row, found[0].read_text())


if __name__ == "__main__":
    unittest.main()
