/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEXT_BUNDLE_H
#define KEXT_BUNDLE_H

/*
 * A kext's folder on the host, NAME.kext/Contents/{Info.plist,MacOS/EXECUTABLE}, as kextload finds it on a Mac. What a
 * Mac finds wrong with it is found when it is loaded there: the image then carries the defect (system.h).
 *
 * The folder counts as root's when it belongs to root or to whoever runs this program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <kext_host.h>

enum { KEXT_BUNDLE_ERROR_BYTES = 512 };

struct kext_bundle;

/* NULL: no such folder, or no property list that names a bundle id; `error` is one line with the path. */
struct kext_bundle *kext_bundle_open(const char *path, char error[KEXT_BUNDLE_ERROR_BYTES]);
/* No machine may know the image any more. NULL is a no-op. */
void kext_bundle_close(struct kext_bundle *bundle);

const char *kext_bundle_name(const struct kext_bundle *bundle); /* of the folder, without .kext */
const char *kext_bundle_path(const struct kext_bundle *bundle); /* as it was named, without a slash at its end */
const char *kext_bundle_executable(const struct kext_bundle *bundle); /* its path; "": it could not be read */
/* Of the code for x86_64, on any host; false: it has none. */
bool kext_bundle_uuid(const struct kext_bundle *bundle, unsigned char uuid[16]);
const struct ksim_kext_image *kext_bundle_image(const struct kext_bundle *bundle);

#endif
