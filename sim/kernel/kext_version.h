/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_VERSION_H
#define KSIM_KEXT_VERSION_H

/*
 * CFBundleVersion as kexts have it (kpi-rest.md 6.4): major of 1 to 4 digits, up to two more numbers of
 * up to `field_digits` digits (2, from 10.14 on 4), a stage d, a, b, f or fc with a level of 1 to 255.
 */

#include <stdbool.h>
#include <stdint.h>

/* Is the text such a version? White space ends it. */
bool ksim_kext_version_valid(const char *text, int field_digits);

/* A number that is greater for a later version; -1: the text is no version. */
int64_t ksim_kext_version_number(const char *text, int field_digits);

#endif
