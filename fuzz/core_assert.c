/* SPDX-License-Identifier: BSD-2-Clause */
/* What core asks its embedder for: an assertion that fails is a finding. */
#include "oracle.h"

_Noreturn void tt_assert_failed(const char *expression, const char *file, int line);

void
tt_assert_failed(const char *expression, const char *file, int line)
{
    oracle_failed(file, line, expression, "assertion of core");
}
