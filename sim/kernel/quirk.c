/* SPDX-License-Identifier: BSD-2-Clause */
#include "quirk.h"

#include "profile.h"
#include "quirk_list.h"

#include <stddef.h>

#define TEXT_OF(field, meaning, source)   {#field, meaning, source},
#define OFFSET_OF(field, meaning, source) offsetof(struct ksim_profile, field),

static const struct ksim_quirk quirks[] = {QUIRKS(TEXT_OF)};
static const size_t offsets[] = {QUIRKS(OFFSET_OF)};

enum { QUIRK_COUNT = sizeof(quirks) / sizeof(quirks[0]) };

const struct ksim_quirk *
ksim_quirk_at(unsigned index)
{
    return index < QUIRK_COUNT ? &quirks[index] : NULL;
}

bool
ksim_quirk_shows(const struct ksim_quirk *quirk, int darwin_major)
{
    const char *profile = (const char *)ksim_profile_find(darwin_major);

    return *(const bool *)(const void *)(profile + offsets[quirk - quirks]);
}
