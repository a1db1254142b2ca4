/* SPDX-License-Identifier: BSD-2-Clause */
#include "built_kexts.h"

#include "../quick_check.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <kext_bundle.h>
#include <native_kexts.h>

static void
use(const char *folder, const char *name)
{
    char path[1024], error[KEXT_BUNDLE_ERROR_BYTES];
    struct kext_bundle *bundle;

    ck_assert_int_lt(snprintf(path, sizeof(path), "%s/%s.kext", folder, name), (int)sizeof(path));
    bundle = kext_bundle_open(path, error);
    ck_assert_msg(bundle != NULL, "%s", error);
    ck_assert_msg(kext_bundle_image(bundle)->defect == 0, "%s: %s", path,
                  kext_bundle_image(bundle)->defect_text);
    ck_assert(native_kexts_add(name, kext_bundle_image(bundle)));
}

void
built_kexts_use(void)
{
    static bool used;
    const char *folder = getenv("TUNTAP_KEXTS");

    if (used || folder == NULL)
        return;
    used = true;
    use(folder, "tun");
    use(folder, "tap");
}
