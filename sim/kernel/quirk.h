/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_QUIRK_H
#define KSIM_QUIRK_H

/*
 * The quirks of the releases as text: each field of struct ksim_profile that is true or false, with one
 * line of meaning and the section of the fact sheets that it stands on. For tables and help, not for
 * the kernel.
 */

#include <stdbool.h>

struct ksim_quirk {
    const char *name;    /* of the field */
    const char *meaning; /* one line, Markdown */
    const char *source;  /* "kpi-ifnet 15.1" */
};

/* The index-th quirk in the order of profile.h; NULL past the last. Lives for ever. */
const struct ksim_quirk *ksim_quirk_at(unsigned index);
/* Does this release (10..24) show it? */
bool ksim_quirk_shows(const struct ksim_quirk *quirk, int darwin_major);

#endif
