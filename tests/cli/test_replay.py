#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim replay: the report adds up, a seed gives the same bytes, bad input is one line and status 2."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

TOOL = sys.argv.pop(1)
CAPTURES = pathlib.Path(sys.argv.pop(1))
ETHERNET, RAW = CAPTURES / "ethernet.pcap", CAPTURES / "raw.pcap"
NANOSECOND_MAGIC = 0xA1B23C4D
LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_LOOP, LINK_FDDI = 0, 1, 101, 108, 10


def run(*arguments):
    return subprocess.run([TOOL, "replay", *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def packets_of(path):
    """(link type, [(seconds, nanoseconds, bytes)]) of a little-endian nanosecond capture."""
    data = path.read_bytes()
    magic, link = struct.unpack_from("<I16xI", data)
    assert magic == NANOSECOND_MAGIC, hex(magic)
    packets, at = [], 24
    while at < len(data):
        seconds, nanoseconds, kept, length = struct.unpack_from("<IIII", data, at)
        assert kept == length
        packets.append((seconds, nanoseconds, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return link, packets


def capture(path, link, packets):
    data = struct.pack("<IHHiIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 65535, link)
    for seconds, nanoseconds, packet in packets:
        data += struct.pack("<IIII", seconds, nanoseconds, len(packet), len(packet)) + packet
    path.write_bytes(data)
    return path


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def report(self, *arguments):
        result = run("--json", *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return json.loads(result.stdout)

    def refuse(self, words, *arguments):
        out = self.here / "out.pcap"
        result = run(*arguments, "--out", out)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(words, result.stderr)
        self.assertEqual([p.name for p in self.here.iterdir() if p.name.startswith("out")], [])

    def check_accounts(self, report, captured):
        self.assertEqual(report["outcome"], "ok")
        self.assertEqual(report["captured"], captured)
        self.assertEqual(report["captured"], report["offered"]["packets"] + report["unfit"])
        self.assertEqual(report["offered"]["packets"],
                         report["delivered"]["packets"] + report["refused"]["packets"])
        self.assertEqual(sum(report["refused"]["errnos"].values()), report["refused"]["packets"])
        self.assertTrue(report["balances"])

    def test_tap_accounts_for_every_frame(self):
        report = self.report("--dev", "tap0", "--in", ETHERNET)
        self.check_accounts(report, 117)
        # Given an interface of MTU 1500, only the jumbo frames are refused, with EMSGSIZE.
        self.assertEqual(set(report["refused"]["errnos"]), {"40"})
        self.assertEqual(report["seen"]["in"], report["delivered"]["packets"])
        self.assertGreater(report["received"]["kinds"]["ARP"], 0)
        self.assertGreater(report["received"]["kinds"]["ICMP"], 0)
        self.assertGreater(report["received"]["kinds"]["ICMPv6"], 0)
        self.assertEqual(report["received"]["packets"], report["seen"]["out"])

    def test_tap_with_a_large_mtu_takes_the_jumbo_frame(self):
        report = self.report("--dev", "tap0", "--in", ETHERNET, "--mtu", 9000)
        self.check_accounts(report, 117)
        self.assertEqual(report["refused"]["packets"], 0)

    def test_tun_accounts_for_every_packet(self):
        report = self.report("--dev", "tun3", "--in", RAW)
        self.check_accounts(report, 75)
        self.assertEqual((report["unfit"], report["refused"]["packets"]), (0, 0))
        self.assertGreater(report["received"]["kinds"]["ICMP"], 0)

    def test_tun_takes_the_ip_packets_of_an_ethernet_capture(self):
        report = self.report("--dev", "tun0", "--in", ETHERNET)
        self.check_accounts(report, 117)
        self.assertGreater(report["unfit"], 0)  # the ARP frames

    def test_tun_takes_null_and_loop_captures(self):
        _, packets = packets_of(RAW)
        loop = [(s, n, struct.pack(">I", 2 if p[0] >> 4 == 4 else 30) + p) for s, n, p in packets]
        null = [(s, n, struct.pack("<I", 2 if p[0] >> 4 == 4 else 30) + p) for s, n, p in packets]
        plain = self.report("--dev", "tun0", "--in", RAW)
        for link, framed in ((LINK_LOOP, loop), (LINK_NULL, null)):
            path = capture(self.here / "framed.pcap", link, framed)
            report = self.report("--dev", "tun0", "--in", path)
            self.assertEqual(report["delivered"], plain["delivered"])
            self.assertEqual(report["received"], plain["received"])

    def test_the_same_seed_gives_the_same_bytes(self):
        outputs, reports = [], []
        for name in ("first", "second"):
            out = self.here / name
            report = self.report("--dev", "tap0", "--in", ETHERNET, "--seed", 7, "--out", out)
            del report["real_ns"]
            outputs.append(out.read_bytes())
            reports.append(report)
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(reports[0], reports[1])

    def test_the_output_is_what_tcpdump_would_have_seen(self):
        out = self.here / "seen.pcap"
        report = self.report("--dev", "tap0", "--in", ETHERNET, "--out", out)
        link, seen = packets_of(out)
        self.assertEqual(link, LINK_ETHERNET)
        self.assertEqual(len(seen), report["seen"]["in"] + report["seen"]["out"])
        times = [(s, n) for s, n, _ in seen]
        self.assertEqual(times, sorted(times))
        _, offered = packets_of(ETHERNET)
        bytes_seen = [p for _, _, p in seen]
        delivered = [p for _, _, p in offered if len(p) <= 1514]
        for frame in delivered:
            self.assertIn(frame, bytes_seen)

    def test_a_tun_capture_has_the_family_in_host_order(self):
        out = self.here / "seen.pcap"
        self.report("--dev", "tun0", "--in", RAW, "--out", out)
        link, seen = packets_of(out)
        self.assertEqual(link, LINK_NULL)
        for _, _, packet in seen:
            family = struct.unpack_from("<I", packet)[0]
            self.assertEqual(family, {4: 2, 6: 30}[packet[4] >> 4])

    def test_an_empty_capture_is_no_error(self):
        path = capture(self.here / "empty.pcap", LINK_ETHERNET, [])
        self.check_accounts(self.report("--dev", "tap0", "--in", path), 0)

    def test_garbage_is_refused_with_an_errno_and_counted(self):
        packets = [(1, 0, b"\x00" * 40), (1, 1, b"\xf5" + b"\x00" * 39), (1, 2, b"")]
        path = capture(self.here / "garbage.pcap", LINK_RAW, packets)
        report = self.report("--dev", "tun0", "--in", path)
        self.check_accounts(report, 3)
        self.assertEqual(report["refused"]["errnos"], {"22": 1, "47": 2})

    def test_a_file_that_is_no_capture(self):
        path = self.here / "text"
        path.write_text("this is no capture\n" * 9)
        self.refuse("not a capture", "--dev", "tap0", "--in", path)

    def test_a_capture_that_ends_inside_a_packet(self):
        path = self.here / "cut.pcap"
        path.write_bytes(ETHERNET.read_bytes()[:-7])
        self.refuse("truncated", "--dev", "tap0", "--in", path)

    def test_no_such_file(self):
        self.refuse("No such file", "--dev", "tap0", "--in", self.here / "none")

    def test_the_wrong_link_type(self):
        self.refuse("RAW", "--dev", "tap0", "--in", RAW)
        path = capture(self.here / "fddi.pcap", LINK_FDDI, [])
        self.refuse("FDDI", "--dev", "tun0", "--in", path)

    def test_no_such_device(self):
        for name in ("tap16", "tun", "tap01", "en0", "tap-1", "tap0x", ""):
            self.refuse("no such device", "--dev", name, "--in", ETHERNET)

    def test_bad_numbers(self):
        self.refuse("--seed", "--dev", "tap0", "--in", ETHERNET, "--seed", "x")
        self.refuse("--mtu", "--dev", "tap0", "--in", ETHERNET, "--mtu", "70000")

    def test_missing_arguments(self):
        self.refuse("--dev and --in", "--dev", "tap0")

    def test_an_output_that_cannot_be_written(self):
        result = run("--dev", "tap0", "--in", ETHERNET, "--out", self.here / "no" / "such.pcap")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("cannot be written", result.stderr)


if __name__ == "__main__":
    unittest.main()
