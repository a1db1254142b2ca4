/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KPI_BINDING_H
#define KSIM_KPI_BINDING_H

/*
 * Where the emulated kernel's functions are, by name, for kexts that come out of files. The table is made at build time
 * of what include/ declares and the sources define (make_binding_table.py).
 */

#include <stdbool.h>

struct kpi_binding {
    const char *symbol; /* as in C */
    const void *address;
    bool data; /* a variable, not a function */
};

/* Marks, on a line of its own, a variable that is declared with KPI_SYMBOL(name), for make_binding_table.py. */
#define KPI_DATA(name)

/* In order of symbol. */
extern const struct kpi_binding ksim_kpi_binding_table[];
extern const unsigned ksim_kpi_binding_count;

/* NULL: the emulation has no such function or variable. */
const struct kpi_binding *ksim_kpi_binding_find(const char *symbol);

/* What a kext runs into that calls what the emulation lacks: a panic that names it. */
_Noreturn void ksim_kpi_binding_missing(const char *symbol);

#endif
