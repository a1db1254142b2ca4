/* SPDX-License-Identifier: BSD-2-Clause */
#include "vendor_tun.h"

#include <mach/kmod.h>
#include <net/if.h>
#include <net/if_types.h>
#include <net/kpi_interface.h>
#include <net/kpi_protocol.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/systm.h>
#include <sys/time.h>

/* All that the kext has in memory, for the kernel to keep one of for each machine. */
static kern_return_t vendor_tun_start(struct kmod_info *information, void *data);
static kern_return_t vendor_tun_stop(struct kmod_info *information, void *data);

static struct {
    struct kmod_info kmod;
    ifnet_t interface;
    unsigned plumbed_own, plumbed_foreign, sent;
    bool detached;
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
vendor_input(ifnet_t interface, protocol_family_t protocol, mbuf_t packet, char *header)
{
    (void)interface;
    (void)header;
    return proto_input(protocol, packet);
}

static errno_t
vendor_plumb(ifnet_t interface, protocol_family_t protocol)
{
    struct ifnet_attach_proto_param parameters = {.input = vendor_input};

    if (interface != vendor.interface) {
        vendor.plumbed_foreign++;
        return ENXIO;
    }
    vendor.plumbed_own++;
    return ifnet_attach_protocol(interface, protocol, &parameters);
}

static void
vendor_unplumb(ifnet_t interface, protocol_family_t protocol)
{
    ifnet_detach_protocol(interface, protocol);
}

static errno_t
vendor_output(ifnet_t interface, mbuf_t packet)
{
    (void)interface;
    vendor.sent++;
    mbuf_freem(packet);
    return 0;
}

static errno_t
vendor_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *protocol)
{
    (void)interface;
    (void)packet;
    (void)header;
    *protocol = PF_INET;
    return 0;
}

static errno_t
vendor_add_proto(ifnet_t interface, protocol_family_t protocol,
                 const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)protocol;
    (void)descriptors;
    (void)count;
    return 0;
}

static errno_t
vendor_del_proto(ifnet_t interface, protocol_family_t protocol)
{
    (void)interface;
    (void)protocol;
    return 0;
}

static errno_t
vendor_ioctl(ifnet_t interface, unsigned long command, void *data)
{
    (void)interface;
    (void)command;
    (void)data;
    return 0;
}

static void
vendor_detached(ifnet_t interface)
{
    (void)interface;
    vendor.detached = true;
    wakeup(&vendor);
}

static errno_t
vendor_interface_create(void)
{
    struct ifnet_init_params parameters = {.uniqueid = "com.vendor.tun",
                                           .uniqueid_len = 14,
                                           .name = "vtun",
                                           .family = IFNET_FAMILY_TUN,
                                           .type = IFT_OTHER,
                                           .output = vendor_output,
                                           .demux = vendor_demux,
                                           .add_proto = vendor_add_proto,
                                           .del_proto = vendor_del_proto,
                                           .ioctl = vendor_ioctl,
                                           .detach = vendor_detached};
    errno_t error = 0;

    if (family_owner != NULL)
        error = ifnet_interface_family_find(family_owner, &parameters.family);
    if (error == 0)
        error = ifnet_allocate(&parameters, &vendor.interface);
    if (error != 0)
        return error;
    ifnet_set_mtu(vendor.interface, 1500);
    ifnet_set_flags(vendor.interface, IFF_POINTOPOINT | IFF_RUNNING, IFF_POINTOPOINT | IFF_RUNNING);
    error = ifnet_attach(vendor.interface, NULL);
    if (error != 0)
        ifnet_release(vendor.interface);
    return error;
}

static kern_return_t
vendor_tun_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    vendor.interface = NULL;
    vendor.plumbed_own = vendor.plumbed_foreign = vendor.sent = 0;
    vendor.detached = false;
    if (proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, vendor_plumb, vendor_unplumb) != 0)
        return KERN_FAILURE;
    if (vendor_interface_create() != 0) {
        proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

static kern_return_t
vendor_tun_stop(struct kmod_info *information, void *data)
{
    struct timespec patience = {.tv_nsec = 10000000};

    (void)information;
    (void)data;
    if (ifnet_detach(vendor.interface) != 0)
        return KERN_FAILURE;
    while (!vendor.detached)
        msleep(&vendor, NULL, PZERO, "vendor", &patience);
    ifnet_release(vendor.interface);
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
    return vendor.plumbed_own;
}

unsigned
vendor_tun_plumbed_foreign(void)
{
    return vendor.plumbed_foreign;
}

unsigned
vendor_tun_sent(void)
{
    return vendor.sent;
}
