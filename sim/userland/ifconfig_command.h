/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IFCONFIG_COMMAND_H
#define IFCONFIG_COMMAND_H

/* What the files of the ifconfig command share. */

#include "command.h"

enum ifconfig_family { IFCONFIG_ANY, IFCONFIG_INET, IFCONFIG_INET6, IFCONFIG_LINK };

/* The family of "inet", "inet6", "ether", "lladdr" or "link"; IFCONFIG_ANY for other words. */
enum ifconfig_family ifconfig_family_of(const char *word);

/* "ifconfig: WHAT: permission denied" and its kin, as ifconfig's own Perror words it; returns 1. */
int ifconfig_failed(struct command_call *call, const char *what, int result);

/* ifconfig_status.c: the lines of one interface; `media` with the list of -m. */
void ifconfig_print(struct command_call *call, const char *name, enum ifconfig_family family,
                    bool media);

/* ifconfig_change.c: does what the words from `first` on say; the exit status. */
int ifconfig_apply(struct command_call *call, const char *name, enum ifconfig_family family,
                   int first);

#endif
