/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_FILE_H
#define KSIM_KEXT_FILE_H

/*
 * The executable of a kext, read from the bytes of its file: thin or fat, MH_KEXT_BUNDLE or MH_OBJECT, x86_64. Whatever
 * the bytes are, nothing outside them is touched, and after kext_file_read has said yes all offsets, counts and
 * section numbers of the tables it kept are inside. Refusals are in kxld's words (kpi-rest.md 6.6).
 */

#include <macho.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    KEXT_FILE_SEGMENTS = 16,
    KEXT_FILE_SECTIONS = 255, /* a symbol's number of its section has eight bits */
    KEXT_FILE_COMMANDS = 64,
    KEXT_FILE_ERROR_BYTES = 256
};

/* More than any driver has; a hostile file must not make the host reserve gigabytes. */
#define KEXT_FILE_SPAN_BYTES 0x4000000u

struct kext_file {
    const unsigned char *bytes; /* borrowed: of the slice for x86_64 */
    size_t length;
    bool object; /* MH_OBJECT */
    unsigned segment_count, section_count, command_count;
    struct macho_segment segments[KEXT_FILE_SEGMENTS];
    struct macho_section sections[KEXT_FILE_SECTIONS];
    uint32_t commands[KEXT_FILE_COMMANDS]; /* what load commands there are, in order */
    struct macho_symbol_table symbols;
    struct macho_dynamic_table dynamic; /* all 0 in an object */
    bool has_uuid;
    unsigned char uuid[16];
};

/* Whose fault it is that a kext cannot be loaded; each is one result of kextload. */
enum kext_file_verdict {
    KEXT_FILE_GOOD,
    KEXT_FILE_NO_ARCHITECTURE, /* no slice for x86_64 */
    KEXT_FILE_BAD              /* kxld would refuse to link it */
};

/* `error` gets one line, without a line feed, unless the verdict is good. */
enum kext_file_verdict kext_file_read(struct kext_file *file, const void *bytes, size_t length,
                                      char error[KEXT_FILE_ERROR_BYTES]);

/* The symbol of that number (below symbols.count), and its name, which ends inside the file. */
struct macho_symbol kext_file_symbol(const struct kext_file *file, uint32_t number);
const char *kext_file_symbol_name(const struct kext_file *file, const struct macho_symbol *symbol);

/* Is it an undefined name that the kernel must have? Not one of a debugger's. */
bool kext_file_is_import(const struct macho_symbol *symbol);

/* The table's relocation of that number; the caller keeps to the count. */
struct macho_relocation kext_file_relocation(const struct kext_file *file, uint32_t offset,
                                             uint32_t number);

bool kext_section_is_zero(const struct macho_section *section);

#endif
