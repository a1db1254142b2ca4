#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim explore, shrink, replay-tape and trace: what they print, save and refuse.

usage: test_explore.py TUNTAPSIM [TUNTAPSIM-MUSEUM] [unittest arguments]

With the museum's program (broken drivers) a failure is followed from explore to trace.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = sys.argv.pop(1)
MUSEUM = sys.argv.pop(1) if len(sys.argv) > 1 and "museum" in sys.argv[1] else None
HEAD = "tuntap run 1\nworkload tun-reader-down\nkernel darwin19\ndriver shipped\nfaults no\noutcome %s\ncause %s\n"
HANG = 'hang: reader in "tun"'


def run(*arguments, tool=TOOL, cwd=None):
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd)


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def tape(self, body, outcome="hang", cause=HANG):
        path = self.folder / "a.tape"
        path.write_text(HEAD % (outcome, cause) + body + "end\n")
        return path

    def refuse(self, words, *arguments):
        result = run(*arguments, cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn(words, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertEqual([path.suffix for path in self.folder.iterdir()], [".tape"] * len(list(self.folder.iterdir())))


class Explore(Case):
    def good(self, *arguments):
        result = run("explore", *arguments, cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(list(self.folder.iterdir()), [])
        return result.stdout

    def test_random_schedules(self):
        self.assertRegex(self.good("--runs", 20, "tun-life"),
                         r"^tun-life: 20 random schedules: 0 failed \(\d+ runs/s\)\n$")

    def test_every_strategy(self):
        for strategy, words in (("pct:3", "schedules by priorities (depth 3)"), ("rr", "round robin schedules"),
                                ("dfs:1", "schedules with at most 1 forced switch:"),
                                ("delay:1", "schedules with at most 1 delay:"), ("dfs:0", "at most 0 forced switches")):
            output = self.good("--strategy", strategy, "--runs", 5, "tap-signal")
            self.assertIn(words, output)
            self.assertEqual("all " in output, ":" in strategy and "pct" not in strategy)

    def test_a_name_without_a_device_is_both(self):
        lines = self.good("--runs", 1, "packet", "head").splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["tun-packet", "tap-packet", "tun-head"])

    def test_each_fault_is_made_and_counted(self):
        self.assertRegex(self.good("--faults", "each", "--strategy", "dfs:0", "tun-packet"),
                         r"^tun-packet: all \d+ fault points, once and for good, and none, x all up to 1 schedules "
                         r"with at most 0 forced switches: \d+ runs: 0 failed")

    def test_several_processes_cover_the_same(self):
        one, three = (self.good("--strategy", "dfs:1", "--jobs", jobs, "tun-packet").split(" (")[0] for jobs in (1, 3))
        self.assertEqual(one, three)

    def test_a_time_ends_it(self):
        self.assertIn("stopped before the end", self.good("--for", "0.1", "tun-life"))

    def test_a_session_is_a_workload(self):
        session = self.folder / "a.session"
        session.write_text("root# kextload tun.kext\nvpn$ open /dev/tun0 rw\n3\nvpn$ close 3\n")
        result = run("explore", "--runs", 10, session, cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertIn("10 random schedules: 0 failed", result.stdout)

    def test_a_log_has_every_run(self):
        log = self.folder / "runs.log"
        result = run("explore", "--runs", 2, "--log", log, "tun-signal", cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        text = log.read_text()
        for words in ("tun-signal: run 1\n", "tun-signal: run 2\n", " <- kill", " lck_mtx_lock", "\ntun: unloaded\n"):
            self.assertIn(words, text)
        self.assertRegex(text, r"\nok: \d+ steps, hash [0-9a-f]{16}\n$")
        log.unlink()
        self.refuse("one job", "explore", "--log", log, "--jobs", 2, "tun-signal")
        self.refuse("/no/such/file", "explore", "--log", "/no/such/file", "tun-signal")
        self.refuse("no such workload", "explore", "--log", log, "tun-frob")

    def test_other_releases(self):
        self.assertEqual(self.good("--kernel", "darwin10", "--runs", 1, "tun-detached"),
                         "tun-detached: not for this release\n")
        self.assertIn("0 failed", self.good("--kernel", "darwin24", "--runs", 3, "tun-detached"))

    def test_the_list_names_what_can_be_explored(self):
        names = [line.split()[0] for line in self.good("--list").splitlines()]
        self.assertEqual(names[-1], "drivers:")
        self.assertEqual(sum("(core)" in line for line in self.good("--list").splitlines()), 8)
        for name in names[:-1]:
            self.good("--runs", 1, name)

    def test_bad_use(self):
        for option, values in (("--strategy", ("", "dfs", "dfs:", "dfs:17", "pct:0", "rr:1", "frob")),
                               ("--runs", ("0", "-1", "x", "")), ("--for", ("0", "x", "nan")),
                               ("--faults", ("0", "some", "201")), ("--jobs", ("0", "65", "x")),
                               ("--seed", ("x",)), ("--out", ("/no/such/folder",)), ("--kernel", ("darwin9",)),
                               ("--driver", ("frob",))):
            for value in values:
                self.refuse(value or "not understood", "explore", option, value, "tun-life")
        self.refuse("no workload", "explore")
        self.refuse("no such workload", "explore", "tun-life", "tun-frob")
        self.refuse("--frob", "explore", "--frob")


class Tapes(Case):
    def test_a_tape_is_replayed_exactly(self):
        path = self.tape("without 1.0\n")
        first, second = run("replay-tape", path), run("replay-tape", path)
        self.assertEqual((first.returncode, first.stderr), (0, ""), first.stdout)
        self.assertEqual(first.stdout, second.stdout)
        self.assertRegex(first.stdout.splitlines()[-1], r': hang: reader in "tun" \(\d+ steps, hash [0-9a-f]{16}\)$')
        self.assertEqual(len(run("replay-tape", "--quiet", path).stdout.splitlines()), 1)

    def test_a_tape_that_is_not_true_is_told(self):
        result = run("replay-tape", "--quiet", self.tape(""))
        self.assertEqual(result.returncode, 1)
        self.assertIn("ended with ok, not with hang", result.stdout)
        result = run("replay-tape", "--quiet",
                     self.tape('without 1.0\nschedule 1 of 2 at "nowhere" 1 by 7 (reader) to 8 (net)\n'))
        self.assertEqual(result.returncode, 1)
        self.assertIn("1 choices could not be made", result.stdout)

    def test_a_tape_is_shrunk_into_another_file(self):
        path = self.tape('without 1.0\nschedule 1 of 3 at "lck_mtx_lock" 1 by 7 (reader) to 9 (net)\n')
        before = path.read_text()
        out = self.folder / "b.tape"
        result = run("shrink", "--out", out, path)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(path.read_text(), before)
        self.assertNotIn("\nschedule ", out.read_text())
        self.assertEqual(run("replay-tape", "--quiet", out).returncode, 0)
        self.assertEqual(run("shrink", path).returncode, 0)
        self.assertEqual(path.read_text(), out.read_text())

    def test_a_tape_that_does_not_fail_is_not_shrunk(self):
        path = self.tape("")
        before = path.read_text()
        result = run("shrink", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("does not fail as it says", result.stdout)
        self.assertEqual(path.read_text(), before)

    def test_a_trace_as_text(self):
        result = run("trace", self.tape("without 1.0\n"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for words in ("reader             -> read until an error", "net                <- send: 0", "waits: tun"):
            self.assertIn(words, result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], HANG)
        self.assertNotIn("kextload", result.stdout)
        self.assertIn("-> kextload", run("trace", "--all", self.folder / "a.tape").stdout)

    def test_a_trace_for_perfetto(self):
        out = self.folder / "t.json"
        result = run("trace", "--out", out, self.tape("without 1.0\n"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        trace = json.loads(out.read_text())
        events = trace["traceEvents"]
        self.assertEqual(trace["otherData"]["outcome"], "hang")
        tracks = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
        self.assertTrue({"processor", "reader", "net", "conductor"} <= set(tracks.values()))
        spans = [event for event in events if event["ph"] == "X"]
        self.assertGreater(len(spans), 100)
        self.assertTrue(all(event["dur"] >= 0 and event["tid"] in tracks for event in spans))
        opened = sum(event["ph"] == "B" for event in events)
        closed = sum(event["ph"] == "E" for event in events)
        self.assertEqual(opened, closed + 1)  # the read that hangs

    def test_arrows_follow_each_mbuf(self):
        out = self.folder / "t.json"
        path = self.folder / "a.tape"
        path.write_text((HEAD % ("ok", "ok")).replace("tun-reader-down", "tun-packet") + "end\n")
        self.assertEqual(run("trace", "--out", out, path).returncode, 0)
        events = json.loads(out.read_text())["traceEvents"]
        flows = {}
        for event in events:
            if event.get("cat") == "mbuf":
                flows.setdefault(event["id"], []).append(event)
        self.assertEqual(len(flows), 1)
        for number, steps in flows.items():
            self.assertRegex("".join(step["ph"] for step in steps), r"^st*f$")
            self.assertTrue(all(step["name"] == "mbuf %d" % number and step["bp"] == "e" for step in steps))
            # An arrow begins and ends at a span of its thread.
            for step in steps:
                self.assertTrue(any(span["ph"] == "X" and span["tid"] == step["tid"] and span["ts"] <= step["ts"] <= span["ts"]
                                    + span["dur"] for span in events), step)
        # From the sender to the driver to the reader, who is another thread.
        sent = [steps for steps in flows.values() if any(step["args"]["what"] == "if_output" for step in steps)]
        self.assertTrue(any(steps[-1]["args"]["what"] == "mbuf_freem" and steps[-1]["tid"] != steps[0]["tid"]
                            for steps in sent))

    def test_bad_tapes(self):
        for subcommand in ("shrink", "replay-tape", "trace"):
            self.refuse("No such file", subcommand, self.folder / "none.tape")
            self.refuse("line 8: not understood", subcommand, self.tape("frob\n"))
            self.refuse("leaves out a step", subcommand, self.tape("without 1.7\n"))
            self.refuse("--frob", subcommand, "--frob", self.tape(""))
            path = self.tape("")
            path.write_text(path.read_text().replace("driver shipped", "driver frob"))
            self.refuse("frob: no such driver here", subcommand, path)
            path.write_text(path.read_text().replace("tun-reader-down", "tun-frob"))
            self.refuse("no such workload", subcommand, path)
        self.refuse("one tape is wanted", "shrink")
        self.refuse("no tape", "replay-tape")
        self.refuse("one tape is wanted", "trace")


@unittest.skipUnless(MUSEUM, "needs tuntapsim-museum")
class Failure(Case):
    def test_from_explore_to_trace(self):
        result = run("explore", "--driver", "unlock-then-sleep", "--strategy", "pct:3", "tun-packet", tool=MUSEUM,
                     cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertRegex(result.stdout, r'\n  \d+ x hang: reader in "tun"\n')
        path = self.folder / "tun-packet.hang-1.tape"
        self.assertIn('schedule 1 of 2 at "msleep" 1 by 7 (reader) to 8 (net)\n', path.read_text())
        for words in ("# to see it again: replay-tape ./tun-packet.hang-1.tape\n", '#   fiber 7 "reader": blocked in "tun"',
                      "#     in ksim_wait_block < ", "< tuntap_cdev_read <"):
            self.assertIn(words, path.read_text())
        self.assertEqual(run("replay-tape", "--quiet", path, tool=MUSEUM).returncode, 0)
        self.assertIn("** switch to net", run("trace", path, tool=MUSEUM).stdout)

    def test_failures_are_grouped_by_cause(self):
        result = run("explore", "--driver", "last-session-packets", "--runs", 300, "--jobs", 2, "tun-reopen", tool=MUSEUM,
                     cwd=self.folder)
        causes = [line for line in result.stdout.splitlines() if " x " in line]
        self.assertEqual(len(causes), len(set(causes)))
        self.assertGreaterEqual(len(causes), 2)
        self.assertEqual(len(list(self.folder.glob("*.tape"))), len(causes))
        failed = int(result.stdout.split(" failed")[0].split()[-1])
        self.assertEqual(failed, sum(int(line.split()[0]) for line in causes))


if __name__ == "__main__":
    unittest.main()
