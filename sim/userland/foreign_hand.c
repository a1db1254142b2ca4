/* SPDX-License-Identifier: BSD-2-Clause */
#include "foreign_hand.h"

#include <net/kpi_interface.h>

int
foreign_hand_detach(const char *name)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = ifnet_detach(interface);
    ifnet_release(interface);
    return error;
}
