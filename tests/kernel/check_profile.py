#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds sim/kernel/profile.h: every field is read by the kernel, and every quirk has its row.

usage: check_profile.py KERNEL-FOLDER
"""
import pathlib
import re
import sys

WRITERS = {"profile.c", "profile.h", "quirk.c", "quirk_list.h"}


def fields(header):
    """The fields of struct ksim_profile: name to type."""
    body = re.search(r"struct ksim_profile \{(.*?)\n\};", header, re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    return {name: kind.strip() for kind, name in
            re.findall(r"^\s*((?:const |enum )?\w+[ *]+)(\w+);", body, re.M)}


def readers(folder, names):
    """The names that some file mentions behind -> or a dot."""
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.[ch]"))
                     if path.name not in WRITERS)
    return {name for name in names if re.search(r"(->|\.)\s*%s\b" % name, text)}


def rows(folder):
    return set(re.findall(r"^\s*X\((\w+),", (folder / "quirk_list.h").read_text(), re.M))


def main():
    folder = pathlib.Path(sys.argv[1])
    found = fields((folder / "profile.h").read_text())
    bad = ["no field found"] if len(found) < 40 else []
    bad += ["%s is read by nobody" % name
            for name in sorted(found.keys() - readers(folder, found))]
    quirks = {name for name, kind in found.items() if kind == "bool"}
    bad += ["%s has no row in quirk_list.h" % name for name in sorted(quirks - rows(folder))]
    bad += ["%s in quirk_list.h is no field" % name for name in sorted(rows(folder) - quirks)]
    for line in bad:
        print("profile.h: " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
