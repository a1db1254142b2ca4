/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_HOST_H
#define KSIM_KEXT_HOST_H

/*
 * Kexts out of files, for host code: what kextload hands to the kernel. The machine code of the file is mapped and
 * linked once and then is an image like a natively compiled one (system.h): each machine has its own copy of the
 * variables. On hosts that are not x86_64 no file can be opened.
 *
 * Every undefined symbol is bound to the emulated kernel's function of that name (kpi_binding.h); whether the booted
 * release exports it to this kext is asked at each load. What the kernel exports and the emulation lacks is bound to
 * code that panics with the name when it is called. A weak import is resolved when the emulation has it, on any
 * release.
 */

#include <system.h>

/* From Info.plist; borrowed for the life of the binary. Arrays end with NULL. */
struct ksim_kext_properties {
    const char *bundle_id, *version;
    const char *compatible_version;       /* OSBundleCompatibleVersion; NULL: not a library */
    const char *const *libraries;         /* keys of OSBundleLibraries */
    const char *const *library_versions;  /* its values, in the same order */
};

enum { KSIM_KEXT_ERROR_BYTES = 256 };

struct ksim_kext_binary;

/*
 * Links the bytes of an executable (MH_KEXT_BUNDLE or MH_OBJECT, thin or fat), which may be freed after that. NULL:
 * *result is what kextload gets (KSIM_KEXT_LINK, KSIM_KEXT_NO_ARCHITECTURE, KSIM_KEXT_NO_MEMORY) and `error` one line
 * in the words of the kernel's linker. No machine need be entered.
 */
struct ksim_kext_binary *ksim_kext_binary_open(const void *file, size_t bytes,
                                               const struct ksim_kext_properties *properties, int *result,
                                               char error[KSIM_KEXT_ERROR_BYTES]);
/* No machine may know the image any more. */
void ksim_kext_binary_close(struct ksim_kext_binary *binary);

const struct ksim_kext_image *ksim_kext_binary_image(const struct ksim_kext_binary *binary);

#endif
