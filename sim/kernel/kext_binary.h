/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_BINARY_H
#define KSIM_KEXT_BINARY_H

/*
 * The record behind kext_host.h. One mapping holds all: the image as its segments want it; a slot and a thunk for each
 * symbol, near enough for a call's 32 bits; this record, the names of the imports.
 */

#include <kext_file.h>
#include <kext_host.h>

enum { KEXT_TABLES = 8, KEXT_THUNK_BYTES = 16 };

/* Constructors or destructors of C++. */
struct kext_table {
    bool destructors;
    const unsigned char *begin; /* pointers */
    size_t count;
};

struct ksim_kext_binary {
    struct ksim_kext_image image;
    unsigned char *mapping;
    size_t mapping_bytes;
    size_t span_bytes; /* of the image: without __LINKEDIT */
    const unsigned char *text_begin;
    size_t text_bytes;
    unsigned table_count;
    struct kext_table tables[KEXT_TABLES];
    bool object;
    unsigned command_count;
    uint32_t commands[KEXT_FILE_COMMANDS];
    bool has_uuid;
    unsigned char uuid[16];
};

/* Does the release's linker take the file's load commands? If not, it says so on the console. */
bool ksim_kext_binary_accepted(const struct ksim_kext_binary *binary, int darwin_major);

/* Runs the constructors, or the destructors, on the calling thread. False: one lies outside the code (console). */
bool ksim_kext_binary_run(const struct ksim_kext_binary *binary, bool destructors);

/* Can a function of the kext be there? */
bool ksim_kext_binary_is_code(const struct ksim_kext_binary *binary, const void *address);

#endif
