#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A sample of what tuntapsim does, each command in two processes as different as they can be: everything that can be
observed must be equal to the byte. And planted nondeterminism is found, and told where it is.

usage: test_determinism.py TUNTAPSIM TUNTAPSIM-MUSEUM [unittest arguments]
"""
import hashlib
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import unittest

TOOL, MUSEUM = (pathlib.Path(sys.argv.pop(1)).resolve() for _ in range(2))
HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
# How long something took is the host's time, and meant to be.
TIMES = ((rb"\d+ runs/s", b"N runs/s"), (rb"[\d.]+ s real", b"N s real"))

SMALL = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
# The stack begins elsewhere, fresh memory of malloc is no zeros, and malloc places what it gives out otherwise.
LARGE = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "PADDING": "x" * 48000,
         "MALLOC_PERTURB_": "165", "MALLOC_TOP_PAD_": "1000000", "MALLOC_MMAP_THRESHOLD_": "4096", "COLUMNS": "200"}


def stack_of(megabytes):
    """Where the host maps memory depends on how large a stack may grow, even without randomized addresses."""
    return lambda: resource.setrlimit(resource.RLIMIT_STACK, (megabytes << 20, megabytes << 20))


def observe(command, typed, folder, environment, stack_megabytes):
    """{name of what can be observed: its bytes}"""
    folder.mkdir(parents=True)
    result = subprocess.run([str(word) for word in command], input=typed, capture_output=True, check=False, cwd=folder,
                            env=environment, preexec_fn=stack_of(stack_megabytes))
    seen = {"stdout": result.stdout, "stderr": result.stderr, "exit status": b"%d" % result.returncode}
    seen.update({path.name: path.read_bytes() for path in folder.iterdir()})
    for pattern, word in TIMES:
        seen = {name: re.sub(pattern, word, data) for name, data in seen.items()}
    return seen


def digest(seen):
    whole = hashlib.sha256()
    for name in sorted(seen):
        whole.update(b"%s %d\n" % (name.encode(), len(seen[name])) + seen[name])
    return whole.hexdigest()


def place_of_difference(first, second):
    """The first line that is not the same, in words."""
    if sorted(first) != sorted(second):
        return "one left %s, the other %s" % (sorted(first), sorted(second))
    for name in sorted(first, key=lambda name: (not name.endswith(".log"), name)): # a log tells more than its consequences
        lines = [data.splitlines() + [b"(end)"] for data in (first[name], second[name])]
        for number, (left, right) in enumerate(zip(*lines), 1):
            if left != right:
                return "%s, line %d:\n  %s\n  %s" % (name, number, ascii(left)[1:300], ascii(right)[1:300])
        if first[name] != second[name]:
            return "%s: line ends" % name
    return "nothing"


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.commands = 0

    def observe_twice(self, command, typed=None):
        self.commands += 1
        return (observe(command, typed, self.folder / str(self.commands) / "a", SMALL, 8),
                observe(command, typed, self.folder / str(self.commands) / ("b" * 100), LARGE, 64))

    def same(self, *command, typed=None, status=0, words=b""):
        """Equal, and really what it should be: two equal refusals prove nothing."""
        first, second = self.observe_twice(command, typed)
        self.assertEqual((first["exit status"], first["stderr"]), (b"%d" % status, b""), first["stdout"])
        self.assertIn(words, first["stdout"])
        self.assertEqual(digest(first), digest(second),
                         "%s: two runs differ in %s" % (" ".join(map(str, command)), place_of_difference(first, second)))
        return first


class Sample(Case):
    def explored(self, *arguments, tool=TOOL, status=0):
        return self.same(tool, "explore", "--log", "runs.log", *arguments, status=status)["runs.log"].decode()

    def test_random_schedules_and_faults(self):
        for seed, kernel in ((1, "darwin10"), (2, "darwin19"), (3, "darwin24")):
            log = self.explored("--runs", 6, "--faults", 2, "--seed", seed, "--kernel", kernel, "life", "reopen")
            self.assertEqual(len(re.findall(r"^t[au][np]-\w+: run \d+$", log, re.M)), 24)
            self.assertGreater(len(set(re.findall(r"hash [0-9a-f]{16}$", log, re.M))), 12)

    def test_every_other_strategy(self):
        for strategy in ("pct:3", "rr", "dfs:1", "delay:1", "preempt:0"):
            self.explored("--strategy", strategy, "--runs", 10, "signal")
        self.explored("--strategy", "rr", "--runs", 1, "--faults", "each", "tap-packet")

    def test_each_load_and_store(self):
        for kext in ("tun", "tap"):
            self.explored("--driver", kext + "-every-access", "--runs", 2, kext + "-beside-traffic", tool=MUSEUM)

    def test_sessions_under_other_schedules(self):
        for name in ("sleeping-reader", "bridge-tap-with-ethernet"):
            self.explored("--runs", 3, TESTS / "sessions" / (name + ".session"))

    def test_typing(self):
        lines = (TESTS / "sessions" / "open-to-close.session").read_text().splitlines()
        typed = "".join(line + "\n" for line in lines if re.match(r"[\w.-]+[#$] ", line))
        seen = self.same(TOOL, "shell", "--save", "typed.session", typed=typed.encode())
        self.assertIn(b"kextload", seen["typed.session"])

    def test_captures_through_both_devices(self):
        for device, name in (("tap0", "ethernet.pcap"), ("tun0", "raw.pcap")):
            seen = self.same(TOOL, "replay", "--dev", device, "--seed", 5, "--in", TESTS / "captures" / name, "--out",
                             "out.pcap", words=b"delivered")
            self.assertGreater(len(seen["out.pcap"]), 1000)

    def test_failures_their_tapes_and_their_pictures(self):
        for exhibit in ("never-woken-reader", "detached-too-early", "framer-prepend-dangling"):
            tape = TESTS / "museum" / "tapes" / (exhibit + ".tape")
            self.assertGreater(self.same(MUSEUM, "replay-tape", tape)["stdout"].count(b"\n"), 10)
            self.assertIn(b"traceEvents", self.same(MUSEUM, "trace", "--out", "run.json", tape)["run.json"])
            self.same(MUSEUM, "trace", "--all", tape)
        seen = self.same(MUSEUM, "explore", "--driver", "unlock-then-sleep", "--strategy", "pct:3", "--runs", 60, "--log",
                         "runs.log", "tun-packet", status=1, words=b'hang: reader in "tun"')
        self.assertIn("tun-packet.hang-1.tape", seen)


class Planted(Case):
    """What would be wrong is found: without this the equality above might be that of two empty hands."""

    def difference(self, driver):
        # An address may be the same twice by chance.
        for _ in range(3):
            first, second = self.observe_twice((MUSEUM, "explore", "--driver", driver, "--runs", 1, "--log", "runs.log",
                                                "tun-packet"))
            self.assertEqual((first["exit status"], first["stderr"]), (b"0", b""), first["stdout"])
            if digest(first) != digest(second):
                break
        return place_of_difference(first, second)

    def test_an_address_that_is_printed(self):
        self.assertRegex(self.difference("address-printed"),
                         r"^runs.log, line \d+:\n  'tuntap: the ledger is at 0x[0-9a-f]+'\n  'tuntap: the ledger is at 0x")

    def test_an_address_that_decides_who_comes_when(self):
        self.assertRegex(self.difference("address-followed"), r"^runs.log, line \d+:\n(?:.*\n)?.*lck_spin_lock")


if __name__ == "__main__":
    unittest.main()
