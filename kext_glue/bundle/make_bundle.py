#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a kext's executable (MH_KEXT_BUNDLE, x86_64) of the one object that holds all of it (MH_OBJECT).

usage: make_bundle.py [--dsym FILE] OBJECT OUTPUT

What Apple's `ld -kext` does, as far as a driver in C or C++ needs it. XNU's linker (kxld) knows no GOT relocations
in bundles of old releases and no section of an object, so that here
  * sections get their places: __TEXT (r-x) at 0, __DATA (rw-), __LINKEDIT (r--), 4 KiB pages;
  * what the object knows of itself (calls, addresses relative to the instruction, differences) is settled;
  * loads of an own symbol's address through a table become plain address computations, those of the kernel's
    symbols go through __DATA,__got;
  * what is left are 64-bit words and calls: relocations of LC_DYSYMTAB, relative to the first segment.
Only the load commands are used that every release from 10.6 on takes. The same object gives the same bytes: no
path, no time; the UUID is a digest of the contents. --dsym also writes the line tables, moved to where the code
went, with the same UUID, for llvm-symbolizer and lldb.

Exit status: 0 done, 2 the object cannot be a kext (one line says why; nothing is written).
"""
import argparse
import hashlib
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import macho_object as macho  # noqa: E402
from macho_object import MachoError  # noqa: E402

PAGE = 4096
UNSIGNED, SIGNED, BRANCH, GOT_LOAD, GOT, SUBTRACTOR, SIGNED_1, SIGNED_2, SIGNED_4, TLV = range(10)
HEADER_FLAGS = 0x85  # NOUNDEFS, DYLDLINK, TWOLEVEL
DYNAMIC_LOOKUP = 0xFE00  # library ordinal of what the kernel has
READ, WRITE, EXECUTE = 1, 2, 4
MOVQ, LEAQ = 0x8B, 0x8D
ADDEND = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}


def align(value, alignment):
    return -(-value // alignment) * alignment


def padded_name(name):
    return name.encode("latin-1").ljust(16, b"\0")


class Placed:
    """A section of the result. `number` counts from 1; `base` is its address in the object."""

    def __init__(self, name, segment, data, size, alignment, flags, base):
        self.name, self.segment, self.data, self.size = name, segment, bytearray(data), size
        self.alignment, self.flags, self.base = alignment, flags, base
        self.address = self.number = 0

    @property
    def zerofill(self):
        return self.flags & 0xFF == macho.S_ZEROFILL


class Layout:
    """Where everything goes."""

    def __init__(self, source):
        self.source = source
        self.by_old = {}  # number of the section in the object -> Placed
        for number, section in enumerate(source.sections, 1):
            if section.segment == "__TEXT" and section.kind == macho.S_ZEROFILL:
                raise MachoError("zeros in %s, which cannot be written" % section.name)
            if section.segment in ("__TEXT", "__DATA"):
                flags = section.flags & ~0x300  # no own or local relocations are left
                self.by_old[number] = Placed(section.name, section.segment, section.data, section.size,
                                             section.alignment, flags, section.address)
        self.got = Placed("__got", "__DATA", b"", 0, 8, 0, None)
        self.got_slots = {}  # what the slot holds: name of an import or ("own", address) -> offset

    def sections(self):
        """All of them in the order of the file: text, table of addresses, data, zeros."""
        old = list(self.by_old.values())
        got = [self.got] if self.got.size else []
        return ([s for s in old if s.segment == "__TEXT"] + got +
                [s for s in old if s.segment == "__DATA" and not s.zerofill] +
                [s for s in old if s.segment == "__DATA" and s.zerofill])

    def commands_bytes(self):
        return 3 * 72 + 80 * len(self.sections()) + 24 + 80 + 24

    def place(self):
        at = 32 + self.commands_bytes()
        in_text = True
        for number, section in enumerate(self.sections(), 1):
            if in_text and section.segment == "__DATA":
                at, in_text = align(at, PAGE), False
            at = align(at, section.alignment)
            section.address, section.number = at, number
            at += section.size
        data = [s for s in self.sections() if s.segment == "__DATA"]
        ends = [s.address + s.size for s in self.sections() if s.segment == "__TEXT"]
        if not ends:
            raise MachoError("no code")
        self.text_bytes = align(max(ends), PAGE)
        self.data_file_bytes = align(max([s.address + s.size for s in data if not s.zerofill],
                                         default=self.text_bytes), PAGE) - self.text_bytes
        self.data_bytes = align(max([s.address + s.size for s in data], default=self.text_bytes),
                                PAGE) - self.text_bytes

    def slide(self, number):
        if number not in self.by_old:
            raise MachoError("a reference to section %d, which a kext does not keep" % number)
        return self.by_old[number].address - self.by_old[number].base

    def new_address(self, symbol):
        """Of a defined symbol."""
        if symbol.kind & macho.N_TYPE == macho.N_ABS:
            return symbol.value
        section = self.source.sections[symbol.section - 1]
        if not 0 <= symbol.value - section.address <= section.size:
            raise MachoError("symbol %s lies outside its section" % symbol.name)
        return symbol.value + self.slide(symbol.section)


class Linker:
    """Applies the object's relocations; collects those that are left for the kernel."""

    def __init__(self, source):
        self.source, self.layout = source, Layout(source)
        self.imports = {}  # name -> weak?
        self.external, self.local = [], []  # (address, name, type, bytes, pc relative), address
        self._check_symbols()
        self._collect_slots()
        self.layout.place()
        self._apply()
        self._fill_slots()

    def _check_symbols(self):
        commons = [s.name for s in self.source.symbols if s and s.undefined and s.value]
        if commons:
            raise MachoError("common symbols (use -fno-common): " + " ".join(commons))
        info = [s for s in self.source.symbols if s and s.name == "_kmod_info" and not s.undefined]
        if not info or not info[0].exported:
            raise MachoError("no external symbol _kmod_info")

    def _symbol(self, relocation):
        if relocation.symbol >= len(self.source.symbols) or not self.source.symbols[relocation.symbol]:
            raise MachoError("a relocation names no symbol")
        return self.source.symbols[relocation.symbol]

    def _import(self, symbol):
        weak = bool(symbol.description & macho.N_WEAK_REF)
        self.imports[symbol.name] = self.imports.get(symbol.name, True) and weak
        return symbol.name

    def _each(self):
        for number, placed in self.layout.by_old.items():
            section = self.source.sections[number - 1]
            for relocation in section.relocations:
                if relocation.address < 0 or relocation.address + relocation.bytes > len(section.data):
                    raise MachoError("a relocation lies outside section %s" % section.name)
                yield placed, relocation

    # --- the table of addresses

    def _relaxes(self, placed, relocation):
        """movq symbol@GOTPCREL(%rip), REG of an own symbol can be leaq."""
        return (relocation.type == GOT_LOAD and relocation.address >= 2 and
                placed.data[relocation.address - 2] == MOVQ)

    def _collect_slots(self):
        layout = self.layout
        for placed, relocation in self._each():
            if relocation.type not in (GOT_LOAD, GOT):
                continue
            symbol = self._symbol(relocation)
            if symbol.undefined:
                key = self._import(symbol)
            elif self._relaxes(placed, relocation):
                continue
            else:
                key = symbol.name
            if key not in layout.got_slots:
                layout.got_slots[key] = (8 * len(layout.got_slots), symbol)
        layout.got.size = 8 * len(layout.got_slots)
        layout.got.data = bytearray(layout.got.size)

    def _fill_slots(self):
        got = self.layout.got
        for offset, symbol in self.layout.got_slots.values():
            if symbol.undefined:
                self.external.append((got.address + offset, symbol.name, UNSIGNED, 8, False))
            else:
                struct.pack_into("<q", got.data, offset, self.layout.new_address(symbol))
                self.local.append((got.address + offset, self._ordinal(symbol)))

    def _ordinal(self, symbol):
        return self.layout.by_old[symbol.section].number

    # --- relocations

    def _apply(self):
        subtrahend = None
        for placed, relocation in self._each():
            if relocation.type > SIGNED_4:
                raise MachoError("thread-local data" if relocation.type == TLV else
                                 "a relocation of type %d" % relocation.type)
            if relocation.type == SUBTRACTOR:
                if subtrahend:
                    raise MachoError("a difference of three")
                subtrahend = relocation
            elif subtrahend:
                self._difference(placed, subtrahend, relocation)
                subtrahend = None
            elif relocation.type == UNSIGNED:
                self._word(placed, relocation)
            else:
                self._relative(placed, relocation)
        if subtrahend:
            raise MachoError("half a difference")

    def _get(self, placed, relocation):
        return struct.unpack_from(ADDEND[relocation.bytes], placed.data, relocation.address)[0]

    def _put(self, placed, relocation, value):
        try:
            struct.pack_into(ADDEND[relocation.bytes], placed.data, relocation.address, value)
        except struct.error:
            raise MachoError("a reference does not fit its %d bytes" % relocation.bytes) from None

    def _target_slide(self, relocation):
        """How far the target of a relocation against own code or data moves, or its value if by symbol."""
        if not relocation.external:
            return self.layout.slide(relocation.symbol)
        symbol = self._symbol(relocation)
        if symbol.undefined:
            raise MachoError("a difference with %s, which the kernel has" % symbol.name)
        return self.layout.new_address(symbol)

    def _difference(self, placed, minus, plus):
        if plus.type != UNSIGNED or plus.address != minus.address or plus.bytes != minus.bytes:
            raise MachoError("half a difference")
        self._put(placed, plus, self._get(placed, plus) + self._target_slide(plus) -
                  self._target_slide(minus))

    def _word(self, placed, relocation):
        if relocation.bytes != 8 or relocation.pc_relative:
            raise MachoError("an address in %d bytes" % relocation.bytes)
        at = placed.address + relocation.address
        if placed.segment == "__TEXT":
            raise MachoError("the address of something in %s, which cannot be written" % placed.name)
        if not relocation.external:
            self._put(placed, relocation, self._get(placed, relocation) + self.layout.slide(relocation.symbol))
            self.local.append((at, self.layout.by_old[relocation.symbol].number))
            return
        symbol = self._symbol(relocation)
        if symbol.undefined:
            self.external.append((at, self._import(symbol), UNSIGNED, 8, False))
            return
        self._put(placed, relocation, self._get(placed, relocation) + self.layout.new_address(symbol))
        if symbol.kind & macho.N_TYPE != macho.N_ABS:
            self.local.append((at, self._ordinal(symbol)))

    def _relative(self, placed, relocation):
        """32 bits, relative to the instruction behind them; the addend in place accounts for its end."""
        if relocation.bytes != 4 or not relocation.pc_relative:
            raise MachoError("a relocation of type %d in %d bytes" % (relocation.type, relocation.bytes))
        at = placed.address + relocation.address
        addend = self._get(placed, relocation)
        if not relocation.external:
            self._put(placed, relocation, addend + self.layout.slide(relocation.symbol) -
                      (placed.address - placed.base))
            return
        symbol = self._symbol(relocation)
        if relocation.type in (GOT_LOAD, GOT):
            target = self._got_target(placed, relocation, symbol)
        elif symbol.undefined:
            self.external.append((at, self._import(symbol), relocation.type, 4, True))
            return
        else:
            target = self.layout.new_address(symbol)
        self._put(placed, relocation, addend + target - (at + 4))

    def _got_target(self, placed, relocation, symbol):
        if symbol.name in self.layout.got_slots:
            return self.layout.got.address + self.layout.got_slots[symbol.name][0]
        placed.data[relocation.address - 2] = LEAQ
        return self.layout.new_address(symbol)


class Bundle:
    """The bytes of the executable."""

    def __init__(self, linker):
        self.linker, self.layout = linker, linker.layout
        self.strings = bytearray(b"\0")
        self.symbols = self._symbols()
        self.uuid = b"\0" * 16
        # The digest covers everything but itself; version and variant as RFC 9562 wants them (8).
        digest = bytearray(hashlib.sha256(self.bytes()).digest()[:16])
        digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
        self.uuid = bytes(digest)

    def _symbols(self):
        """Local ones by address, exported ones and imports by name, as LC_DYSYMTAB wants them."""
        kept = [s for s in self.linker.source.symbols
                if s and not s.undefined and s.kind & macho.N_TYPE == macho.N_SECT and
                s.section in self.layout.by_old]
        local = sorted((s for s in kept if not s.exported),
                       key=lambda s: (self.layout.new_address(s), s.name))
        exported = sorted((s for s in kept if s.exported), key=lambda s: s.name)
        self.counts = len(local), len(exported), len(self.linker.imports)
        table = b""
        for symbol in local + exported:
            kind = macho.N_SECT | (macho.N_EXT if symbol.exported else 0)
            weak = symbol.description & macho.N_WEAK_DEF if symbol.exported else 0
            table += struct.pack(macho.NLIST, self._string(symbol.name), kind,
                                 self.layout.by_old[symbol.section].number, weak,
                                 self.layout.new_address(symbol))
        self.index = {}
        for number, (name, weak) in enumerate(sorted(self.linker.imports.items())):
            self.index[name] = len(local) + len(exported) + number
            table += struct.pack(macho.NLIST, self._string(name), macho.N_UNDF | macho.N_EXT, 0,
                                 DYNAMIC_LOOKUP | (macho.N_WEAK_REF if weak else 0), 0)
        return table

    def _string(self, name):
        at = len(self.strings)
        self.strings += name.encode("latin-1") + b"\0"
        return at

    def _relocations(self):
        length = {4: 2, 8: 3}
        external = b"".join(
            struct.pack(macho.RELOCATION, at, self.index[name] | relative << 24 | length[size] << 25 |
                        1 << 27 | kind << 28)
            for at, name, kind, size, relative in sorted(self.linker.external))
        local = b"".join(struct.pack(macho.RELOCATION, at, ordinal | 3 << 25)
                         for at, ordinal in sorted(self.linker.local))
        return external, local

    def _segment(self, name, address, size, offset, filesize, protection, sections):
        command = struct.pack(macho.SEGMENT, macho.LC_SEGMENT_64, 72 + 80 * len(sections),
                              padded_name(name), address, size, offset, filesize, 7, protection,
                              len(sections), 0)
        for s in sections:
            command += struct.pack(macho.SECTION, padded_name(s.name), padded_name(s.segment), s.address,
                                   s.size, 0 if s.zerofill else s.address, s.alignment.bit_length() - 1,
                                   0, 0, s.flags, 0, 0, 0)
        return command

    def bytes(self):
        layout = self.layout
        external, local = self._relocations()
        strings = bytes(self.strings).ljust(align(len(self.strings), 8), b"\0")
        linkedit = layout.text_bytes + layout.data_file_bytes
        reloff, symoff = linkedit, linkedit + len(external) + len(local)
        stroff = symoff + len(self.symbols)
        end = stroff + len(strings)
        n_local, n_exported, n_imports = self.counts
        text = [s for s in layout.sections() if s.segment == "__TEXT"]
        data = [s for s in layout.sections() if s.segment == "__DATA"]
        commands = self._segment("__TEXT", 0, layout.text_bytes, 0, layout.text_bytes,
                                 READ | EXECUTE, text)
        commands += self._segment("__DATA", layout.text_bytes, layout.data_bytes, layout.text_bytes,
                                  layout.data_file_bytes, READ | WRITE, data)
        commands += self._segment("__LINKEDIT", layout.text_bytes + layout.data_bytes,
                                  align(end - linkedit, PAGE), linkedit, end - linkedit, READ, [])
        commands += struct.pack("<IIIIII", macho.LC_SYMTAB, 24, symoff, len(self.symbols) // 16, stroff,
                                len(strings))
        commands += struct.pack("<20I", macho.LC_DYSYMTAB, 80, 0, n_local, n_local, n_exported,
                                n_local + n_exported, n_imports, 0, 0, 0, 0, 0, 0, 0, 0,
                                reloff if external else 0, len(external) // 8,
                                reloff + len(external) if local else 0, len(local) // 8)
        commands += struct.pack("<II", macho.LC_UUID, 24) + self.uuid
        out = bytearray(linkedit)
        out[:32] = struct.pack(macho.HEADER, macho.MAGIC_64, macho.CPU_X86_64, 3, macho.TYPE_KEXT_BUNDLE, 6,
                               len(commands), HEADER_FLAGS, 0)
        out[32:32 + len(commands)] = commands
        for s in layout.sections():
            if not s.zerofill:
                out[s.address:s.address + s.size] = s.data
        return bytes(out) + external + local + self.symbols + strings


def dsym(bundle):
    """The line tables as lldb and llvm-symbolizer look for them: the bundle's segments without contents."""
    layout, source = bundle.layout, bundle.linker.source
    debug = []
    for section in source.sections:
        if section.segment == "__DWARF":
            debug.append((section, moved_debug_section(bundle.linker, section)))
    segments = 3
    size = segments * 72 + 80 * (len(layout.sections()) + len(debug)) + 24 + 24
    symoff = 32 + size
    stroff = symoff + len(bundle.symbols)
    at = first = align(stroff + len(bundle.strings), PAGE)
    address = layout.text_bytes + layout.data_bytes
    rows, contents = b"", b""
    for section, data in debug:
        rows += struct.pack(macho.SECTION, padded_name(section.name), padded_name("__DWARF"),
                            address + at - first, len(data), at, 0, 0, 0, macho.S_ATTR_DEBUG, 0, 0, 0)
        contents += data
        at += len(data)
    commands = struct.pack("<II", macho.LC_UUID, 24) + bundle.uuid
    commands += struct.pack("<IIIIII", macho.LC_SYMTAB, 24, symoff, len(bundle.symbols) // 16, stroff,
                            len(bundle.strings))
    for name, begin, end in (("__TEXT", 0, layout.text_bytes), ("__DATA", layout.text_bytes, address)):
        own = [s for s in layout.sections() if s.segment == name]
        command = bytearray(bundle._segment(name, begin, end - begin, 0, 0, 3, own))
        for i in range(len(own)):
            struct.pack_into("<I", command, 72 + 80 * i + 48, 0)  # no contents here
        commands += bytes(command)
    commands += struct.pack(macho.SEGMENT, macho.LC_SEGMENT_64, 72 + 80 * len(debug),
                            padded_name("__DWARF"), address, align(at - first, PAGE), first, at - first,
                            7, 3, len(debug), 0) + rows
    out = struct.pack(macho.HEADER, macho.MAGIC_64, macho.CPU_X86_64, 3, macho.TYPE_DSYM, 5, len(commands),
                      0, 0) + commands + bundle.symbols + bytes(bundle.strings)
    return out.ljust(first, b"\0") + contents


def moved_debug_section(linker, section):
    """Addresses of code and data follow it; offsets into other line tables stay."""
    data = Placed(section.name, section.segment, section.data, section.size, 1, 0, 0)
    for relocation in section.relocations:
        if relocation.type != UNSIGNED or relocation.bytes not in (4, 8):
            raise MachoError("a line table with a relocation of type %d" % relocation.type)
        if relocation.external:
            symbol = linker._symbol(relocation)
            move = 0 if symbol.undefined else linker.layout.new_address(symbol)
        else:
            move = linker.layout.slide(relocation.symbol) if relocation.symbol in linker.layout.by_old else 0
        linker._put(data, relocation, linker._get(data, relocation) + move)
    return bytes(data.data)


def convert(data):
    """The bundle of the object's bytes; MachoError says why not."""
    source = macho.MachoObject(data)
    if source.cpu != macho.CPU_X86_64:
        raise MachoError("not for x86_64: bundles for arm64e need Apple's linker (chained fixups)")
    return Bundle(Linker(source))


def write(path, data, executable):
    temporary = pathlib.Path(str(path) + ".new")
    temporary.write_bytes(data)
    temporary.chmod(0o755 if executable else 0o644)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--dsym")
    parser.add_argument("object")
    parser.add_argument("output")
    arguments = parser.parse_args()
    try:
        bundle = convert(pathlib.Path(arguments.object).read_bytes())
        lines = dsym(bundle) if arguments.dsym else None
    except (MachoError, OSError) as error:
        print("make_bundle.py: %s: %s" % (arguments.object, error), file=sys.stderr)
        return 2
    write(arguments.output, bundle.bytes(), True)
    if lines:
        write(arguments.dsym, lines, False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
