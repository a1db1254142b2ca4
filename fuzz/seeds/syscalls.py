# SPDX-License-Identifier: BSD-2-Clause
"""Each workload of explore, on tun and tap, as program_bytes.h has it; with what one process has opened before or not."""
import re

MTUS = [1400, 72, 576, 1500, 9000, 65535]
TIMES_MS = [0, 1, 10, 50, 100, 200, 1000, 3000]
BEFORE = {"NULL": 0, "loaded": 1, "opened": 2, "running": 3}
STEPS_MAX = 24
# A switch at the tenth choice and another one later, and what fails: the benign run alone says little of schedules.
TAPES = {"": b"", "-switched": bytes([10, 0, 40, 4]), "-faults": bytes([4, 2, 30, 6])}


def acts_of(source):
    return re.findall(r"X\((\w+)\)", source[source.index("define PROGRAM_ACTS(X)"):source.index("enum program_act {")])


def nearest(table, value):
    return min(range(len(table)), key=lambda index: abs(table[index] - value))


def argument(act, value):
    if act == "MTU":
        return nearest(MTUS, value)
    if act in ("WAIT", "FORK"):
        return nearest(TIMES_MS, value)
    return value - 1 if act == "SEND" else value


def steps_of(source):
    """{array: [(act, argument)]}"""
    arrays = {}
    for name, body in re.findall(r"static steps (\w+) = \{(.*?)\};", source, re.S):
        steps = re.findall(r"(?:ACT|GOOD|FAILS|ACT_WITH)\((\w+)(?:, (\w+))?\)", body)
        arrays[name] = [(act, int(value) if value.isdigit() else 0) for act, value in steps]
    return arrays


def shapes_of(source):
    """[(name, tun only, first darwin, forks, before, [(process, steps)])]"""
    table = source[source.index("const struct workload_shape workload_shapes[]"):]
    for entry in re.split(r"\n    \{\.name", table)[1:]:
        name = re.match(r' = "([\w-]+)"', entry)[1]
        before = re.search(r"\.before = (\w+)", entry)[1]
        threads = re.findall(r'\{"\w+", (\d), (\w+)\}', entry)
        yield name, "tun_only" in entry, ".forks = true" in entry, before, threads


def program(acts, head, threads, tape):
    steps = b"".join(bytes([(acts.index(act)) << 2 | number, argument(act, value)])
                     for number, (_, thread) in enumerate(threads) for act, value in thread)
    count = len(steps) // 2
    assert count <= STEPS_MAX
    processes = sum(int(process) << 2 * number for number, (process, _) in enumerate(threads))
    return bytes([head, processes, count]) + steps + tape


def seeds(root):
    acts = acts_of((root / "fuzz/program_bytes.h").read_text())
    source = (root / "sim/userland/workload_shapes.c").read_text()
    arrays = steps_of(source)
    made = {}
    for name, tun_only, forks, before, threads in shapes_of(source):
        # What a program has no act for, explore alone does.
        if before not in BEFORE or any(act not in acts for _, steps in threads for act, _ in arrays[steps]):
            continue
        for tap in range(1 if tun_only else 2):
            for suffix, tape in TAPES.items():
                head = tap | BEFORE[before] << 2 | forks << 4
                made[f"{'tap' if tap else 'tun'}-{name}{suffix}"] = program(
                    acts, head, [(process, arrays[steps]) for process, steps in threads], tape)
    # What no workload does.
    made["tun-child"] = program(acts, 3 << 2, [(0, [("FORK", 50), ("READ", 0), ("DUP", 0), ("CLOSE", 0), ("CLOSE", 0)]),
                                               (1, [("OPEN", 0), ("CLOSE", 0)]), (2, [("SEND", 2)])], b"")
    made["tap-killed"] = program(acts, 1 | 3 << 2, [(0, [("READ", 0)]), (0, [("SELECT_READ", 0), ("WRITE", 0)]),
                                                    (2, [("WAIT", 10), ("KILL", 0), ("SEND", 1)])], b"")
    return made
