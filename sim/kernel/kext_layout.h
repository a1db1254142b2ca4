/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_LAYOUT_H
#define KSIM_KEXT_LAYOUT_H

/*
 * Where the parts of a kext's file go: code, then variables, on pages of their own. A bundle says it by its segments
 * (__LINKEDIT, last, is not kept); an object's sections get places here, but for those of a debugger and of unwinders.
 */

#include <kext_file.h>

enum { KEXT_DROPPED = -1 };

struct kext_layout {
    size_t span_bytes; /* whole pages */
    uint64_t link_base;
    size_t text_begin, text_end; /* what is executable, from the first to the last */
    size_t data_begin, data_end; /* what can be written */
    int64_t offsets[KEXT_FILE_SECTIONS]; /* from the beginning of the image, or KEXT_DROPPED */
};

/* False: `error` says why the file cannot be laid out. */
bool kext_layout_make(struct kext_layout *layout, const struct kext_file *file,
                      char error[KEXT_FILE_ERROR_BYTES]);

/* Copies what the file holds to `image`, zeroed pages of span_bytes. */
void kext_layout_fill(const struct kext_layout *layout, const struct kext_file *file,
                      unsigned char *image);

#endif
