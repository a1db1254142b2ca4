#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the kernel headers in sim/kernel/include with recorded facts about Apple's.

The facts are the .tsv files beside this script (README.md says where they come from). Every row
becomes one assertion in a generated C file, which the project's compiler then judges; a row that
does not hold is named. The other direction is checked on the preprocessed headers: whatever they
declare must have a row, or a reason in unlisted.tsv.

    check_abi.py [options] headers         every row holds, nothing is declared without a row
    check_abi.py [options] self-contained  every header compiles alone, with warnings as errors
    check_abi.py [options] drift           planted mistakes are found, exactly those

Exit status 0 when the check passes, 1 when it does not, 2 when it could not be made.
"""

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BASE_TYPES = {
    "void": ["void"], "bool": ["_Bool"], "char": ["char"], "va_list": ["va_list"],
    "i8": ["signed char"], "u8": ["unsigned char"],
    "i16": ["short"], "u16": ["unsigned short"], "i32": ["int"], "u32": ["unsigned int"],
    # The facts do not tell the two 64-bit integers of LP64 apart.
    "i64": ["long", "long long"], "u64": ["unsigned long", "unsigned long long"],
}


# --- the facts -----------------------------------------------------------------------------------

def read_rows(name, directory=HERE):
    """The rows of one .tsv as dictionaries; its first line names the columns."""
    with open(os.path.join(directory, name + ".tsv"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("## ")]
    columns = lines[0].lstrip("# ").split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines[1:]]


def split_top(text, separator):
    """Split at separators that are not inside parentheses."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(separator, index):
            parts.append(text[start:index])
            start = index + len(separator)
    return parts + [text[start:]]


def spell(fact, inner=""):
    """Every C spelling of a type fact around the declarator `inner`."""
    for qualifier in ("const ", "volatile "):
        if fact.startswith(qualifier):
            rest = fact[len(qualifier):]
            if rest.startswith("ptr("):
                return spell(rest, qualifier + inner)
            return [qualifier + text for text in spell(rest, inner)]
    if fact.startswith("ptr("):
        target = fact[4:-1]
        wrapped = "*" + inner
        if target.startswith(("fn(", "arr(")):
            wrapped = "(" + wrapped + ")"
        return spell(target, wrapped)
    if fact.startswith("arr("):
        count, element = split_top(fact[4:-1], ", ")
        return spell(element, "%s[%s]" % (inner, "" if count == "?" else count))
    if fact.startswith("fn("):
        head, result = split_top(fact, " -> ")
        parameters = [spell(part) if part != "..." else ["..."]
                      for part in split_top(head[3:-1], ", ")]
        return [text for chosen in itertools.product(*parameters)
                for text in spell(result, "%s(%s)" % (inner, ", ".join(chosen)))]
    if fact.startswith("typedef "):
        return ["%s %s" % (fact[8:], inner)]
    if fact.startswith(("struct ", "union ")):
        return ["%s %s" % (fact, inner)]
    return ["%s %s" % (base, inner) for base in BASE_TYPES[fact]]


def same_type(expression, fact):
    """C condition: the type of `expression` is the fact's, up to long and long long."""
    return " || ".join("__builtin_types_compatible_p(__typeof__(%s), %s)" % (expression, text)
                       for text in spell(fact))


# --- assertions ----------------------------------------------------------------------------------

def function_assertions(facts):
    for row in facts["functions"]:
        yield "functions.tsv/" + row["name"], same_type(row["name"], row["type"])


def typedef_assertions(facts):
    for row in facts["typedefs"]:
        yield ("typedefs.tsv/" + row["name"],
               same_type("*(%s *)0" % row["name"], row["type"]))


def layout_assertions(facts):
    for row in facts["layouts"]:
        record, field, kind = row["record"], row["field"], row["type"]
        place = "layouts.tsv/%s.%s" % (record.replace(" ", "_"), field)
        if field == ".":
            yield place, "sizeof(%s) * 8 == %s && _Alignof(%s) * 8 == %s" % (
                record, row["size_bits"], record, row["align_bits"])
            continue
        if kind.startswith("bits("):
            continue
        member = "((%s *)0)->%s" % (record, field)
        condition = "__builtin_offsetof(%s, %s) * 8 == %s && sizeof(%s) * 8 == %s" % (
            record, field, row["offset_bits"], member, row["size_bits"])
        if "anon" not in kind:
            condition += " && (%s)" % same_type(member, kind)
        yield place, condition


def constant_assertions(facts):
    for row in facts["constants"]:
        name, value, ctype = row["name"], row["value"], row["ctype"]
        expected = value + ("ULL" if ctype == "u64" else "LL")
        if value.startswith("-"):  # the lowest integer has no literal
            expected = "%dLL - 1" % (int(value) + 1)
        condition = "(%s) == (%s)" % (name, expected)
        if ctype != "-":
            condition += " && (%s)" % same_type(name, ctype)
        yield "constants.tsv/" + name, condition


def bit_field_rows(facts):
    return [row for row in facts["layouts"] if row["type"].startswith("bits(")]


def bit_field_main(facts):
    """A program that sets each bit-field to all ones and looks at the record's memory."""
    yield "int main(void)\n{"
    for number, row in enumerate(bit_field_rows(facts), 1):
        first = int(row["offset_bits"])
        last = first + int(row["size_bits"])
        yield "    { static union { %s r; unsigned char b[sizeof(%s)]; } u;" % (
            row["record"], row["record"])
        yield "      u.r.%s = %d; for (unsigned i = 0; i < sizeof u.b * 8; i++)" % (
            row["field"], (1 << (last - first)) - 1)
        yield "      if (((u.b[i / 8] >> i %% 8) & 1u) != (i >= %d && i < %d)) return %d; }" % (
            first, last, number)
    yield "    return 0;\n}"


def opaque_tags(facts):
    """All struct tags that type facts name, to be declared before a prototype mentions them."""
    types = [row["type"] for kind in ("functions", "typedefs", "layouts") for row in facts[kind]]
    return sorted(set(re.findall(r"\b((?:struct|union) \w+)", "; ".join(types))))


def assertion_source(facts, headers):
    lines = ["#include <sys/types.h>"]
    lines += ["#include <%s>" % header for header in headers]
    lines += [tag + ";" for tag in opaque_tags(facts)]
    count = 0
    for producer in (function_assertions, typedef_assertions, layout_assertions,
                     constant_assertions):
        for place, condition in producer(facts):
            lines.append('#line 1 "%s"' % place)
            lines.append('_Static_assert(%s, "differs");' % condition)
            count += 1
    lines.append('#line 1 "bit-fields"')
    lines += bit_field_main(facts)
    return "\n".join(lines) + "\n", count + len(bit_field_rows(facts))


# --- the compiler --------------------------------------------------------------------------------

def header_list(include):
    found = []
    for folder, _, files in os.walk(include):
        found += [os.path.relpath(os.path.join(folder, name), include)
                  for name in files if name.endswith(".h")]
    return sorted(found)


def base_command(options, include):
    return ([options.compiler] + options.flag +
            ["-nostdinc", "-std=gnu11", "-DKERNEL", "-fno-builtin", "-I", include])


def run(command, source=None):
    result = subprocess.run(command, input=source, text=True, capture_output=True, check=False)
    return result.returncode, result.stdout, result.stderr


def failing_rows(options, include, facts):
    """Names of the rows that do not hold. Natively the bit-fields are tried by running."""
    headers = header_list(include)
    source, count = assertion_source(facts, headers)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "assert.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        program = os.path.join(folder, "assert")
        limit = ["-ferror-limit=0"] if "clang" in compiler_kind(options) else []
        output = ["-fsyntax-only"] if options.syntax_only else ["-o", program]
        status, _, errors = run(base_command(options, include) + limit + output + [path])
        rows = re.findall(r"^([^\s:]+):\d+(?::\d+)?: (?:fatal )?error:", errors, re.M)
        if status != 0 and not rows:
            raise SystemExit("check_abi: the compiler failed:\n" + errors)
        if status == 0 and not options.syntax_only:
            bad, _, _ = run([program])
            if bad != 0:
                row = bit_field_rows(facts)[bad - 1]
                rows.append("layouts.tsv/%s.%s" % (row["record"].replace(" ", "_"), row["field"]))
    return sorted(set(rows)), count


def compiler_kind(options):
    return run([options.compiler, "--version"])[1]


# --- what the headers declare --------------------------------------------------------------------

def statements(text):
    """Declarations at the outermost level, with the bodies of records kept."""
    depth, start, out = 0, 0, []
    for index, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 and letter == ";":
            out.append(" ".join(text[start:index].split()))
            start = index + 1
        elif depth == 0 and letter == "}" and re.match(
                r"\s*static ", text[start:index]):
            start = index + 1
    return [text for text in out if text]


def preprocess(options, include, extra):
    source = "#include <sys/types.h>\n" + "".join(
        "#include <%s>\n" % name for name in header_list(include))
    status, text, errors = run(base_command(options, include) + extra + ["-E", "-xc", "-"], source)
    if status != 0:
        raise SystemExit("check_abi: the headers do not preprocess:\n" + errors)
    return text


def declared_name(text):
    """The name a typedef makes."""
    pointer = re.search(r"\(\*\s*(\w+)\)\s*\(", text)
    if pointer:
        return pointer.group(1)
    text = re.sub(r"\{.*\}", "", text)
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)\s*$", "", text).strip()
    function = re.match(r".*?(\w+)\s*\(.*\)$", text)
    if function:
        return function.group(1)
    return re.sub(r"\[.*\]$", "", text).split()[-1].lstrip("*")


def inventory(options, include):
    """What the headers declare: {kind: set of names}, and functions without KPI_SYMBOL."""
    text = preprocess(options, include, ["-P"])
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    found = {"functions": set(), "records": set(), "typedefs": set(), "constants": set()}
    unlabelled = set()
    for item in statements(text):
        record = re.match(r"(?:typedef )?((?:struct|union) \w+) \{", item)
        if record:
            found["records"].add(record.group(1))
        enumeration = re.match(r"enum(?: \w+)? \{(.*)\}", item)
        if enumeration:
            found["constants"].update(re.findall(r"(\w+)(?: *=[^,]*)?(?:,|$)",
                                                 enumeration.group(1).strip()))
        elif item.startswith("typedef "):
            found["typedefs"].add(declared_name(item))
        elif "(" in item and not record and not item.startswith("static "):
            name = re.search(r"(\w+)\s*\(", item).group(1)
            found["functions"].add(name)
            if not re.search(r'__asm__\s*\([^)]*"kpi_" "%s"' % name, item):
                unlabelled.add(name)
    builtin = {line.split()[1].split("(")[0] for line in
               run(base_command(options, include) + ["-dM", "-E", "-xc", "-"], "")[1].splitlines()}
    for line in preprocess(options, include, ["-dM"]).splitlines():
        match = re.match(r"#define (\w+)(\(?)", line)
        if match and not match.group(2) and match.group(1) not in builtin:
            found["constants"].add(match.group(1))
    return found, unlabelled


def undocumented(options, include, facts):
    """Declarations that have neither a row nor a reason."""
    found, unlabelled = inventory(options, include)
    known = {
        "functions": {row["name"] for row in facts["functions"]},
        "records": {row["record"] for row in facts["layouts"]},
        "typedefs": {row["name"] for row in facts["typedefs"]},
        "constants": {row["name"] for row in facts["constants"]},
    }
    reasons = [(row["kind"], re.compile(row["pattern"] + r"\Z")) for row in facts["unlisted"]]
    problems = ["function without KPI_SYMBOL: " + name for name in sorted(unlabelled)]
    for kind, names in found.items():
        for name in sorted(names - known[kind]):
            if not any(k == kind and pattern.match(name) for k, pattern in reasons):
                problems.append("no row in %s for %s" % (kind, name))
    return problems, {kind: len(names) for kind, names in found.items()}


# --- the checks ----------------------------------------------------------------------------------

def check_headers(options, facts):
    rows, count = failing_rows(options, options.include, facts)
    problems = ["differs from Apple's: " + row for row in rows]
    sizes = {}
    if not options.syntax_only:
        missing, sizes = undocumented(options, options.include, facts)
        problems += missing
    for problem in problems:
        print(problem)
    print("%d rows asserted (%s), %d problems; declared: %s" % (
        count, ", ".join("%s %d" % (kind, len(facts[kind])) for kind in
                         ("functions", "typedefs", "layouts", "constants")),
        len(problems), sizes or "not listed"))
    return not problems


def check_self_contained(options, _facts):
    failed = 0
    headers = header_list(options.include)
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wstrict-prototypes", "-fsyntax-only", "-xc", "-"]
    for header in headers:
        source = "#include <%s>\n#include <%s>\n" % (header, header)
        status, _, errors = run(base_command(options, options.include) + warnings, source)
        if status != 0:
            failed += 1
            print("%s does not compile alone:\n%s" % (header, errors))
    print("%d headers, %d do not compile alone" % (len(headers), failed))
    return failed == 0


def plant(include, header, old, new):
    path = os.path.join(include, header)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(old) != 1:
        raise SystemExit("check_abi: cannot plant in %s: '%s' is there %d times" %
                         (header, old, text.count(old)))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


def check_drift(options, facts):
    """Mistakes of each kind in a copy of the headers; the report must name these and no others."""
    wanted_rows = {
        "functions.tsv/ifnet_attach", "layouts.tsv/struct_ip.ip_off", "constants.tsv/IFNAMSIZ",
    }
    wanted_problems = {
        "no row in functions for ifnet_start", "no row in constants for IFF_INVENTED",
        "function without KPI_SYMBOL: ifnet_dequeue", "no row in functions for ifnet_dequeue",
    }
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "include")
        shutil.copytree(options.include, copy)
        plant(copy, "net/kpi_interface.h",
              "ifnet_attach(ifnet_t interface, const struct sockaddr_dl *",
              "ifnet_attach(ifnet_t interface, const struct sockaddr *")
        plant(copy, "netinet/ip.h", "u_short ip_off;", "short ip_off;")
        plant(copy, "net/if_var.h", "#define IFNAMSIZ  16", "#define IFNAMSIZ  15")
        rows, _ = failing_rows(options, copy, facts)
        plant(copy, "net/kpi_protocol.h", "__END_DECLS",
              "errno_t ifnet_start(ifnet_t interface) KPI_SYMBOL(ifnet_start);\n"
              "errno_t ifnet_dequeue(ifnet_t interface);\n"
              "#define IFF_INVENTED 0x10000\n__END_DECLS")
        problems, _ = undocumented(options, copy, facts)
    bit_rows = planted_bit_field(options, facts)
    good = (set(rows) == wanted_rows and set(problems) == wanted_problems and
            bit_rows == ["layouts.tsv/struct_ip.ip_hl"])
    print("reported: %s" % sorted(set(rows) | set(problems) | set(bit_rows)))
    return good


def planted_bit_field(options, facts):
    """Swapped bit-fields, which only running the program can see."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "include")
        shutil.copytree(options.include, copy)
        plant(copy, "netinet/ip.h", "u_int ip_hl : 4; /* header length in 32-bit words */\n"
              "    u_int ip_v : 4;", "u_int ip_v : 4;\n    u_int ip_hl : 4;")
        return failing_rows(options, copy, facts)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("check", choices=("headers", "self-contained", "drift"))
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--include", required=True, help="the folder of the headers")
    parser.add_argument("--flag", action="append", default=[], help="one more compiler flag")
    parser.add_argument("--syntax-only", action="store_true",
                        help="for another target: compile only, and do not list declarations")
    options = parser.parse_args()
    facts = {name: read_rows(name)
             for name in ("functions", "typedefs", "layouts", "constants", "unlisted")}
    check = {"headers": check_headers, "self-contained": check_self_contained,
             "drift": check_drift}[options.check]
    return 0 if check(options, facts) else 1


if __name__ == "__main__":
    sys.exit(main())
