/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_view.h"

#include <net/kpi_interface.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>

#include <event.h>
#include <inet_stack.h>
#include <interface.h>
#include <kext.h>
#include <mbuf.h>

enum { VIEW_PROTOCOL = 200, VIEW_TYPES_MAX = 16, VIEW_DESCRIPTOR_TYPE = 4 };

_Static_assert(KERNEL_VIEW_SHAPES == (int)MBUF_SHAPES, "every shape can be asked for");

int
kernel_view_lladdr(const char *name, uint8_t lladdr[6])
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error == 0) {
        error = ifnet_lladdr_copy_bytes(interface, lladdr, 6);
        ifnet_release(interface);
    }
    return error;
}

int
kernel_view_counters(const char *name, struct kernel_view_counters *counters)
{
    struct ifnet_stats_param statistics;
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = ifnet_stat(interface, &statistics);
    ifnet_release(interface);
    counters->packets_in = statistics.packets_in;
    counters->bytes_in = statistics.bytes_in;
    counters->errors_in = statistics.errors_in;
    counters->packets_out = statistics.packets_out;
    counters->bytes_out = statistics.bytes_out;
    counters->errors_out = statistics.errors_out;
    return error;
}

int
kernel_view_flags(const char *name, unsigned *flags)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error == 0) {
        *flags = ifnet_flags(interface);
        ifnet_release(interface);
    }
    return error;
}

int
kernel_view_set_up(const char *name, bool up)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error == 0) {
        error = ifnet_set_flags(interface, up ? IFF_UP : 0, IFF_UP);
        ifnet_release(interface);
    }
    return error;
}

unsigned
kernel_view_event_count(enum kernel_view_event event)
{
    uint32_t wanted =
        event == KERNEL_VIEW_LINK_ON ? KEV_DL_LINK_ON : KEV_DL_LINK_ADDRESS_CHANGED;
    const struct kernel_event *posted;
    uint32_t cursor = 0;
    unsigned count = 0;

    while ((posted = ksim_event_next(&cursor, KEV_VENDOR_APPLE, KEV_NETWORK_CLASS,
                                     KEV_DL_SUBCLASS)) != NULL) {
        if (posted->code == wanted)
            count++;
    }
    return count;
}

int
kernel_view_set_promiscuous(const char *name, bool on)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error == 0) {
        error = ifnet_set_promiscuous(interface, on ? 1 : 0);
        ifnet_release(interface);
    }
    return error;
}

int
kernel_view_ioctl(const char *name, unsigned long command, void *argument)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error == 0) {
        error = ifnet_ioctl(interface, 0, command, argument);
        ifnet_release(interface);
    }
    return error;
}

/* --- packets ------------------------------------------------------------------------------------ */

static errno_t
packet_make(const struct kernel_view_batch *batch, unsigned number, mbuf_t *packet)
{
    uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    bool bad = batch->bad_every != 0 && number % batch->bad_every == 0;
    mbuf_t keeper = NULL;
    errno_t error = 0;

    *packet = mbuf_shape_packet((enum mbuf_shape)batch->shape, bad ? "" : batch->bytes,
                                bad ? 1 : batch->length, MBUF_WAITOK, &keeper);
    if (*packet == NULL)
        return ENOBUFS;
    if (keeper != NULL)
        mbuf_freem(keeper);
    if (batch->number_at != 0 && !bad)
        error = mbuf_copyback(*packet, batch->number_at, sizeof(bytes), bytes, MBUF_WAITOK);
    if (error != 0)
        mbuf_freem(*packet);
    return error;
}

/* The list is built from its end. */
static errno_t
list_make(const struct kernel_view_batch *batch, mbuf_t *list)
{
    unsigned left = batch->count;

    *list = NULL;
    while (left-- > 0) {
        mbuf_t packet;
        errno_t error = packet_make(batch, left, &packet);

        if (error != 0) {
            mbuf_freem_list(*list);
            return error;
        }
        mbuf_setnextpkt(packet, *list);
        *list = packet;
    }
    return 0;
}

int
kernel_view_output_batch(const char *name, const struct kernel_view_batch *batch)
{
    ifnet_t interface;
    const char *previous;
    mbuf_t list;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = list_make(batch, &list);
    if (error == 0 && batch->whole_list) {
        previous = ksim_kext_call_begin(interface->owner, "output");
        error = interface->callbacks.output(interface, list);
        ksim_kext_call_end(previous);
    } else if (error == 0) {
        error = ifnet_output_raw(interface, PF_INET, list);
    }
    ifnet_release(interface);
    return error;
}

int
kernel_view_output(const char *name, const void *bytes, size_t length, unsigned count)
{
    const struct kernel_view_batch batch = {.bytes = bytes, .length = length, .count = count};

    return kernel_view_output_batch(name, &batch);
}

int
kernel_view_input(const char *name, const void *bytes, size_t length)
{
    const struct kernel_view_batch batch = {.bytes = bytes, .length = length, .count = 1};
    ifnet_t interface;
    mbuf_t packet;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = list_make(&batch, &packet);
    if (error == 0) {
        mbuf_pkthdr_setrcvif(packet, interface);
        error = ifnet_input(interface, packet, NULL);
    }
    ifnet_release(interface);
    return error;
}

static const struct sockaddr everybody = {.sa_len = sizeof(everybody),
                                          .sa_family = AF_UNSPEC,
                                          .sa_data = {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 1, 8, 0}};

int
kernel_view_output_framed(const char *name, const struct kernel_view_batch *batch)
{
    ifnet_t interface;
    mbuf_t packet;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = list_make(batch, &packet);
    if (error == 0)
        error = ifnet_output(interface, PF_INET, packet, NULL, &everybody);
    ifnet_release(interface);
    return error;
}

int
kernel_view_frame(const char *name, const struct kernel_view_batch *batch, bool *cleared)
{
    ifnet_t interface;
    const char *previous;
    mbuf_t packet;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = list_make(batch, &packet);
    if (error == 0) {
        previous = ksim_kext_call_begin(interface->owner, "framer");
        error = interface->callbacks.framer(interface, &packet, &everybody, everybody.sa_data,
                                            everybody.sa_data + 12);
        ksim_kext_call_end(previous);
        *cleared = packet == NULL;
        if (error == 0)
            mbuf_freem(packet);
    }
    ifnet_release(interface);
    return error;
}

/* --- groups and protocols ----------------------------------------------------------------------- */

static const struct sockaddr_dl group_link = {.sdl_len = sizeof(group_link),
                                              .sdl_family = AF_LINK,
                                              .sdl_alen = 6,
                                              .sdl_data = {1, 0, 0x5e, 0, 0, (char)0xfb}};
static const struct sockaddr_dl unicast_link = {.sdl_len = sizeof(unicast_link),
                                                .sdl_family = AF_LINK,
                                                .sdl_alen = 6,
                                                .sdl_data = {2, 0, 0x5e, 0, 0, (char)0xfb}};
static const struct sockaddr group_unspecified = {
    .sa_len = sizeof(group_unspecified), .sa_family = AF_UNSPEC, .sa_data = {1, 0, 0x5e}};

int
kernel_view_join_and_leave(const char *name, enum kernel_view_group group)
{
    static const void *const groups[] = {[KERNEL_VIEW_GROUP_LINK] = &group_link,
                                         [KERNEL_VIEW_UNICAST_LINK] = &unicast_link,
                                         [KERNEL_VIEW_GROUP_UNSPECIFIED] = &group_unspecified};
    ifmultiaddr_t membership;
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = ifnet_add_multicast(interface, groups[group], &membership);
    if (error == 0) {
        error = ifnet_remove_multicast(membership);
        ifmaddr_release(membership);
    }
    ifnet_release(interface);
    return error;
}

int
kernel_view_group_set(const char *name, unsigned family, const uint8_t *address, bool joined)
{
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    if (joined)
        error = inet_group_join(interface, (uint8_t)family, address);
    else
        inet_group_leave(interface, (uint8_t)family, address);
    ifnet_release(interface);
    return error;
}

static errno_t
view_input(ifnet_t interface, protocol_family_t protocol, mbuf_t packet, char *header)
{
    (void)interface;
    (void)protocol;
    (void)header;
    mbuf_freem_list(packet);
    return 0;
}

/* Attaches and detaches protocol 200. */
static int
protocol_try(const char *name, struct ifnet_demux_desc *descriptors, unsigned count)
{
    struct ifnet_attach_proto_param parameters = {
        .demux_array = descriptors, .demux_count = count, .input = view_input};
    ifnet_t interface;
    errno_t error = ifnet_find_by_name(name, &interface);

    if (error != 0)
        return error;
    error = ifnet_attach_protocol(interface, VIEW_PROTOCOL, &parameters);
    if (error == 0)
        error = ifnet_detach_protocol(interface, VIEW_PROTOCOL);
    ifnet_release(interface);
    return error;
}

int
kernel_view_protocol(const char *name, unsigned kind, const void *bytes, size_t length)
{
    union {
        const void *constant;
        void *variable;
    } data = {bytes};
    struct ifnet_demux_desc descriptor = {kind, data.variable, (uint32_t)length};

    return protocol_try(name, &descriptor, 1);
}

int
kernel_view_protocol_types(const char *name, unsigned count)
{
    struct ifnet_demux_desc descriptors[VIEW_TYPES_MAX];
    uint8_t types[VIEW_TYPES_MAX][2];
    unsigned i;

    if (count > VIEW_TYPES_MAX)
        return E2BIG;
    for (i = 0; i < count; i++) {
        types[i][0] = 0x88;
        types[i][1] = (uint8_t)(0x10 + i);
        descriptors[i] = (struct ifnet_demux_desc){VIEW_DESCRIPTOR_TYPE, types[i], sizeof(types[i])};
    }
    return protocol_try(name, count != 0 ? descriptors : NULL, count);
}
