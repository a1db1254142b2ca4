#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Puts inputs into the archive of a target's seeds, the same bytes for the same inputs.

usage: zip_inputs.py ARCHIVE FILE...

Members are called FOLDER-NAME (corpus and regressions may have the same names); their times are those of no file.
"""
import pathlib
import sys
import zipfile


def main(archive, *paths):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in map(pathlib.Path, paths):
            member = zipfile.ZipInfo(f"{path.parent.parent.name}-{path.name}")
            member.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(member, path.read_bytes())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: zip_inputs.py ARCHIVE FILE...")
    main(*sys.argv[1:])
