/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
oracle_failed(const char *file, int line, const char *condition, const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "oracle: %s:%d: %s: ", slash == NULL ? file : slash + 1, line, condition);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}
