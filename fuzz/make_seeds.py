#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the seeds of the fuzz targets: fuzz/corpus/NAME/seed-* from fuzz/seeds/NAME.py.

usage: fuzz/make_seeds.py [--check] [NAME...]

  --check   write nothing; exit status 1 and a line for each seed that is missing, old or nobody's

Each fuzz/seeds/NAME.py has a function seeds(root) which returns {name: bytes}; the same source gives the same
bytes. What a fuzzer found lies beside the seeds under the names of its digest and is left alone.
"""
import argparse
import importlib.util
import pathlib
import sys

FUZZ = pathlib.Path(__file__).resolve().parent


def made(name):
    """{file name: bytes} of one target."""
    path = FUZZ / "seeds" / f"{name}.py"
    if not path.exists():
        sys.exit(f"make_seeds: {name}: there is no fuzz/seeds/{name}.py")
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return {f"seed-{key}": content for key, content in module.seeds(FUZZ.parent).items()}


def found(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("seed-*"))}


def differences(name, wanted, present):
    for key in sorted(wanted.keys() | present.keys()):
        if key not in wanted:
            yield f"fuzz/corpus/{name}/{key}: fuzz/seeds/{name}.py does not make it"
        elif key not in present:
            yield f"fuzz/corpus/{name}/{key}: not there; run fuzz/make_seeds.py"
        elif wanted[key] != present[key]:
            yield f"fuzz/corpus/{name}/{key}: old; run fuzz/make_seeds.py"


def write(folder, wanted, present):
    folder.mkdir(parents=True, exist_ok=True)
    for key in present.keys() - wanted.keys():
        (folder / key).unlink()
    for key, content in wanted.items():
        if present.get(key) != content:
            (folder / key).write_bytes(content)


def main():
    parser = argparse.ArgumentParser(usage="fuzz/make_seeds.py [--check] [NAME...]")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(FUZZ / "seeds"))
    names = options.names or sorted(path.stem for path in (FUZZ / "seeds").glob("*.py") if path.stem[0] != "_")
    status = 0
    for name in names:
        folder = FUZZ / "corpus" / name
        wanted, present = made(name), found(folder)
        if not options.check:
            write(folder, wanted, present)
            print(f"{name}: {len(wanted)} seeds")
            continue
        for line in differences(name, wanted, present):
            print(line)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
