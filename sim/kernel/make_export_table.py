#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes kpi_export_table.c out of exports.tsv, in order of name.

usage: make_export_table.py exports.tsv OUTPUT
"""
import pathlib
import sys

FIRST_RELEASE = 10


def mask(ranges):
    """10-11,13 as bits 0, 1 and 3."""
    bits = 0
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        for release in range(int(first), int(last or first) + 1):
            bits |= 1 << (release - FIRST_RELEASE)
    return bits


def main():
    source, output = map(pathlib.Path, sys.argv[1:])
    rows = [line.split("\t") for line in source.read_text().splitlines() if line[0] != "#"]
    text = "".join('    {"%s", KPI_%s, 0x%04x},\n' % (symbol, component.upper(), mask(ranges))
                   for symbol, component, ranges in sorted(rows))
    output.write_text(
        '/* SPDX-License-Identifier: BSD-2-Clause */\n#include "kpi_export_table.h"\n'
        "const struct kpi_export ksim_kpi_export_table[] = {\n%s};\n"
        "const unsigned ksim_kpi_export_count = %d;\n" % (text, len(rows)))


if __name__ == "__main__":
    main()
