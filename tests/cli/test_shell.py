#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim shell: piped lines, a terminal (libedit, ^C, ^D), commands left waiting, saved sessions that pass."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import unittest

TOOL = str(pathlib.Path(sys.argv.pop(1)).resolve())
CAPTURES = pathlib.Path(sys.argv.pop(1)).resolve()

READER = "kextload tap.kext\nvpn$ open /dev/tap0 rw\nifconfig tap0 up\n"
LEFT = "read: nothing can wake it; it waits on in the background, ^C interrupts it\n"
PATIENCE_SECONDS = 120  # only until a broken shell is given up; no test depends on it


class Shell(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def tool(self, *arguments, text=""):
        return subprocess.run([TOOL, *map(str, arguments)], input=text, capture_output=True, text=True,
                              check=False, cwd=self.here, timeout=PATIENCE_SECONDS)

    def shell(self, text, *arguments, status=0):
        result = self.tool("shell", *arguments, text=text)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return result.stdout

    def passes(self, name, *arguments):
        result = self.tool("run", *arguments, name)
        self.assertEqual((result.returncode, result.stdout),
                         (0, "1 passed, 0 failed, 0 skipped\n"), result.stdout)


class Piped(Shell):
    def test_lines_are_answered_without_prompt_or_echo(self):
        self.assertEqual(self.shell("echo one\n\n# text\n  echo two"), "one\ntwo\n")

    def test_as_changes_who_types_and_a_prompt_types_one_line(self):
        self.assertEqual(self.shell("kextload tap.kext\nas vpn\nas\nopen /dev/tap0 rw\n"
                                    "root# open /dev/tap1 rw\nioctl 3 FIONREAD\nas Bad\nas root\nas\n"),
                         "vpn\n3\n3\n0\nas: Bad: a name is small letters, digits, - and _, and begins with a "
                         "letter\nroot\n")

    def test_exit_ends_but_not_that_of_a_process(self):
        self.assertEqual(self.shell("vpn$ exit 3\nvpn$ echo $?\nexit\necho never\n"), "3\n")

    def test_a_command_that_nothing_can_wake_is_left_and_can_be_answered(self):
        out = self.shell(READER + "vpn$ read 3 2048\nifconfig tap0 down\necho after\n")
        self.assertEqual(out, "3\n" + LEFT + "vpn: read: Input/output error\nafter\n")

    def test_interrupt_wakes_the_reader_and_its_process_lives(self):
        out = self.shell(READER + "vpn$ read 3 2048\n^C\nvpn$ ioctl 3 FIONREAD\n^C\n")
        self.assertEqual(out, "3\n" + LEFT + "vpn: read: Interrupted system call\n0\n")

    def test_after_an_interrupt_the_signal_does_again_what_it_did(self):
        out = self.shell("vpn$ sleep 9 ^C 1\nvpn$ open /dev/null\nroot# kill -INT vpn\nvpn$ open /dev/null\n")
        self.assertEqual(out, "3\n3\n")

    def test_the_last_one_left_is_interrupted_first(self):
        out = self.shell(READER + "b$ open /dev/tap1 rw\nifconfig tap1 up\nvpn$ read 3 9\nb$ read 3 9\n^C\n^C\n^C\n")
        self.assertEqual(out, "3\n3\n" + 2 * LEFT + "b: read: Interrupted system call\n"
                         "vpn: read: Interrupted system call\n")

    def test_a_program_is_interrupted_after_exactly_that_time(self):
        out = self.shell(READER + "ifconfig tap0 10.9.0.1/24\nping 10.9.0.1 ^C 2.5\ntime sleep 5 ^C 0.2505\n")
        self.assertIn("3 packets transmitted, 3 packets received, 0.0% packet loss\n", out)
        self.assertTrue(out.endswith("real\t0m0.250s\n"), out)

    def test_it_ends_with_1_when_something_was_left_behind(self):
        self.assertEqual(self.tool("shell", "--nothing").returncode, 2)
        self.assertEqual(self.tool("shell", "file").returncode, 2)
        self.assertEqual(self.tool("shell", "--seed", "x").returncode, 2)
        self.assertEqual(self.tool("shell", "--kernel", "darwin9").returncode, 2)
        self.assertTrue(self.tool("shell", "--help").stdout.startswith("usage: tuntapsim shell"))


    def test_a_panic_is_reported_ends_it_with_1_and_can_be_saved(self):
        out = self.shell("load-naive-tap data\nvpn$ open /dev/tap0 rw\nifconfig tap0 10.1.2.3/24\necho never\n",
                         "--save", "a.session", status=1)
        self.assertTrue(out.startswith("3\npanic: panic(cpu 0 caller 0x"), out)
        self.assertIn("Fault CR2: 0x0000000000000010, in org.example.naivetap\n", out)
        self.assertIn("BSD process name corresponding to current thread: ifconfig\n", out)
        self.assertNotIn("never", out)
        self.passes("a.session")


class Looking(Shell):
    def test_to_look_changes_nothing(self):
        lines = READER.splitlines() + ["vpn$ read 3 2048 &", "ifconfig tap0 down"]
        look = ["threads", "mbufs", "locks", "locks -o", "tape"]
        plain = self.shell("\n".join(lines + ["tape 100000", "dmesg"]) + "\n", "--seed", "4")
        looked = self.shell("\n".join(line for each in lines for line in [each, *look]) +
                            "\ntape 100000\ndmesg\n", "--seed", "4")
        self.assertGreater(len(plain.splitlines()), 100)
        self.assertTrue(looked.endswith(plain[plain.index("fault "):]))

    def test_to_step_changes_no_choice(self):
        for seed in "1", "2", "3":
            go = "tape 100000\n"
            plain = self.shell(READER + "vpn$ read 3 64 &\nifconfig tap0 down &\nthreads\n" + go,
                               "--seed", seed)
            stepped = self.shell(READER + "vpn$ read 3 64 &\nstep 9 ifconfig tap0 down\nthreads\nstep 30\n"
                                 "step 10000\nthreads\n" + go, "--seed", seed)
            kinds = [re.sub(r"\d+ choices", "", text[text.index("\nfault "):]) for text in (plain, stepped)]
            self.assertEqual(*kinds)

    def test_a_stopped_thread_stands_where_it_was_and_then_goes_on(self):
        out = self.shell(READER + "step 12 ifconfig tap0 down\nthreads\nifconfig tap0\n")
        points, rest = out.split("\n  1 kernel_task[0]")
        points = points.splitlines()[1:]
        self.assertEqual(len(points), 12)
        for point in points:
            self.assertRegex(point, r"^\d+ ns  ifconfig ifconfig +\S")
        times = [int(point.split()[0]) for point in points]
        self.assertEqual(times, sorted(times))
        self.assertRegex(rest, r"\n +\d+ ifconfig\[\d+\] ifconfig: runnable\n")
        self.assertIn("tap0: flags=8842<BROADCAST,RUNNING,SIMPLEX,MULTICAST>", rest)

    def test_a_lock_is_seen_with_its_holder(self):
        held = set()
        for points in range(8, 60, 4):
            out = self.shell(READER + "step %d ifconfig tap0 down\nlocks\n" % points)
            held.update(re.findall(r"\n(\S.*)\n    held by (.*)", out))
        self.assertTrue(any("dlil" in lock and who == "ifconfig ifconfig" for lock, who in held), held)

    def test_the_order_of_locks_is_that_in_which_a_command_took_them(self):
        out = self.shell("kextload tap.kext\nlocks -o\necho between\nvpn$ open /dev/tap0\nlocks -o\n")
        before, after = out.split("between\n")
        edge = re.compile(r"(?ms)^mutex devsw#\d+$(?:\n    before [^\n]*)*?\n    before mutex dlil#")
        self.assertRegex(after, edge)
        self.assertNotRegex(before, edge)

    def test_a_step_with_nothing_to_do_says_so(self):
        self.assertEqual(self.shell("step\nstep 5\n"), 2 * "no thread can run now\n")

    def test_an_mbuf_in_a_queue_has_its_history(self):
        out = self.shell(READER + "ifconfig tap0 10.9.0.1/24\nping -c 1 10.9.0.2\nmbufs\nqueues\nvpn$ read 3 2048\n"
                         "mbufs\necho end\n")
        self.assertRegex(out, r"\nmbuf \d+ \(\d+ bytes\): .* at step \d+ by ping")
        self.assertRegex(out, r"\ntap0: 0 for the kernel\n\topened by vpn \(pid \d+\), up, [1-9]\d* queued\n")

    def test_a_tape_is_saved_as_text_whole(self):
        out = self.shell("tape 0\ntape --save a.tape\ntape --save no/where\n")
        count = int(out.split()[0])
        lines = (self.here / "a.tape").read_text().splitlines()
        self.assertEqual((lines[0], lines[-1], len(lines)),
                         ("tuntap tape 1", "end %d" % count, count + 2))
        self.assertIn("tape: no/where: ", out)


class Saved(Shell):
    LINES = (READER + "vpn$ read 3 2048\n^C\nvpn$ read 3 2048 &\nstep 7 ifconfig tap0 down\nthreads\nlocks\n"
             "echo '# no text'\necho 'vpn$ no prompt'\necho a\\  [...] b\necho\n# commentary\nnothing\ntape\n"
             "time sleep 5 ^C 0.75\nifconfig tap0 10.9.0.1/24 up\nping 10.9.0.1 ^C 1.5\nmbufs\nqueues\n")

    def test_a_saved_session_passes(self):
        self.shell(self.LINES + "save a.session\necho more\nsave b.session\n")
        self.passes("a.session")
        self.passes("b.session")
        text = (self.here / "b.session").read_text()
        self.assertEqual(text, (self.here / "a.session").read_text() + "root# echo more\nmore\n")
        self.assertIn("root# echo '# no text'\n[...] no text\n", text)
        self.assertNotIn("save", text)

    def test_it_passes_with_the_seed_and_the_kernel_that_it_names(self):
        for seed in range(1, 6):
            self.shell(self.LINES, "--seed", str(seed), "--save", "a.session")
            self.assertTrue((self.here / "a.session").read_text().startswith("#: seed %d\n" % seed))
            self.passes("a.session")
        self.shell(self.LINES, "--kernel", "darwin24", "--save", "b.session")
        self.assertTrue((self.here / "b.session").read_text().startswith("#: kernels darwin24\n"))
        self.passes("b.session", "--kernel", "darwin24")

    def test_what_cannot_be_saved_is_said(self):
        self.assertEqual(self.shell("save no/where\nsave\necho $?\n"),
                         "save: no/where: No such file or directory\nusage: save FILE\n64\n")
        self.assertEqual(self.tool("shell", "--save", "no/where", text="echo x\n").stderr,
                         "tuntapsim: no/where: No such file or directory\n")

    def test_a_session_that_is_run_writes_only_below_its_folder(self):
        (self.here / "a.session").write_text("root# save ../x\nsave: ../x: Permission denied\n"
                                             "root# tape --save /tmp/x\ntape: /tmp/x: Permission denied\n"
                                             "root# save b.session\n")
        self.passes("a.session")
        self.assertEqual((self.here / "b.session").read_text(),
                         "root# tape --save /tmp/x\ntape: /tmp/x: Permission denied\n")


class Terminal(Shell):
    """The shell at a terminal of its own."""

    def begin(self, *arguments, **environment):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(self.here)
            os.environ.update({"TERM": "vt100", **environment})
            os.execv(TOOL, [TOOL, "shell", *arguments])
        self.seen = ""
        self.expect("# ")

    def expect(self, text):
        """Reads until the text has come; returns what came before it."""
        while text not in self.seen:
            ready = select.select([self.terminal], [], [], PATIENCE_SECONDS)[0]
            self.assertTrue(ready, "no %r in %r" % (text, self.seen))
            try:
                more = os.read(self.terminal, 65536)
            except OSError:
                more = b""
            self.assertTrue(more, "the end came before %r: %r" % (text, self.seen))
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\b]", "", more.decode())
        before, _, self.seen = self.seen.partition(text)
        return before

    def type(self, text):
        os.write(self.terminal, text.encode())

    def end(self, text="\x04"):
        """Types what ends the shell, at a prompt: a ^D that comes earlier is taken by the host's terminal."""
        self.type(text)
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.terminal)
        return status

    def enter(self, line, prompt="root# "):
        self.type(line + "\n")
        self.expect("\n")
        return self.expect(prompt)

    def test_the_prompt_is_that_of_a_session(self):
        self.begin()
        self.assertEqual(self.enter("echo one"), "one\n")
        self.enter("as vpn", "vpn$ ")
        self.assertEqual(self.enter("echo two", "vpn$ "), "two\n")
        self.assertEqual(self.end(), 0)

    def test_exit_ends(self):
        self.begin()
        self.assertEqual(self.end("exit\n"), 0)

    def test_tab_completes_commands_devices_interfaces_and_options(self):
        self.begin()
        self.enter("kextload tap.kext")
        self.type("kextun\t")
        self.expect("kextunload ")
        self.type("\x03")
        self.expect("root# ")
        self.type("vpn$ op\t/dev/tap1\t\t")
        self.expect("open /dev/tap1")
        self.expect("/dev/tap15")
        self.type("2\trw\n")
        self.expect("\n3\n")
        self.expect("root# ")
        self.type("ifconfig ta\tup\n")
        self.expect("ifconfig tap12 up\n")
        self.expect("root# ")
        self.type("signal INT ca\t\n")
        self.expect("signal INT catch \n")
        self.expect("root# ")
        self.assertEqual(self.end(), 0)

    def test_arrow_up_brings_the_last_line_back(self):
        self.begin()
        self.enter("echo again")
        self.assertEqual(self.enter("\x10"), "again\n")
        self.assertEqual(self.end(), 0)
        self.assertEqual(list(self.here.iterdir()), [])

    def test_history_is_kept_in_a_file_when_one_is_named(self):
        for _ in range(2):
            self.begin(TUNTAPSIM_HISTORY=str(self.here / "history"))
            self.enter("\x10")
            self.assertEqual(self.enter("echo kept"), "kept\n")
            self.assertEqual(self.end(), 0)
        self.begin(TUNTAPSIM_HISTORY=str(self.here / "history"))
        self.assertEqual(self.enter("\x10"), "kept\n")
        self.assertEqual(self.end(), 0)

    def test_ctrl_c_wakes_a_blocked_read_with_EINTR_and_the_shell_goes_on(self):
        self.begin("--save", "a.session")
        for line in READER.splitlines():
            self.enter(line)
        self.assertEqual(self.enter("vpn$ read 3 2048"), LEFT)
        self.type("half a li\x03")
        self.assertIn("vpn: read: Interrupted system call\n", self.expect("root# "))
        self.assertEqual(self.enter("vpn$ ioctl 3 FIONREAD"), "0\n")
        self.assertEqual(self.end(), 0)
        self.assertIn("\nvpn$ read 3 2048\n" + LEFT + "root# ^C\nvpn: read: Interrupted system call\n",
                      (self.here / "a.session").read_text())
        self.passes("a.session")

    def test_ctrl_c_ends_a_program_that_runs_and_the_saved_session_passes(self):
        self.begin("--save", "a.session")
        for line in READER.splitlines():
            self.enter(line)
        self.enter("ifconfig tap0 10.9.0.1/24")
        self.type("ping 10.9.0.1\n")
        self.expect("icmp_seq=7 ")
        self.type("\x03")
        self.expect("round-trip")
        self.expect("root# ")
        self.assertEqual(self.enter("echo after"), "after\n")
        self.assertEqual(self.end(), 0)
        self.assertRegex((self.here / "a.session").read_text(), r"\nroot# ping 10.9.0.1 \^C \d+\.\d{9}\n")
        self.passes("a.session")

    def test_a_signal_to_the_shell_is_no_line(self):
        self.begin()
        self.type("echo wh")
        self.expect("echo wh")
        os.kill(self.pid, signal.SIGINT)
        self.type("ole\n")
        self.expect("\nwhole\n")
        self.expect("root# ")
        self.assertEqual(self.end(), 0)


if __name__ == "__main__":
    unittest.main()
