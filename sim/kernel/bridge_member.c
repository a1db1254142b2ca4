/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge.h>

#include <interface_internal.h>
#include <link_media.h>
#include <protocol.h>

#include <net/if_types.h>
#include <net/net_kev.h>
#include <sys/kern_event.h>
#include <sys/param.h>
#include <sys/proc.h>

#define FAMILY_BRIDGE 0x62726467 /* xnu: PF_BRIDGE, "brdg" */

enum { TYPE_VLAN = 0x87, EVENT_NONE = 0 };

struct bridge_member *
ksim_bridge_member_find(struct bridge *bridge, ifnet_t interface)
{
    struct bridge_member *at = bridge->members;

    while (at != NULL && at->interface != interface) {
        at = at->next;
    }
    return at;
}

/* The bridge's link is that of its members together: the event to post, or none. */
static uint32_t
link_status_update(struct bridge *bridge)
{
    bool active = false;

    for (const struct bridge_member *at = bridge->members; at != NULL; at = at->next) {
        active = active || at->media_active;
    }
    if (active == bridge->media_active) {
        return EVENT_NONE;
    }
    bridge->media_active = active;
    return active ? KEV_DL_LINK_ON : KEV_DL_LINK_OFF;
}

static void
link_event_post(struct bridge *bridge, uint32_t code)
{
    if (code != EVENT_NONE) {
        ksim_interface_post(bridge->interface, KEV_DL_SUBCLASS, code, NULL, 0);
    }
}

/* --- events of a member -------------------------------------------------------------------------- */

static void
member_gone(struct bridge_member *cookie, ifnet_t interface)
{
    struct bridge *bridge = interface->bridge;
    struct bridge_member *member;

    (void)cookie;
    if (bridge == NULL) {
        return;
    }
    ksim_bridge_lock(bridge);
    member = ksim_bridge_member_find(bridge, interface);
    if (member != NULL) {
        ksim_bridge_member_remove(bridge, member, true);
    }
    ksim_bridge_unlock(bridge);
}

static void
member_link_changed(ifnet_t interface)
{
    struct bridge *bridge = interface->bridge;
    struct bridge_member *member;
    uint32_t code = EVENT_NONE;

    if (bridge == NULL) {
        return;
    }
    ksim_bridge_lock(bridge);
    member = ksim_bridge_member_find(bridge, interface);
    if (member != NULL) {
        member->media_active = ksim_link_media_active(interface);
        code = link_status_update(bridge);
    }
    ksim_bridge_unlock(bridge);
    link_event_post(bridge, code);
}

/* PF_BRIDGE counts as one: with another one the interface is used for more than bridging (6153). */
static void
member_protocols_changed(ifnet_t interface)
{
    struct bridge *bridge = interface->bridge;
    struct bridge_member *member;
    const bool used = ksim_protocol_count(interface) >= 2;

    if (bridge == NULL || !ksim_interface_profile()->bridge_input_broadcast) {
        return;
    }
    ksim_bridge_lock(bridge);
    member = ksim_bridge_member_find(bridge, interface);
    if (member != NULL) {
        member->input_broadcast = used;
    }
    ksim_bridge_unlock(bridge);
}

static void
member_event(void *cookie, ifnet_t interface, protocol_family_t family,
             const struct kev_msg *message)
{
    struct bridge_member *member = cookie;

    (void)family;
    if (message->vendor_code != KEV_VENDOR_APPLE || message->kev_class != KEV_NETWORK_CLASS ||
        message->kev_subclass != KEV_DL_SUBCLASS) {
        return;
    }
    switch (message->event_code) {
    case KEV_DL_IF_DETACHING:
    case KEV_DL_IF_DETACHED:
        member_gone(member, interface);
        break;
    case KEV_DL_LINK_OFF:
    case KEV_DL_LINK_ON:
        member_link_changed(interface);
        break;
    case KEV_DL_SIFFLAGS:
        if (!member->promiscuous && (interface->flags & IFF_UP) != 0) {
            member->promiscuous = ifnet_set_promiscuous(interface, 1) == 0;
        }
        break;
    case KEV_DL_PROTO_ATTACHED:
    case KEV_DL_PROTO_DETACHED:
        member_protocols_changed(interface);
        break;
    default:
        break;
    }
}

/* The filter is off, by us or by the interface's final detach: nobody can name the member any more. */
static void
member_filter_detached(void *cookie, ifnet_t interface)
{
    struct bridge_member *member = cookie;

    member_gone(member, interface);
    machine_free(member);
}

/* --- joining ------------------------------------------------------------------------------------- */

static errno_t
member_check(struct bridge *bridge, ifnet_t interface)
{
    if (interface == NULL) {
        return ENOENT;
    }
    if (interface->bridge == bridge) {
        return EEXIST;
    }
    if (interface->bridge != NULL) {
        return EBUSY;
    }
    if (interface->type != IFT_ETHER && interface->type != TYPE_VLAN) {
        return EINVAL;
    }
    /* A bridge looks like Ethernet, and one in another would pass frames on for ever. */
    if (interface->callbacks.output == ksim_bridge_output) {
        return EINVAL;
    }
    if (bridge->members != NULL && bridge->interface->mtu != interface->mtu) {
        machine_console("bridge_ioctl_add: %s: invalid MTU for %s", bridge->interface->xname,
                        interface->xname);
        return EINVAL;
    }
    return 0;
}

static errno_t
bridge_protocol_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    (void)interface;
    (void)family;
    (void)packet;
    (void)header;
    return 0;
}

static errno_t
filter_attach(struct bridge_member *member)
{
    struct iff_filter filter;

    machine_fill(&filter, 0, sizeof(filter));
    filter.iff_cookie = member;
    filter.iff_name = "com.apple.kernel.bsd.net.if_bridge";
    filter.iff_input = ksim_bridge_filter_input;
    filter.iff_output = ksim_bridge_filter_output;
    filter.iff_event = member_event;
    filter.iff_detached = member_filter_detached;
    return ksim_interface_filter_attach(member->interface, &filter, true, &member->filter);
}

static errno_t
protocol_attach(ifnet_t interface)
{
    struct ifnet_attach_proto_param parameters;

    machine_fill(&parameters, 0, sizeof(parameters));
    parameters.input = bridge_protocol_input;
    return ifnet_attach_protocol(interface, FAMILY_BRIDGE, &parameters);
}

/* Filter and protocol, without the bridge's lock, as the order of locks in dlil wants it. */
static errno_t
member_hook(struct bridge *bridge, struct bridge_member *member)
{
    errno_t error;

    ksim_bridge_unlock(bridge);
    error = filter_attach(member);
    if (error != 0) {
        machine_console("bridge_ioctl_add: iflt_attach failed %d", error);
        goto lock;
    }
    member->filter_attached = true;
    error = protocol_attach(member->interface);
    if (error != 0) {
        machine_console("bridge_attach_protocol: ifnet_attach_protocol(%s) failed, %d",
                        member->interface->xname, error);
        goto lock;
    }
    member->protocol_attached = true;
lock:
    ksim_bridge_lock(bridge);
    return error;
}

static struct bridge_member *
member_create(struct bridge *bridge, ifnet_t interface)
{
    struct bridge_member *member = ksim_interface_zalloc(sizeof(*member), "bridge member");
    struct bridge_member **link = &bridge->members;

    member->bridge = bridge;
    member->interface = interface;
    member->flags = BRIDGE_MEMBER_LEARNING | BRIDGE_MEMBER_DISCOVER;
    if (bridge->members == NULL) {
        bridge->interface->mtu = interface->mtu;
    }
    interface->bridge = bridge;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = member;
    return member;
}

static errno_t
member_join(struct bridge *bridge, ifnet_t interface)
{
    struct bridge_member *member = member_create(bridge, interface);
    uint32_t code;
    errno_t error = ifnet_set_promiscuous(interface, 1);

    member->promiscuous = error == 0;
    if (error != 0 && error != ENETDOWN) {
        goto failed;
    }
    member->media_active = ksim_link_media_active(interface);
    code = link_status_update(bridge);
    error = member_hook(bridge, member);
    if (error != 0) {
        goto failed;
    }
    ksim_bridge_unlock(bridge);
    link_event_post(bridge, code);
    ksim_bridge_lock(bridge);
    return 0;

failed:
    ksim_bridge_member_remove(bridge, member, true);
    return error;
}

errno_t
ksim_bridge_member_add(struct bridge *bridge, const char *name)
{
    ifnet_t interface;
    errno_t error;

    /* The list of interfaces is locked around events that come here, so not the other way round. */
    ksim_bridge_unlock(bridge);
    interface = ksim_interface_find(name);
    ksim_bridge_lock(bridge);
    error = member_check(bridge, interface);
    if (error == 0) {
        (void)ifnet_reference(interface);
        error = member_join(bridge, interface);
    }
    if (interface != NULL) {
        ksim_interface_io_end(interface);
    }
    return error;
}

/* --- leaving ------------------------------------------------------------------------------------- */

/* Off the list, once nobody walks along it. */
static void
member_unlink(struct bridge *bridge, struct bridge_member *member)
{
    struct bridge_member **link = &bridge->members;

    bridge->excluders++;
    while (bridge->readers > 0) {
        msleep(&bridge->readers, bridge->lock, PZERO, "bridge_xlock", NULL);
    }
    while (*link != NULL && *link != member) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = member->next;
    }
    bridge->excluders--;
}

void
ksim_bridge_member_remove(struct bridge *bridge, struct bridge_member *member, bool gone)
{
    ifnet_t interface = member->interface;
    uint32_t code;

    member_unlink(bridge, member);
    if (!gone && member->promiscuous) {
        ksim_bridge_unlock(bridge);
        (void)ifnet_set_promiscuous(interface, 0);
        ksim_bridge_lock(bridge);
    }
    if (member->protocol_attached) {
        ksim_bridge_unlock(bridge);
        (void)ifnet_detach_protocol(interface, FAMILY_BRIDGE);
        ksim_bridge_lock(bridge);
    }
    ksim_bridge_forget(bridge, member);
    code = link_status_update(bridge);
    ksim_bridge_unlock(bridge);
    link_event_post(bridge, code);
    /* Frees the member, now or, when the interface is going away, at its final detach. */
    if (member->filter_attached) {
        iflt_detach(member->filter);
    } else {
        machine_free(member);
    }
    interface->bridge = NULL;
    (void)ifnet_release(interface);
    ksim_bridge_lock(bridge);
}

errno_t
ksim_bridge_member_delete(struct bridge *bridge, const char *name)
{
    struct bridge_member *at = bridge->members;

    while (at != NULL && !ksim_text_equal(at->interface->xname, name)) {
        at = at->next;
    }
    if (at == NULL) {
        return ENOENT;
    }
    ksim_bridge_member_remove(bridge, at, false);
    return 0;
}
