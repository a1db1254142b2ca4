/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_RELOCATION_H
#define KSIM_KEXT_RELOCATION_H

/*
 * Relocations of x86_64 (kpi-rest.md 6.6). The addend stands in the place itself. An external one adds the symbol's
 * address, one against a section adds how far that section moved; what is relative to the instruction subtracts
 * where the place is (external) or how far it moved.
 */

#include <kext_file.h>

struct kext_linker {
    const struct kext_file *file;
    unsigned char *image; /* where the first byte of the first segment is now */
    size_t span_bytes;
    uint64_t link_base;   /* where the file says that it is */
    unsigned char *placed[KEXT_FILE_SECTIONS]; /* where each section is now; NULL: dropped */
    unsigned char *slots;  /* 8 bytes for each symbol: its address */
    unsigned char *thunks; /* KEXT_THUNK_BYTES each: jumps to what the slot says */
    char *error;
};

/* The address of a symbol that is defined in the file; false: it lies outside what was kept. */
bool kext_symbol_address(const struct kext_linker *linker, const struct macho_symbol *symbol,
                         uint64_t *address);

/* Applies all relocations of the file. The slots are filled. False: `error` says why not. */
bool kext_relocate(const struct kext_linker *linker);

#endif
