# SPDX-License-Identifier: BSD-2-Clause
"""The exhibits that a session catches: the rows of transcripts.tsv, and what a session says of a driver."""
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SESSIONS = HERE.parent / "sessions"
TABLE = HERE / "transcripts.tsv"
NAMES = ("id", "museum", "kext", "source", "session", "kernel", "outcome", "line", "expected", "printed")
HEAD = "# SPDX-License-Identifier: BSD-2-Clause\n# " + "\t".join(NAMES) + "\n"
# How the machine ended when it did not end well.
OTHERWISE = re.compile(r"\S+: the machine ended with (.*), not with .*")


def rows():
    """A tab of what a Mac prints stands as \\t."""
    return [{name: word.replace("\\t", "\t") for name, word in zip(NAMES, line.split("\t"))}
            for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def save(table):
    lines = ("\t".join(row[name].replace("\t", "\\t") for name in NAMES) for row in table)
    TABLE.write_text(HEAD + "".join(line + "\n" for line in lines))


def play(tool, kernel, driver, sessions):
    return subprocess.run([pathlib.Path(tool).resolve(), "run", "--kernel", kernel, "--driver", driver, *sessions], capture_output=True,
                          text=True, check=False, cwd=SESSIONS)


def first_difference(report):
    """Of what `run` printed about one session: outcome ("as expected" if it was), and of the first lines that differ the
    number in the session's file, what it expects there and what was printed ("" = nothing)."""
    outcome, line, expected, printed = "as expected", None, [], []
    for text in report:
        ended = OTHERWISE.fullmatch(text)
        hunk = re.fullmatch(r"@@ -(\d+)(,\d+)? \+.* @@", text)
        if ended:
            outcome = ended.group(1)
        elif hunk and line is None:
            line = int(hunk.group(1))
        elif line is None:
            continue
        elif text.startswith("-"):
            expected.append(text[1:])
        elif text.startswith("+"):
            printed.append(text[1:])
        elif expected or printed:
            break
        else:
            line += 1
    return outcome, line or 0, (expected or [""])[0], (printed or [""])[0]


def verdict(tool, row):
    """Plays the row's session twice on Macs with the broken driver. What differs, or None: it passes, or the two differ."""
    result = play(tool, row["kernel"], row["id"], [row["session"], row["session"]])
    report = result.stdout.splitlines()
    middle = (len(report) - 1) // 2
    if (result.returncode, result.stderr, report[-1:]) != (1, "", ["0 passed, 2 failed, 0 skipped"]) or \
            report[:middle] != report[middle:-1]:
        return None
    return first_difference(report[:middle])
