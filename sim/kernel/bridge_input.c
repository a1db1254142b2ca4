/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge_frame.h>

#include <ether.h>
#include <interface_internal.h>

#include <net/bpf.h>

/* 802.1D, 7.12.6: 01:80:c2:00:00:00 to :0f never cross a bridge; the first one is spanning tree's. */
static bool
is_reserved(const uint8_t *link)
{
    static const uint8_t reserved[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

    return machine_compare(link, reserved, sizeof(reserved)) == 0 && link[5] <= 0x0f;
}

static bool
is_link_of(ifnet_t interface, const uint8_t *link)
{
    uint8_t own[BRIDGE_LINK_BYTES];

    return ifnet_lladdr_copy_bytes(interface, own, sizeof(own)) == 0 &&
           machine_compare(own, link, sizeof(own)) == 0;
}

/* A frame, from its header on, comes in at `interface` as if it had been received there. */
static void
frame_give(ifnet_t interface, mbuf_t frame)
{
    (void)mbuf_pkthdr_setrcvif(frame, interface);
    mbuf_pkthdr_setheader(frame, mbuf_data(frame));
    frame_move_start(frame, -ETHER_HDR_LEN);
    ksim_interface_input_now(interface, frame);
}

static void
bridge_tap_in(struct bridge *bridge, mbuf_t frame)
{
    if (bridge->bpf_in != NULL) {
        bridge->bpf_in(bridge->interface, frame);
    }
}

/* --- for the bridge itself ----------------------------------------------------------------------- */

/* Owns the frame. No lock held. */
static void
give_to_bridge(struct bridge *bridge, mbuf_t frame)
{
    (void)mbuf_pkthdr_setrcvif(frame, bridge->interface);
    bridge_tap_in(bridge, frame);
    (void)ifnet_stat_increment_in(bridge->interface, 1,
                                  (u_int32_t)mbuf_pkthdr_len(frame) - ETHER_HDR_LEN, 0);
    frame_give(bridge->interface, frame);
}

/* --- for somebody behind another member ---------------------------------------------------------- */

/* Owns the frame; the lock is held and given up. */
static void
forward(struct bridge *bridge, struct bridge_member *from, mbuf_t frame)
{
    const uint8_t *header = mbuf_data(frame);
    struct bridge_member *to = NULL;
    const bool group = frame_is_group(frame);
    ifnet_t out;

    (void)ifnet_stat_increment_in(bridge->interface, 1, (u_int32_t)mbuf_pkthdr_len(frame), 0);
    ksim_bridge_learn(bridge, from, header + BRIDGE_LINK_BYTES);
    if (group) {
        if (is_reserved(header)) {
            goto drop;
        }
        bridge->interface->statistics.multicasts_in++;
    } else {
        to = ksim_bridge_lookup(bridge, header);
        if (to == from) {
            goto drop;
        }
        (void)mbuf_pkthdr_setrcvif(frame, bridge->interface);
        bridge_tap_in(bridge, frame);
    }
    if (to == NULL) {
        ksim_bridge_flood(bridge, from->interface, frame);
        return;
    }
    out = to->interface;
    if ((out->flags & IFF_RUNNING) == 0) {
        goto drop;
    }
    ksim_bridge_unlock(bridge);
    (void)ksim_bridge_enqueue(bridge, out, frame);
    return;

drop:
    ksim_bridge_unlock(bridge);
    mbuf_freem(frame);
}

/* One for all: the bridge and the others get copies, the packet itself goes on where it was. Lock held. */
static errno_t
group_input(struct bridge *bridge, struct bridge_member *member, mbuf_t frame)
{
    const uint8_t *header = mbuf_data(frame);
    mbuf_t copy = NULL;

    if (is_reserved(header) && header[5] == 0) {
        ksim_bridge_unlock(bridge);
        mbuf_freem(frame);
        return EJUSTRETURN;
    }
    if (mbuf_dup(frame, MBUF_DONTWAIT, &copy) != 0) {
        ksim_bridge_unlock(bridge);
        return 0;
    }
    forward(bridge, member, copy);
    if (mbuf_dup(frame, MBUF_DONTWAIT, &copy) == 0) {
        give_to_bridge(bridge, copy);
    }
    return 0;
}

/* A member's own address, heard on another member. *taken: what became of it. Lock held, or given up then. */
static bool
other_member_input(struct bridge *bridge, struct bridge_member *member, mbuf_t frame)
{
    const uint8_t *header = mbuf_data(frame);

    for (struct bridge_member *at = bridge->members; at != NULL; at = at->next) {
        ifnet_t other = at->interface;

        if (at == member) {
            continue;
        }
        if (is_link_of(other, header)) {
            ksim_bridge_learn(bridge, member, header + BRIDGE_LINK_BYTES);
            ksim_bridge_unlock(bridge);
            bpf_tap_in(other, DLT_EN10MB, frame, NULL, 0);
            frame_mark(frame);
            frame_give(other, frame);
            return true;
        }
        if (is_link_of(other, header + BRIDGE_LINK_BYTES)) {
            ksim_bridge_unlock(bridge);
            mbuf_freem(frame);
            return true;
        }
    }
    return false;
}

/* A frame, from its header on. 0: it goes on at the member; EJUSTRETURN: it was taken. */
static errno_t
bridge_input(struct bridge *bridge, ifnet_t interface, mbuf_t frame)
{
    const uint8_t *header = mbuf_data(frame);
    struct bridge_member *member;

    if ((bridge->interface->flags & IFF_RUNNING) == 0) {
        return 0;
    }
    (void)mbuf_setflags_mask(frame, 0, MBUF_PROMISC);
    ksim_bridge_lock(bridge);
    member = ksim_bridge_member_find(bridge, interface);
    if (member == NULL) {
        ksim_bridge_unlock(bridge);
        return 0;
    }
    if (frame_is_group(frame)) {
        return group_input(bridge, member, frame);
    }
    if (is_link_of(bridge->interface, header)) {
        ksim_bridge_learn(bridge, member, header + BRIDGE_LINK_BYTES);
        ksim_bridge_unlock(bridge);
        give_to_bridge(bridge, frame);
        return EJUSTRETURN;
    }
    if (is_link_of(interface, header)) {
        ksim_bridge_unlock(bridge);
        return 0;
    }
    if (!other_member_input(bridge, member, frame)) {
        forward(bridge, member, frame);
    }
    return EJUSTRETURN;
}

/* --- ways in ------------------------------------------------------------------------------------- */

/* The bytes from the frame header to the data, when both are in the first mbuf; else -1. */
static int64_t
header_bytes(mbuf_t packet, const char *header)
{
    const char *data = mbuf_data(packet);

    if (header == NULL || header < (const char *)mbuf_datastart(packet) || header > data) {
        return -1;
    }
    return data - header;
}

errno_t
ksim_bridge_filter_input(void *cookie, ifnet_t interface, protocol_family_t family,
                         mbuf_t *packet, char **header)
{
    struct bridge *bridge = interface->bridge;
    const int64_t moved = header_bytes(*packet, *header);
    errno_t error;

    (void)cookie;
    (void)family;
    if (bridge == NULL || frame_is_marked(*packet) || moved < 0 ||
        (ksim_interface_profile()->bridge_early_input && interface->input != NULL)) {
        return 0;
    }
    frame_move_start(*packet, moved);
    if (mbuf_pkthdr_len(*packet) < ETHER_HDR_LEN) {
        frame_move_start(*packet, -moved);
        return 0;
    }
    if (mbuf_len(*packet) < ETHER_HDR_LEN) {
        if (mbuf_pullup(packet, ETHER_HDR_LEN) != 0) {
            return EJUSTRETURN;
        }
        *header = mbuf_data(*packet);
    }
    error = bridge_input(bridge, interface, *packet);
    if (error == 0) {
        frame_move_start(*packet, -moved);
    }
    return error;
}

mbuf_t
ksim_bridge_early_input(ifnet_t interface, mbuf_t packet)
{
    struct bridge *bridge = interface->bridge;
    char *header = mbuf_pkthdr_header(packet);

    if (bridge == NULL || frame_is_marked(packet) ||
        header_bytes(packet, header) != ETHER_HDR_LEN) {
        return packet;
    }
    ksim_ether_classify(interface, packet, (const unsigned char *)header);
    frame_move_start(packet, ETHER_HDR_LEN);
    if (bridge_input(bridge, interface, packet) != 0) {
        return NULL;
    }
    frame_move_start(packet, -ETHER_HDR_LEN);
    return packet;
}
