#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each rule of ci/lint must find a planted breach, and nothing else, in an otherwise clean tree."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = sys.argv.pop(1)
SPDX_C = "/* SPDX-License-Identifier: BSD-2-Clause */\n"
CLEAN_CORE = SPDX_C + '#include <stddef.h>\n#include "ring.h"\n\nint\nring_count(void)\n{\n' \
    "    TT_ASSERT(1);\n    TT_ASSERT(2);\n    return 0;\n}\n"
README = "<!-- SPDX-License-Identifier: BSD-2-Clause -->\n# here\n"


def body(lines):
    return "int\nlong_one(void)\n{\n    TT_ASSERT(1);\n    TT_ASSERT(2);\n" \
        + "    step();\n" * (lines - 2) + "}\n"


class LintFindsBreaches(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("core/README.md", README)
        self.write("core/ring.h", SPDX_C)
        self.write("core/ring.c", CLEAN_CORE)
        self.write("tests/README.md", README)
        self.write("tests/core/README.md", README)
        self.write("tests/core/test_ring.c", SPDX_C + "\n" * 60)
        self.write("kext_glue/README.md", README)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def codes(self):
        result = subprocess.run([sys.executable, LINT, "--root", str(self.root)],
                                capture_output=True, text=True, check=False)
        found = [line.split(": ")[1] for line in result.stdout.splitlines()]
        self.assertEqual(result.returncode, 1 if found else 0, result.stderr)
        return found

    def test_a_clean_tree_is_silent(self):
        self.assertEqual(self.codes(), [])

    def test_a_missing_licence_line(self):
        self.write("core/extra.h", "int x;\n")
        self.assertEqual(self.codes(), ["spdx"])

    def test_a_file_past_the_limit(self):
        self.write("kext_glue/big.c", SPDX_C + "\n" * 701)
        self.assertEqual(self.codes(), ["file-length"])

    def test_a_file_at_the_limit_is_fine(self):
        self.write("kext_glue/big.c", SPDX_C + "\n" * 699)
        self.assertEqual(self.codes(), [])

    def test_a_function_past_the_limit(self):
        self.write("tests/core/test_long.c", SPDX_C + body(71))
        self.assertEqual(self.codes(), ["function-length"])

    def test_a_function_at_the_limit_is_fine(self):
        self.write("tests/core/test_long.c", SPDX_C + body(70))
        self.assertEqual(self.codes(), [])

    def test_long_functions_on_the_whole(self):
        self.write("kext_glue/all.c", SPDX_C + body(16))
        self.assertEqual(self.codes(), ["function-median"])

    def test_too_few_assertions_in_core(self):
        self.write("core/ring.c", CLEAN_CORE.replace("    TT_ASSERT(2);\n", ""))
        self.assertEqual(self.codes(), ["assertions"])

    def test_a_commented_brace_does_not_hide_a_function(self):
        self.write("tests/core/test_long.c", SPDX_C + body(71).replace("step", "/*\n}\n*/ step", 1))
        self.assertEqual(self.codes(), ["function-length"])

    def test_a_host_conditional_in_the_driver(self):
        self.write("kext_glue/hands.c", SPDX_C + "#ifdef __linux__\n#endif\n")
        self.assertEqual(self.codes(), ["host-ifdef"])

    def test_core_including_a_kernel_header(self):
        self.write("core/ring.c", CLEAN_CORE.replace("stddef.h", "sys/kpi_mbuf.h"))
        self.assertEqual(self.codes(), ["layer"])

    def test_glue_including_libc(self):
        self.write("kext_glue/hands.c", SPDX_C + "#include <stdio.h>\n")
        self.assertEqual(self.codes(), ["layer"])

    def test_core_without_its_test(self):
        self.write("core/frame.c", CLEAN_CORE.replace("ring_count", "frame_count"))
        self.assertEqual(self.codes(), ["test-pair"])

    def test_too_little_test(self):
        self.write("tests/core/test_ring.c", SPDX_C)
        self.assertEqual(self.codes(), ["test-size"])

    def test_a_folder_without_readme(self):
        (self.root / "core/README.md").unlink()
        self.assertEqual(self.codes(), ["folder-readme"])

    def test_a_root_that_is_none_is_an_error_of_use(self):
        result = subprocess.run([sys.executable, LINT, "--root", "/nowhere"], capture_output=True,
                                text=True, check=False)
        self.assertEqual((result.returncode, result.stderr), (2, "lint: /nowhere: not a folder\n"))


if __name__ == "__main__":
    unittest.main()
