#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Says in C what a kext needs of the kernel: NAME_imports, the symbols that its object leaves undefined, and
NAME_libraries, the keys of its property list's OSBundleLibraries.

usage: kext_manifest.py NAME INFO-PLIST OUTPUT NM OBJECT...
"""
import pathlib
import re
import subprocess
import sys

# What compilers call without being asked; a kext takes it from the kernel as well.
IMPLICIT = {"memcpy", "memmove", "memset", "memcmp"}
# What belongs to this host: the table of offsets, sanitizers, coverage, outlined atomics.
HOST = re.compile(r"_GLOBAL_OFFSET_TABLE_$|__|___|_dyld_|mcount")


def undefined(nm, objects):
    """What no object defines, without the underscore of Mach-O."""
    wanted, defined = set(), set()
    for line in subprocess.run([nm, "-g", *objects], check=True, capture_output=True,
                               text=True).stdout.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] in "Uw":
            wanted.add(words[1])
        elif len(words) == 3:
            defined.add(words[2])
    return wanted - defined


def imports(names):
    for name in sorted(names):
        plain = re.sub(r"^_?kpi_", "", name)
        if plain != name:
            yield plain
        elif name.lstrip("_") in IMPLICIT:
            yield name.lstrip("_")
        elif not HOST.match(name):
            sys.exit("kext_manifest.py: %s is no symbol of the kernel" % name)


def libraries(plist):
    table = re.search(r"<key>OSBundleLibraries</key>\s*<dict>(.*?)</dict>", plist, re.S)
    return re.findall(r"<key>([^<]+)</key>", table.group(1))


def array(name, texts):
    rows = "".join('    "%s",\n' % text for text in texts)
    return "const char *const %s[] = {\n%s    0};\n" % (name, rows)


def main():
    name, plist, output, nm, *objects = sys.argv[1:]
    own = {name + "_imports", name + "_libraries", "_" + name + "_imports",
           "_" + name + "_libraries"}
    pathlib.Path(output).write_text(
        "/* SPDX-License-Identifier: BSD-2-Clause */\n"
        "extern const char *const %s_imports[], *const %s_libraries[];\n" % (name, name) +
        array(name + "_imports", sorted(set(imports(undefined(nm, objects) - own)))) +
        array(name + "_libraries", libraries(pathlib.Path(plist).read_text())))


if __name__ == "__main__":
    main()
