#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Explores every exhibit anew: its shrunk tape, what it failed with, and how many runs each strategy needed.

usage: record.py TUNTAPSIM-MUSEUM [ID ...]

Rewrites tapes/ID.tape and the outcome and cause in exhibits.tsv, and prints the rows of README.md's table; for those of
transcripts.tsv, what the session says. To be used when an exhibit is added, or when a change of the driver moved what a
tape or a session names.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import transcripts

HERE = pathlib.Path(__file__).resolve().parent
STRATEGIES = ("random", "pct:3", "dfs:1")
RUNS = 3000


def explore(tool, row, strategy, folder):
    faults = ["--faults", row["faults"]] if row["faults"] != "none" else []
    runs = [] if strategy.startswith("dfs") else ["--runs", "10" if faults else str(RUNS)]
    return subprocess.run([tool, "explore", "--driver", row["id"], "--kernel", row["kernel"], "--strategy", strategy,
                           "--seed", "1", "--out", folder, "--stop-at-first", "--for", "60", *faults, *runs, row["workload"]],
                          capture_output=True, text=True, check=False)


def needed(result):
    if result.returncode != 1:
        return "-"
    return re.search(r": (?:all )?(\d+) (?:runs|random|schedules|round)", result.stdout).group(1)


def rows():
    names = ("id", "museum", "kext", "source", "workload", "faults", "kernel", "outcome", "cause")
    for line in (HERE / "exhibits.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield dict(zip(names, line.split("\t")))


def record(tool, row):
    counts, tape = [], None
    for strategy in STRATEGIES:
        with tempfile.TemporaryDirectory() as folder:
            result = explore(tool, row, strategy, folder)
            counts.append(needed(result))
            tapes = sorted(pathlib.Path(folder).glob("*.tape"))
            if tapes and tape is None:
                tape = tapes[0].read_text()
    if tape is None:
        sys.exit("%s: not caught" % row["id"])
    # The report tells steps and serial numbers, and the tape reproduces it: what is kept is how to get there.
    tape = re.sub(r"^#.*\n", "", tape, flags=re.M)
    row["outcome"] = re.search(r"^outcome (.*)$", tape, re.M).group(1)
    row["cause"] = re.search(r"^cause (.*)$", tape, re.M).group(1)
    (HERE / "tapes").mkdir(exist_ok=True)
    (HERE / "tapes" / (row["id"] + ".tape")).write_text(tape)
    print("| `%(id)s` | %(museum)s | %(workload)s | %(outcome)s |" % row, " | ".join(counts), "|", flush=True)


def record_transcript(tool, row):
    found = transcripts.verdict(tool, row)
    if found is None:
        sys.exit("%s: not caught, or not twice the same" % row["id"])
    row["outcome"], row["line"], row["expected"], row["printed"] = map(str, found)
    # The words of a report are expected, not its steps, addresses and lines.
    if row["outcome"] != "as expected":
        row["printed"] = re.sub(r"(0x[0-9a-f]{2,}|\b\d+\b)", "[...]", row["printed"])
    print("%(id)s: %(session)s:%(line)s: %(outcome)s: -%(expected)s +%(printed)s" % row, flush=True)


def main():
    tool, wanted = sys.argv[1], set(sys.argv[2:])
    table = list(rows())
    for row in table:
        if not wanted or row["id"] in wanted:
            record(tool, row)
    sessions = transcripts.rows()
    for row in sessions:
        if not wanted or row["id"] in wanted:
            record_transcript(tool, row)
    transcripts.save(sessions)
    text = "".join("\t".join(row.values()) + "\n" for row in table)
    (HERE / "exhibits.tsv").write_text("# SPDX-License-Identifier: BSD-2-Clause\n# id\tmuseum\tkext\tsource\tworkload\tfaults"
                                       "\tkernel\toutcome\tcause\n" + text)


if __name__ == "__main__":
    main()
