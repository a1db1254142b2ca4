/* SPDX-License-Identifier: BSD-2-Clause */
#include "naive_tun.h"

#include <mach/kmod.h>
#include <miscfs/devfs/devfs.h>
#include <net/kpi_protocol.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/systm.h>
#include <sys/uio.h>

#include "family_tun.h"

enum { PACKET_BYTES_MAX = 1500 };

static kern_return_t naive_tun_start(struct kmod_info *information, void *data);
static kern_return_t naive_tun_stop(struct kmod_info *information, void *data);
static int naive_open(dev_t device, int flags, int type, struct proc *process);
static int naive_write(dev_t device, struct uio *uio, int flags);

/* All that the kext has in memory, for the kernel to keep one of for each machine. */
static struct {
    struct kmod_info kmod;
    struct cdevsw device_switch;
    struct family_tun tun;
    int major;
    void *node;
} naive = {.kmod = {.info_version = KMOD_INFO_VERSION,
                    .name = NAIVE_TUN_BUNDLE,
                    .version = "0.9",
                    .start = naive_tun_start,
                    .stop = naive_tun_stop},
           .device_switch = {.d_open = naive_open, .d_close = naive_open, .d_write = naive_write}};

/* --- the device -------------------------------------------------------------------------------- */

/* Close as well: there is nothing to do for either. */
static int
naive_open(dev_t device, int flags, int type, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)type;
    (void)process;
    return 0;
}

static int
naive_write(dev_t device, struct uio *uio, int flags)
{
    size_t bytes = (size_t)uio_resid(uio);
    unsigned chunks = 1;
    mbuf_t packet;
    int error;

    (void)device;
    (void)flags;
    if (bytes == 0 || bytes > PACKET_BYTES_MAX)
        return EMSGSIZE;
    error = mbuf_allocpacket(MBUF_WAITOK, bytes, &chunks, &packet);
    if (error != 0)
        return error;
    error = uiomove(mbuf_data(packet), (int)bytes, uio);
    if (error == 0) {
        mbuf_setlen(packet, bytes);
        mbuf_pkthdr_setlen(packet, bytes);
        mbuf_pkthdr_setrcvif(packet, naive.tun.interface);
        mbuf_pkthdr_setheader(packet, NULL);
        error = ifnet_input(naive.tun.interface, packet, NULL);
    }
    /* The mistake: after ifnet_input the packet is the kernel's, whatever it answered. */
    if (error != 0)
        mbuf_freem(packet);
    return error;
}

static kern_return_t
naive_device_create(void)
{
    naive.major = cdevsw_add(-1, &naive.device_switch);
    if (naive.major < 0)
        return KERN_FAILURE;
    naive.node = devfs_make_node(makedev(naive.major, 0), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0660,
                                 "ntun0");
    if (naive.node != NULL)
        return KERN_SUCCESS;
    cdevsw_remove(naive.major, &naive.device_switch);
    return KERN_FAILURE;
}

/* --- the kext ---------------------------------------------------------------------------------- */

static errno_t
naive_plumb(ifnet_t interface, protocol_family_t protocol)
{
    return family_tun_plumb(&naive.tun, interface, protocol);
}

static void
naive_unplumb(ifnet_t interface, protocol_family_t protocol)
{
    ifnet_detach_protocol(interface, protocol);
}

static kern_return_t
naive_tun_start(struct kmod_info *information, void *data)
{
    errno_t error = proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, naive_plumb, naive_unplumb);

    (void)information;
    (void)data;
    if (error != 0) {
        printf("naive_tun: cannot register the plumber of IPv4: errno %d\n", error);
        return KERN_FAILURE;
    }
    if (family_tun_create(&naive.tun, NAIVE_TUN_BUNDLE, "ntun", NULL) != 0)
        goto unregister_plumber;
    if (naive_device_create() == KERN_SUCCESS)
        return KERN_SUCCESS;
    (void)family_tun_destroy(&naive.tun);
unregister_plumber:
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    return KERN_FAILURE;
}

static kern_return_t
naive_tun_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    if (family_tun_destroy(&naive.tun) != 0)
        return KERN_FAILURE;
    devfs_remove(naive.node);
    cdevsw_remove(naive.major, &naive.device_switch);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    return KERN_SUCCESS;
}

const struct ksim_kext_image naive_tun_image = {.bundle_id = NAIVE_TUN_BUNDLE,
                                                .version = "0.9",
                                                .kmod = &naive.kmod,
                                                .data_begin = &naive,
                                                .data_bytes = sizeof(naive)};
