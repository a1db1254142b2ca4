/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_hand.h"

#include <miscfs/devfs/devfs.h>
#include <net/if.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/socket.h>

#include <device.h>
#include <ksim.h>
#include <protocol.h>

int
kernel_hand_addresses(const char *name, unsigned family, unsigned *count)
{
    ifnet_t interface;
    ifaddr_t *addresses;
    errno_t error = ifnet_find_by_name(name, &interface);

    *count = 0;
    if (error != 0)
        return error;
    error = ifnet_get_address_list(interface, &addresses);
    for (ifaddr_t *each = addresses; error == 0 && *each != NULL; each++) {
        if (ifaddr_address_family(*each) == family)
            (*count)++;
    }
    if (error == 0)
        ifnet_free_address_list(addresses);
    ifnet_release(interface);
    return error;
}

int
kernel_hand_groups(const char *name, unsigned *count)
{
    ifnet_t interface;
    ifmultiaddr_t *groups;
    errno_t error = ifnet_find_by_name(name, &interface);

    *count = 0;
    if (error != 0)
        return error;
    error = ifnet_get_multicast_list(interface, &groups);
    if (error == 0) {
        while (groups[*count] != NULL)
            (*count)++;
        ifnet_free_multicast_list(groups);
    }
    ifnet_release(interface);
    return error;
}

int
kernel_hand_protocols(const char *name, unsigned *count)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    *count = 0;
    if (error == 0) {
        *count = ksim_protocol_count(interface);
        ifnet_release(interface);
    }
    return error;
}

void *
kernel_hand_node_make(unsigned major, unsigned minor, const char *name)
{
    return devfs_make_node(makedev(major, minor), DEVFS_CHAR, 0, 0, 0600, "%s", name);
}

void
kernel_hand_node_remove(void *node)
{
    devfs_remove(node);
}

void
kernel_hand_major_steal(unsigned major)
{
    struct device_slot *slot = &ksim_current()->devices->slots[major];

    slot->entry.d_type = D_TTY;
    slot->owner = NULL;
}

uint32_t
kernel_hand_mtu(const char *name)
{
    ifnet_t interface;
    uint32_t mtu_bytes = 0;

    if (ifnet_find_by_name(name, &interface) == 0) {
        mtu_bytes = ifnet_mtu(interface);
        ifnet_release(interface);
    }
    return mtu_bytes;
}
