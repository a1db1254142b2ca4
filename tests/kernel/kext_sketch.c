/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_sketch.h"

#include <macho.h>
#include <string.h>

enum {
    CODE = 0x800,
    STOP = 0x840,
    CONSTRUCTOR = 0x860,
    TEXT = 0xa00,
    DATA = 0x1000,
    INFO = 0x1040,
    COUNT = 0x1300,
    CONSTRUCTORS = 0x1400,
    DESTRUCTORS = 0x1410,
    LINKEDIT = 0x2000,
    LOCALS = LINKEDIT + 8,
    SYMBOLS = LINKEDIT + 64,
    STRINGS = LINKEDIT + 160,
    SECTION_TEXT = 1,
    SECTION_COUNT = 5,
    FAT_OFFSET = 0x1000
};

const struct kext_sketch sketch_good = {.import = "_printf",
                                        .info_name = "_kmod_info",
                                        .file_type = MACHO_TYPE_KEXT_BUNDLE,
                                        .cpu_type = MACHO_CPU_X86_64,
                                        .start = CODE};

static void
put(unsigned char *bytes, size_t at, const void *record, size_t length)
{
    memcpy(bytes + at, record, length);
}

static void
put_relative(unsigned char *bytes, size_t at, uint32_t target)
{
    const int32_t distance = (int32_t)(target - (at + 4));

    put(bytes, at, &distance, sizeof(distance));
}

static void
put_word(unsigned char *bytes, size_t at, uint64_t value)
{
    put(bytes, at, &value, sizeof(value));
}

static void
put_code(unsigned char *bytes)
{
    static const unsigned char start[] = {0x55, 0x48, 0x89, 0xe5,             /* push, mov %rsp, %rbp */
                                          0x48, 0x8d, 0x3d, 0,    0, 0, 0,    /* lea text(%rip), %rdi */
                                          0x8b, 0x35, 0,    0,    0, 0,       /* mov count(%rip), %esi */
                                          0x31, 0xc0, 0xe8, 0,    0, 0, 0,    /* xor %eax, %eax; call */
                                          0x31, 0xc0, 0x5d, 0xc3};            /* xor, pop, ret */
    static const unsigned char stop[] = {0x31, 0xc0, 0xc3};
    static const unsigned char constructor[] = {0xff, 0x05, 0, 0, 0, 0, 0xc3}; /* incl count(%rip) */

    put(bytes, CODE, start, sizeof(start));
    put_relative(bytes, CODE + 7, TEXT);
    put_relative(bytes, CODE + 13, COUNT);
    put_relative(bytes, CODE + 20, CODE + 20); /* adds nothing: the kernel's address is not known */
    memset(bytes + CODE + 20, 0, 4);
    put(bytes, STOP, stop, sizeof(stop));
    put(bytes, CONSTRUCTOR, constructor, sizeof(constructor));
    put_relative(bytes, CONSTRUCTOR + 2, COUNT);
    put(bytes, TEXT, "hello %d\n", sizeof("hello %d\n"));
}

static void
put_section(unsigned char *bytes, size_t *at, const char *name, const char *segment, uint64_t address,
            uint64_t length, uint32_t flags)
{
    struct macho_section section = {
        .address = address, .bytes = length, .offset = (uint32_t)address, .flags = flags};

    memcpy(section.name, name, strlen(name));
    memcpy(section.segment, segment, strlen(segment));
    put(bytes, *at, &section, sizeof(section));
    *at += sizeof(section);
}

static void
put_segment(unsigned char *bytes, size_t *at, const char *name, uint64_t address, uint64_t length,
            uint32_t protection, uint32_t sections)
{
    struct macho_segment segment = {
        .command = MACHO_LC_SEGMENT_64,
        .command_bytes = (uint32_t)(sizeof(segment) + sections * sizeof(struct macho_section)),
        .address = address,
        .bytes = length,
        .offset = address,
        .file_bytes = address == LINKEDIT ? SKETCH_BYTES - LINKEDIT : length,
        .maximum_protection = 7,
        .protection = protection,
        .section_count = sections};

    memcpy(segment.name, name, strlen(name));
    put(bytes, *at, &segment, sizeof(segment));
    *at += sizeof(segment);
}

static void
put_commands(const struct kext_sketch *sketch, unsigned char *bytes)
{
    const struct macho_symbol_table symbols = {MACHO_LC_SYMTAB, sizeof(symbols), SYMBOLS, 3, STRINGS, 256};
    struct macho_dynamic_table dynamic = {.command = MACHO_LC_DYSYMTAB,
                                          .command_bytes = sizeof(dynamic),
                                          .external_offset = LINKEDIT,
                                          .external_count = 1,
                                          .local_offset = LOCALS,
                                          .local_count = 4};
    const struct macho_command extra = {sketch->extra_command, sizeof(extra)};
    struct macho_header header = {.magic = (uint32_t)MACHO_MAGIC_64,
                                  .cpu_type = sketch->cpu_type,
                                  .file_type = sketch->file_type,
                                  .command_count = sketch->extra_command != 0 ? 6 : 5};
    size_t at = sizeof(header);

    put_segment(bytes, &at, "__TEXT", 0, DATA, 5, 2);
    put_section(bytes, &at, "__text", "__TEXT", CODE, 0x100, 0);
    put_section(bytes, &at, "__cstring", "__TEXT", TEXT, 32, 2);
    put_segment(bytes, &at, "__DATA", DATA, LINKEDIT - DATA, 3, 3);
    put_section(bytes, &at, "__data", "__DATA", DATA, 0x400, 0);
    put_section(bytes, &at, "__mod_init_func", "__DATA", CONSTRUCTORS, 8, MACHO_SECTION_CONSTRUCTORS);
    put_section(bytes, &at, "__mod_term_func", "__DATA", DESTRUCTORS, 8, MACHO_SECTION_DESTRUCTORS);
    put_segment(bytes, &at, "__LINKEDIT", LINKEDIT, 0x1000, 1, 0);
    put(bytes, at, &symbols, sizeof(symbols));
    put(bytes, at + sizeof(symbols), &dynamic, sizeof(dynamic));
    at += sizeof(symbols) + sizeof(dynamic);
    if (sketch->extra_command != 0) {
        put(bytes, at, &extra, sizeof(extra));
        at += sizeof(extra);
    }
    header.command_bytes = (uint32_t)(at - sizeof(header));
    put(bytes, 0, &header, sizeof(header));
}

static void
put_tables(const struct kext_sketch *sketch, unsigned char *bytes)
{
    static const uint32_t words[] = {INFO + 180, INFO + 188, CONSTRUCTORS, DESTRUCTORS};
    const struct macho_relocation call = {CODE + 20,
                                          1 | 1u << 24 | 2u << 25 | 1u << 27 | (uint32_t)MACHO_BRANCH << 28};
    const size_t info_bytes = strlen(sketch->info_name) + 1;
    const size_t import_bytes = strlen(sketch->import) + 1;
    const struct macho_symbol symbols[] = {
        {1, 0x0f, 3, 0, INFO},
        {(uint32_t)(1 + info_bytes), 0x01, 0, sketch->weak ? MACHO_SYMBOL_WEAK_REFERENCE : 0,
         sketch->common_bytes},
        {(uint32_t)(1 + info_bytes + (sketch->weak ? import_bytes : 0)), 0x01, 0, 0,
         sketch->weak ? 0 : sketch->common_bytes}};

    put(bytes, LINKEDIT, &call, sizeof(call));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const struct macho_relocation local = {(int32_t)words[i], SECTION_TEXT | 3u << 25};

        put(bytes, LOCALS + i * sizeof(local), &local, sizeof(local));
    }
    put(bytes, SYMBOLS, symbols, sizeof(symbols));
    put(bytes, STRINGS + 1, sketch->info_name, info_bytes);
    put(bytes, STRINGS + 1 + info_bytes, sketch->import, import_bytes);
    if (sketch->weak) {
        put(bytes, STRINGS + 1 + info_bytes + import_bytes, "_gOSKextUnresolved", 19);
    }
}

size_t
sketch_write(const struct kext_sketch *sketch, unsigned char bytes[SKETCH_BYTES])
{
    const uint32_t version = 1;

    memset(bytes, 0, SKETCH_BYTES);
    put_commands(sketch, bytes);
    put_code(bytes);
    put(bytes, INFO + 8, &version, sizeof(version));
    put_word(bytes, INFO + 180, sketch->start);
    put_word(bytes, INFO + 188, STOP);
    put_word(bytes, CONSTRUCTORS, CONSTRUCTOR);
    put_word(bytes, DESTRUCTORS, CODE);
    put_tables(sketch, bytes);
    return SKETCH_BYTES;
}

static void
put_big(unsigned char *bytes, uint32_t word)
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)(word >> (24 - 8 * i));
    }
}

size_t
sketch_write_fat(const struct kext_sketch *sketch, bool has_x86_64, unsigned char bytes[SKETCH_FAT_BYTES])
{
    const uint32_t words[] = {0xcafebabe, has_x86_64 ? 2 : 1,
                              0x0100000c, 2, 64,         16,           12, /* arm64e: no contents to speak of */
                              MACHO_CPU_X86_64, 3, FAT_OFFSET, SKETCH_BYTES, 12};

    memset(bytes, 0, SKETCH_FAT_BYTES);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        put_big(bytes + 4 * i, words[i]);
    }
    sketch_write(sketch, bytes + FAT_OFFSET);
    return SKETCH_FAT_BYTES;
}
