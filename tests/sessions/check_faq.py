#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds docs/FAQ.md to the sessions: usage: check_faq.py SOURCE

Every link to a session leads to one, every session that answers something is linked (those of commands/ are
about commands, those of quirks/ about releases, those of museum/ about failures), every answer of more than a table has a session and fits on a screen, and README leads here.
"""
import pathlib
import re
import sys

SCREEN_LINES = 24
SESSIONS = "tests/sessions"


def check(source):
    faq = source / "docs" / "FAQ.md"
    text = faq.read_text()
    linked = set()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        path = (faq.parent / target).resolve()
        if not path.is_file():
            yield "docs/FAQ.md links to %s, which is not there" % target
        linked.add(path)
    for path in sorted((source / SESSIONS).rglob("*.session")):
        if path.parent.name not in ("commands", "museum", "quirks") and path.resolve() not in linked:
            yield "docs/FAQ.md does not link %s" % path.relative_to(source)
    for part in re.split(r"^### ", text, flags=re.M)[1:]:
        part = re.split(r"^## ", part, flags=re.M)[0].strip()
        title = part.split("\n")[0]
        if part.count("\n") + 1 > SCREEN_LINES:
            yield "docs/FAQ.md: more than a screen: %s" % title
        if ".session)" not in part:
            yield "docs/FAQ.md: no session: %s" % title
    if "docs/FAQ.md" not in (source / "README.md").read_text():
        yield "README.md does not link docs/FAQ.md"


def main():
    breaches = list(check(pathlib.Path(sys.argv[1]).resolve()))
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
