/* SPDX-License-Identifier: BSD-2-Clause */
#include "inet_wire.h"

#include <kern/thread.h>
#include <net/if.h>
#include <net/if_types.h>
#include <net/kpi_protocol.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>

#include "naive_driver.h"

enum { FAMILY_TUN = 4, COMMANDS = 64 };

struct inet_wire {
    struct naive_driver driver; /* first: what naive_driver finds behind ifnet_softc */
    unsigned number;
    enum inet_wire_kind kind;
    unsigned taken, kept;
    struct inet_wire_frame frames[INET_WIRE_FRAMES];
    unsigned long commands[COMMANDS];
    unsigned command_count;
    unsigned long refused_command;
    int refusal;
};

static struct inet_wire wires[INET_WIRES];

static errno_t
wire_output(ifnet_t interface, mbuf_t packet)
{
    struct inet_wire *wire = ifnet_softc(interface);
    struct inet_wire_frame *frame;
    size_t chain = 0;
    mbuf_t at;

    wire->driver.outputs++;
    if (wire->kept < INET_WIRE_FRAMES) {
        frame = &wire->frames[wire->kept++];
        frame->bytes = mbuf_pkthdr_len(packet);
        for (at = packet; at != NULL; at = mbuf_next(at)) {
            frame->mbufs++;
            chain += mbuf_len(at);
        }
        frame->chain_is_right = chain == frame->bytes;
        if (chain > sizeof(frame->data))
            chain = sizeof(frame->data);
        mbuf_copydata(packet, 0, chain, frame->data);
    }
    mbuf_freem(packet);
    return wire->driver.output_error;
}

static errno_t
wire_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    struct inet_wire *wire = ifnet_softc(interface);

    (void)argument;
    if (wire->command_count < COMMANDS)
        wire->commands[wire->command_count++] = command;
    return command == wire->refused_command ? wire->refusal : 0;
}

/* --- without a link layer ----------------------------------------------------------------------- */

static errno_t
tun_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    const unsigned char *first = mbuf_data(packet);

    (void)interface;
    (void)header;
    if (mbuf_len(packet) == 0)
        return ENOENT;
    *family = first[0] >> 4 == 6 ? PF_INET6 : PF_INET;
    return 0;
}

static errno_t
tun_add_proto(ifnet_t interface, protocol_family_t family,
              const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)family;
    (void)descriptors;
    (void)count;
    return 0;
}

static errno_t
tun_del_proto(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    (void)family;
    return 0;
}

static errno_t
tun_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    (void)interface;
    (void)header;
    return proto_input(family, packet);
}

static errno_t
tun_plumb(ifnet_t interface, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;

    memset(&parameters, 0, sizeof(parameters));
    parameters.input = tun_input;
    return ifnet_attach_protocol(interface, family, &parameters);
}

static void
init_ethernet(struct ifnet_init_params *init)
{
    init->output = wire_output;
    init->ioctl = wire_ioctl;
}

static void
init_tun(struct ifnet_init_params *init)
{
    init_ethernet(init);
    init->family = FAMILY_TUN;
    init->type = IFT_OTHER;
    init->demux = tun_demux;
    init->add_proto = tun_add_proto;
    init->del_proto = tun_del_proto;
    init->check_multi = NULL;
    init->framer = NULL;
    init->broadcast_addr = NULL;
    init->broadcast_len = 0;
}

static errno_t
attach_tun(struct inet_wire *wire)
{
    const unsigned multicast = wire->kind == INET_WIRE_PLAIN ? 0 : IFF_MULTICAST;
    errno_t error;

    (void)proto_register_plumber(PF_INET, FAMILY_TUN, tun_plumb, NULL);
    (void)proto_register_plumber(PF_INET6, FAMILY_TUN, tun_plumb, NULL);
    ifnet_set_mtu(wire->driver.interface, 1500);
    ifnet_set_hdrlen(wire->driver.interface, 0);
    ifnet_set_flags(wire->driver.interface,
                    (u_int16_t)(IFF_POINTOPOINT | IFF_SIMPLEX | IFF_RUNNING | multicast), 0xffff);
    error = ifnet_attach(wire->driver.interface, NULL);
    if (error != 0)
        ifnet_release(wire->driver.interface);
    return error;
}

/* --- what tests call ---------------------------------------------------------------------------- */

int
inet_wire_create(unsigned number, enum inet_wire_kind kind)
{
    struct inet_wire *wire = &wires[number];
    unsigned char link[ETHER_ADDR_LEN];
    errno_t error;

    memset(wire, 0, sizeof(*wire));
    wire->number = number;
    wire->kind = kind;
    error = naive_allocate(&wire->driver, number,
                           kind == INET_WIRE_ETHERNET ? init_ethernet : init_tun);
    if (error != 0)
        return error;
    error = kind == INET_WIRE_ETHERNET ? naive_attach(&wire->driver) : attach_tun(wire);
    if (error == 0 && kind == INET_WIRE_ETHERNET && number != 0) {
        memcpy(link, naive_address, sizeof(link));
        link[5] = (unsigned char)(link[5] + number);
        error = ifnet_set_lladdr(wire->driver.interface, link, sizeof(link));
    }
    return error;
}

int
inet_wire_destroy(unsigned number)
{
    errno_t error = naive_destroy(&wires[number].driver);

    if (wires[number].kind != INET_WIRE_ETHERNET) {
        proto_unregister_plumber(PF_INET, FAMILY_TUN);
        proto_unregister_plumber(PF_INET6, FAMILY_TUN);
    }
    return error;
}

bool
inet_wire_is_ethernet(unsigned number)
{
    return wires[number].kind == INET_WIRE_ETHERNET;
}

void
inet_wire_set_mtu(unsigned number, unsigned mtu)
{
    ifnet_set_mtu(wires[number].driver.interface, mtu);
}

const struct inet_wire_frame *
inet_wire_take(unsigned number)
{
    struct inet_wire *wire = &wires[number];

    return wire->taken == wire->kept ? NULL : &wire->frames[wire->taken++];
}

unsigned
inet_wire_outputs(unsigned number)
{
    return wires[number].driver.outputs;
}

void
inet_wire_set_output_error(unsigned number, int error)
{
    wires[number].driver.output_error = error;
}

void
inet_wire_set_ioctl_error(unsigned number, unsigned long command, int error)
{
    wires[number].refused_command = command;
    wires[number].refusal = error;
}

unsigned
inet_wire_ioctls(unsigned number, unsigned long command)
{
    unsigned at, count = 0;

    for (at = 0; at < wires[number].command_count; at++)
        count += wires[number].commands[at] == command;
    return count;
}

/* Adds the bytes to a packet in mbufs of `piece` bytes; the packet is freed on error. */
static errno_t
packet_fill(mbuf_t packet, const unsigned char *bytes, size_t length, size_t piece)
{
    mbuf_t at = packet, next;
    size_t done = 0, now;

    for (;;) {
        now = length - done < piece ? length - done : piece;
        memcpy(mbuf_data(at), bytes + done, now);
        mbuf_setlen(at, now);
        done += now;
        if (done == length)
            return 0;
        if (mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &next) != 0) {
            mbuf_freem(packet);
            return ENOBUFS;
        }
        mbuf_setnext(at, next);
        at = next;
    }
}

static errno_t
packet_make(const unsigned char *bytes, size_t length, size_t piece, mbuf_t *out)
{
    unsigned chunks = 1;
    mbuf_t packet;
    errno_t error;

    if (piece != 0) {
        error = mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_HEADER, &packet);
        if (error == 0)
            error = packet_fill(packet, bytes, length, piece);
    } else {
        error = mbuf_allocpacket(MBUF_WAITOK, length == 0 ? 1 : length, &chunks, &packet);
        if (error == 0) {
            mbuf_setlen(packet, length);
            memcpy(mbuf_data(packet), bytes, length);
        }
    }
    if (error != 0)
        return error;
    mbuf_pkthdr_setlen(packet, length);
    *out = packet;
    return 0;
}

int
inet_wire_arrive(unsigned number, const void *frame, size_t bytes, size_t piece)
{
    struct inet_wire *wire = &wires[number];
    mbuf_t packet;
    errno_t error = packet_make(frame, bytes, piece, &packet);

    if (error != 0)
        return error;
    mbuf_pkthdr_setrcvif(packet, wire->driver.interface);
    if (wire->kind == INET_WIRE_ETHERNET) {
        mbuf_pkthdr_setheader(packet, mbuf_data(packet));
        mbuf_adj(packet, ETHER_HDR_LEN);
    } else {
        mbuf_pkthdr_setheader(packet, NULL);
    }
    return ifnet_input(wire->driver.interface, packet, NULL);
}

int
inet_wire_output(unsigned number, bool inet6, int family, const uint8_t *header, const void *bytes,
                 size_t length)
{
    struct sockaddr destination;
    mbuf_t packet;
    errno_t error = packet_make(bytes, length, length, &packet);

    if (error != 0)
        return error;
    memset(&destination, 0, sizeof(destination));
    destination.sa_len = sizeof(destination);
    destination.sa_family = (sa_family_t)family;
    memcpy(destination.sa_data, header, sizeof(destination.sa_data));
    return ifnet_output(wires[number].driver.interface, inet6 ? PF_INET6 : PF_INET, packet, NULL,
                        &destination);
}

unsigned
inet_wire_addresses(unsigned number, int family)
{
    ifaddr_t *list;
    unsigned at, count = 0;

    if (ifnet_get_address_list(wires[number].driver.interface, &list) != 0)
        return 0;
    for (at = 0; list[at] != NULL; at++)
        count += ifaddr_address_family(list[at]) == family;
    ifnet_free_address_list(list);
    return count;
}

int
inet_wire_set_link(unsigned number, const uint8_t link[6])
{
    return ifnet_set_lladdr(wires[number].driver.interface, link, ETHER_ADDR_LEN);
}

void
inet_wire_flag(unsigned number, unsigned flag, bool on)
{
    ifnet_set_flags(wires[number].driver.interface, (u_int16_t)(on ? flag : 0), (u_int16_t)flag);
}
