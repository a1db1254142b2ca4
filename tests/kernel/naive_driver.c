/* SPDX-License-Identifier: BSD-2-Clause */

#include "naive_driver.h"

#include <ether.h>

#include <kern/thread.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kern_event.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>

const unsigned char naive_address[ETHER_ADDR_LEN] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

static struct naive_driver *
driver_of(ifnet_t interface)
{
    return ifnet_softc(interface);
}

static void
enter(struct naive_driver *driver, const char *callback)
{
    if (driver->inside != NULL)
        driver->inside(driver, callback);
}

static errno_t
naive_output(ifnet_t interface, mbuf_t packet)
{
    struct naive_driver *driver = driver_of(interface);
    errno_t error = driver->output_error;

    driver->outputs++;
    enter(driver, "output");
    driver->last_frame_bytes = mbuf_pkthdr_len(packet);
    if (driver->last_frame_bytes > sizeof(driver->last_frame))
        driver->last_frame_bytes = sizeof(driver->last_frame);
    mbuf_copydata(packet, 0, driver->last_frame_bytes, driver->last_frame);
    while (driver->block_output)
        msleep(&driver->block_output, NULL, PZERO, "naive_output", NULL);
    mbuf_freem(packet);
    return error;
}

void
naive_unblock(struct naive_driver *driver)
{
    driver->block_output = 0;
    wakeup(&driver->block_output);
}

static errno_t
naive_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    struct naive_driver *driver = driver_of(interface);

    driver->demuxes++;
    driver->demux_thread = current_thread();
    enter(driver, "demux");
    if (driver->demux_error == EJUSTRETURN)
        mbuf_freem(packet);
    if (driver->demux_error != 0)
        return driver->demux_error;
    return ether_demux(interface, packet, header, family);
}

static errno_t
naive_add_proto(ifnet_t interface, protocol_family_t family,
                const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    struct naive_driver *driver = driver_of(interface);

    driver->add_protos++;
    driver->last_family = family;
    enter(driver, "add_proto");
    return ether_add_proto(interface, family, descriptors, count);
}

static errno_t
naive_del_proto(ifnet_t interface, protocol_family_t family)
{
    struct naive_driver *driver = driver_of(interface);

    driver->del_protos++;
    driver->last_family = family;
    enter(driver, "del_proto");
    return ether_del_proto(interface, family);
}

static errno_t
naive_check_multi(ifnet_t interface, const struct sockaddr *address)
{
    struct naive_driver *driver = driver_of(interface);

    driver->multicast_checks++;
    driver->last_multicast_family = address->sa_family;
    enter(driver, "check_multi");
    return ether_check_multi(interface, address);
}

static errno_t
naive_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
             const char *link_destination, const char *frame_type)
{
    struct naive_driver *driver = driver_of(interface);

    driver->framers++;
    driver->last_rcvif = mbuf_pkthdr_rcvif(*packet);
    enter(driver, "framer");
    if (driver->framer_error == EJUSTRETURN) {
        mbuf_freem(*packet);
        *packet = NULL;
    }
    if (driver->framer_error != 0)
        return driver->framer_error;
    return ether_frameout(interface, packet, destination, link_destination, frame_type);
}

static errno_t
naive_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    struct naive_driver *driver = driver_of(interface);

    driver->ioctls++;
    enter(driver, "ioctl");
    driver->last_command = command;
    if (argument == NULL)
        driver->ioctls_null++;
    return driver->ioctl_error;
}

static errno_t
naive_set_bpf_tap(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func tap)
{
    struct naive_driver *driver = driver_of(interface);

    driver->bpf_taps++;
    enter(driver, "set_bpf_tap");
    driver->tap_mode = mode;
    driver->tap = tap;
    return 0;
}

static void
naive_detached(ifnet_t interface)
{
    struct naive_driver *driver = driver_of(interface);

    driver->detached_thread = current_thread();
    enter(driver, "detach");
    driver->detached++;
    wakeup(&driver->detached);
}

static void
naive_event(ifnet_t interface, const struct kev_msg *message)
{
    struct naive_driver *driver = driver_of(interface);

    driver->events++;
    enter(driver, "event");
    driver->last_event = message->event_code;
}

errno_t
naive_allocate(struct naive_driver *driver, unsigned unit,
               void (*change)(struct ifnet_init_params *))
{
    static const unsigned char broadcast[ETHER_ADDR_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    char uniqueid[] = "naive?";
    struct ifnet_init_params init;

    memset(&init, 0, sizeof(init));
    uniqueid[5] = (char)('0' + unit);
    init.uniqueid = uniqueid;
    init.uniqueid_len = 6;
    init.name = "nv";
    init.unit = unit;
    init.family = IFNET_FAMILY_ETHERNET;
    init.type = IFT_ETHER;
    init.output = naive_output;
    init.demux = naive_demux;
    init.add_proto = naive_add_proto;
    init.del_proto = naive_del_proto;
    init.check_multi = naive_check_multi;
    init.framer = naive_framer;
    init.softc = driver;
    init.ioctl = naive_ioctl;
    init.set_bpf_tap = naive_set_bpf_tap;
    init.detach = naive_detached;
    init.event = naive_event;
    init.broadcast_addr = broadcast;
    init.broadcast_len = sizeof(broadcast);
    if (change != NULL)
        change(&init);
    return ifnet_allocate(&init, &driver->interface);
}

errno_t
naive_attach(struct naive_driver *driver)
{
    struct sockaddr_dl link;
    errno_t error;

    memset(&link, 0, sizeof(link));
    link.sdl_len = sizeof(link);
    link.sdl_family = AF_LINK;
    link.sdl_alen = ETHER_ADDR_LEN;
    memcpy(LLADDR(&link), naive_address, ETHER_ADDR_LEN);
    ifnet_set_mtu(driver->interface, ETHERMTU);
    ifnet_set_hdrlen(driver->interface, ETHER_HDR_LEN);
    ifnet_set_flags(driver->interface, IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST | IFF_RUNNING,
                    0xffff);
    error = ifnet_attach(driver->interface, &link);
    if (error != 0)
        ifnet_release(driver->interface);
    return error;
}

errno_t
naive_create(struct naive_driver *driver, unsigned unit)
{
    errno_t error;

    memset(driver, 0, sizeof(*driver));
    error = naive_allocate(driver, unit, NULL);
    return error != 0 ? error : naive_attach(driver);
}

errno_t
naive_destroy(struct naive_driver *driver)
{
    errno_t error = ifnet_detach(driver->interface);

    while (error == 0 && driver->detached == 0)
        msleep(&driver->detached, NULL, PZERO, "naive_detach", NULL);
    ifnet_release(driver->interface);
    return error;
}

static errno_t
protocol_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    struct naive_driver *driver = driver_of(interface);

    (void)family;
    (void)header;
    driver->inputs++;
    driver->last_input_flags = mbuf_flags(packet);
    if (driver->input_error == 0)
        mbuf_freem(packet);
    return driver->input_error;
}

static errno_t
protocol_pre_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                    const struct sockaddr *destination, void *route, char *frame_type,
                    char *link_destination)
{
    static const unsigned char peer[ETHER_ADDR_LEN] = {0x02, 0, 0, 0, 0, 1};

    (void)family;
    (void)packet;
    (void)destination;
    (void)route;
    memcpy(link_destination, peer, sizeof(peer));
    memcpy(frame_type, "\x08\x00", 2);
    return driver_of(interface)->pre_output_error;
}

static errno_t
protocol_detached(ifnet_t interface, protocol_family_t family)
{
    (void)family;
    driver_of(interface)->protocol_detached++;
    return 0;
}

void
naive_protocol_fill(struct ifnet_attach_proto_param *parameters,
                    struct ifnet_demux_desc descriptors[2], protocol_family_t family)
{
    static unsigned char types[3][2] = {{8, 0}, {8, 6}, {0x86, 0xdd}};

    descriptors[0] = (struct ifnet_demux_desc){4, types[family == PF_INET6 ? 2 : 0], 2};
    descriptors[1] = (struct ifnet_demux_desc){4, types[1], 2};
    memset(parameters, 0, sizeof(*parameters));
    parameters->demux_array = descriptors;
    parameters->demux_count = family == PF_INET6 ? 1 : 2;
    parameters->input = protocol_input;
    parameters->pre_output = protocol_pre_output;
    parameters->detached = protocol_detached;
}

errno_t
naive_protocol_attach(struct naive_driver *driver, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    naive_protocol_fill(&parameters, descriptors, family);
    return ifnet_attach_protocol(driver->interface, family, &parameters);
}

mbuf_t
naive_frame(struct naive_driver *driver, const unsigned char *destination, unsigned type,
            size_t bytes)
{
    unsigned char *frame;
    mbuf_t packet = NULL;

    if (mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_HEADER, &packet) != 0)
        return NULL;
    if (mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_HEADER, &packet) != 0)
        return NULL;
    frame = mbuf_data(packet);
    memset(frame, 0x45, ETHER_HDR_LEN + bytes);
    memcpy(frame, destination, ETHER_ADDR_LEN);
    memcpy(frame + 6, naive_address, ETHER_ADDR_LEN);
    frame[12] = (unsigned char)(type >> 8);
    frame[13] = (unsigned char)type;
    mbuf_setlen(packet, ETHER_HDR_LEN + bytes);
    mbuf_pkthdr_setlen(packet, ETHER_HDR_LEN + bytes);
    mbuf_pkthdr_setheader(packet, frame);
    mbuf_pkthdr_setrcvif(packet, driver->interface);
    mbuf_adj(packet, ETHER_HDR_LEN);
    return packet;
}
