/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_option.h"

#include <stdio.h>

#include <kext_bundle.h>
#include <native_kexts.h>

bool
kext_option_add(const char *subcommand, const char *path, bool must_load)
{
    char error[KEXT_BUNDLE_ERROR_BYTES];
    struct kext_bundle *bundle = kext_bundle_open(path, error);
    const struct ksim_kext_image *image;

    if (bundle == NULL) {
        fprintf(stderr, "tuntapsim: %s: --kext: %s\n", subcommand, error);
        return false;
    }
    image = kext_bundle_image(bundle);
    if (must_load && image->defect != 0) {
        fprintf(stderr, "tuntapsim: %s: --kext: %s: %s: %s\n", subcommand, path,
                ksim_kext_result_text(image->defect), image->defect_text);
        kext_bundle_close(bundle);
        return false;
    }
    /* The process keeps it to its end. */
    if (native_kexts_add(kext_bundle_name(bundle), image))
        return true;
    fprintf(stderr, "tuntapsim: %s: --kext: too many kexts\n", subcommand);
    kext_bundle_close(bundle);
    return false;
}
