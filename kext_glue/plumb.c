/* SPDX-License-Identifier: BSD-2-Clause */
#include "plumb.h"

#include <libkern/libkern.h>
#include <net/kpi_interface.h>
#include <net/kpi_protocol.h>
#include <sys/errno.h>
#include <sys/socket.h>

#include "driver.h"
#include "kind.h"

static const protocol_family_t plumbed_families[] = {PF_INET, PF_INET6};

#define PLUMBED_COUNT (sizeof(plumbed_families) / sizeof(plumbed_families[0]))

/* On the input thread, no locks. What proto_input does not take the caller frees. */
static errno_t
plumb_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    (void)interface;
    (void)header;
    return proto_input(family, packet);
}

/* proto_family_mutex is held: no plumber may be touched here, and no unit lock is wanted. */
static errno_t
plumb_attach(ifnet_t interface, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;

    if (tuntap_driver_unit_of(interface) == NULL) {
        return ENXIO;
    }
    memset(&parameters, 0, sizeof(parameters));
    parameters.input = plumb_input;
    return ifnet_attach_protocol(interface, family, &parameters);
}

/* Must really detach: the kernel asks again until it is done. */
static void
plumb_detach(ifnet_t interface, protocol_family_t family)
{
    (void)ifnet_detach_protocol(interface, family);
}

errno_t
tuntap_plumb_start(void)
{
    errno_t error = ifnet_interface_family_find(tuntap_kind.bundle_id, &tuntap_driver.family);

    if (error != 0) {
        printf("%s: no interface family (error %d)\n", tuntap_kind.name, error);
        return error;
    }
    while (tuntap_driver.plumbed_count < PLUMBED_COUNT) {
        protocol_family_t family = plumbed_families[tuntap_driver.plumbed_count];

        error = proto_register_plumber(family, tuntap_driver.family, plumb_attach, plumb_detach);
        if (error != 0) {
            printf("%s: protocol family %u could not be registered (error %d)\n", tuntap_kind.name,
                family, error);
            tuntap_plumb_stop();
            return error;
        }
        tuntap_driver.plumbed_count++;
    }
    return 0;
}

void
tuntap_plumb_stop(void)
{
    while (tuntap_driver.plumbed_count > 0) {
        tuntap_driver.plumbed_count--;
        proto_unregister_plumber(plumbed_families[tuntap_driver.plumbed_count],
            tuntap_driver.family);
    }
}
