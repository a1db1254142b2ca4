/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMMAND_LIST_H
#define COMMAND_LIST_H

/*
 * Every command that can be typed, once, in order of name. Each is defined as command_NAME in the
 * file for its subject: command_<subject>.c.
 */

#include "command.h"

#define COMMANDS(X)                                                                                \
    X(close) X(dup) X(ioctl) X(kextload) X(kextunload) X(open) X(read) X(sleep) X(write)

/* Those that are programs (command_is_program). */
#define PROGRAMS(X) X(kextload) X(kextunload)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
