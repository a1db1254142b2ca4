/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VARIANTS_H
#define VARIANTS_H

/* The broken drivers of this folder (exhibits.tsv), for native_kexts_offer. */

#include <native_kexts.h>

extern const struct native_kext_variant museum_variants[];

#endif
