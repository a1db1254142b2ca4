#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim panic: reports of macOS in each of their forms become functions and lines; one of the emulated kernel as well;
what is no report, or of another build, is said in one line.

usage: test_panic.py TUNTAPSIM KEXT-FOLDER SKETCH-KEXT
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, KEXTS, OLD = sys.argv[1:4]
KEXT = pathlib.Path(KEXTS, "tap.kext")
START = 0xFFFFFF7F80A6C000


def kext_uuid():
    data = (KEXT / "Contents/MacOS/tap").read_bytes()
    digits = re.search(rb"\x1b\0\0\0\x18\0\0\0(.{16})", data, re.S).group(1).hex().upper()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def symbols():
    """name -> offset of the functions in the bundle."""
    lines = subprocess.run(["llvm-nm", str(KEXT / "Contents/MacOS/tap")], capture_output=True, text=True, check=True)
    return {m[1]: int(m[0], 16) for m in re.findall(r"^([0-9a-f]{16}) t _(\w+)$", lines.stdout, re.M)}


def report(frames, uuid=None, rip=None):
    """Of 10.7 and later, with these offsets into the kext."""
    text = 'panic(cpu 1 caller 0xffffff80004d3b07): "m_free: freeing an already freed mbuf"@/SourceCache/x.c:1\n'
    if rip is not None:
        text += "RFL: 0x0000000000010206, RIP: 0x%016x, CS: 0x0000000000000008, SS: 0x0000000000000010\n" % (START + rip)
    text += "Backtrace (CPU 1), Frame : Return Address\n0xffffff805f0bb7a0 : 0xffffff8000204d15 \n"
    text += "".join("0xffffff805f0bb930 : 0x%x \n" % (START + frame) for frame in frames)
    text += "      Kernel Extensions in backtrace:\n         net.sf.tuntaposx.tap(1.0)%s@0x%x->0x%x\n" % (
        "[%s]" % uuid if uuid else "", START, START + 0x6FFF)
    return text + "\nBSD process name corresponding to current thread: openvpn\n"


class Panic(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "report.panic")

    def symbolicate(self, text, *kexts):
        self.path.write_text(text, newline="")
        options = [word for kext in kexts for word in ("--kext", str(kext))]
        return subprocess.run([PROGRAM, "panic", str(self.path), *options], capture_output=True, text=True, check=False)

    def good(self, text, *kexts):
        run = self.symbolicate(text, *kexts)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def bad(self, words, text, *kexts):
        run = self.symbolicate(text, *kexts)
        self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (2, "", 1))
        self.assertIn(words, run.stderr)

    def test_without_the_kext_it_says_where(self):
        said = self.good(report([0x2933]))
        self.assertIn('panic: "m_free: freeing an already freed mbuf"', said)
        self.assertIn("0xffffff7f80a6e933  net.sf.tuntaposx.tap + 0x2933\n", said)
        self.assertIn("0xffffff8000204d15\n", said)

    @unittest.skipUnless(shutil.which("llvm-symbolizer") and shutil.which("llvm-nm"), "LLVM's tools are not here")
    def test_functions_and_lines(self):
        """Given a return address right behind a function's end, then it is that function and not the next."""
        names = symbols()
        end = min(offset for offset in names.values() if offset > names["cdev_open"])
        for uuid in (None, kext_uuid()):
            said = self.good(report([end, names["cdev_open"] + 8], uuid), KEXT)
            frames = said.split("0xffffff7f")
            self.assertIn("cdev_open at ", frames[-2])
            self.assertRegex(frames[-1], r"cdev_open at .*kext_glue/cdev\.c:\d+")

    @unittest.skipUnless(shutil.which("llvm-symbolizer") and shutil.which("llvm-nm"), "LLVM's tools are not here")
    def test_the_fault_is_no_return_address(self):
        names = symbols()
        said = self.good(report([names["cdev_open"]], rip=names["cdev_open"]), KEXT)
        self.assertEqual(said.count("net.sf.tuntaposx.tap + 0x%x" % names["cdev_open"]), 1)
        self.assertRegex(said, r"\(the fault\)\n +cdev_open at ")

    def test_json_and_line_ends(self):
        plain = self.good(report([0x2933]))
        wrapped = json.dumps({"bug_type": "210"}) + "\n" + json.dumps({"build": "x", "panicString": report([0x2933])})
        self.assertEqual(self.good(wrapped), plain)
        self.assertEqual(self.good(report([0x2933]).replace("\n", "\r\n")), plain)
        self.assertEqual(self.good("Anonymous UUID:  X\n\n*** Panic Report ***\n" + report([0x2933])), plain)

    def test_apple_silicon(self):
        text = ("panic(cpu 4 caller 0xfffffe001c9b5abc): Kernel data abort. at pc 0xfffffe001d2c8a04\n"
                "Panicked thread: 0xfffffe1666b8c000, backtrace: 0xfffffe3a1b2f3000, tid: 4242\n"
                "\t\t  lr: 0xfffffe001d2c8b10  fp: 0xfffffe3a1b2f3a90\n"
                "         net.sf.tuntaposx.tap(1.0)[%s]@0xfffffe001d2c8000->0xfffffe001d2cffff\n" % kext_uuid())
        self.assertIn("net.sf.tuntaposx.tap + 0xb10", self.good(text))

    def test_another_build_is_refused(self):
        self.bad("another UUID", report([0x2933], "2FF3CB18-848D-39B0-B14D-F04B0128E023"), KEXT)

    def test_no_report(self):
        self.bad("not a panic report", "hello\n")
        self.bad("not a panic report", "")
        self.bad("not a panic report", "panic(cpu 1 caller\0")
        self.assertEqual(subprocess.run([PROGRAM, "panic"], capture_output=True, check=False).returncode, 2)
        self.assertEqual(subprocess.run([PROGRAM, "panic", "/none"], capture_output=True, check=False).returncode, 2)

    @unittest.skipUnless(shutil.which("llvm-symbolizer"), "LLVM's tools are not here")
    def test_a_panic_of_the_emulated_kernel(self):
        """Given a kext that calls what the emulation lacks, then the report leads to the function that did."""
        run = subprocess.run([PROGRAM, "--kext", OLD, "shell"], capture_output=True, text=True, check=False,
                             input="kextload wild.kext\n")
        self.assertIn("org.example.wild called IOCreateThread, which the emulated kernel does not have",
                      run.stdout + run.stderr)
        self.assertIn("wild_call", self.good(run.stdout + run.stderr, OLD))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
