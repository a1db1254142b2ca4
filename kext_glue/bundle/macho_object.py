# SPDX-License-Identifier: BSD-2-Clause
"""Reads a Mach-O relocatable object (MH_OBJECT, 64 bits, little end first).

Everything that the file claims is checked against its length; what cannot be read is a MachoError, one line.
"""
import struct

MAGIC_64 = 0xFEEDFACF
CPU_X86_64 = 0x01000007
TYPE_OBJECT, TYPE_DSYM, TYPE_KEXT_BUNDLE = 1, 10, 11
LC_SYMTAB, LC_DYSYMTAB, LC_SEGMENT_64, LC_UUID = 2, 11, 0x19, 0x1B

S_ZEROFILL, S_INIT_POINTERS = 1, 9
S_ATTR_DEBUG = 0x02000000

N_STAB, N_PEXT, N_TYPE, N_EXT = 0xE0, 0x10, 0x0E, 0x01
N_UNDF, N_ABS, N_SECT = 0, 2, 0xE
N_WEAK_REF, N_WEAK_DEF = 0x40, 0x80

# struct nlist_64, struct section_64, struct relocation_info without the bit fields
NLIST, SECTION, RELOCATION = "<IBBHQ", "<16s16sQQIIIIIIII", "<iI"
SEGMENT = "<II16sQQQQIIII"
HEADER = "<IIIIIIII"


SECTION_BYTES_MAX = 1 << 26


class MachoError(Exception):
    """The file is not what it should be."""


class Section:
    """One section of the object; `data` is b"" for zerofill."""

    def __init__(self, fields, image):
        name, segment, self.address, self.size, offset, align, reloff, nreloc, self.flags = fields[:9]
        self.name, self.segment = text(name), text(segment)
        if self.size > SECTION_BYTES_MAX or self.address > 1 << 48:
            raise MachoError("section %s is too large or too far" % self.name)
        if align > 15:
            raise MachoError("section %s asks for an alignment of 2^%d" % (self.name, align))
        self.alignment = 1 << align
        zero = self.kind == S_ZEROFILL
        self.data = b"" if zero else image.slice(offset, self.size, "section " + self.name)
        self.relocations = [Relocation(*image.unpack(RELOCATION, reloff + 8 * i, "relocation"))
                            for i in range(nreloc)]

    @property
    def kind(self):
        return self.flags & 0xFF

    def contains(self, address):
        return self.address <= address < self.address + self.size


class Relocation:
    def __init__(self, address, bits):
        self.address = address
        self.symbol = bits & 0xFFFFFF  # index of a symbol, or number of a section from 1 on
        self.pc_relative = bits >> 24 & 1 == 1
        self.bytes = 1 << (bits >> 25 & 3)
        self.external = bits >> 27 & 1 == 1
        self.type = bits >> 28


class Symbol:
    def __init__(self, name, kind, section, description, value):
        self.name, self.kind, self.section = name, kind, section
        self.description, self.value = description, value

    @property
    def undefined(self):
        return self.kind & N_TYPE == N_UNDF

    @property
    def exported(self):
        return self.kind & N_EXT and not self.kind & N_PEXT


def text(raw):
    return raw.split(b"\0", 1)[0].decode("latin-1")


class Image:
    """Bytes of a file with checked access."""

    def __init__(self, data):
        self.data = data

    def slice(self, offset, size, what):
        if offset + size > len(self.data):
            raise MachoError("%s lies outside the file" % what)
        return self.data[offset:offset + size]

    def unpack(self, layout, offset, what):
        return struct.unpack(layout, self.slice(offset, struct.calcsize(layout), what))


class MachoObject:
    """sections, symbols (stabs left out: index -> Symbol or None), of one architecture."""

    def __init__(self, data):
        image = Image(data)
        magic, self.cpu, _, filetype, commands, size, _, _ = image.unpack(HEADER, 0, "header")
        if magic != MAGIC_64 or filetype != TYPE_OBJECT:
            raise MachoError("not a 64-bit Mach-O object")
        self.sections, self.symbols = [], []
        offset = 32
        for _ in range(commands):
            command, length = image.unpack("<II", offset, "load command")
            if length < 8 or length % 8 or offset + length > 32 + size:
                raise MachoError("load command of %d bytes" % length)
            if command == LC_SEGMENT_64:
                self._read_segment(image, offset)
            elif command == LC_SYMTAB:
                self._read_symbols(image, *image.unpack("<IIII", offset + 8, "symbol table"))
            offset += length

    def _read_segment(self, image, offset):
        count = image.unpack("<I", offset + 64, "segment")[0]
        for i in range(count):
            self.sections.append(Section(image.unpack(SECTION, offset + 72 + 80 * i, "section"), image))

    def _read_symbols(self, image, symoff, nsyms, stroff, strsize):
        strings = image.slice(stroff, strsize, "string table")
        for i in range(nsyms):
            name, kind, section, description, value = image.unpack(NLIST, symoff + 16 * i, "symbol")
            if name >= max(strsize, 1) or not (kind & N_TYPE == N_SECT) <= section <= len(self.sections):
                raise MachoError("symbol %d names what is not there" % i)
            self.symbols.append(None if kind & N_STAB else
                                Symbol(text(strings[name:]), kind, section, description, value))
