/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifnet.h"

#include <libkern/libkern.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_var.h>
#include <net/net_kev.h>
#include <sys/errno.h>
#include <sys/kern_event.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "address.h"
#include "bpf.h"
#include "errno_map.h"
#include "input.h"
#include "kind.h"
#include "session.h"

static const u_int8_t broadcast_address[TT_LLADDR_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* Called with the ifnet lock exclusive: no KPI that takes it. Descriptors live only for this call.
 * */
static errno_t
interface_add_proto(ifnet_t interface, protocol_family_t family,
    const struct ifnet_demux_desc *descriptors, u_int32_t descriptor_count)
{
    struct tuntap_unit *unit = ifnet_softc(interface);
    struct tt_demux demux[TT_PROTOCOL_DEMUX_COUNT_MAX];
    enum tt_error error;
    u_int32_t i;

    if (descriptors == NULL) {
        descriptor_count = 0;
    }
    if (descriptor_count > TT_PROTOCOL_DEMUX_COUNT_MAX) {
        return ENOBUFS;
    }
    for (i = 0; i < descriptor_count; i++) {
        struct tt_bytes data = {descriptors[i].data, descriptors[i].datalen};

        error = tt_demux_make(descriptors[i].type, data, &demux[i]);
        if (error != TT_OK) {
            return tuntap_errno_from(error);
        }
    }
    tuntap_unit_lock(unit);
    error = tt_protocol_add(&unit->protocols, family, demux, descriptor_count);
    tuntap_input_protocols_changed(unit);
    tuntap_unit_unlock(unit);
    return tuntap_errno_from(error);
}

/* Also called for families that were never accepted; that is no error. */
static errno_t
interface_del_proto(ifnet_t interface, protocol_family_t family)
{
    struct tuntap_unit *unit = ifnet_softc(interface);

    tuntap_unit_lock(unit);
    (void)tt_protocol_remove(&unit->protocols, family);
    tuntap_input_protocols_changed(unit);
    tuntap_unit_unlock(unit);
    return 0;
}

/* The unit is claimed, so no stop has begun and enter cannot be refused. The text must stay until
 * leave. */
static void
interface_detached(ifnet_t interface)
{
    struct tuntap_unit *unit = ifnet_softc(interface);
    bool entered = tuntap_driver_enter() == 0;

    tuntap_session_detached(unit);
    if (entered) {
        tuntap_driver_leave();
    }
}

/* The kernel keeps a record for each identity and uses it again, also one that an attach failed on;
 * that would panic from 10.7 on, and before 10.13 it is busy for ever. So a failed attach spends
 * an identity (facts kpi-ifnet 2, 3, 22), and one that is busy for no reason of ours is passed
 * over: it was spent by an earlier load. */
#define IDENTITIES_TRIED 8u

static errno_t
interface_allocate(struct tuntap_unit *unit, ifnet_t *interface)
{
    struct ifnet_init_params params;
    char unique_id[TUNTAP_UNIQUE_ID_BYTES];
    errno_t error = EBUSY;
    u_int32_t i;

    memset(&params, 0, sizeof(params));
    params.uniqueid = unique_id;
    params.name = tuntap_kind.name;
    params.unit = unit->number;
    params.family = tuntap_driver.family;
    params.type = tuntap_kind.interface_type;
    params.output = tuntap_interface_output;
    params.demux = tuntap_kind.demux;
    params.add_proto = interface_add_proto;
    params.del_proto = interface_del_proto;
    params.check_multi = tuntap_kind.check_multi;
    params.framer = tuntap_kind.framer;
    params.softc = unit;
    params.ioctl = tuntap_interface_ioctl;
    params.detach = interface_detached;
    if (tuntap_kind.address_bytes != 0) {
        params.broadcast_addr = broadcast_address;
        params.broadcast_len = sizeof(broadcast_address);
    }
    for (i = 0; error == EBUSY && i < IDENTITIES_TRIED; i++) {
        (void)snprintf(unique_id, sizeof(unique_id), "%s.%u.%u", tuntap_kind.bundle_id,
            unit->number, unit->attach_failures + i);
        params.uniqueid_len = (u_int32_t)strlen(unique_id);
        error = ifnet_allocate(&params, interface);
    }
    return error;
}

/* Before attach, so that nobody sees an interface without MTU, or a flag of ours missing. Only our
 * own flags are touched: a recycled interface keeps what others count on (PROMISC, ALLMULTI). */
static void
interface_configure(ifnet_t interface)
{
    (void)ifnet_set_mtu(interface, TT_MTU_DEFAULT);
    (void)ifnet_set_hdrlen(interface, tuntap_kind.header_bytes);
    (void)ifnet_set_flags(interface, tuntap_kind.interface_flags, tuntap_kind.interface_flags);
}

static errno_t
interface_attach(ifnet_t interface)
{
    struct sockaddr_dl address;
    u_int8_t lladdr[TT_LLADDR_BYTES];

    if (tuntap_kind.address_bytes == 0) {
        return ifnet_attach(interface, NULL);
    }
    read_random(lladdr, sizeof(lladdr));
    tt_lladdr_from_random(lladdr);
    memset(&address, 0, sizeof(address));
    address.sdl_len = sizeof(address);
    address.sdl_family = AF_LINK;
    address.sdl_alen = sizeof(lladdr);
    memcpy(LLADDR(&address), lladdr, sizeof(lladdr));
    return ifnet_attach(interface, &address);
}

static void
unit_interface_set(struct tuntap_unit *unit, ifnet_t interface)
{
    tuntap_unit_lock(unit);
    unit->interface = interface;
    tuntap_unit_unlock(unit);
}

errno_t
tuntap_interface_create(struct tuntap_unit *unit)
{
    ifnet_t interface = NULL;
    errno_t error = interface_allocate(unit, &interface);

    if (error != 0) {
        return error;
    }
    interface_configure(interface);
    unit_interface_set(unit, interface);
    error = interface_attach(interface);
    if (error != 0) {
        unit_interface_set(unit, NULL);
        (void)ifnet_release(interface);
        /* The kernel keeps the record, half made, and would panic when it attaches it again (facts
         * kpi-ifnet 3). The next open asks for another one. */
        unit->attach_failures++;
        return error;
    }
    tuntap_bpf_attach(interface);
    if (tuntap_kind.offload != 0) {
        (void)ifnet_set_offload(interface, tuntap_kind.offload);
    }
    if (tuntap_kind.carrier_event) {
        tuntap_interface_post_link_on(interface);
    }
    return 0;
}

/* 10.6 keeps a detached interface until somebody has detached its protocols; later kernels do it
 * in the detacher, which does not mind that it was done (facts kpi-ifnet 4.2, 4.3). */
static void
interface_detach_protocols(struct tuntap_unit *unit, ifnet_t interface)
{
    protocol_family_t families[TT_PROTOCOL_COUNT_MAX];
    u_int32_t i;

    tuntap_unit_lock(unit);
    for (i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        families[i] = unit->protocols.protocols[i].family;
    }
    tuntap_unit_unlock(unit);
    for (i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        if (families[i] != 0) {
            (void)ifnet_detach_protocol(interface, families[i]);
        }
    }
}

errno_t
tuntap_interface_detach(struct tuntap_unit *unit)
{
    ifnet_t interface = unit->interface; /* stable: this session has not reported its detach yet */
    errno_t error;

    /* 10.6 would keep IFF_UP and addresses for the next session of this recycled interface. */
    (void)ifnet_set_flags(interface, 0, IFF_UP);
    tuntap_addresses_remove(interface);
    error = ifnet_detach(interface);
    /* Refused means that somebody else detaches it: 10.6 waits for the protocols then as well. */
    interface_detach_protocols(unit, interface);
    return error;
}

void
tuntap_interface_post_link_on(ifnet_t interface)
{
    union {
        struct kern_event_msg message;
        u_int8_t bytes[KEV_MSG_HEADER_SIZE + sizeof(struct net_event_data)];
    } event;
    struct net_event_data data;

    memset(&event, 0, sizeof(event));
    memset(&data, 0, sizeof(data));
    data.if_family = ifnet_family(interface);
    data.if_unit = ifnet_unit(interface);
    (void)strlcpy(data.if_name, ifnet_name(interface), sizeof(data.if_name));
    event.message.total_size = sizeof(event.bytes);
    event.message.vendor_code = KEV_VENDOR_APPLE;
    event.message.kev_class = KEV_NETWORK_CLASS;
    event.message.kev_subclass = KEV_DL_SUBCLASS;
    event.message.event_code = KEV_DL_LINK_ON;
    memcpy(event.bytes + KEV_MSG_HEADER_SIZE, &data, sizeof(data));
    (void)ifnet_event(interface, &event.message);
}
