#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds that both kexts link on every macOS and processor that we claim, and writes docs/RELEASES.md, the table of it, and
the short form of that table in README.md.

usage: claims.py [--check | --imports] ROOT KEXTS

ROOT is the source tree, KEXTS the folder that the build makes (cmake/MachoKext.cmake). Every undefined symbol of the
objects must be exported, on that release and processor, by a library that the kext's Info.plist declares. What is not
is listed, one a line. With --check the table must be there already, word for word; with --imports it is left alone (another
compiler may take other symbols), and so is arm64e where it was not built.

Exit status: 0 all links (and the table is right), 1 not, 2 something cannot be read.
"""
import argparse
import pathlib
import plistlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from macho_object import MachoError, MachoObject  # noqa: E402

NAMES = {10: "Mac OS X 10.6", 11: "OS X 10.7", 12: "OS X 10.8", 13: "OS X 10.9", 14: "OS X 10.10",
         15: "OS X 10.11", 16: "macOS 10.12", 17: "macOS 10.13", 18: "macOS 10.14", 19: "macOS 10.15",
         20: "macOS 11", 21: "macOS 12", 22: "macOS 13", 23: "macOS 14", 24: "macOS 15"}
CLAIMED = {"x86_64": range(10, 25), "arm64e": range(20, 25)}
EXPORTS = {"x86_64": "sim/kernel/exports.tsv", "arm64e": "kext_glue/bundle/exports-arm64.tsv"}
OBJECTS = {"x86_64": "object/%s.kext/Contents/MacOS/%s", "arm64e": "arm64e/%s.o"}
KEXTS = ("tun", "tap")

HEAD = """\
<!-- SPDX-License-Identifier: BSD-2-Clause -->
# Which macOS the kexts link on

Made by `kext_glue/bundle/claims.py` out of the objects that the build makes, their Info.plist, and what each kernel exports
(`sim/kernel/exports.tsv`, `kext_glue/bundle/exports-arm64.tsv`: config/*.exports of the XNU tags). A test compares. A figure
is how many symbols the kext takes from the kernel: all of them are exported by the libraries that it declares.

| release | Darwin | tun, Intel | tap, Intel | tun, Apple silicon | tap, Apple silicon |
|---|---|---|---|---|---|
"""
TAIL = """
Intel code is compiled for macOS %s and later (`-DTUNTAP_MACOS_TARGET=`); nothing in the bundle asks for more than 10.6 has. Code
for Apple silicon is for macOS 11 and later.

Taken from the kernel:

%s
"""

SUMMARY_HEAD = """\
| macOS | Intel | Apple silicon |
|---|---|---|
"""
SUMMARY_BEGIN = "<!-- claims.py: begin -->\n"
SUMMARY_END = "<!-- claims.py: end -->\n"


def with_summary(text, summary):
    """README.md with the table between its two marks; None: the marks are not there."""
    before, begin, rest = text.partition(SUMMARY_BEGIN)
    _, end, after = rest.partition(SUMMARY_END)
    return before + begin + summary + end + after if begin and end else None


def read_exports(path):
    """symbol -> {component -> set of releases}."""
    exports = {}
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        symbol, component, ranges = line.split("\t")
        releases = exports.setdefault(symbol, {}).setdefault("com.apple.kpi." + component, set())
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            releases.update(range(int(first), int(last or first) + 1))
    return exports


def imports_of(path):
    return sorted({s.name[1:] for s in MachoObject(path.read_bytes()).symbols if s and s.undefined})


def missing(symbols, libraries, exports, release):
    return [symbol for symbol in symbols
            if not any(release in exports.get(symbol, {}).get(library, ()) for library in libraries)]


class Claims:
    def __init__(self, root, kexts, architectures):
        self.failures, self.cells, self.symbols = [], {}, {}
        for architecture in architectures:
            pattern = OBJECTS[architecture]
            exports = read_exports(root / EXPORTS[architecture])
            for kext in KEXTS:
                path = kexts / (pattern.replace("%s", kext))
                plist = plistlib.loads((kexts / ("%s.kext/Contents/Info.plist" % kext)).read_bytes())
                symbols = imports_of(path)
                for symbol in symbols:
                    self.symbols.setdefault(symbol, set()).add(kext)
                for release in CLAIMED[architecture]:
                    self.claim(architecture, kext, release,
                               missing(symbols, plist["OSBundleLibraries"], exports, release), len(symbols))

    def claim(self, architecture, kext, release, lacking, count):
        self.failures += ["%s on %s, %s: _%s is not exported" % (kext, NAMES[release], architecture, symbol)
                          for symbol in lacking]
        self.cells[architecture, kext, release] = "%d of %d" % (count - len(lacking), count) if lacking else str(count)

    def table(self, target):
        text = HEAD
        for release, name in NAMES.items():
            cells = [self.cells.get((architecture, kext, release), "-") for architecture in OBJECTS for kext in KEXTS]
            text += "| %s | %d | %s |\n" % (name, release, " | ".join(cells))
        rows = ["* %s" % ", ".join("`%s`" % s for s in group) for group in self.groups()]
        return text + TAIL % (target, "\n".join(rows))

    def summary(self):
        """The table of README.md: releases of which the same is true in one row."""
        rows = []
        for release, name in NAMES.items():
            links = tuple(self.links(architecture, release) for architecture in OBJECTS)
            if rows and rows[-1][2] == links:
                rows[-1][1] = name
            else:
                rows.append([name, name, links])
        return SUMMARY_HEAD + "".join(
            "| %s | %s |\n" % (first if first == last else "%s to %s" % (first, last), " | ".join(links))
            for first, last, links in rows)

    def links(self, architecture, release):
        cells = [self.cells.get((architecture, kext, release), "-") for kext in KEXTS]
        if cells == ["-", "-"]:
            return "-"
        return "links" if all(cell.isdigit() for cell in cells) else "does not link"

    def groups(self):
        """The symbols of one letter in one row."""
        rows = {}
        for symbol in sorted(self.symbols):
            rows.setdefault(symbol.lstrip("_")[0].lower(), []).append(symbol)
        return [rows[letter] for letter in sorted(rows)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--imports", action="store_true")
    parser.add_argument("--target", default="10.13")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("kexts", type=pathlib.Path)
    arguments = parser.parse_args()
    built = [a for a in OBJECTS if not arguments.imports or (arguments.kexts / (OBJECTS[a].replace("%s", "tun"))).exists()]
    try:
        claims = Claims(arguments.root, arguments.kexts, built)
    except (OSError, MachoError, KeyError, ValueError) as error:
        print("claims.py: %s" % error, file=sys.stderr)
        return 2
    for failure in claims.failures:
        print(failure)
    if arguments.imports:
        return 1 if claims.failures else 0
    readme = arguments.root / "README.md"
    pages = {arguments.root / "docs/RELEASES.md": claims.table(arguments.target),
             readme: with_summary(readme.read_text(), claims.summary())}
    if pages[readme] is None:
        print("claims.py: %s: the marks of the table are not there" % readme, file=sys.stderr)
        return 2
    for page, text in pages.items():
        if not arguments.check:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            print("%s does not say what is true now; make it with kext_glue/bundle/claims.py . %s" %
                  (page.relative_to(arguments.root), arguments.kexts))
            return 1
    return 1 if claims.failures else 0


if __name__ == "__main__":
    sys.exit(main())
