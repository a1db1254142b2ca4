/* SPDX-License-Identifier: BSD-2-Clause */
#include "tap_frame.h"

#include <frame.h>
#include <net/if.h>
#include <string.h>
#include <sys/errno.h>

#include "driver.h"
#include "input.h"

#define FRAME_TYPE_BYTES 2u

/* Tells the stack whom the frame is for. */
static void
demux_mark(mbuf_t packet, enum tt_destination destination)
{
    mbuf_flags_t flags;

    switch (destination) {
    case TT_DESTINATION_BROADCAST:
        flags = MBUF_BCAST;
        break;
    case TT_DESTINATION_MULTICAST:
        flags = MBUF_MCAST;
        break;
    case TT_DESTINATION_OTHER:
        flags = MBUF_PROMISC;
        break;
    case TT_DESTINATION_US:
    default:
        return;
    }
    (void)mbuf_setflags_mask(packet, flags, flags);
}

errno_t
tuntap_tap_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *protocol)
{
    struct tuntap_unit *unit = ifnet_softc(interface);
    const u_int8_t *frame = (const u_int8_t *)header;
    u_int8_t lladdr[TT_LLADDR_BYTES];
    struct tt_demux demux;

    tuntap_input_seen(unit);
    if (frame == NULL || ifnet_lladdr_copy_bytes(interface, lladdr, sizeof(lladdr)) != 0) {
        return ENOENT;
    }
    demux_mark(packet, tt_ether_classify(frame, lladdr));
    demux = tt_ether_demux_read((struct tt_bytes){frame, TT_ETHER_HEADER_BYTES},
        (struct tt_bytes){mbuf_data(packet), mbuf_len(packet)});
    /* The ifnet lock, held here shared and by add_proto exclusively, guards the table. */
    *protocol = tt_protocol_lookup(&unit->protocols, &demux);
    return *protocol != 0 ? 0 : ENOENT;
}

/* A SIMPLEX interface does not hear itself; the kernel asks for a copy with MBUF_LOOP. True: the
 * packet itself has gone to lo0. */
static bool
framer_loop_back(ifnet_t interface, mbuf_t packet, const struct sockaddr *destination,
    const u_int8_t *destination_lladdr, const u_int8_t *own_lladdr)
{
    ifnet_t loopback = tuntap_driver.loopback;
    mbuf_t copy = NULL;

    if (loopback == NULL || (mbuf_flags(packet) & MBUF_LOOP) == 0 ||
        (ifnet_flags(interface) & IFF_SIMPLEX) == 0) {
        return false;
    }
    switch (tt_ether_classify(destination_lladdr, own_lladdr)) {
    case TT_DESTINATION_BROADCAST:
        if (mbuf_dup(packet, MBUF_DONTWAIT, &copy) == 0) {
            (void)ifnet_output(loopback, destination->sa_family, copy, NULL, destination);
        }
        return false;
    case TT_DESTINATION_US:
        (void)ifnet_output(loopback, destination->sa_family, packet, NULL, destination);
        return true;
    case TT_DESTINATION_OTHER:
    case TT_DESTINATION_MULTICAST:
    default:
        return false;
    }
}

static void
framer_count_no_memory(ifnet_t interface, u_int64_t length_bytes)
{
    struct tuntap_unit *unit = ifnet_softc(interface);

    tuntap_unit_lock(unit);
    tt_counters_add(&unit->counters, TT_CAUSE_OUT_NO_MEMORY, 1, length_bytes);
    tuntap_unit_unlock(unit);
    (void)ifnet_stat_increment_out(interface, 0, 0, 1);
}

errno_t
tuntap_tap_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
    const char *destination_lladdr, const char *frame_type)
{
    u_int8_t lladdr[TT_LLADDR_BYTES] = {0};
    u_int64_t length_bytes = mbuf_pkthdr_len(*packet);
    u_int8_t *header;

    (void)ifnet_lladdr_copy_bytes(interface, lladdr, sizeof(lladdr));
    if (framer_loop_back(interface, *packet, destination, (const u_int8_t *)destination_lladdr,
            lladdr)) {
        return EJUSTRETURN;
    }
    /* Through the caller's pointer: on failure the packet is freed and the pointer has to know. */
    if (mbuf_prepend(packet, TT_ETHER_HEADER_BYTES, MBUF_DONTWAIT) != 0) {
        *packet = NULL;
        framer_count_no_memory(interface, length_bytes);
        return EJUSTRETURN;
    }
    header = mbuf_data(*packet);
    memcpy(header, destination_lladdr, TT_LLADDR_BYTES);
    memcpy(header + TT_LLADDR_BYTES, lladdr, TT_LLADDR_BYTES);
    memcpy(header + 2UL * TT_LLADDR_BYTES, frame_type, FRAME_TYPE_BYTES);
    return 0;
}
