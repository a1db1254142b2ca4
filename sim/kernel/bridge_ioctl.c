/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge.h>

#include <ether.h>
#include <interface_internal.h>
#include <ioctl.h>
#include <link_media.h>
#include <process.h>
#include <uio.h>

#include <net/if_media.h>
#include <sys/sockio.h>

#define SECOND_NS 1000000000ULL

/* bsd/net/if_bridgevar.h; the table has holes for what spanning tree and span ports would need. */
enum {
    BRDGADD = 0,
    BRDGDEL = 1,
    BRDGGIFFLGS = 2,
    BRDGGCACHE = 5,
    BRDGGIFS = 6,
    BRDGRTS = 7,
    BRDGGTO = 10,
    BRDGFLUSH = 12,
    BRDGGFILT = 23,
    FILTER_DEFAULT = 3,
    MTU_LEAST_BYTES = 576
};

enum { COPY_IN = 1, COPY_OUT = 2, SUPERUSER = 4 };

#pragma pack(push, 4)

struct member_request {
    char name[IFNAMSIZ];
    uint32_t flags;
    uint32_t stp_flags;
    uint32_t path_cost;
    uint8_t port, priority, protocol, role, state;
    uint32_t address_count;
    uint32_t address_limit;
    uint32_t addresses_exceeded;
    uint8_t padding[32];
};

struct list_request {
    uint32_t bytes;
    uint64_t buffer; /* user address */
};

struct address_request {
    char name[IFNAMSIZ];
    uint64_t expires_seconds;
    uint8_t flags;
    uint8_t link[BRIDGE_LINK_BYTES];
    uint16_t vlan;
};

#pragma pack(pop)

_Static_assert(sizeof(struct member_request) == 80, "struct ifbreq");
_Static_assert(sizeof(struct address_request) == 36, "struct ifbareq64");

union bridge_argument {
    struct member_request member;
    struct list_request list;
    uint32_t number;
};

struct bridge_row {
    errno_t (*handle)(struct bridge *bridge, union bridge_argument *argument);
    size_t bytes;
    unsigned rules;
};

/* --- requests; the bridge's lock is held --------------------------------------------------------- */

static errno_t
request_add(struct bridge *bridge, union bridge_argument *argument)
{
    argument->member.name[IFNAMSIZ - 1] = '\0';
    return ksim_bridge_member_add(bridge, argument->member.name);
}

static errno_t
request_delete(struct bridge *bridge, union bridge_argument *argument)
{
    argument->member.name[IFNAMSIZ - 1] = '\0';
    return ksim_bridge_member_delete(bridge, argument->member.name);
}

static void
member_describe(struct bridge *bridge, const struct bridge_member *member,
                struct member_request *out)
{
    machine_fill(out, 0, sizeof(*out));
    machine_format(out->name, sizeof(out->name), "%s", member->interface->xname);
    out->flags = member->flags;
    out->port = (uint8_t)member->interface->index;
    out->address_count = ksim_bridge_address_count(bridge, member);
}

static errno_t
request_member_flags(struct bridge *bridge, union bridge_argument *argument)
{
    const struct bridge_member *at = bridge->members;

    argument->member.name[IFNAMSIZ - 1] = '\0';
    while (at != NULL && !ksim_text_equal(at->interface->xname, argument->member.name)) {
        at = at->next;
    }
    if (at == NULL) {
        return ENOENT;
    }
    member_describe(bridge, at, &argument->member);
    return 0;
}

static errno_t
request_cache_size(struct bridge *bridge, union bridge_argument *argument)
{
    (void)bridge;
    argument->number = BRIDGE_ADDRESSES_MAX;
    return 0;
}

static errno_t
request_timeout(struct bridge *bridge, union bridge_argument *argument)
{
    (void)bridge;
    argument->number = BRIDGE_TIMEOUT_SECONDS;
    return 0;
}

/* pf on members was asked for by default up to 10.14. */
static errno_t
request_filter(struct bridge *bridge, union bridge_argument *argument)
{
    (void)bridge;
    argument->number = ksim_interface_profile()->bridge_input_broadcast ? 0 : FILTER_DEFAULT;
    return 0;
}

static errno_t
request_flush(struct bridge *bridge, union bridge_argument *argument)
{
    (void)argument;
    ksim_bridge_forget(bridge, NULL);
    return 0;
}

/* Copies whole records out, as many as the caller has room for; the lock is not held meanwhile. */
static errno_t
list_copy_out(struct bridge *bridge, struct list_request *request, const void *records,
              size_t record_bytes, size_t count)
{
    size_t bytes = count * record_bytes;
    errno_t error;

    if (bytes > request->bytes) {
        bytes = request->bytes / record_bytes * record_bytes;
    }
    request->bytes = (uint32_t)bytes;
    ksim_bridge_unlock(bridge);
    error = bytes == 0 ? 0 : ksim_copy_out(records, request->buffer, bytes);
    ksim_bridge_lock(bridge);
    return error;
}

/* With no room the answer is how much would be needed. */
static errno_t
request_members(struct bridge *bridge, union bridge_argument *argument)
{
    struct member_request *records;
    const struct bridge_member *at;
    size_t count = 0;
    errno_t error;

    for (at = bridge->members; at != NULL; at = at->next) {
        count++;
    }
    if (argument->list.bytes == 0) {
        argument->list.bytes = (uint32_t)(count * sizeof(*records));
        return 0;
    }
    records = ksim_interface_zalloc((count + 1) * sizeof(*records), "bridge list");
    count = 0;
    for (at = bridge->members; at != NULL; at = at->next) {
        member_describe(bridge, at, &records[count++]);
    }
    error = list_copy_out(bridge, &argument->list, records, sizeof(*records), count);
    machine_free(records);
    return error;
}

static errno_t
request_addresses(struct bridge *bridge, union bridge_argument *argument)
{
    const uint64_t now_ns = machine_now_ns();
    struct address_request *records;
    size_t count = 0;
    errno_t error;

    if (argument->list.bytes == 0) {
        return 0;
    }
    ksim_bridge_prune(bridge);
    records = ksim_interface_zalloc((bridge->address_count + 1) * sizeof(*records), "bridge list");
    for (const struct bridge_address *at = bridge->addresses; at != NULL; at = at->next) {
        struct address_request *out = &records[count++];

        machine_format(out->name, sizeof(out->name), "%s", at->member->interface->xname);
        machine_copy(out->link, at->link, sizeof(out->link));
        out->vlan = 1;
        out->expires_seconds = at->expires_ns > now_ns ? (at->expires_ns - now_ns) / SECOND_NS : 0;
    }
    error = list_copy_out(bridge, &argument->list, records, sizeof(*records), count);
    machine_free(records);
    return error;
}

static const struct bridge_row rows[] = {
    [BRDGADD] = {request_add, sizeof(struct member_request), COPY_IN | SUPERUSER},
    [BRDGDEL] = {request_delete, sizeof(struct member_request), COPY_IN | SUPERUSER},
    [BRDGGIFFLGS] = {request_member_flags, sizeof(struct member_request), COPY_IN | COPY_OUT},
    [BRDGGCACHE] = {request_cache_size, sizeof(uint32_t), COPY_OUT},
    [BRDGGIFS] = {request_members, sizeof(struct list_request), COPY_IN | COPY_OUT},
    [BRDGRTS] = {request_addresses, sizeof(struct list_request), COPY_IN | COPY_OUT},
    [BRDGGTO] = {request_timeout, sizeof(uint32_t), COPY_OUT},
    [BRDGFLUSH] = {request_flush, sizeof(struct member_request), COPY_IN | SUPERUSER},
    [BRDGGFILT] = {request_filter, sizeof(uint32_t), COPY_OUT},
};

/* --- ioctls -------------------------------------------------------------------------------------- */

/* SIOCSDRVSPEC changes and SIOCGDRVSPEC tells: the wrong one of the two is EINVAL, like a wrong length. */
static errno_t
driver_specific(struct bridge *bridge, bool set, const struct ifdrv *request)
{
    const struct bridge_row *row;
    union bridge_argument argument;
    uint64_t user;
    errno_t error = 0;

    if (request->ifd_cmd >= sizeof(rows) / sizeof(rows[0]) || rows[request->ifd_cmd].handle == NULL) {
        return EINVAL;
    }
    row = &rows[request->ifd_cmd];
    if (((row->rules & COPY_OUT) != 0) == set) {
        return EINVAL;
    }
    if ((row->rules & SUPERUSER) != 0 && !ksim_ioctl_privileged(ksim_process_current())) {
        return EPERM;
    }
    if (request->ifd_len != row->bytes) {
        return EINVAL;
    }
    user = (uint64_t)(uintptr_t)request->ifd_data;
    machine_fill(&argument, 0, sizeof(argument));
    if ((row->rules & COPY_IN) != 0) {
        error = ksim_copy_in(user, &argument, row->bytes);
    }
    if (error != 0) {
        return error;
    }
    ksim_bridge_lock(bridge);
    error = row->handle(bridge, &argument);
    ksim_bridge_unlock(bridge);
    if (error == 0 && (row->rules & COPY_OUT) != 0) {
        error = ksim_copy_out(&argument, user, row->bytes);
    }
    return error;
}

/* Up begins, down ends: what was learnt goes with it. */
static void
flags_changed(struct bridge *bridge)
{
    const unsigned flags = ifnet_flags(bridge->interface);

    ksim_bridge_lock(bridge);
    if ((flags & IFF_UP) == 0 && (flags & IFF_RUNNING) != 0) {
        ksim_bridge_forget(bridge, NULL);
        (void)ifnet_set_flags(bridge->interface, 0, IFF_RUNNING);
    } else if ((flags & IFF_UP) != 0 && (flags & IFF_RUNNING) == 0) {
        bridge->up_since_ns = machine_now_ns();
        (void)ifnet_set_flags(bridge->interface, IFF_RUNNING, IFF_RUNNING);
    }
    ksim_bridge_unlock(bridge);
}

/* Any mtu while there are no members, then only theirs. */
static errno_t
mtu_set(struct bridge *bridge, const struct ifreq *request)
{
    const struct bridge_member *at;
    errno_t error = 0;

    if (request == NULL || request->ifr_mtu < MTU_LEAST_BYTES) {
        return EINVAL;
    }
    ksim_bridge_lock(bridge);
    for (at = bridge->members; at != NULL && error == 0; at = at->next) {
        if (at->interface->mtu != (uint32_t)request->ifr_mtu) {
            machine_console("%s: invalid MTU: %u(%s) != %d", bridge->name, at->interface->mtu,
                            at->interface->xname, request->ifr_mtu);
            error = EINVAL;
        }
    }
    if (error == 0) {
        bridge->interface->mtu = (uint32_t)request->ifr_mtu;
    }
    ksim_bridge_unlock(bridge);
    return error;
}

errno_t
ksim_bridge_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    struct bridge *bridge = ifnet_softc(interface);
    const struct ifreq *request = argument;
    const int medium = bridge->media_active ? (int)(IFM_ETHER | IFM_AUTO) : (int)IFM_NONE;

    switch (command) {
    case SIOCSIFADDR:
    case SIOCAIFADDR:
        (void)ifnet_set_flags(interface, IFF_UP, IFF_UP);
        return 0;
    case SIOCSIFFLAGS:
        flags_changed(bridge);
        return 0;
    case SIOCADDMULTI:
    case SIOCDELMULTI:
        return 0;
    case LINK_MEDIA_COMMAND_32:
    case LINK_MEDIA_COMMAND_64:
        return ksim_link_media_answer(command, argument, medium, medium, bridge->media_active);
    case SIOCSDRVSPEC:
    case SIOCGDRVSPEC:
        return argument == NULL
                   ? EINVAL
                   : driver_specific(bridge, command == SIOCSDRVSPEC, argument);
    case SIOCSIFLLADDR:
        return request == NULL ? EINVAL
                               : ifnet_set_lladdr(interface, request->ifr_addr.sa_data,
                                                  request->ifr_addr.sa_len);
    case SIOCSIFMTU:
        return mtu_set(bridge, request);
    default:
        return ether_ioctl(interface, (u_int32_t)command, argument);
    }
}
