#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tuntapsim attach: real programs of this host talk to the emulated Mac through the driver.

Everything happens in a network namespace of its own. Status 77 (skipped) where namespaces or
/dev/net/tun cannot be had.
"""
import collections
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

TOOL = sys.argv.pop(1)
SKIPPED = 77
SPACE = "tuntapsim-attach-%d" % os.getpid()
MAC4, HOST4, MAC6, HOST6 = "10.9.0.1", "10.9.0.2", "fd09::1", "fd09::2"


def inside(*command):
    return ["ip", "netns", "exec", SPACE, *command]


def do(*command):
    return subprocess.run(inside(*command), capture_output=True, text=True, check=False)


def cannot():
    missing = [name for name in ("ip", "ping", "arping", "tcpdump") if shutil.which(name) is None]
    if missing:
        return "not installed: " + " ".join(missing)
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        return "needs root and /dev/net/tun"
    made = subprocess.run(["ip", "netns", "add", SPACE], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return "no network namespaces here: " + made.stderr.strip()
    probe = do(TOOL, "attach", "--dev", "tap0", "--host-tap", "a-name-that-is-too-long")
    return None if probe.returncode == 2 else "cannot run in a namespace"


def frames_of(path):
    """The packets of a little-endian capture, whatever its clock."""
    data = path.read_bytes()
    frames, at = [], 24
    while at < len(data):
        kept = struct.unpack_from("<8xI", data, at)[0]
        frames.append(data[at + 16:at + 16 + kept])
        at += 16 + kept
    return frames


class Attached:
    """An emulated Mac on an interface of the namespace, captured on both sides."""

    def __init__(self, device, folder, *options):
        self.host = "tt0"
        self.mac_capture, self.host_capture = folder / "mac.pcap", folder / "host.pcap"
        self.tool = subprocess.Popen(
            inside(TOOL, "attach", "--dev", device, "--host-tap", self.host,
                   "--out", str(self.mac_capture), *options),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready = self.tool.stdout.readline()
        do("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        do("ip", "link", "set", self.host, "up")
        self.tcpdump = subprocess.Popen(
            inside("tcpdump", "-i", self.host, "-s", "0", "--immediate-mode", "-U", "-w", str(self.host_capture)),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.tcpdump.stderr.readline()  # "listening on": the capture has begun

    def address(self, *arguments):
        do("ip", "addr", "add", *arguments, "dev", self.host)

    def end(self):
        time.sleep(0.3)
        self.tcpdump.send_signal(signal.SIGINT)
        self.tcpdump.communicate()
        self.tool.send_signal(signal.SIGINT)
        out, err = self.tool.communicate(timeout=30)
        return self.tool.returncode, self.ready + out, err


class Attach(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def answered(self, *command):
        result = do(*command)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def ends_well(self, attached):
        status, out, err = attached.end()
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn("0 refused", out)

    def test_ping_and_arping_of_this_host_are_answered_by_the_mac(self):
        attached = Attached("tap0", self.here)
        attached.address(HOST4 + "/24")
        attached.address(HOST6 + "/64", "nodad")
        self.answered("arping", "-c", "2", "-I", attached.host, MAC4)
        self.answered("ping", "-c", "3", "-i", "0.1", MAC4)
        self.answered("ping", "-c", "1", "-s", "4000", MAC4)
        self.answered("ping", "-6", "-c", "2", "-i", "0.1", MAC6)
        self.assertNotEqual(do("ping", "-c", "1", "-W", "1", "10.9.0.77").returncode, 0)
        self.ends_well(attached)

        # Both sides saw the same frames, as often, from when the host's side began to listen.
        mac = collections.Counter(frames_of(attached.mac_capture))
        host = collections.Counter(frames_of(attached.host_capture))
        self.assertGreater(sum(host.values()), 20)
        self.assertEqual(host - mac, collections.Counter())
        echoes = [frame for frame in mac.elements() if frame[12:14] == b"\x08\x00" and frame[23] == 1]
        self.assertEqual(sorted(echoes), sorted(frame for frame in host.elements()
                                                if frame[12:14] == b"\x08\x00" and frame[23] == 1))

    def test_a_tun_is_joined_with_a_tun(self):
        attached = Attached("tun0", self.here, "--peer", HOST4)
        attached.address(HOST4, "peer", MAC4)
        self.answered("ping", "-c", "2", "-i", "0.1", MAC4)
        self.ends_well(attached)
        sent = [frame[4:] for frame in frames_of(attached.mac_capture)
                if frame[4] >> 4 == 4 and frame[13] == 1]
        seen = [frame for frame in frames_of(attached.host_capture)
                if frame[0] >> 4 == 4 and frame[9] == 1]
        self.assertEqual(sent, seen)
        self.assertEqual(len(seen), 4)


class BadInput(unittest.TestCase):
    def refused(self, words, *arguments):
        result = do(TOOL, "attach", *arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn(words, result.stderr)

    def test_each_is_one_line_and_status_2(self):
        good = ("--dev", "tap0", "--host-tap", "tt0")
        self.refused("--dev and --host-tap are needed", "--dev", "tap0")
        self.refused("--dev and --host-tap are needed", *good, "more")
        self.refused("no such device", "--dev", "tap16", "--host-tap", "tt0")
        self.refused("not a name of an interface", "--dev", "tap0", "--host-tap", "sixteen-bytes-xx")
        self.refused("--address: not understood", *good, "--address", "10.9.0.1")
        self.refused("--address: not understood", *good, "--address", "10.9.0.1/33")
        self.refused("--address6: not understood", *good, "--address6", "10.9.0.1/24")
        self.refused("--mtu: not understood", *good, "--mtu", "71")
        self.refused("no such release", *good, "--kernel", "darwin9")
        self.refused("No such file or directory", *good, "--out", "/nowhere/out.pcap")


if __name__ == "__main__":
    reason = cannot()
    if reason is not None:
        print("skipped:", reason)
        sys.exit(SKIPPED)
    try:
        unittest.main()
    finally:
        subprocess.run(["ip", "netns", "del", SPACE], check=False)
