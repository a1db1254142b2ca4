/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYMBOLIZER_H
#define SYMBOLIZER_H

/* Names and lines of machine code, by LLVM's symbolizer, which is looked for in $PATH (or $LLVM_SYMBOLIZER). */

#include <stddef.h>
#include <stdint.h>

enum { SYMBOLIZER_TEXT_BYTES = 1024 };

/*
 * What `offsets` of the executable are, each "function at file:line:column" with a line more for each caller it was inlined
 * into; "" where that cannot be said. `lines` is a dSYM folder, or NULL. Returns 0 or an errno: ENOENT = no such
 * program.
 */
int symbolizer_run(const char *executable, const char *lines, const uint64_t *offsets, size_t count,
                   char (*texts)[SYMBOLIZER_TEXT_BYTES]);

#endif
