/* SPDX-License-Identifier: BSD-2-Clause */
#include "kpi_binding.h"

#include "panic.h"
#include "thread.h"

#include <string.h>

const struct kpi_binding *
ksim_kpi_binding_find(const char *symbol)
{
    unsigned first = 0, last = ksim_kpi_binding_count;

    while (first < last) {
        const unsigned middle = first + (last - first) / 2;
        const int order = strcmp(ksim_kpi_binding_table[middle].symbol, symbol);

        if (order == 0) {
            return &ksim_kpi_binding_table[middle];
        }
        if (order < 0) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return NULL;
}

_Noreturn void
ksim_kpi_binding_missing(const char *symbol)
{
    const char *owner = ksim_thread_owner();

    ksim_panic("%s called %s, which the emulated kernel does not have", owner == NULL ? "a kext" : owner,
               symbol);
}
