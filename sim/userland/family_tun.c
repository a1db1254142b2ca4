/* SPDX-License-Identifier: BSD-2-Clause */
#include "family_tun.h"

#include <net/if.h>
#include <net/if_types.h>
#include <net/kpi_protocol.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/systm.h>
#include <sys/time.h>

static errno_t
family_input(ifnet_t interface, protocol_family_t protocol, mbuf_t packet, char *header)
{
    (void)interface;
    (void)header;
    return proto_input(protocol, packet);
}

errno_t
family_tun_plumb(struct family_tun *tun, ifnet_t interface, protocol_family_t protocol)
{
    struct ifnet_attach_proto_param parameters = {.input = family_input};

    if (interface != tun->interface) {
        tun->plumbed_foreign++;
        return ENXIO;
    }
    tun->plumbed_own++;
    return ifnet_attach_protocol(interface, protocol, &parameters);
}

static errno_t
family_output(ifnet_t interface, mbuf_t packet)
{
    struct family_tun *tun = ifnet_softc(interface);

    tun->sent++;
    mbuf_freem(packet);
    return 0;
}

static errno_t
family_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *protocol)
{
    (void)interface;
    (void)packet;
    (void)header;
    *protocol = PF_INET;
    return 0;
}

static errno_t
family_add_proto(ifnet_t interface, protocol_family_t protocol,
                 const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)protocol;
    (void)descriptors;
    (void)count;
    return 0;
}

static errno_t
family_del_proto(ifnet_t interface, protocol_family_t protocol)
{
    (void)interface;
    (void)protocol;
    return 0;
}

static errno_t
family_ioctl(ifnet_t interface, unsigned long command, void *data)
{
    (void)interface;
    (void)data;
    switch (command) {
    case SIOCSIFADDR:
    case SIOCSIFDSTADDR:
    case SIOCSIFFLAGS:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
        return 0;
    default:
        return EOPNOTSUPP;
    }
}

static void
family_detached(ifnet_t interface)
{
    struct family_tun *tun = ifnet_softc(interface);

    tun->detached = true;
    wakeup(tun);
}

errno_t
family_tun_create(struct family_tun *tun, const char *bundle, const char *name,
                  const char *family_owner)
{
    struct ifnet_init_params parameters = {.uniqueid = bundle,
                                           .uniqueid_len = (uint32_t)strlen(bundle),
                                           .name = name,
                                           .family = IFNET_FAMILY_TUN,
                                           .type = IFT_OTHER,
                                           .output = family_output,
                                           .demux = family_demux,
                                           .add_proto = family_add_proto,
                                           .del_proto = family_del_proto,
                                           .softc = tun,
                                           .ioctl = family_ioctl,
                                           .detach = family_detached};
    errno_t error = 0;

    memset(tun, 0, sizeof(*tun));
    if (family_owner != NULL)
        error = ifnet_interface_family_find(family_owner, &parameters.family);
    if (error == 0)
        error = ifnet_allocate(&parameters, &tun->interface);
    if (error != 0)
        return error;
    ifnet_set_mtu(tun->interface, 1500);
    ifnet_set_flags(tun->interface, IFF_POINTOPOINT | IFF_RUNNING, IFF_POINTOPOINT | IFF_RUNNING);
    error = ifnet_attach(tun->interface, NULL);
    if (error != 0)
        ifnet_release(tun->interface);
    return error;
}

errno_t
family_tun_destroy(struct family_tun *tun)
{
    struct timespec patience = {.tv_nsec = 10000000};
    errno_t error = ifnet_detach(tun->interface);

    if (error != 0)
        return error;
    /* 10.6 lets no interface go that has a protocol; later ones have done it. */
    (void)ifnet_detach_protocol(tun->interface, PF_INET);
    while (!tun->detached)
        msleep(tun, NULL, PZERO, "family_tun", &patience);
    ifnet_release(tun->interface);
    tun->interface = NULL;
    return 0;
}
