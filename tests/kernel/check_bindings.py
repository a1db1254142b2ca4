#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every kernel function that the library of the emulated kernel defines is in the table that binds kexts out of files, and
nothing else is.

usage: check_bindings.py NM LIBRARY TABLE.c
"""
import pathlib
import re
import subprocess
import sys

nm, library, table = sys.argv[1:]
lines = subprocess.run([nm, "-g", library], check=True, capture_output=True, text=True).stdout
defined = set(re.findall(r"^\S+ [TDBRVWS] _?kpi_(\w+)$", lines, re.M))
bound = set(re.findall(r'^    {"(\w+)",', pathlib.Path(table).read_text(), re.M))
for name in sorted(defined - bound):
    print("%s is defined and cannot be bound: make_binding_table.py overlooked it" % name)
for name in sorted(bound - defined):
    print("%s is bound and not defined" % name)
if len(bound) < 300:
    sys.exit("only %d symbols were compared" % len(bound))
sys.exit(1 if defined != bound else 0)
