/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NUMBER_TEXT_H
#define NUMBER_TEXT_H

/* Numbers as people write them after an option. What is wrong with one the subcommand says, in its own words. */

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits and nothing else, from `least` to `most`. False: *number holds no promise. */
bool number_text_parse(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/* Seconds, whole or not, more than 0 and at most `most_seconds`, as ns. False: *ns is as it was. */
bool number_text_parse_seconds(const char *text, double most_seconds, uint64_t *ns);

#endif
