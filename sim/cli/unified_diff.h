/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIFIED_DIFF_H
#define UNIFIED_DIFF_H

#include <stdbool.h>

/*
 * Prints what turns `before` into `after` as a unified diff on standard output, by the system's
 * diff(1). `path` names both sides. False, with a line on standard error, when diff cannot be run.
 */
bool unified_diff_print(const char *path, const char *before, const char *after);

#endif
