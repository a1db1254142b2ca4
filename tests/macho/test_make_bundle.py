#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the converter from MH_OBJECT to MH_KEXT_BUNDLE does with each kind of relocation and of mistake, on objects that are
made here byte by byte; and what the claims say of a symbol that a release does not export.

usage: test_make_bundle.py SCRIPTS
"""
import pathlib
import random
import struct
import sys
import unittest

sys.path.insert(0, sys.argv[1])
import claims  # noqa: E402
import macho_object as macho  # noqa: E402
import make_bundle  # noqa: E402
import mark_arm64e  # noqa: E402

TEXT, DATA, BSS = 1, 2, 3  # numbers of sections
IMPORT, OWN, INFO = 0, 1, 2  # numbers of symbols
OWN_AT, INFO_AT = 8, 64  # in __text and in __data


def relocation(address, symbol, kind, length, relative=False, external=True):
    return struct.pack("<iI", address, symbol | relative << 24 | length << 25 | external << 27 | kind << 28)


def an_object(code=b"\x90" * 32, data=b"\0" * 288, text_relocations=(), data_relocations=(), info=b"_kmod_info",
              import_kind=1, import_value=0, cpu=macho.CPU_X86_64):
    """__text at 0, __data at 0x100, __bss at 0x300; _import, _own in the code, _kmod_info in the data."""
    sections = [(b"__text", b"__TEXT", 0, len(code), 0x80000400, text_relocations, code),
                (b"__data", b"__DATA", 0x100, len(data), 0, data_relocations, data),
                (b"__bss", b"__DATA", 0x300, 64, 1, (), b"")]
    strings = b"\0_import\0_own\0" + info + b"\0"
    size = 72 + 80 * 3 + 24
    at = 32 + size
    rows, contents = b"", b""
    for name, segment, address, length, flags, relocations, body in sections:
        offset = at + len(contents)
        contents += body + b"".join(relocations)
        rows += struct.pack(macho.SECTION, name, segment, address, length, offset if body else 0, 4,
                            offset + len(body), len(relocations), flags, 0, 0, 0)
    symbols = struct.pack(macho.NLIST, 1, import_kind, 0, 0, import_value)
    symbols += struct.pack(macho.NLIST, 9, 0x0E, TEXT, 0, OWN_AT)
    symbols += struct.pack(macho.NLIST, 14, 0x0F, DATA, 0, 0x100 + INFO_AT)
    symoff = at + len(contents)
    commands = struct.pack(macho.SEGMENT, macho.LC_SEGMENT_64, 72 + 80 * 3, b"".ljust(16, b"\0"), 0, 0x340, at,
                           len(contents), 7, 7, 3, 0) + rows
    commands += struct.pack("<IIIIII", macho.LC_SYMTAB, 24, symoff, 3, symoff + len(symbols), len(strings))
    header = struct.pack(macho.HEADER, macho.MAGIC_64, cpu, 3, macho.TYPE_OBJECT, 2, len(commands), 0, 0)
    return header + commands + contents + symbols + strings


class Read:
    """The bundle, as a loader reads it."""

    def __init__(self, data):
        self.data = data
        self.header = struct.unpack_from(macho.HEADER, data)
        self.commands, self.segments, self.sections = [], {}, {}
        at = 32
        for _ in range(self.header[4]):
            command, size = struct.unpack_from("<II", data, at)
            self.commands.append(command)
            if command == macho.LC_SEGMENT_64:
                fields = struct.unpack_from(macho.SEGMENT, data, at)
                self.segments[macho.text(fields[2])] = fields[3:9]
                for i in range(fields[9]):
                    section = struct.unpack_from(macho.SECTION, data, at + 72 + 80 * i)
                    self.sections[macho.text(section[0])] = section[2:5]
            elif command == macho.LC_SYMTAB:
                self.symoff, self.nsyms, self.stroff = struct.unpack_from("<III", data, at + 8)
            elif command == macho.LC_DYSYMTAB:
                fields = struct.unpack_from("<20I", data, at)
                self.external = self.relocations(*fields[16:18])
                self.local = self.relocations(*fields[18:20])
            at += size

    def relocations(self, offset, count):
        return [macho.Relocation(*struct.unpack_from("<iI", self.data, offset + 8 * i)) for i in range(count)]

    def name(self, number):
        return macho.text(self.data[self.stroff + struct.unpack_from("<I", self.data, self.symoff + 16 * number)[0]:])

    def address(self, name):
        for number in range(self.nsyms):
            if self.name(number) == name:
                return struct.unpack_from(macho.NLIST, self.data, self.symoff + 16 * number)[4]
        raise AssertionError(name)

    def word(self, section, offset, layout="<q"):
        return struct.unpack_from(layout, self.data, self.sections[section][2] + offset)[0]


def convert(**arguments):
    return Read(make_bundle.convert(an_object(**arguments)).bytes())


class Layout(unittest.TestCase):
    def test_only_what_every_release_takes(self):
        bundle = convert()
        self.assertEqual(bundle.header[3], macho.TYPE_KEXT_BUNDLE)
        self.assertEqual(bundle.commands, [macho.LC_SEGMENT_64] * 3 + [macho.LC_SYMTAB, macho.LC_DYSYMTAB, macho.LC_UUID])
        self.assertEqual(list(bundle.segments), ["__TEXT", "__DATA", "__LINKEDIT"])

    def test_code_cannot_be_written_and_variables_not_run(self):
        bundle = convert()
        self.assertEqual(bundle.segments["__TEXT"][5], 5)
        self.assertEqual(bundle.segments["__DATA"][5], 3)
        self.assertEqual(bundle.segments["__LINKEDIT"][5], 1)

    def test_segments_are_on_pages_and_do_not_overlap(self):
        end = 0
        for address, size, _, file_size, _, _ in convert().segments.values():
            self.assertEqual((address % 4096, size % 4096), (0, 0))
            self.assertEqual(address, end)
            self.assertLessEqual(file_size, size)
            end = address + size

    def test_the_same_object_gives_the_same_bytes(self):
        self.assertEqual(make_bundle.convert(an_object()).bytes(), make_bundle.convert(an_object()).bytes())

    def test_other_contents_give_another_uuid(self):
        self.assertNotEqual(make_bundle.convert(an_object()).uuid, make_bundle.convert(an_object(code=b"\xcc" * 32)).uuid)


class Relocations(unittest.TestCase):
    def test_a_call_of_the_kernel_stays_a_relocation(self):
        bundle = convert(text_relocations=[relocation(1, IMPORT, make_bundle.BRANCH, 2, True)])
        (left,) = bundle.external
        self.assertEqual((left.type, left.bytes, left.pc_relative), (make_bundle.BRANCH, 4, True))
        self.assertEqual(bundle.name(left.symbol), "_import")
        self.assertEqual(left.address, bundle.sections["__text"][0] + 1)

    def test_a_call_of_its_own_is_settled(self):
        bundle = convert(code=b"\0" * 32, text_relocations=[relocation(17, OWN, make_bundle.BRANCH, 2, True)])
        self.assertEqual(bundle.external + bundle.local, [])
        self.assertEqual(bundle.word("__text", 17, "<i"), OWN_AT - 21)

    def test_a_reference_across_segments_follows_both(self):
        code = bytearray(b"\x90" * 32)
        struct.pack_into("<i", code, 3, 0x100 + INFO_AT - 7)  # against the section, from the end of the instruction
        bundle = convert(code=bytes(code), text_relocations=[relocation(3, DATA, make_bundle.SIGNED, 2, True, False)])
        at = bundle.sections["__text"][0] + 3
        self.assertEqual(at + 4 + bundle.word("__text", 3, "<i"), bundle.address("_kmod_info"))

    def test_an_immediate_behind_the_address_counts(self):
        code = bytearray(b"\x90" * 32)
        struct.pack_into("<i", code, 2, -1)
        bundle = convert(code=bytes(code), text_relocations=[relocation(2, INFO, make_bundle.SIGNED_1, 2, True)])
        at = bundle.sections["__text"][0] + 2
        self.assertEqual(at + 5 + bundle.word("__text", 2, "<i"), bundle.address("_kmod_info"))

    def test_a_load_of_an_own_address_becomes_a_computation(self):
        code = bytes([0x48, 0x8B, 0x05]) + b"\0" * 29
        bundle = convert(code=code, text_relocations=[relocation(3, INFO, make_bundle.GOT_LOAD, 2, True)])
        self.assertEqual(bundle.word("__text", 1, "<B"), 0x8D)
        self.assertNotIn("__got", bundle.sections)

    def test_a_load_of_the_kernels_address_goes_through_a_table(self):
        code = (bytes([0x48, 0x8B, 0x05]) + b"\0" * 4) * 2
        bundle = convert(code=code, text_relocations=[relocation(3, IMPORT, make_bundle.GOT_LOAD, 2, True),
                                                      relocation(10, IMPORT, make_bundle.GOT_LOAD, 2, True)])
        at = bundle.sections["__text"][0] + 3
        self.assertEqual(at + 4 + bundle.word("__text", 3, "<i"), bundle.sections["__got"][0])
        self.assertEqual(bundle.word("__text", 1, "<B"), 0x8B)
        self.assertEqual(bundle.sections["__got"][1], 8)
        (left,) = bundle.external
        self.assertEqual((left.address, left.type), (bundle.sections["__got"][0], make_bundle.UNSIGNED))

    def test_a_comparison_with_an_own_address_needs_the_table(self):
        code = bytes([0x48, 0x3B, 0x05]) + b"\0" * 29
        bundle = convert(code=code, text_relocations=[relocation(3, OWN, make_bundle.GOT, 2, True)])
        self.assertEqual(bundle.word("__got", 0), bundle.address("_own"))
        self.assertEqual([r.address for r in bundle.local], [bundle.sections["__got"][0]])

    def test_a_pointer_to_its_own_is_local(self):
        data = bytearray(288)
        struct.pack_into("<q", data, 244, OWN_AT)  # against the section; kmod_info's pointers are not aligned
        bundle = convert(data=bytes(data), data_relocations=[relocation(244, TEXT, make_bundle.UNSIGNED, 3, False, False),
                                                             relocation(264, INFO, make_bundle.UNSIGNED, 3)])
        self.assertEqual(bundle.word("__data", 244), bundle.address("_own"))
        self.assertEqual(bundle.word("__data", 264), bundle.address("_kmod_info"))
        self.assertEqual(sorted(r.address - bundle.sections["__data"][0] for r in bundle.local), [244, 264])
        self.assertTrue(all(r.bytes == 8 and not r.external for r in bundle.local))

    def test_a_pointer_to_the_kernel_is_external(self):
        bundle = convert(data_relocations=[relocation(0, IMPORT, make_bundle.UNSIGNED, 3)])
        (left,) = bundle.external
        self.assertEqual((left.address, bundle.name(left.symbol)), (bundle.sections["__data"][0], "_import"))

    def test_a_difference_is_settled(self):
        data = bytearray(288)
        bundle = convert(data=bytes(data), data_relocations=[relocation(0, OWN, make_bundle.SUBTRACTOR, 2),
                                                             relocation(0, INFO, make_bundle.UNSIGNED, 2)])
        self.assertEqual(bundle.word("__data", 0, "<i"), bundle.address("_kmod_info") - bundle.address("_own"))
        self.assertEqual(bundle.local, [])


class Refusals(unittest.TestCase):
    def refuse(self, words, **arguments):
        with self.assertRaisesRegex(macho.MachoError, words):
            convert(**arguments)

    def test_what_the_kernel_would_refuse(self):
        self.refuse("common symbols.*_import", import_value=8)
        self.refuse("_kmod_info", info=b"_kmod_inf0")
        self.refuse("thread-local", text_relocations=[relocation(0, OWN, make_bundle.TLV, 2, True)])
        self.refuse("chained fixups", cpu=0x0100000C)

    def test_what_cannot_be_written_later(self):
        self.refuse("cannot be written", text_relocations=[relocation(8, IMPORT, make_bundle.UNSIGNED, 3)])

    def test_bad_relocations(self):
        self.refuse("outside section", data_relocations=[relocation(284, INFO, make_bundle.UNSIGNED, 3)])
        self.refuse("names no symbol", data_relocations=[relocation(0, 77, make_bundle.UNSIGNED, 3)])
        self.refuse("half a difference", data_relocations=[relocation(0, OWN, make_bundle.SUBTRACTOR, 2)])
        self.refuse("an address in 4 bytes", data_relocations=[relocation(0, INFO, make_bundle.UNSIGNED, 2)])

    def test_any_damage_is_refused_or_converted_but_never_a_crash(self):
        """Given a good object with bytes changed or its end missing, then it is a MachoError or a bundle."""
        good = an_object(text_relocations=[relocation(1, IMPORT, make_bundle.BRANCH, 2, True)],
                         data_relocations=[relocation(244, TEXT, make_bundle.UNSIGNED, 3, False, False)])
        dice = random.Random(5)
        refused = 0
        for _ in range(1500):
            bad = bytearray(good[:dice.randrange(32, len(good) + 1)] if dice.random() < 0.2 else good)
            for _ in range(dice.randrange(1, 4)):
                bad[dice.randrange(len(bad))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
            try:
                make_bundle.convert(bytes(bad)).bytes()
            except macho.MachoError:
                refused += 1
        self.assertGreater(refused, 300)


class Others(unittest.TestCase):
    def test_a_symbol_that_a_release_lacks_is_missing(self):
        exports = {"old": {"com.apple.kpi.bsd": {10, 11}}, "private": {"com.apple.kpi.private": {10}}}
        self.assertEqual(claims.missing(["old"], ["com.apple.kpi.bsd"], exports, 11), [])
        self.assertEqual(claims.missing(["old"], ["com.apple.kpi.bsd"], exports, 12), ["old"])
        self.assertEqual(claims.missing(["old"], ["com.apple.kpi.mach"], exports, 11), ["old"])
        self.assertEqual(claims.missing(["private", "none"], ["com.apple.kpi.bsd"], exports, 10), ["private", "none"])

    def test_the_short_table_has_releases_of_which_the_same_is_true_in_one_row(self):
        made = claims.Claims.__new__(claims.Claims)
        made.cells = {("x86_64", kext, release): "9" for kext in claims.KEXTS for release in range(10, 25)}
        made.cells.update({("arm64e", kext, release): "9" for kext in claims.KEXTS for release in range(20, 25)})
        made.cells["x86_64", "tap", 24] = "8 of 9"
        self.assertEqual(made.summary().splitlines()[2:],
                         ["| Mac OS X 10.6 to macOS 10.15 | links | - |", "| macOS 11 to macOS 14 | links | links |",
                          "| macOS 15 | does not link | links |"])

    def test_the_short_table_stands_between_its_marks_only(self):
        page = "a\n" + claims.SUMMARY_BEGIN + "old\n" + claims.SUMMARY_END + "b\n"
        self.assertEqual(claims.with_summary(page, "new\n"), page.replace("old", "new"))
        self.assertIsNone(claims.with_summary("a\nb\n", "new\n"))

    def test_the_mark_of_arm64e(self):
        header = struct.pack("<III", macho.MAGIC_64, 0x0100000C, 0x80000002) + b"x" * 30
        self.assertEqual(mark_arm64e.mark(header)[8:12], bytes([2, 0, 0, 0xC0]))
        self.assertEqual(mark_arm64e.mark(header)[12:], header[12:])
        self.assertIsNone(mark_arm64e.mark(an_object()))
        self.assertIsNone(mark_arm64e.mark(b"short"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
