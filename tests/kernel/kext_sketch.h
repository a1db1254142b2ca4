/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEXT_SKETCH_H
#define KEXT_SKETCH_H

/*
 * A small kext for x86_64, made here byte by byte (MH_KEXT_BUNDLE): a constructor counts to 1, start calls the import
 * with "hello %d\n" and the count and returns 0, stop returns 0, a destructor does what start does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SKETCH_BYTES = 0x2000 + 0x400, SKETCH_FAT_BYTES = 0x1000 + SKETCH_BYTES };

struct kext_sketch {
    const char *import;     /* as in Mach-O: "_printf" */
    const char *info_name;  /* "_kmod_info" */
    uint32_t file_type, cpu_type;
    uint32_t extra_command; /* a load command more; 0: none */
    uint64_t common_bytes;  /* of the import, which then is a common symbol */
    bool weak;              /* the import may be missing, if gOSKextUnresolved is known */
    uint64_t start;         /* 0x800 is the function */
};

extern const struct kext_sketch sketch_good;

/* Writes the file; returns how long it is. */
size_t sketch_write(const struct kext_sketch *sketch, unsigned char bytes[SKETCH_BYTES]);
/* The same inside a fat file with one slice more for another processor, and for x86_64 if wanted. */
size_t sketch_write_fat(const struct kext_sketch *sketch, bool has_x86_64,
                        unsigned char bytes[SKETCH_FAT_BYTES]);

#endif
