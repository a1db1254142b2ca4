/* SPDX-License-Identifier: BSD-2-Clause */
#include "vendor_kexts.h"

#include <mach/kmod.h>
#include <miscfs/devfs/devfs.h>
#include <string.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>


static struct {
    struct cdevsw device_switch;
    int major;
    void *nodes[2];
} vendor_nodes;

static int
vendor_nodes_open(dev_t device, int flags, int type, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)type;
    (void)process;
    return 0;
}

static kern_return_t
vendor_nodes_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    memset(&vendor_nodes, 0, sizeof(vendor_nodes));
    vendor_nodes.device_switch.d_open = vendor_nodes_open;
    vendor_nodes.device_switch.d_close = vendor_nodes_open;
    vendor_nodes.major = cdevsw_add(-1, &vendor_nodes.device_switch);
    if (vendor_nodes.major < 0)
        return KERN_FAILURE;
    vendor_nodes.nodes[0] =
        devfs_make_node(makedev(vendor_nodes.major, 0), DEVFS_CHAR, 0, 0, 0600, "tun3");
    vendor_nodes.nodes[1] =
        devfs_make_node(makedev(vendor_nodes.major, 1), DEVFS_CHAR, 0, 0, 0600, "tap3");
    return KERN_SUCCESS;
}

static kern_return_t
vendor_nodes_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    devfs_remove(vendor_nodes.nodes[0]);
    devfs_remove(vendor_nodes.nodes[1]);
    cdevsw_remove(vendor_nodes.major, &vendor_nodes.device_switch);
    return KERN_SUCCESS;
}

static struct kmod_info vendor_nodes_kmod = {.info_version = KMOD_INFO_VERSION,
                                             .name = "com.vendor.nodes",
                                             .version = "1.0",
                                             .start = vendor_nodes_start,
                                             .stop = vendor_nodes_stop};

const struct ksim_kext_image vendor_nodes_image = {
    .bundle_id = "com.vendor.nodes", .version = "1.0", .kmod = &vendor_nodes_kmod};
