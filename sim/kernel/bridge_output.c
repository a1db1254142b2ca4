/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge_frame.h>

#include <interface_internal.h>

#include <net/bpf.h>

enum { TYPE_PAE = 0x888e /* 802.1X: between the two ends of one wire */ };

errno_t
ksim_bridge_enqueue(struct bridge *bridge, ifnet_t to, mbuf_t frame)
{
    const u_int32_t bytes = (u_int32_t)mbuf_pkthdr_len(frame);
    errno_t error;

    frame_mark(frame);
    error = ksim_interface_output(to, 0, frame, NULL, NULL, true);
    if (error == 0) {
        (void)ifnet_stat_increment_out(bridge->interface, 1, bytes, 0);
    } else {
        (void)ifnet_stat_increment_out(bridge->interface, 0, 0, 1);
    }
    return error;
}

/* Unknown and group frames go only where somebody can be: a link that is up. */
static bool
member_is_ready(const struct bridge_member *member)
{
    return (member->interface->flags & IFF_RUNNING) != 0 &&
           (member->media_active || !ksim_interface_profile()->bridge_media_required);
}

/* The frame itself for the last member, a copy for the others; NULL: no memory. */
static mbuf_t
frame_for(struct bridge *bridge, const struct bridge_member *member, mbuf_t frame, bool *used)
{
    mbuf_t copy = NULL;

    if (member->next == NULL) {
        *used = true;
        return frame;
    }
    if (mbuf_dup(frame, MBUF_DONTWAIT, &copy) != 0) {
        (void)ifnet_stat_increment_out(bridge->interface, 0, 0, 1);
        return NULL;
    }
    return copy;
}

/* A member that others use as well receives what goes out of it for all. */
static void
input_copy(ifnet_t interface, mbuf_t copy)
{
    bpf_tap_in(interface, DLT_EN10MB, copy, NULL, 0);
    (void)mbuf_pkthdr_setrcvif(copy, interface);
    mbuf_pkthdr_setheader(copy, mbuf_data(copy));
    frame_move_start(copy, -ETHER_HDR_LEN);
    frame_mark(copy);
    ksim_interface_input_now(interface, copy);
}

/* One member's share of a flood from `from` (NULL: from the bridge itself). */
static void
flood_one(struct bridge *bridge, struct bridge_member *member, ifnet_t from, mbuf_t frame,
          bool *used)
{
    ifnet_t to = member->interface;
    mbuf_t copy, in = NULL;

    if (to == from || !member_is_ready(member) ||
        ((member->flags & BRIDGE_MEMBER_DISCOVER) == 0 && !frame_is_group(frame))) {
        return;
    }
    copy = frame_for(bridge, member, frame, used);
    if (copy == NULL) {
        return;
    }
    if (from != NULL && member->input_broadcast &&
        mbuf_dup(copy, MBUF_DONTWAIT, &in) != 0) {
        in = NULL;
    }
    (void)ksim_bridge_enqueue(bridge, to, copy);
    if (in != NULL) {
        input_copy(to, in);
    }
}

void
ksim_bridge_flood(struct bridge *bridge, ifnet_t from, mbuf_t frame)
{
    struct bridge_member *at, *next;
    bool used = false;

    if (!ksim_bridge_read_begin(bridge)) {
        mbuf_freem(frame);
        return;
    }
    for (at = bridge->members; at != NULL; at = next) {
        next = at->next;
        flood_one(bridge, at, from, frame, &used);
    }
    if (!used) {
        mbuf_freem(frame);
    }
    ksim_bridge_read_end(bridge);
}

errno_t
ksim_bridge_output(ifnet_t interface, mbuf_t frame)
{
    struct bridge *bridge = ifnet_softc(interface);
    struct bridge_member *to = NULL;
    ifnet_t out;

    ksim_bridge_lock(bridge);
    if (!frame_is_group(frame)) {
        to = ksim_bridge_lookup(bridge, mbuf_data(frame));
    }
    (void)ifnet_stat_increment_out(interface, 1, (u_int32_t)mbuf_pkthdr_len(frame), 0);
    if (bridge->bpf_out != NULL) {
        bridge->bpf_out(interface, frame);
    }
    if (to == NULL) {
        ksim_bridge_flood(bridge, NULL, frame);
        return 0;
    }
    out = to->interface;
    ksim_bridge_unlock(bridge);
    return ksim_bridge_enqueue(bridge, out, frame);
}

/* --- what the stack sends through a member ------------------------------------------------------- */

/* To all members, the one it was sent through included. Owns the frame; the lock is given up. */
static void
member_flood(struct bridge *bridge, mbuf_t frame)
{
    struct bridge_member *at, *next;
    bool used = false;
    mbuf_t copy;

    if (!ksim_bridge_read_begin(bridge)) {
        mbuf_freem(frame);
        return;
    }
    for (at = bridge->members; at != NULL; at = next) {
        next = at->next;
        copy = member_is_ready(at) ? frame_for(bridge, at, frame, &used) : NULL;
        if (copy != NULL) {
            (void)ksim_bridge_enqueue(bridge, at->interface, copy);
        }
    }
    if (!used) {
        mbuf_freem(frame);
    }
    ksim_bridge_read_end(bridge);
}

/* Alone to one member: on its way if that is the one it was sent through. The lock is given up. */
static errno_t
member_unicast(struct bridge *bridge, ifnet_t through, ifnet_t to, mbuf_t frame)
{
    ksim_bridge_unlock(bridge);
    if ((to->flags & IFF_RUNNING) == 0) {
        mbuf_freem(frame);
        return EJUSTRETURN;
    }
    if (to == through) {
        return 0;
    }
    (void)ksim_bridge_enqueue(bridge, to, frame);
    return EJUSTRETURN;
}

errno_t
ksim_bridge_filter_output(void *cookie, ifnet_t interface, protocol_family_t family,
                          mbuf_t *packet)
{
    struct bridge *bridge = interface->bridge;
    struct bridge_member *to;
    const uint8_t *header;

    (void)cookie;
    (void)family;
    if (bridge == NULL || frame_is_marked(*packet)) {
        return 0;
    }
    if (mbuf_len(*packet) < ETHER_HDR_LEN && mbuf_pullup(packet, ETHER_HDR_LEN) != 0) {
        *packet = NULL;
        return EJUSTRETURN;
    }
    header = mbuf_data(*packet);
    ksim_bridge_lock(bridge);
    if ((bridge->interface->flags & IFF_RUNNING) == 0 ||
        (header[12] << 8 | header[13]) == TYPE_PAE) {
        return member_unicast(bridge, interface, interface, *packet);
    }
    to = (header[0] & 1) != 0 ? NULL : ksim_bridge_lookup(bridge, header);
    if (to != NULL) {
        return member_unicast(bridge, interface, to->interface, *packet);
    }
    member_flood(bridge, *packet);
    return EJUSTRETURN;
}
