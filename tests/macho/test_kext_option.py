#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim --kext, given what a user may name: a folder that is no kext is a usage error; a kext that no Mac would load is
refused by kextload in a Mac's words, and by the commands that need it before they begin.

usage: test_kext_option.py TUNTAPSIM KEXT-FOLDER CAPTURES
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, KEXTS, CAPTURES = sys.argv[1:4]


class KextOption(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.kext = pathlib.Path(self.folder.name, "tap.kext")
        shutil.copytree(KEXTS + "/tap.kext", self.kext)
        self.plist = self.kext / "Contents/Info.plist"
        self.executable = self.kext / "Contents/MacOS/tap"

    def run_program(self, *arguments, typed=None):
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, input=typed, check=False)

    def edit(self, old, new):
        text = self.plist.read_text()
        self.assertIn(old, text)
        self.plist.write_text(text.replace(old, new, 1))

    def kextload(self, *options):
        run = self.run_program("--kext", self.kext, "shell", *options, typed="kextload tap.kext\ndmesg\n")
        return run.stdout

    def refused(self, words, *console):
        said = self.kextload()
        self.assertIn("tap.kext failed to load - (libkern/kext) %s; check the system/kernel logs for errors or try "
                      "kextutil(8)." % words, said)
        for line in console:
            self.assertIn(line, said)
        replay = self.run_program("--kext", self.kext, "replay", "--dev", "tap0", "--in", CAPTURES + "/ethernet.pcap")
        return replay

    def refused_early(self, words, *console):
        replay = self.refused(words, *console)
        self.assertEqual((replay.returncode, replay.stdout, replay.stderr.count("\n")), (2, "", 1), replay)
        self.assertIn(words, replay.stderr)

    def usage_error(self, path, words):
        run = self.run_program("--kext", path, "shell", typed="")
        self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (2, "", 1), run)
        self.assertIn("tuntapsim: shell: --kext: ", run.stderr)
        self.assertIn(words, run.stderr)

    def test_a_good_kext_is_loaded(self):
        self.assertNotIn("failed", self.kextload())

    def test_no_kext(self):
        self.usage_error(self.folder.name + "/none.kext", "No such file or directory")
        self.usage_error(self.executable, "not a kext")
        self.plist.write_text("bplist00")
        self.usage_error(self.kext, "syntax error")

    def test_no_bundle_id(self):
        self.edit("CFBundleIdentifier", "CFBundleNothing")
        self.usage_error(self.kext, "CFBundleIdentifier missing")

    def test_permissions(self):
        for path in (self.kext, self.plist, self.executable):
            mode = path.stat().st_mode
            path.chmod(mode | 0o020)
            self.refused_early("authentication failure (file ownership/permissions)",
                               "File owner/permissions are incorrect")
            path.chmod(mode)

    def test_a_link_inside(self):
        self.executable.rename(self.kext / "elsewhere")
        os.symlink("../../elsewhere", self.executable)
        self.refused_early("authentication failure (file ownership/permissions)")

    def test_truncated(self):
        self.executable.write_bytes(self.executable.read_bytes()[:900])
        self.refused_early("link error", "The Mach-O file has been truncated.",
                           "Can't load kext net.sf.tuntaposx.tap - link failed.")

    def test_another_processor(self):
        self.executable.write_bytes(pathlib.Path(PROGRAM).read_bytes()[:4096])
        self.refused_early("requested architecture/executable not found")

    def test_no_libraries(self):
        self.edit("OSBundleLibraries", "OSBundleNothing")
        self.refused_early("dependency resolution failed", "OSBundleLibraries missing/invalid type.")

    def test_a_library_less(self):
        self.edit("<key>com.apple.kpi.bsd</key>", "<key>com.apple.kpi.iokit</key>")
        self.refused("link error", "The following symbols are unresolved for this kext:", "\t_ifnet_attach")

    def test_a_library_that_is_not_there(self):
        self.edit("com.apple.kpi.bsd", "org.example.none")
        self.refused("dependency resolution failed", "library kext org.example.none not found.")

    def test_a_library_of_the_future(self):
        self.edit("<string>10.0</string>", "<string>20.0</string>")
        self.refused("dependency resolution failed", "not compatible with requested version 20.0.")
        self.assertNotIn("failed to load", self.kextload("--kernel", "darwin20"))

    def test_apples_own(self):
        self.edit("com.apple.kpi.bsd", "com.apple.kpi.private")
        self.refused("dependency resolution failed", "only Apple kexts may link against com.apple.kpi.private")

    def test_a_version_that_is_none(self):
        self.edit("<key>CFBundleVersion</key>\n\t<string>", "<key>CFBundleVersion</key>\n\t<string>x")
        self.refused("validation failure (plist/executable)", "CFBundleVersion bad value 'x")

    def test_no_command(self):
        run = self.run_program("--kext", self.kext)
        self.assertEqual((run.returncode, run.stderr), (2, "tuntapsim: no command; see tuntapsim --help\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
