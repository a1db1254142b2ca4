#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The scripts of ci/: clean shell, and one clear line for what they do not understand."""
import pathlib
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))


def shell_scripts():
    candidates = sorted((ROOT / "ci").iterdir()) + [ROOT / ".ci" / "run"]
    return [p for p in candidates if p.is_file() and p.read_bytes().startswith(b"#!/bin/sh\n")]


class Scripts(unittest.TestCase):
    def run_script(self, *words):
        return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                              check=False, cwd="/", stdin=subprocess.DEVNULL)

    def test_there_are_scripts_and_all_can_be_run(self):
        names = {path.name for path in shell_scripts()}
        self.assertLessEqual({"check", "setup", "demo", "coverage", "presets", "run"}, names)
        for path in shell_scripts():
            self.assertTrue(path.stat().st_mode & 0o111, path)

    def test_the_shell_can_parse_each(self):
        for path in shell_scripts():
            result = self.run_script("sh", "-n", path)
            self.assertEqual((result.returncode, result.stderr), (0, ""), path)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_finds_nothing(self):
        result = self.run_script("shellcheck", *shell_scripts())
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stdout)

    def test_arguments_that_mean_nothing(self):
        for words in (["coverage", "--bad"], ["coverage", "--core"], ["coverage", "--core", "x"],
                      ["coverage", "--core", "101"], ["coverage", "--kext-glue", "-1"],
                      ["presets", "nonsense"], ["fuzz-coverage", "nonsense"], ["release"], ["release", "1.0"], ["release", "v99.0"],
                      ["setup", "--nonsense"],
                      ["fuzz"], ["fuzz", "nonsense"], ["fuzz", "queue", "--for"], ["fuzz", "queue", "--jobs", "0"],
                      ["fuzz", "--keep", "queue"], ["fuzz", "--keep", "queue", "/nowhere"]):
            result = self.run_script(ROOT / "ci" / words[0], *words[1:])
            self.assertEqual((result.returncode, result.stdout), (2, ""), words)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn(words[0], result.stderr)


if __name__ == "__main__":
    unittest.main()
