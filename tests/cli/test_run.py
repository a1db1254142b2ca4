#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim run: a session that passes, one that differs, --update, --kernel, bad files, captures beside it."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOL = str(pathlib.Path(sys.argv.pop(1)).resolve())
CAPTURES = pathlib.Path(sys.argv.pop(1)).resolve()
SOURCE = CAPTURES.parent.parent

GOOD = "# text\nroot# echo one\none\n\nroot# kextload tap.kext\nvpn$ open /dev/tap0 rw\n3\n"
WRONG = "root# echo one\ntwo\n\n# between\nroot# echo three\n"
RIGHT = "root# echo one\none\n\n# between\nroot# echo three\nthree\n"


class Run(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def run_tool(self, *arguments):
        return subprocess.run([TOOL, "run", *map(str, arguments)], capture_output=True, text=True,
                              check=False, cwd=self.here)

    def write(self, name, text):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def refuse(self, words, *arguments):
        result = self.run_tool(*arguments)
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(words, result.stderr)

    def test_a_session_that_answers_as_expected(self):
        result = self.run_tool(self.write("a.session", GOOD))
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "1 passed, 0 failed, 0 skipped\n", ""))

    def test_a_driver_by_name(self):
        path = self.write("a.session", GOOD)
        self.assertEqual(self.run_tool("--driver", "shipped", path).returncode, 0)
        self.refuse("frob: no such driver here", "--driver", "frob", path)

    def test_a_difference_is_a_unified_diff_that_patch_understands(self):
        path = self.write("a.session", WRONG)
        result = self.run_tool("a.session")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout.splitlines()[:2],
                         ["--- a.session", "+++ a.session (as it ran)"])
        self.assertIn("-two\n+one\n", result.stdout)
        self.assertIn("+three\n", result.stdout)
        self.assertTrue(result.stdout.endswith("0 passed, 1 failed, 0 skipped\n"))
        self.assertEqual(path.read_text(), WRONG)
        if shutil.which("patch"):
            patched = subprocess.run(["patch", "-s", str(path)], input=result.stdout, text=True,
                                     capture_output=True, check=False)
            self.assertEqual((patched.returncode, path.read_text()), (0, RIGHT), patched.stdout)

    def test_update_writes_what_was_answered_and_then_it_passes(self):
        path = self.write("a.session", WRONG)
        result = self.run_tool("--update", path)
        self.assertEqual(result.returncode, 0)
        self.assertIn("1 updated", result.stdout)
        self.assertEqual(path.read_text(), RIGHT)
        self.assertEqual(self.run_tool(path).returncode, 0)
        self.assertEqual([p.name for p in self.here.iterdir()], ["a.session"])

    def test_update_leaves_what_a_wildcard_matched(self):
        text = "root# echo one two\none [...]\nroot# echo x\ny\n"
        path = self.write("a.session", text)
        self.assertEqual(self.run_tool("--update", path).returncode, 0)
        self.assertEqual(path.read_text(), text.replace("\ny\n", "\nx\n"))

    def test_update_leaves_a_good_file_alone(self):
        path = self.write("a.session", GOOD)
        before = path.stat().st_mtime_ns
        self.assertEqual(self.run_tool("--update", path).returncode, 0)
        self.assertEqual(path.stat().st_mtime_ns, before)

    def test_several_files_are_counted(self):
        self.write("a.session", GOOD)
        self.write("b.session", WRONG)
        self.write("c.session", "#: kernels darwin10\nroot# echo x\nx\n")
        result = self.run_tool("a.session", "b.session", "c.session")
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stdout.endswith("1 passed, 1 failed, 1 skipped\n"))

    def test_a_session_runs_under_the_kernel_it_is_for(self):
        path = self.write("a.session", "#: kernels darwin10\nroot# kextstat -l -b com.apple.kpi.bsd\n"
                                       "    1    0 0                  0          0          "
                                       "com.apple.kpi.bsd (10.8.0)\n")
        self.assertIn("1 skipped", self.run_tool(path).stdout)
        self.assertIn("1 passed", self.run_tool("--kernel", "darwin10", path).stdout)
        self.refuse("darwin9", "--kernel", "darwin9", path)

    def test_packets_are_found_in_the_captures_above(self):
        shutil.copytree(CAPTURES, self.here / "captures")
        path = self.write("deep/er/a.session",
                          "root# kextload tap.kext\nvpn$ open /dev/tap0 rw\n3\nroot# ifconfig tap0 up\n"
                          "vpn$ write 3 -p arp-request\n42 bytes\n"
                          "vpn$ write 3 -p ethernet.pcap:16\n42 bytes\n")
        result = self.run_tool(path)
        self.assertEqual(result.returncode, 0, result.stdout)
        shutil.rmtree(self.here / "captures")
        self.assertIn("no folder named captures", self.run_tool(path).stdout)

    def test_a_capture_that_tcpdump_wrote_can_be_read(self):
        shutil.copytree(CAPTURES, self.here / "captures")
        path = self.write("a.session",
                          "root# kextload tap.kext\nvpn$ open /dev/tap0 rw\n"
                          "root# ifconfig tap0 10.77.0.2/24 up\n"
                          "root# tcpdump -i tap0 -c 2 -w seen.pcap &\n"
                          "vpn$ write 3 -p arp-request\nvpn$ write 3 -p echo-request\n"
                          "root# tcpdump -t -r seen.pcap\nroot# tcpdump -i tap0 -w ../out.pcap\n")
        self.run_tool("--update", path)
        text = path.read_text()
        self.assertIn("root: 2 packets captured\n", text)
        self.assertIn("ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28\n", text)
        self.assertIn("tcpdump: ../out.pcap: Permission denied\n", text)
        self.assertEqual((self.here / "seen.pcap").read_bytes()[:4], b"\x4d\x3c\xb2\xa1")

    def test_a_machine_that_stops_otherwise_fails(self):
        path = self.write("a.session", "#: end panic\nroot# echo one\none\n")
        result = self.run_tool(path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("ended with ok, not with panic", result.stdout)

    def test_bad_files_and_bad_use(self):
        self.refuse("No such file", "none.session")
        self.refuse("output before the first command", self.write("b.session", "hello\n"))
        self.refuse("not a directive", self.write("c.session", "#: colour red\n"))
        path = self.here / "d.session"
        path.write_bytes(b"root# echo \0\n")
        self.refuse("not a text file", path)
        self.refuse("no session file")
        self.refuse("Is a directory", self.here)
        result = self.run_tool("--sideways")
        self.assertEqual(result.returncode, 2)

    def test_every_command_has_a_paragraph_in_the_manual_and_a_session(self):
        path = self.write("a.session", "root# help\n")
        self.run_tool("--update", path)
        commands = [line.split()[0] for line in path.read_text().splitlines()[1:]]
        self.assertGreater(len(commands), 30)
        self.assertEqual(commands, sorted(commands))
        manual = (SOURCE / "man" / "tuntapsim.1").read_text()
        sessions = "".join(p.read_text() for p in (SOURCE / "tests" / "sessions").rglob("*.session"))
        for command in commands:
            self.assertRegex(manual, r"(?m)^\.It Ic (?:[\w-]+ , )?%s\b" % command)
            self.assertRegex(sessions, r"(?m)^(?:root#|[a-z0-9-]+\$) (?:time )?%s\b" % command)

    def test_the_example_of_the_manual_is_true(self):
        manual = (SOURCE / "man" / "tuntapsim.1").read_text()
        example = manual.split(".Bd -literal -offset indent\n")[1].split(".Ed\n")[0]
        result = self.run_tool(self.write("a.session", example))
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_the_document_of_the_kernels_is_what_the_tool_prints(self):
        result = subprocess.run([TOOL, "kernels"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, (SOURCE / "docs" / "KERNELS.md").read_text())
        self.assertEqual(subprocess.run([TOOL, "kernels", "all"], capture_output=True).returncode, 2)

    def test_help(self):
        result = self.run_tool("--help")
        self.assertEqual(result.returncode, 0)
        self.assertTrue(result.stdout.startswith("usage: tuntapsim run"))


if __name__ == "__main__":
    unittest.main()
