/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEXT_OPTION_H
#define KEXT_OPTION_H

#include <stdbool.h>

/*
 * --kext PATH: puts the kext of that folder on the emulated Mac, in the place of what has its name or bundle id. False:
 * one line on standard error that names the subcommand. With `must_load` a kext that no Mac could load is such a
 * case as well; else kextload says so. Before machines are made.
 */
bool kext_option_add(const char *subcommand, const char *path, bool must_load);

#endif
