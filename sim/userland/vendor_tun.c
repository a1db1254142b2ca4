/* SPDX-License-Identifier: BSD-2-Clause */
#include "vendor_tun.h"

#include <mach/kmod.h>
#include <net/kpi_protocol.h>
#include <sys/socket.h>

#include "family_tun.h"

/* All that the kext has in memory, for the kernel to keep one of for each machine. */
static kern_return_t vendor_tun_start(struct kmod_info *information, void *data);
static kern_return_t vendor_tun_stop(struct kmod_info *information, void *data);

static struct {
    struct kmod_info kmod;
    struct family_tun tun;
} vendor = {.kmod = {.info_version = KMOD_INFO_VERSION,
                     .name = VENDOR_TUN_BUNDLE,
                     .version = "1.0",
                     .start = vendor_tun_start,
                     .stop = vendor_tun_stop}};

/* Not among the kext's variables: a load makes those pristine. */
static const char *family_owner;

void
vendor_tun_use_family_of(const char *bundle_id)
{
    family_owner = bundle_id;
}

static errno_t
vendor_plumb(ifnet_t interface, protocol_family_t protocol)
{
    return family_tun_plumb(&vendor.tun, interface, protocol);
}

static void
vendor_unplumb(ifnet_t interface, protocol_family_t protocol)
{
    ifnet_detach_protocol(interface, protocol);
}

static kern_return_t
vendor_tun_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    if (proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, vendor_plumb, vendor_unplumb) != 0)
        return KERN_FAILURE;
    if (family_tun_create(&vendor.tun, VENDOR_TUN_BUNDLE, "vtun", family_owner) != 0) {
        proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

static kern_return_t
vendor_tun_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    if (family_tun_destroy(&vendor.tun) != 0)
        return KERN_FAILURE;
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    return KERN_SUCCESS;
}

const struct ksim_kext_image vendor_tun_image = {.bundle_id = VENDOR_TUN_BUNDLE,
                                                 .version = "1.0",
                                                 .kmod = &vendor.kmod,
                                                 .data_begin = &vendor,
                                                 .data_bytes = sizeof(vendor)};

unsigned
vendor_tun_plumbed_own(void)
{
    return vendor.tun.plumbed_own;
}

unsigned
vendor_tun_plumbed_foreign(void)
{
    return vendor.tun.plumbed_foreign;
}

unsigned
vendor_tun_sent(void)
{
    return vendor.tun.sent;
}
