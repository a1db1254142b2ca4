/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_MACHO_H
#define KSIM_MACHO_H

/*
 * The numbers and records of Mach-O files as far as a kext has them: 64 bits, little end first (kpi-rest.md 6.6, 9).
 * The records have no padding on any host; they are copied out of the file, never pointed at.
 */

#include <stdint.h>

enum {
    MACHO_MAGIC_64 = (int)0xfeedfacf,
    MACHO_FAT_MAGIC_SWAPPED = (int)0xbebafeca, /* fat headers are big end first */
    MACHO_CPU_X86_64 = 0x01000007,
    MACHO_TYPE_OBJECT = 1,
    MACHO_TYPE_KEXT_BUNDLE = 11
};

enum {
    MACHO_LC_SYMTAB = 0x2,
    MACHO_LC_THREAD = 0x4,
    MACHO_LC_UNIXTHREAD = 0x5,
    MACHO_LC_DYSYMTAB = 0xb,
    MACHO_LC_SEGMENT_64 = 0x19,
    MACHO_LC_UUID = 0x1b,
    MACHO_LC_CODE_SIGNATURE = 0x1d,
    MACHO_LC_SEGMENT_SPLIT_INFO = 0x1e,
    MACHO_LC_DYLD_INFO = 0x22,
    MACHO_LC_VERSION_MIN_MACOSX = 0x24,
    MACHO_LC_VERSION_MIN_IPHONEOS = 0x25,
    MACHO_LC_FUNCTION_STARTS = 0x26,
    MACHO_LC_DATA_IN_CODE = 0x29,
    MACHO_LC_SOURCE_VERSION = 0x2a,
    MACHO_LC_DYLIB_CODE_SIGN_DRS = 0x2b,
    MACHO_LC_VERSION_MIN_TVOS = 0x2f,
    MACHO_LC_VERSION_MIN_WATCHOS = 0x30,
    MACHO_LC_NOTE = 0x31,
    MACHO_LC_BUILD_VERSION = 0x32,
    MACHO_LC_DYLD_INFO_ONLY = (int)0x80000022,
    MACHO_LC_MAIN = (int)0x80000028
};

enum { MACHO_PROTECTION_READ = 1, MACHO_PROTECTION_WRITE = 2, MACHO_PROTECTION_EXECUTE = 4 };

enum {
    MACHO_SECTION_TYPE = 0xff,
    MACHO_SECTION_ZEROFILL = 1,
    MACHO_SECTION_CONSTRUCTORS = 9,
    MACHO_SECTION_DESTRUCTORS = 10,
    MACHO_SECTION_GB_ZEROFILL = 12,
    MACHO_SECTION_THREAD_FIRST = 17, /* to 21: thread-local data */
    MACHO_SECTION_THREAD_LAST = 21
};

enum {
    MACHO_SYMBOL_STAB = 0xe0,
    MACHO_SYMBOL_TYPE = 0x0e,
    MACHO_SYMBOL_EXTERNAL = 0x01,
    MACHO_SYMBOL_UNDEFINED = 0x0,
    MACHO_SYMBOL_ABSOLUTE = 0x2,
    MACHO_SYMBOL_IN_SECTION = 0xe,
    MACHO_SYMBOL_WEAK_REFERENCE = 0x40 /* of the description */
};

enum macho_relocation_type {
    MACHO_UNSIGNED,
    MACHO_SIGNED,
    MACHO_BRANCH,
    MACHO_GOT_LOAD,
    MACHO_GOT,
    MACHO_SUBTRACTOR,
    MACHO_SIGNED_1,
    MACHO_SIGNED_2,
    MACHO_SIGNED_4,
    MACHO_TLV
};

struct macho_header {
    uint32_t magic, cpu_type, cpu_subtype, file_type, command_count, command_bytes, flags, reserved;
};
struct macho_fat_arch { /* big end first, behind magic and count */
    uint32_t cpu_type, cpu_subtype, offset, bytes, alignment;
};
struct macho_command {
    uint32_t command, bytes;
};
struct macho_segment {
    uint32_t command, command_bytes;
    char name[16];
    uint64_t address, bytes, offset, file_bytes;
    uint32_t maximum_protection, protection, section_count, flags;
};
struct macho_section {
    char name[16], segment[16];
    uint64_t address, bytes;
    uint32_t offset, alignment, relocation_offset, relocation_count, flags, reserved[3];
};
struct macho_symbol_table {
    uint32_t command, command_bytes, offset, count, strings_offset, strings_bytes;
};
struct macho_dynamic_table {
    uint32_t command, command_bytes, other[14];
    uint32_t external_offset, external_count, local_offset, local_count;
};
struct macho_symbol {
    uint32_t name;
    uint8_t type, section;
    uint16_t description;
    uint64_t value;
};
struct macho_relocation {
    int32_t address;
    uint32_t bits; /* 24 symbol or section, 1 pc-relative, 2 length, 1 external, 4 type */
};

#endif
