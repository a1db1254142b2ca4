#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fuzz/oss-fuzz/check_out.py sees each thing that the fuzzing services would stumble over; ci/fuzz-services and its words.

usage: test_fuzz_out.py SOURCE-FOLDER
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TARGET = """
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length > 0 && bytes[0] == 'X')
        abort();
    return 0;
}
"""


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


@unittest.skipUnless(shutil.which("clang"), "no clang")
class Out(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.program = pathlib.Path(cls.keep.name, "fuzz_small")
        source = pathlib.Path(cls.keep.name, "fuzz_small.c")
        source.write_text(TARGET)
        made = run(CLANG, "-g", "-fsanitize=fuzzer", source, "-o", cls.program)
        if made.returncode != 0:
            raise unittest.SkipTest("this clang has no libFuzzer")

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name)
        (self.out / "lib").mkdir()
        shutil.copy2(self.program, self.out)
        (self.out / "fuzz_small.options").write_text("[libfuzzer]\nmax_len = 64\n")
        (self.out / "fuzz_small.dict").write_text('word="GET"\n')
        self.seeds(b"hello")

    def seeds(self, *contents):
        folder = self.out / "corpus/small"
        folder.mkdir(parents=True)
        for number, content in enumerate(contents):
            (folder / f"seed-{number}").write_bytes(content)
        made = run(sys.executable, SOURCE / "fuzz/oss-fuzz/zip_inputs.py", self.out / "fuzz_small_seed_corpus.zip",
                   *sorted(folder.iterdir()))
        self.assertEqual(made.returncode, 0, made.stderr)
        shutil.rmtree(self.out / "corpus")

    def check(self):
        return run(sys.executable, SOURCE / "fuzz/oss-fuzz/check_out.py", self.out)

    def wrong(self, words):
        result = self.check()
        self.assertEqual((result.returncode, result.stderr), (1, ""), result.stdout)
        self.assertIn(words, result.stdout)
        self.assertNotIn("good", result.stdout)

    def test_a_complete_folder_is_good(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "fuzz_small: good\n", ""))

    def test_a_target_without_seeds(self):
        (self.out / "fuzz_small_seed_corpus.zip").unlink()
        self.wrong("fuzz_small: no seeds")

    def test_seeds_that_are_no_archive(self):
        (self.out / "fuzz_small_seed_corpus.zip").write_bytes(b"hello")
        self.wrong("fuzz_small: fuzz_small_seed_corpus.zip: File is not a zip file")

    def test_a_seed_that_ends_the_target(self):
        self.seeds(b"hello", b"X")
        self.wrong("fuzz_small: its seeds end it with")

    def test_a_target_without_options_or_with_none_that_are_any(self):
        (self.out / "fuzz_small.options").write_text("max_len = 64\n")
        self.wrong("fuzz_small: fuzz_small.options: no section [libfuzzer]")
        (self.out / "fuzz_small.options").unlink()
        self.wrong("fuzz_small: no options")

    def test_a_dictionary_that_cannot_be_read(self):
        (self.out / "fuzz_small.dict").write_text("word=GET\n")
        self.wrong("fuzz_small: its seeds end it with 1: \t\tword=GET")

    def test_a_target_that_nobody_may_run(self):
        (self.out / "fuzz_small").chmod(0o644)
        self.wrong("no fuzz target")

    def test_what_belongs_to_nobody(self):
        (self.out / "fuzz_other.dict").write_text('word="GET"\n')
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("fuzz_other.dict: belongs to no target", result.stdout)

    def test_a_library_that_the_services_lack(self):
        source = self.program.with_suffix(".c")
        made = run(CLANG, "-g", "-fsanitize=fuzzer", source, "-Wl,--no-as-needed", "-lz", "-o", self.out / "fuzz_small")
        if made.returncode != 0:
            self.skipTest("no zlib")
        self.wrong("fuzz_small: libz.so.1 is not in lib")

    def test_bad_use(self):
        result = run(sys.executable, SOURCE / "fuzz/oss-fuzz/check_out.py", "/no/such/folder")
        self.assertEqual((result.returncode, result.stdout), (2, ""))


class Services(unittest.TestCase):
    def services(self, *words):
        return run(SOURCE / "ci/fuzz-services", *words)

    def test_the_folder_for_oss_fuzz_is_complete(self):
        with tempfile.TemporaryDirectory() as folder:
            project = pathlib.Path(folder, "tuntap")
            result = self.services("--project", "https://example.org/tuntap.git", "security@example.org", project)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(sorted(path.name for path in project.iterdir()), ["Dockerfile", "build.sh", "project.yaml"])
            self.assertIn("git clone --depth 1 https://example.org/tuntap.git tuntap\n",
                          (project / "Dockerfile").read_text())
            said = (project / "project.yaml").read_text()
            self.assertIn('main_repo: "https://example.org/tuntap.git"\n', said)
            self.assertIn('primary_contact: "security@example.org"\n', said)
            self.assertNotIn("@REPOSITORY@", said)
            self.assertEqual(self.services("--project", "https://example.org/x", "a@example.org", project).returncode, 2)

    def test_both_services_install_the_same(self):
        def packages(path):
            text = (SOURCE / path).read_text()
            return text[text.index("apt-get install"):text.index("\nCOPY" if "\nCOPY . " in text else "\nRUN git")]
        self.assertEqual(packages(".clusterfuzzlite/Dockerfile"), packages("fuzz/oss-fuzz/Dockerfile.in"))

    def test_bad_use_is_one_line(self):
        for words in (["frob"], ["--project"], ["--project", 'x"y', "a@example.org", "/tmp/x"]):
            with self.subTest(words):
                result = self.services(*words)
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (2, "", 1), result.stderr)


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
    CLANG = shutil.which("clang") or "clang"
    unittest.main()
