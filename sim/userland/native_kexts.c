/* SPDX-License-Identifier: BSD-2-Clause */
#include "native_kexts.h"

#include <string.h>

#include <system.h>

#include "naive_tap.h"
#include "naive_tun.h"
#include "vendor_tun.h"

extern struct kmod_info tun_kmod_info, tap_kmod_info;
extern char tun_data_begin[] NATIVE_KEXT_DATA_BEGIN("tun");
extern char tun_data_end[] NATIVE_KEXT_DATA_END("tun");
extern char tap_data_begin[] NATIVE_KEXT_DATA_BEGIN("tap");
extern char tap_data_end[] NATIVE_KEXT_DATA_END("tap");

/* What each needs of the kernel, made by cmake/kext_manifest.py. */
extern const char *const tun_imports[], *const tun_libraries[];
extern const char *const tap_imports[], *const tap_libraries[];

static struct ksim_kext_image tun_image = {
    .bundle_id = "net.sf.tuntaposx.tun",
    .version = TUNTAP_VERSION,
    .kmod = &tun_kmod_info,
    .data_begin = tun_data_begin,
    .libraries = tun_libraries,
    .imports = tun_imports,
};

static struct ksim_kext_image tap_image = {
    .bundle_id = "net.sf.tuntaposx.tap",
    .version = TUNTAP_VERSION,
    .kmod = &tap_kmod_info,
    .data_begin = tap_data_begin,
    .libraries = tap_libraries,
    .imports = tap_imports,
};

static const struct native_kext_variant *variants;
static const struct native_kext_variant *chosen; /* NULL = what ships */

void
native_kexts_offer(const struct native_kext_variant *table)
{
    variants = table;
}

const struct native_kext_variant *
native_kexts_variant(unsigned index)
{
    const struct native_kext_variant *variant = variants;

    while (variant != NULL && variant->kext != NULL && index-- > 0)
        variant++;
    return variant != NULL && variant->kext != NULL ? variant : NULL;
}

bool
native_kexts_choose(const char *name)
{
    const struct native_kext_variant *variant;

    chosen = NULL;
    if (strcmp(name, NATIVE_KEXT_SHIPPED) == 0)
        return true;
    for (unsigned i = 0; (variant = native_kexts_variant(i)) != NULL; i++) {
        if (strcmp(variant->name, name) == 0) {
            chosen = variant;
            variant->image->data_bytes =
                (size_t)(variant->data_end - (const char *)variant->image->data_begin);
            return true;
        }
    }
    return false;
}

enum { ADDED_MAX = 8 };

static struct {
    const char *name;
    const struct ksim_kext_image *image;
} added[ADDED_MAX];
static unsigned added_count;

bool
native_kexts_add(const char *name, const struct ksim_kext_image *image)
{
    if (added_count == ADDED_MAX)
        return false;
    added[added_count].name = name;
    added[added_count++].image = image;
    return true;
}

void
native_kexts_reset(void)
{
    added_count = 0;
}

const struct ksim_kext_image *
native_kext_image(const char *name)
{
    for (unsigned i = 0; i < added_count; i++)
        if (strcmp(added[i].name, name) == 0)
            return added[i].image;
    if (chosen != NULL && strcmp(chosen->kext, name) == 0)
        return chosen->image;
    /* The linker knows the sizes, the compiler does not. */
    tun_image.data_bytes = (size_t)(tun_data_end - tun_data_begin);
    tap_image.data_bytes = (size_t)(tap_data_end - tap_data_begin);
    if (strcmp(name, "tun") == 0)
        return &tun_image;
    return strcmp(name, "tap") == 0 ? &tap_image : NULL;
}

/* Only one kext of a bundle id can be there; what was added goes first. */
static void
register_unless_added(struct ksim *kernel, const struct ksim_kext_image *image)
{
    for (unsigned i = 0; i < added_count; i++)
        if (strcmp(added[i].image->bundle_id, image->bundle_id) == 0)
            return;
    ksim_kext_register(kernel, image);
}

void
native_kexts_register(struct ksim *kernel)
{
    for (unsigned i = 0; i < added_count; i++)
        ksim_kext_register(kernel, added[i].image);
    if (chosen != NULL && chosen->boot != NULL)
        chosen->boot();
    register_unless_added(kernel, native_kext_image("tun"));
    register_unless_added(kernel, native_kext_image("tap"));
    register_unless_added(kernel, &vendor_tun_image);
    register_unless_added(kernel, &naive_tun_image);
    /* What somebody made it believe on another Mac is not known on this one. */
    (void)naive_tap_believe((enum naive_tap_belief)0);
    for (unsigned i = 0; i < NAIVE_TAP_IMAGES; i++)
        register_unless_added(kernel, &naive_tap_images[i]);
}
