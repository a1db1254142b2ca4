/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "machine_state.h"

void
machine_console_list(const char *format, va_list arguments)
{
    struct machine *machine = machine_current();
    size_t start;

    if (machine == NULL)
        host_stop("machine_console was called with no machine entered");
    start = machine->console.length;
    text_add_list(&machine->console, format, arguments);
    text_end_line(&machine->console);
    if (machine->config.echo_console)
        fputs(text_bytes(&machine->console) + start, stderr);
}

void
machine_console(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    machine_console_list(format, arguments);
    va_end(arguments);
}

const char *
machine_console_text(const struct machine *machine)
{
    return text_bytes(&machine->console);
}
