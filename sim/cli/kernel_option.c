/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_option.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DARWIN_FIRST = 10, DARWIN_LAST = 24 };

bool
kernel_option_parse(const char *subcommand, const char *text, int *darwin_major)
{
    char *end = NULL;
    long major = 0;

    if (strncmp(text, "darwin", 6) == 0 && isdigit((unsigned char)text[6]))
        major = strtol(text + 6, &end, 10);
    if (end != NULL && *end == '\0' && major >= DARWIN_FIRST && major <= DARWIN_LAST) {
        *darwin_major = (int)major;
        return true;
    }
    fprintf(stderr, "tuntapsim: %s: --kernel: no such release: %s (darwin%d to darwin%d)\n",
            subcommand, text, DARWIN_FIRST, DARWIN_LAST);
    return false;
}
