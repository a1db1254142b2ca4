#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The scripts that install, switch, remove and report, in a made-up root with stand-ins for Apple's commands.

usage: test_bundle_scripts.py SCRIPTS
"""
import os
import pathlib
import plistlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(sys.argv[1]).resolve()

# Each stand-in writes down its call and plays its part with what lies in $STATE: loaded kexts, one a line; users of
# devices; bundle ids that do not let themselves be loaded or unloaded.
STAND_IN = r"""#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$STATE/calls"
plist_id() { sed -n '/CFBundleIdentifier/{n;s/.*<string>\(.*\)<.*/\1/p;}' "$1/Contents/Info.plist"; }
case "$name" in
id) echo "${FAKE_UID:-0}" ;;
kextstat) grep -F "${3:-}" "$STATE/loaded" | sed 's/$/ (1.0)/' ;;
kextload)
    bundle=$(plist_id "$1")
    grep -qxF "$bundle" "$STATE/unwilling" && exit 1
    echo "$bundle" >>"$STATE/loaded" ;;
kextunload)
    grep -qxF "$2" "$STATE/unwilling" && exit 1
    grep -vxF "$2" "$STATE/loaded" >"$STATE/rest"; mv "$STATE/rest" "$STATE/loaded" ;;
lsof)
    for word in "$@"; do
        [ ! -e "$STATE/users.${word##*/}" ] || { cat "$STATE/users.${word##*/}"; echo "n$word"; }
    done ;;
defaults) case "$4$3" in
    *CFBundleIdentifier*) plist_id "${2%/Contents/Info}" ;;
    *) echo 1.2.3 ;;
    esac ;;
pkgutil) [ "$1" = --forget ] || grep -qxF "$2" "$STATE/receipts" ;;
pkgbuild)
    for word in "$@"; do out=$word; done
    mkdir -p "$STATE/built"; cp -R "$2" "$STATE/built/$(basename "$out")"; cp -R "$8" "$STATE/built/$(basename "$out").scripts"
    echo pkg >"$out" ;;
productbuild)
    for word in "$@"; do out=$word; done
    cp "$2" "$STATE/distribution.xml"; echo product >"$out" ;;
lipo) cat "$STATE/lipo$1" ;;
otool | nm) cat "$STATE/$name.$2" ;;
esac
"""
COMMANDS = ("id kextstat kextload kextunload lsof defaults pkgutil launchctl chown sw_vers log ifconfig dwarfdump pkgbuild "
            "productbuild xcrun lipo otool nm").split()


class Script(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.root, self.state = self.base / "root", self.base / "state"
        for path in (self.root / "Library/Extensions", self.root / "Library/LaunchDaemons", self.root / "dev",
                     self.state, self.base / "bin"):
            path.mkdir(parents=True)
        for name in ("calls", "loaded", "unwilling", "receipts"):
            (self.state / name).write_text("")
        for command in COMMANDS:
            path = self.base / "bin" / command
            path.write_text(STAND_IN)
            path.chmod(0o755)
        for number in range(16):
            for kind in ("tun", "tap"):
                (self.root / "dev" / ("%s%d" % (kind, number))).write_text("")

    def kext(self, path, bundle):
        path = self.root / path
        (path / "Contents/MacOS").mkdir(parents=True)
        with open(path / "Contents/Info.plist", "wb") as file:
            plistlib.dump({"CFBundleIdentifier": bundle}, file)
        return path

    def install(self):
        for kind in ("tun", "tap"):
            self.kext("Library/Extensions/%s.kext" % kind, "net.sf.tuntaposx." + kind)
            (self.root / ("Library/LaunchDaemons/net.sf.tuntaposx.%s.plist" % kind)).write_text("x")

    def set_state(self, name, *lines):
        (self.state / name).write_text("".join(line + "\n" for line in lines))

    def loaded(self):
        return (self.state / "loaded").read_text().split()

    def calls(self):
        return (self.state / "calls").read_text().splitlines()

    def call(self, script, *words, **environment):
        return subprocess.run([str(SCRIPTS / script), *map(str, words)], capture_output=True, text=True, check=False,
                              cwd=self.base, env={"PATH": "%s:%s" % (self.base / "bin", os.environ["PATH"]),
                                                  "STATE": str(self.state), "TUNTAP_ROOT": str(self.root), **environment})

    def files(self):
        return sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*")
                      if p.is_file() and not str(p.relative_to(self.root)).startswith("dev/"))


class Preinstall(Script):
    def test_refuses_while_a_device_is_in_use_and_names_the_program(self):
        self.set_state("loaded", "net.sf.tuntaposx.tap")
        self.set_state("users.tap3", "p412", "copenvpn")
        run = self.call("preinstall", TUNTAP_KIND="tap")
        self.assertEqual(run.returncode, 1)
        self.assertIn("openvpn (pid 412) on /dev/tap3", run.stdout)
        self.assertEqual(self.loaded(), ["net.sf.tuntaposx.tap"])

    def test_a_user_of_the_other_kind_does_not_matter(self):
        self.set_state("users.tun0", "p1", "cvpn")
        self.assertEqual(self.call("preinstall", TUNTAP_KIND="tap").returncode, 0)

    def test_unloads_ours_and_the_old_one_and_removes_start_up_items(self):
        self.set_state("loaded", "net.sf.tuntaposx.tap", "foo.tap", "net.sf.tuntaposx.tun")
        for path in ("Library/StartupItems/tap/tap", "Library/StartupItems/tun/tun"):
            (self.root / path).parent.mkdir(parents=True)
            (self.root / path).write_text("x")
        self.assertEqual(self.call("preinstall", TUNTAP_KIND="tap").returncode, 0)
        self.assertEqual(self.loaded(), ["net.sf.tuntaposx.tun"])
        self.assertEqual(self.files(), ["Library/StartupItems/tun/tun"])

    def test_a_kext_that_stays_loaded_stops_the_installation(self):
        self.set_state("loaded", "net.sf.tuntaposx.tap")
        self.set_state("unwilling", "net.sf.tuntaposx.tap")
        run = self.call("preinstall", TUNTAP_KIND="tap")
        self.assertEqual((run.returncode, run.stderr.count("\n")), (1, 1))


class Postinstall(Script):
    def test_sets_owner_and_modes_and_loads(self):
        self.install()
        (self.root / "Library/Extensions/tap.kext/Contents/Info.plist").chmod(0o666)
        run = self.call("postinstall", TUNTAP_KIND="tap")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertTrue(any(c.startswith("chown -R root:wheel ") for c in self.calls()))
        self.assertEqual((self.root / "Library/Extensions/tap.kext/Contents/Info.plist").stat().st_mode & 0o777, 0o644)
        self.assertEqual(self.loaded(), ["net.sf.tuntaposx.tap"])

    def test_a_mac_that_asks_its_user_first_is_no_failure(self):
        self.install()
        self.set_state("unwilling", "net.sf.tuntaposx.tap")
        run = self.call("postinstall", TUNTAP_KIND="tap")
        self.assertEqual(run.returncode, 0)
        self.assertIn("once it is allowed in Security & Privacy", run.stdout)

    def test_without_the_kext_it_fails(self):
        self.assertEqual(self.call("postinstall", TUNTAP_KIND="tap").returncode, 1)


class Uninstall(Script):
    def test_removes_all_and_a_second_time_nothing(self):
        self.install()
        self.set_state("loaded", "net.sf.tuntaposx.tap", "net.sf.tuntaposx.tun", "com.vendor.tun")
        self.set_state("receipts", "net.sf.tuntaposx.tap")
        (self.root / "Library/StartupItems/tun").mkdir(parents=True)
        self.kext("System/Library/Extensions/tap.kext", "foo.tap")
        self.kext("Library/Extensions/other.kext", "com.vendor.tun")
        self.assertEqual(self.call("uninstall.sh").returncode, 0)
        self.assertEqual(self.loaded(), ["com.vendor.tun"])
        self.assertEqual(self.files(), ["Library/Extensions/other.kext/Contents/Info.plist"])
        self.assertFalse((self.root / "Library/StartupItems/tun").exists())
        self.assertIn("pkgutil --forget net.sf.tuntaposx.tap", self.calls())
        again = self.call("uninstall.sh")
        self.assertEqual((again.returncode, again.stdout), (0, "tun and tap are removed.\n"))

    def test_a_dry_run_changes_nothing(self):
        self.install()
        self.set_state("loaded", "net.sf.tuntaposx.tap")
        before = self.files()
        run = self.call("uninstall.sh", "--dry-run", FAKE_UID="501")
        self.assertEqual(run.returncode, 0)
        self.assertIn("would run: kextunload -b net.sf.tuntaposx.tap", run.stdout)
        self.assertIn("would run: rm -rf %s/Library/Extensions/tap.kext" % self.root, run.stdout)
        self.assertEqual((self.files(), self.loaded()), (before, ["net.sf.tuntaposx.tap"]))

    def test_a_device_in_use_stops_it(self):
        self.install()
        self.set_state("users.tun11", "p7", "ctincd")
        before = self.files()
        run = self.call("uninstall.sh")
        self.assertEqual(run.returncode, 1)
        self.assertIn("tincd (pid 7) on /dev/tun11", run.stderr)
        self.assertEqual(self.files(), before)

    def test_needs_root_and_knows_one_option(self):
        self.assertEqual(self.call("uninstall.sh", FAKE_UID="501").returncode, 1)
        self.assertEqual(self.call("uninstall.sh", "--all").returncode, 2)


class Switch(Script):
    def vendor(self):
        return self.kext("Applications/Tunnelblick.app/Contents/Resources/tun-notarized.kext", "net.tunnelblick.tun")

    def test_status_names_who_is_loaded_and_who_uses_it(self):
        self.set_state("loaded", "net.tunnelblick.tun")
        self.set_state("users.tun0", "p9", "copenvpn")
        run = self.call("tuntap-switch", "status")
        self.assertEqual(run.returncode, 0)
        self.assertIn("tun: net.tunnelblick.tun ", run.stdout)
        self.assertIn("  used by openvpn (pid 9) on /dev/tun0", run.stdout)
        self.assertIn("tap: none is loaded", run.stdout)

    def test_to_ours_and_back(self):
        self.install()
        vendor = self.vendor()
        self.set_state("loaded", "net.tunnelblick.tun")
        self.assertEqual(self.call("tuntap-switch", "ours", "tun").returncode, 0)
        self.assertEqual(self.loaded(), ["net.sf.tuntaposx.tun"])
        self.assertIn("is loaded already", self.call("tuntap-switch", "ours", "tun").stdout)
        self.assertEqual(self.call("tuntap-switch", vendor, "tun").returncode, 0)
        self.assertEqual(self.loaded(), ["net.tunnelblick.tun"])

    def test_rolls_back_when_the_new_one_does_not_load(self):
        self.install()
        self.vendor()
        self.set_state("loaded", "net.tunnelblick.tun")
        self.set_state("unwilling", "net.sf.tuntaposx.tun")
        run = self.call("tuntap-switch", "ours", "tun")
        self.assertEqual(run.returncode, 1)
        self.assertIn("net.sf.tuntaposx.tun does not load; net.tunnelblick.tun is loaded again", run.stderr)
        self.assertEqual(self.loaded(), ["net.tunnelblick.tun"])

    def test_in_use_is_refused_and_a_dry_run_changes_nothing(self):
        self.install()
        self.vendor()
        self.set_state("loaded", "net.tunnelblick.tun")
        run = self.call("tuntap-switch", "--dry-run", "ours", "tun", FAKE_UID="501")
        self.assertEqual(run.returncode, 0)
        self.assertIn("would run: kextunload -b net.tunnelblick.tun", run.stdout)
        self.set_state("users.tun0", "p9", "copenvpn")
        self.assertEqual(self.call("tuntap-switch", "ours", "tun").returncode, 1)
        self.assertEqual(self.loaded(), ["net.tunnelblick.tun"])

    def test_usage(self):
        for words in ([], ["ours"], ["ours", "gif"], ["/tmp/x", "tun"], ["status", "tun"]):
            self.assertEqual(self.call("tuntap-switch", *words).returncode, 2, words)


class Report(Script):
    def test_has_the_panics_that_name_us_and_no_others(self):
        self.install()
        logs = self.root / "Library/Logs/DiagnosticReports"
        logs.mkdir(parents=True)
        (logs / "Kernel_1.panic").write_text("panic(cpu 0 caller 0x1): ours net.sf.tuntaposx.tap(1.0)\n")
        (logs / "Kernel_2.panic").write_text("panic(cpu 0 caller 0x1): of somebody else\n")
        run = self.call("report.sh", "out.txt")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        text = (self.base / "out.txt").read_text()
        self.assertIn("panic(cpu 0 caller 0x1): ours", text)
        self.assertNotIn("somebody else", text)
        for heading in ("system", "kernel", "installed", "devices", "interfaces", "panics"):
            self.assertIn("== %s\n" % heading, text)
        self.assertIn("tap 1.2.3", text)


class Package(Script):
    def test_two_components_and_a_choice(self):
        kexts = self.base / "kexts"
        for kind in ("tun", "tap"):
            shutil.copytree(self.kext("kexts/%s.kext" % kind, "org.mine." + kind), kexts / ("%s.kext" % kind))
        run = self.call("make-package.sh", kexts, "org.mine", "1.2.3", self.base / "out.pkg")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual((self.base / "out.pkg").read_text(), "product\n")
        built = self.state / "built"
        with open(built / "tap.pkg/Library/LaunchDaemons/org.mine.tap.plist", "rb") as file:
            daemon = plistlib.load(file)
        self.assertEqual(daemon["Label"], "org.mine.tap")
        self.assertEqual(daemon["ProgramArguments"][-1], "/Library/Extensions/tap.kext")
        self.assertTrue((built / "tun.pkg/Library/Extensions/tun.kext/Contents/Info.plist").exists())
        self.assertIn("TUNTAP_KIND:-tun}", (built / "tun.pkg.scripts/preinstall").read_text())
        self.assertIn("TUNTAP_PREFIX:-org.mine}", (built / "tun.pkg.scripts/common.sh").read_text())
        self.assertIn('<choice id="tap"', (self.state / "distribution.xml").read_text())
        self.assertIn("not signed", run.stdout)
        self.assertIn("not notarized", run.stdout)

    def test_a_failure_leaves_no_package(self):
        self.assertNotEqual(self.call("make-package.sh", self.base, "org.mine", "1", self.base / "out.pkg").returncode, 0)
        self.assertFalse((self.base / "out.pkg").exists())


class Verify(Script):
    """What Apple's tools say of a universal kext, as they said it of one that ld64 made of our objects."""

    HEADER = ("Mach header\n      magic  cputype cpusubtype  caps    filetype ncmds sizeofcmds      flags\n"
              " 0xfeedfacf %9d %10d  0x%02x          %2d    12       1544 0x00000085\nLoad command 0\n      cmd %s\n")

    def setUp(self):
        super().setUp()
        self.tell(otool_arm64e=self.HEADER % (16777228, 2, 0xC0, 11, "LC_DYLD_CHAINED_FIXUPS"))

    def tell(self, archs="x86_64 arm64e", otool_arm64e="", intel_type=11, symbols="00001000 D _kmod_info", mark="0xc0"):
        self.set_state("lipo-archs", archs)
        self.set_state("lipo-detailed_info", "architecture arm64e", "    capabilities %s" % mark)
        self.set_state("otool.x86_64", self.HEADER % (16777223, 3, 0, intel_type, "LC_SYMTAB"))
        if otool_arm64e:
            self.set_state("otool.arm64e", otool_arm64e)
        for processor in ("x86_64", "arm64e"):
            self.set_state("nm." + processor, symbols)

    def verify(self):
        run = self.call("verify-kext.sh", "tap.kext")
        return run.returncode, run.stderr

    def test_a_universal_kext_with_both_marks_is_good(self):
        self.assertEqual(self.verify(), (0, ""))

    def test_a_kext_for_intel_alone_needs_no_mark(self):
        self.tell(archs="x86_64", mark="0x0")
        self.assertEqual(self.verify(), (0, ""))

    def test_a_plain_bundle_is_none_of_the_kernel(self):
        self.tell(intel_type=8)
        self.assertEqual(self.verify(), (1, "verify-kext.sh: tap: x86_64: not a kext bundle (file type 11)\n"))

    def test_without_kmod_info_no_kernel_starts_it(self):
        self.tell(symbols="00001000 D _kmod_infos")
        status, said = self.verify()
        self.assertEqual((status, said.count("no kmod_info")), (1, 2))

    def test_arm64e_linked_for_a_macos_before_11(self):
        self.tell(otool_arm64e=self.HEADER % (16777228, 2, 0xC0, 11, "LC_DYSYMTAB"))
        self.assertEqual(self.verify(), (1, "verify-kext.sh: tap: arm64e: no chained fixups: linked for a macOS before 11\n"))

    def test_arm64e_of_the_user_abi(self):
        self.tell(mark="0x80")
        self.assertEqual(self.verify(),
                         (1, "verify-kext.sh: tap: arm64e: not marked for the kernel's pointer authentication\n"))

    def test_usage(self):
        self.assertEqual(self.call("verify-kext.sh").returncode, 2)


class Folder(Script):
    def test_modes_do_not_depend_on_the_umask(self):
        (self.base / "plist").write_text("p")
        (self.base / "program").write_text("x")
        run = subprocess.run(["sh", "-c", 'umask 002; exec "$0" "$@"', SCRIPTS / "make-folder.sh", self.base / "a.kext",
                              self.base / "plist", self.base / "program", "a"], check=False)
        self.assertEqual(run.returncode, 0)
        self.assertEqual({p.stat().st_mode & 0o777 for p in (self.base / "a.kext").rglob("*")}, {0o755, 0o644})

    def test_only_a_kext_is_removed(self):
        run = self.call("make-folder.sh", self.base, "a", "b", "c")
        self.assertEqual(run.returncode, 2)
        self.assertTrue(self.root.exists())


class Shell(unittest.TestCase):
    def scripts(self):
        return [p for p in sorted(SCRIPTS.iterdir()) if p.is_file() and p.read_bytes().startswith(b"#!/bin/sh\n")]

    def test_each_can_be_parsed_and_run(self):
        self.assertGreater(len(self.scripts()), 7)
        for path in self.scripts():
            self.assertTrue(path.stat().st_mode & 0o111, path)
            self.assertEqual(subprocess.run(["sh", "-n", path], check=False).returncode, 0, path)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_finds_nothing(self):
        run = subprocess.run(["shellcheck", "-x", *self.scripts(), SCRIPTS / "common.sh"], capture_output=True, text=True,
                             check=False, cwd=SCRIPTS.parent.parent)
        self.assertEqual(run.stdout, "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
