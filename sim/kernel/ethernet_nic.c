/* SPDX-License-Identifier: BSD-2-Clause */
#include <ethernet_nic.h>

#include <ether.h>
#include <ethernet_lan.h>
#include <interface_internal.h>
#include <link_media.h>

#include <net/bpf.h>
#include <net/if_dl.h>
#include <net/if_media.h>
#include <net/if_types.h>
#include <net/net_kev.h>
#include <sys/sockio.h>

enum {
    MTU_BYTES = 1500,
    MEDIUM = IFM_ETHER | IFM_AUTO,
    MEDIUM_ACTIVE = IFM_ETHER | IFM_1000_T | IFM_FDX
};

struct ethernet_nic {
    ifnet_t interface;
    bool plugged;
};

static const uint8_t nic_link[WIRE_LINK_BYTES] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01};

/* --- out ----------------------------------------------------------------------------------------- */

/* The card reads the frame out of the mbufs and sends what fits on the wire. */
static errno_t
nic_output(ifnet_t interface, mbuf_t packet)
{
    const struct ethernet_nic *nic = ifnet_softc(interface);
    const size_t bytes = mbuf_pkthdr_len(packet);
    uint8_t frame[LAN_FRAME_MOST_BYTES];
    bool sent;

    bpf_tap_out(interface, DLT_EN10MB, packet, NULL, 0);
    sent = nic->plugged && bytes <= ifnet_mtu(interface) + WIRE_ETHERNET_BYTES &&
           bytes <= sizeof(frame) && mbuf_copydata(packet, 0, bytes, frame) == 0;
    mbuf_freem(packet);
    if (sent) {
        (void)ifnet_stat_increment_out(interface, 1, (u_int32_t)bytes, 0);
        lan_transmit(0, LAN_PORT_MAC, frame, bytes);
    } else {
        (void)ifnet_stat_increment_out(interface, 0, 0, 1);
    }
    return 0;
}

/* --- in ------------------------------------------------------------------------------------------ */

static bool
nic_accepts(const struct ethernet_nic *nic, const uint8_t *frame, size_t bytes)
{
    const unsigned flags = ifnet_flags(nic->interface);
    uint8_t own[WIRE_LINK_BYTES];

    if (!nic->plugged || (flags & IFF_RUNNING) == 0 ||
        bytes > ifnet_mtu(nic->interface) + WIRE_ETHERNET_BYTES) {
        return false;
    }
    return (frame[0] & 1) != 0 || (flags & IFF_PROMISC) != 0 ||
           (ifnet_lladdr_copy_bytes(nic->interface, own, sizeof(own)) == 0 &&
            wire_same(frame, own, sizeof(own)));
}

void
ksim_ethernet_nic_receive(const uint8_t *frame, size_t bytes)
{
    struct ethernet_nic *nic = ksim_current()->nic;
    struct ifnet_stat_increment_param counted = {0};
    mbuf_t packet = NULL;
    unsigned chunks = 1;

    if (nic == NULL || !nic_accepts(nic, frame, bytes)) {
        return;
    }
    if (mbuf_allocpacket(MBUF_DONTWAIT, bytes, &chunks, &packet) != 0) {
        (void)ifnet_stat_increment_in(nic->interface, 0, 0, 1);
        return;
    }
    machine_copy(mbuf_data(packet), frame, bytes);
    mbuf_setlen(packet, bytes);
    mbuf_pkthdr_setlen(packet, bytes);
    (void)mbuf_pkthdr_setrcvif(packet, nic->interface);
    bpf_tap_in(nic->interface, DLT_EN10MB, packet, NULL, 0);
    mbuf_pkthdr_setheader(packet, mbuf_data(packet));
    mbuf_adj(packet, WIRE_ETHERNET_BYTES);
    counted.packets_in = 1;
    counted.bytes_in = (u_int32_t)bytes;
    (void)ifnet_input(nic->interface, packet, &counted);
}

/* --- requests ------------------------------------------------------------------------------------ */

/* Up starts the card, down stops it. */
static void
nic_flags_changed(ifnet_t interface)
{
    const bool up = (ifnet_flags(interface) & IFF_UP) != 0;

    (void)ifnet_set_flags(interface, up ? IFF_RUNNING : 0, IFF_RUNNING);
}

static errno_t
nic_mtu_set(ifnet_t interface, const struct ifreq *request)
{
    if (request == NULL || request->ifr_mtu < IF_MINMTU || request->ifr_mtu > MTU_BYTES) {
        return EINVAL;
    }
    return ifnet_set_mtu(interface, (u_int32_t)request->ifr_mtu);
}

static errno_t
nic_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    const struct ethernet_nic *nic = ifnet_softc(interface);
    const struct ifreq *request = argument;

    switch (command) {
    case SIOCSIFFLAGS:
        nic_flags_changed(interface);
        return 0;
    case SIOCSIFMTU:
        return nic_mtu_set(interface, request);
    case SIOCSIFLLADDR:
        return request == NULL ? EINVAL
                               : ifnet_set_lladdr(interface, request->ifr_addr.sa_data,
                                                  request->ifr_addr.sa_len);
    case SIOCADDMULTI:
    case SIOCDELMULTI:
        return 0;
    case LINK_MEDIA_COMMAND_32:
    case LINK_MEDIA_COMMAND_64:
        return ksim_link_media_answer(command, argument, MEDIUM,
                                      nic->plugged ? MEDIUM_ACTIVE : (int)IFM_NONE, nic->plugged);
    default:
        return EOPNOTSUPP;
    }
}

/* --- cable --------------------------------------------------------------------------------------- */

void
ksim_ethernet_nic_cable(bool plugged)
{
    struct ethernet_nic *nic = ksim_current()->nic;

    if (nic == NULL || nic->plugged == plugged) {
        return;
    }
    nic->plugged = plugged;
    ksim_interface_post(nic->interface, KEV_DL_SUBCLASS, plugged ? KEV_DL_LINK_ON : KEV_DL_LINK_OFF,
                        NULL, 0);
}

/* --- boot ---------------------------------------------------------------------------------------- */

static void
nic_link_address(struct sockaddr_dl *address)
{
    machine_fill(address, 0, sizeof(*address));
    address->sdl_len = sizeof(*address);
    address->sdl_family = AF_LINK;
    address->sdl_type = IFT_ETHER;
    address->sdl_alen = WIRE_LINK_BYTES;
    machine_copy(address->sdl_data, nic_link, WIRE_LINK_BYTES);
}

/* A Mac whose card could not be attached boots without one. */
void
ksim_ethernet_nic_boot(struct ksim *kernel)
{
    struct ethernet_nic *nic = machine_allocate(sizeof(*nic), "ethernet nic");
    struct ifnet_init_params init;
    struct sockaddr_dl address;
    errno_t error;

    machine_fill(&init, 0, sizeof(init));
    init.name = "en";
    init.family = IFNET_FAMILY_ETHERNET;
    init.type = IFT_ETHER;
    init.output = nic_output;
    init.demux = ether_demux;
    init.add_proto = ether_add_proto;
    init.del_proto = ether_del_proto;
    init.check_multi = ether_check_multi;
    init.framer = ether_frameout;
    init.softc = nic;
    init.ioctl = nic_ioctl;
    nic->plugged = true;
    error = ksim_interface_allocate(&init, &nic->interface);
    if (error == 0) {
        nic->interface->built_in = true;
        nic->interface->mtu = MTU_BYTES;
        nic->interface->header_bytes = WIRE_ETHERNET_BYTES;
        nic->interface->address_bytes = WIRE_LINK_BYTES;
        nic->interface->baudrate = 1000000000;
        nic->interface->flags = IFF_UP | IFF_BROADCAST | IFF_NOTRAILERS | IFF_RUNNING |
                                IFF_SIMPLEX | IFF_MULTICAST;
        nic_link_address(&address);
        error = ifnet_attach(nic->interface, &address);
    }
    if (error != 0) {
        machine_console("en0: attach failed, error %d", error);
        machine_free(nic);
        return;
    }
    bpfattach(nic->interface, DLT_EN10MB, WIRE_ETHERNET_BYTES);
    kernel->nic = nic;
}
