/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_OPTION_H
#define KERNEL_OPTION_H

#include <stdbool.h>

/* "darwin19" as 19; else false, with one line on standard error that names the subcommand. */
bool kernel_option_parse(const char *subcommand, const char *text, int *darwin_major);

#endif
