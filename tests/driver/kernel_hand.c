/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_hand.h"

#include <net/if.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/socket.h>

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
kernel_hand_detach(const char *name)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = ifnet_detach(interface);
    ifnet_release(interface);
    return error;
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
