/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KPI_EXPORT_TABLE_H
#define KSIM_KPI_EXPORT_TABLE_H

/* The table behind kpi_export.h, made of exports.tsv at build time (make_export_table.py). */

#include <stdint.h>

enum kpi_component {
    KPI_BSD,
    KPI_DSEP,
    KPI_IOKIT,
    KPI_LIBKERN,
    KPI_MACH,
    KPI_PRIVATE,
    KPI_UNSUPPORTED,
    KPI_COMPONENTS
};

struct kpi_export {
    const char *symbol;
    uint8_t component;
    uint16_t releases; /* bit 0: KSIM_DARWIN_FIRST */
};

/* In order of symbol, then of component. */
extern const struct kpi_export ksim_kpi_export_table[];
extern const unsigned ksim_kpi_export_count;

#endif
