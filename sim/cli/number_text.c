/* SPDX-License-Identifier: BSD-2-Clause */
#include "number_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NS_PER_SECOND 1e9

bool
number_text_parse(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    /* strtoull would take blanks and a sign. */
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= least &&
           *number <= most;
}

bool
number_text_parse_seconds(const char *text, double most_seconds, uint64_t *ns)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(seconds) || seconds <= 0 || seconds > most_seconds)
        return false;
    *ns = (uint64_t)(seconds * NS_PER_SECOND);
    return true;
}
