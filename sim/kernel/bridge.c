/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge.h>

#include <ether.h>
#include <interface_internal.h>
#include <panic.h>

#include <net/bpf.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/random.h>

enum { TYPE_BRIDGE = 0xd1, MTU_BYTES = 1500 };

/* --- lock ---------------------------------------------------------------------------------------- */

void
ksim_bridge_lock(struct bridge *bridge)
{
    lck_mtx_lock(bridge->lock);
}

void
ksim_bridge_unlock(struct bridge *bridge)
{
    lck_mtx_unlock(bridge->lock);
}

bool
ksim_bridge_read_begin(struct bridge *bridge)
{
    const bool free = bridge->excluders == 0;

    if (free) {
        bridge->readers++;
    }
    ksim_bridge_unlock(bridge);
    return free;
}

void
ksim_bridge_read_end(struct bridge *bridge)
{
    ksim_bridge_lock(bridge);
    bridge->readers--;
    if (bridge->readers == 0 && bridge->excluders > 0) {
        wakeup(&bridge->readers);
    }
    ksim_bridge_unlock(bridge);
}

/* --- names --------------------------------------------------------------------------------------- */

/* The unit of "bridge7"; -1 for "bridge"; false for other names. */
static bool
name_parse(const char *name, int64_t *unit)
{
    static const char prefix[] = "bridge";
    const size_t length = sizeof(prefix) - 1;

    if (!ksim_interface_profile()->bridge || ksim_text_bytes(name) < length ||
        machine_compare(name, prefix, length) != 0) {
        return false;
    }
    *unit = name[length] == '\0' ? -1 : 0;
    for (const char *at = name + length; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        *unit = *unit * 10 + (*at - '0');
    }
    return true;
}

static struct bridge *
bridge_find(const char *name)
{
    struct bridge *at = ksim_interfaces()->bridges;

    while (at != NULL && !ksim_text_equal(at->name, name)) {
        at = at->next;
    }
    return at;
}

static int64_t
unit_first_free(void)
{
    char name[IFNAMSIZ];
    int64_t unit = 0;

    do {
        machine_format(name, sizeof(name), "bridge%u", (unsigned)unit++);
    } while (bridge_find(name) != NULL);
    return unit - 1;
}

/* --- life ---------------------------------------------------------------------------------------- */

static errno_t
set_bpf_tap(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func callback)
{
    struct bridge *bridge = ifnet_softc(interface);

    if (bridge == NULL || bridge->detaching) {
        return ENODEV;
    }
    bridge->bpf_in = mode == BPF_MODE_INPUT || mode == BPF_MODE_INPUT_OUTPUT ? callback : NULL;
    bridge->bpf_out = mode == BPF_MODE_OUTPUT || mode == BPF_MODE_INPUT_OUTPUT ? callback : NULL;
    return 0;
}

/* The detacher has come by: the last that happens to a bridge. */
static void
detached(ifnet_t interface)
{
    struct bridge *bridge = ifnet_softc(interface), **link = &ksim_interfaces()->bridges;

    ksim_bridge_forget(bridge, NULL);
    while (*link != bridge) {
        link = &(*link)->next;
    }
    *link = bridge->next;
    lck_mtx_free(bridge->lock, ksim_interfaces()->lock_group);
    machine_free(bridge);
    (void)ifnet_release(interface);
}

struct link_search {
    uint8_t *link;
};

static int
link_visit(ifnet_t interface, void *context)
{
    const struct link_search *search = context;

    if (interface->type != IFT_ETHER || interface->address_bytes != BRIDGE_LINK_BYTES) {
        return 0;
    }
    return ifnet_lladdr_copy_bytes(interface, search->link, BRIDGE_LINK_BYTES) == 0;
}

static bool
link_is_used(const uint8_t *link)
{
    uint8_t other[BRIDGE_LINK_BYTES];

    for (const struct bridge *at = ksim_interfaces()->bridges; at != NULL; at = at->next) {
        if (ifnet_lladdr_copy_bytes(at->interface, other, sizeof(other)) == 0 &&
            machine_compare(other, link, sizeof(other)) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * A local address made of that of the first Ethernet interface: nibbles of the fourth byte swapped, the
 * last two mixed into the fifth, the unit in the sixth. Random when there is none or it is taken.
 */
static void
link_choose(struct bridge *bridge, unsigned unit)
{
    uint8_t *link = bridge->default_link;
    struct link_search search = {link};
    bool derived = ksim_interfaces_each(link_visit, &search) != 0;

    do {
        if (derived) {
            link[3] = (uint8_t)(link[3] << 4 | link[3] >> 4);
            link[4] = (uint8_t)((link[4] << 4 | link[4] >> 4) ^ link[5]);
            link[5] = (uint8_t)unit;
        } else {
            read_random(link, BRIDGE_LINK_BYTES);
        }
        link[0] = (uint8_t)((link[0] & ~1) | 2);
        derived = false;
    } while (link_is_used(link));
}

static errno_t
interface_make(struct bridge *bridge, unsigned unit)
{
    static const unsigned char broadcast[BRIDGE_LINK_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ifnet_init_params init;
    errno_t error;

    machine_fill(&init, 0, sizeof(init));
    init.uniqueid = bridge->name;
    init.uniqueid_len = (u_int32_t)ksim_text_bytes(bridge->name);
    init.name = "bridge";
    init.unit = unit;
    init.family = IFNET_FAMILY_ETHERNET;
    init.type = TYPE_BRIDGE;
    init.output = ksim_bridge_output;
    init.demux = ether_demux;
    init.add_proto = ether_add_proto;
    init.del_proto = ether_del_proto;
    init.check_multi = ether_check_multi;
    init.framer = ether_frameout;
    init.softc = bridge;
    init.ioctl = ksim_bridge_ioctl;
    init.set_bpf_tap = set_bpf_tap;
    init.detach = detached;
    init.broadcast_addr = broadcast;
    init.broadcast_len = sizeof(broadcast);
    error = ifnet_allocate(&init, &bridge->interface);
    if (error != 0) {
        return error;
    }
    bridge->interface->built_in = true;
    (void)ifnet_set_mtu(bridge->interface, MTU_BYTES);
    (void)ifnet_set_addrlen(bridge->interface, BRIDGE_LINK_BYTES);
    (void)ifnet_set_hdrlen(bridge->interface, ETHER_HDR_LEN);
    (void)ifnet_set_flags(bridge->interface,
                          IFF_BROADCAST | IFF_SIMPLEX | IFF_NOTRAILERS | IFF_MULTICAST, 0xffff);
    return 0;
}

/* What is one number during attach and another one afterwards decides who serves the input (6153). */
static errno_t
interface_attach(struct bridge *bridge, unsigned unit)
{
    errno_t error;

    link_choose(bridge, unit);
    error = ifnet_attach(bridge->interface, NULL);
    if (error != 0) {
        return error;
    }
    bridge->interface->type = IFT_ETHER;
    (void)ifnet_set_lladdr(bridge->interface, bridge->default_link, BRIDGE_LINK_BYTES);
    bpfattach(bridge->interface, DLT_EN10MB, ETHER_HDR_LEN);
    return 0;
}

static errno_t
bridge_create(const char *name, unsigned unit)
{
    struct interface_system *system = ksim_interfaces();
    struct bridge *bridge = ksim_interface_zalloc(sizeof(*bridge), "bridge");
    errno_t error;

    machine_copy(bridge->name, name, ksim_text_bytes(name));
    bridge->lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    error = interface_make(bridge, unit);
    if (error != 0) {
        goto free_bridge;
    }
    error = interface_attach(bridge, unit);
    if (error != 0) {
        goto release_interface;
    }
    bridge->next = system->bridges;
    system->bridges = bridge;
    return 0;

release_interface:
    (void)ifnet_release(bridge->interface);
free_bridge:
    lck_mtx_free(bridge->lock, system->lock_group);
    machine_free(bridge);
    return error;
}

errno_t
ksim_interface_clone_create(char *name)
{
    char made[IFNAMSIZ];
    errno_t error;
    int64_t unit;

    if (!name_parse(name, &unit)) {
        return EINVAL;
    }
    if (ksim_interface_peek(name) != NULL) {
        return EEXIST;
    }
    if (unit < 0) {
        unit = unit_first_free();
    }
    if (unit > BRIDGE_UNIT_LARGEST) {
        return ENXIO;
    }
    machine_fill(made, 0, sizeof(made));
    machine_format(made, sizeof(made), "bridge%u", (unsigned)unit);
    error = bridge_create(made, (unsigned)unit);
    if (error == 0) {
        machine_copy(name, made, sizeof(made));
    }
    return error;
}

errno_t
ksim_interface_clone_destroy(const char *name)
{
    struct bridge *bridge;
    int64_t unit;

    if (!name_parse(name, &unit)) {
        return EINVAL;
    }
    bridge = bridge_find(name);
    if (bridge == NULL || ksim_interface_peek(name) == NULL) {
        return ENXIO;
    }
    ksim_bridge_lock(bridge);
    if (bridge->detaching) {
        ksim_bridge_unlock(bridge);
        return 0;
    }
    bridge->detaching = true;
    ksim_bridge_forget(bridge, NULL);
    (void)ifnet_set_flags(bridge->interface, 0, IFF_RUNNING);
    ksim_bridge_unlock(bridge);
    (void)ifnet_set_flags(bridge->interface, 0, IFF_UP);
    ksim_bridge_lock(bridge);
    while (bridge->members != NULL) {
        ksim_bridge_member_remove(bridge, bridge->members, false);
    }
    ksim_bridge_unlock(bridge);
    if (ifnet_detach(bridge->interface) != 0) {
        ksim_panic("bridge_clone_destroy: ifnet_detach(%p) failed", (void *)bridge->interface);
    }
    return 0;
}
