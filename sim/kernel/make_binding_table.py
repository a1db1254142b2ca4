#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes kpi_binding_table.c: the addresses of the functions and variables that the emulated kernel has for kexts. Those
are what a header declares with KPI_SYMBOL(name) and a source defines: its name at the beginning of a line, as this project
writes functions, or an argument of a macro there that makes one. Variables are the lines `KPI_DATA(name)` of sources.

usage: make_binding_table.py KERNEL-FOLDER OUTPUT SOURCE...

A definition that is overlooked is found by tests/kernel/check_bindings.py, one that is not there by the linker.
"""
import pathlib
import re
import sys


def main():
    folder, output, *sources = map(pathlib.Path, sys.argv[1:])
    declared, defined, data = set(), set(), set()
    for header in sorted(folder.rglob("*.h")):
        declared |= set(re.findall(r"KPI_SYMBOL\((\w+)\)", header.read_text()))
    for source in sources:
        text = source.read_text()
        defined |= set(re.findall(r"^(\w+)\(", text, re.M))
        for arguments in re.findall(r"^[A-Z_]+\((.*)", text, re.M):
            defined |= set(re.findall(r"\w+", arguments))
        declared |= set(re.findall(r"KPI_SYMBOL\((\w+)\)", text))
        data |= set(re.findall(r"^KPI_DATA\((\w+)\)", text, re.M))
    declared.discard("name")  # of explanations
    names = sorted((declared & defined) | data)
    externs = "".join("extern const char at_%s[] KPI_SYMBOL(%s);\n" % (name, name) for name in names)
    rows = "".join('    {"%s", at_%s, %d},\n' % (name, name, name in data) for name in names)
    output.write_text(
        '/* SPDX-License-Identifier: BSD-2-Clause */\n#include "kpi_binding.h"\n\n#include <sys/cdefs.h>\n\n'
        "%s\nconst struct kpi_binding ksim_kpi_binding_table[] = {\n%s};\n"
        "const unsigned ksim_kpi_binding_count = %d;\n" % (externs, rows, len(names)))


if __name__ == "__main__":
    main()
