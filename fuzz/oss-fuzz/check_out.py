#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Looks whether what was built for OSS-Fuzz or ClusterFuzzLite is what they can run.

usage: check_out.py OUT

Copies OUT to where nothing is as it was when it was built, and there each fuzz target, with an empty environment, has to
run its own seeds with its own options and dictionary, as libFuzzer. Each must have an archive of seeds and options; nothing
else may lie in OUT; all libraries must be in OUT/lib or the C library's. A line for each thing that is wrong, exit status
1; else a line for each target.
"""
import configparser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ENTRANCE = b"LLVMFuzzerTestOneInput"
EVERYWHERE = re.compile(r"^(linux-vdso|ld-linux|libc|libm|libdl|librt|libpthread|libresolv|libgcc_s|libstdc\+\+)[-.]")
SECONDS = 120


def run(words, folder):
    """(exit status, all output)"""
    try:
        done = subprocess.run(words, cwd=folder, env={"PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as why:
        return 1, str(why)
    return done.returncode, done.stdout.decode(errors="replace")


def last_line(output):
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def libraries_missing(target):
    """Names that the loader does not find in OUT/lib, or finds elsewhere."""
    _, output = run(["ldd", str(target)], target.parent)
    for line in output.splitlines():
        words = line.split()
        if not words or EVERYWHERE.match(pathlib.Path(words[0]).name):
            continue
        place = words[2] if len(words) > 2 else ""
        if not place.startswith(str(target.parent / "lib")):
            yield f"{words[0]} is not in lib"


def options_of(path):
    """libFuzzer's words; raises ValueError."""
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text())
        return [f"-{key}={value}" for key, value in parser["libfuzzer"].items()]
    except (configparser.Error, KeyError) as why:
        raise ValueError(f"{path.name}: no section [libfuzzer] of words and values ({why})") from why


def seeds_unpacked(archive, folder):
    """How many; raises ValueError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
            return len(opened.namelist())
    except zipfile.BadZipFile as why:
        raise ValueError(f"{archive.name}: {why}") from why


def target_wrongs(out, target):
    """What is wrong with one target; the last thing is how it ran."""
    yield from libraries_missing(target)
    words = [str(target), "-runs=0"]
    archive, options = out / f"{target.name}_seed_corpus.zip", out / f"{target.name}.options"
    dictionary = out / f"{target.name}.dict"
    if not options.exists():
        yield "no options"
        return
    if not archive.exists():
        yield "no seeds"
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            words += options_of(options)
            if seeds_unpacked(archive, folder) == 0:
                yield "no seed in the archive"
        except ValueError as why:
            yield str(why)
            return
        if dictionary.exists():
            words.append(f"-dict={dictionary}")
        status, output = run([*words, folder], folder)
        if status != 0:
            yield f"its seeds end it with {status}: {last_line(output)}"
        elif dictionary.exists() and "Dictionary: " not in output:
            yield "its dictionary has no words"


def foreign(out, targets):
    known = {name + suffix for name in targets for suffix in ("", ".dict", ".options", "_seed_corpus.zip")} | {"lib"}
    return sorted(path.name for path in out.iterdir() if path.name not in known)


def main(built):
    status = 0
    with tempfile.TemporaryDirectory() as elsewhere:
        out = pathlib.Path(elsewhere, "out").resolve()
        shutil.copytree(built, out)
        targets = sorted(path.name for path in out.iterdir()
                         if path.is_file() and path.stat().st_mode & 0o111 and ENTRANCE in path.read_bytes())
        wrong = [f"{name}: belongs to no target that can be run" for name in foreign(out, targets)]
        wrong += [] if targets else ["no fuzz target"]
        for line in wrong:
            print(line)
            status = 1
        for name in targets:
            wrongs = list(target_wrongs(out, out / name))
            for line in wrongs:
                print(f"{name}: {line}")
                status = 1
            if not wrongs:
                print(f"{name}: good")
    return status


if __name__ == "__main__":
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        sys.stderr.write("usage: check_out.py OUT\n")
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
