/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_bridge.h"

#include <net/kpi_interface.h>
#include <net/kpi_interfacefilter.h>
#include <net/kpi_protocol.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>

#include <interface.h>

enum { BRIDGE_PROTOCOL = 0x62726467 }; /* 'brdg' */

static struct {
    ifnet_t member;
    interface_filter_t filter;
    unsigned taken;
} bridge;

static mbuf_t
bridge_early(ifnet_t interface, mbuf_t packets)
{
    (void)interface;
    for (mbuf_t packet = packets; packet != NULL; packet = mbuf_nextpkt(packet))
        bridge.taken++;
    mbuf_freem_list(packets);
    return NULL;
}

static errno_t
bridge_filter(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *packet,
              char **frame)
{
    (void)cookie;
    (void)interface;
    (void)protocol;
    (void)packet;
    (void)frame;
    bridge.taken++;
    return EPERM; /* the kernel frees it */
}

/* Never called: a frame that the bridge's filter has not taken is not for the bridge. */
static errno_t
bridge_input(ifnet_t interface, protocol_family_t protocol, mbuf_t packet, char *header)
{
    (void)interface;
    (void)protocol;
    (void)header;
    mbuf_freem(packet);
    return 0;
}

int
kernel_bridge_join(const char *name)
{
    const struct iff_filter filter = {.iff_name = "bridge", .iff_input = bridge_filter};
    struct ifnet_attach_proto_param protocol = {.input = bridge_input};
    errno_t error;

    memset(&bridge, 0, sizeof(bridge));
    error = ifnet_find_by_name(name, &bridge.member);
    if (error != 0)
        return error;
    error = ifnet_attach_protocol(bridge.member, BRIDGE_PROTOCOL, &protocol);
    if (error != 0)
        goto release_member;
    error = iflt_attach(bridge.member, &filter, &bridge.filter);
    if (error != 0)
        goto detach_protocol;
    ksim_interface_bridge_set(bridge.member, bridge_early);
    (void)ifnet_set_promiscuous(bridge.member, 1);
    return 0;

detach_protocol:
    (void)ifnet_detach_protocol(bridge.member, BRIDGE_PROTOCOL);
release_member:
    (void)ifnet_release(bridge.member);
    return error;
}

void
kernel_bridge_leave(void)
{
    (void)ifnet_set_promiscuous(bridge.member, 0);
    ksim_interface_bridge_set(bridge.member, NULL);
    iflt_detach(bridge.filter);
    (void)ifnet_detach_protocol(bridge.member, BRIDGE_PROTOCOL);
    (void)ifnet_release(bridge.member);
}

unsigned
kernel_bridge_taken(void)
{
    return bridge.taken;
}
