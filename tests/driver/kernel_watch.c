/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_watch.h"

#include <net/kpi_interface.h>
#include <net/kpi_interfacefilter.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>
#include <sys/proc.h>

enum { ETHERNET_BYTES = 14, HOLD_PAUSE_NS = 1000000 };

static struct {
    struct kernel_watch seen;
    interface_filter_t filter;
    ifnet_t interface;
    bool swallow;
    bool held;
    bool attached;
} watcher;

static enum kernel_watch_audience
audience_of(mbuf_t packet)
{
    if ((mbuf_flags(packet) & MBUF_BCAST) != 0)
        return KERNEL_WATCH_BROADCAST;
    if ((mbuf_flags(packet) & MBUF_MCAST) != 0)
        return KERNEL_WATCH_MULTICAST;
    return (mbuf_flags(packet) & MBUF_PROMISC) != 0 ? KERNEL_WATCH_OTHERS : KERNEL_WATCH_US;
}

static void
look(mbuf_t packet, protocol_family_t protocol, const char *frame)
{
    struct kernel_watch *seen = &watcher.seen;
    const char *data = mbuf_data(packet);
    const char *start = mbuf_datastart(packet);
    mbuf_t m;

    seen->mbufs = 0;
    seen->capacity_bytes = 0;
    for (m = packet; m != NULL; m = mbuf_next(m)) {
        seen->mbufs++;
        seen->capacity_bytes += mbuf_maxlen(m);
    }
    seen->length_bytes = mbuf_pkthdr_len(packet);
    seen->family = protocol;
    seen->header_none = frame == NULL;
    seen->header_before = frame != NULL && frame >= start && frame + ETHERNET_BYTES == data;
    seen->aligned = (data - start) % 4 == 0;
    seen->own_interface = mbuf_pkthdr_rcvif(packet) == watcher.interface;
    seen->audience = audience_of(packet);
}

static errno_t
watch_input(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *packet, char **frame)
{
    struct timespec pause = {0, HOLD_PAUSE_NS};

    (void)cookie;
    (void)interface;
    while (watcher.held)
        (void)msleep(&watcher.held, NULL, PZERO, "hold", &pause);
    watcher.seen.packets_in++;
    watcher.seen.bytes_in += mbuf_pkthdr_len(*packet);
    look(*packet, protocol, *frame);
    return watcher.swallow ? EPERM : 0; /* the kernel frees it */
}

static errno_t
watch_output(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *packet)
{
    (void)cookie;
    (void)interface;
    (void)protocol;
    watcher.seen.packets_out++;
    watcher.seen.bytes_out += mbuf_pkthdr_len(*packet);
    return 0;
}

static void
watch_detached(void *cookie, ifnet_t interface)
{
    (void)cookie;
    (void)interface;
    watcher.attached = false;
}

int
kernel_watch_start(const char *name, bool swallow)
{
    const struct iff_filter filter = {.iff_name = "watch",
                                      .iff_input = watch_input,
                                      .iff_output = watch_output,
                                      .iff_detached = watch_detached};
    errno_t error;

    memset(&watcher, 0, sizeof(watcher));
    watcher.swallow = swallow;
    error = ifnet_find_by_name(name, &watcher.interface);
    if (error != 0)
        return error;
    error = iflt_attach(watcher.interface, &filter, &watcher.filter);
    watcher.attached = error == 0;
    ifnet_release(watcher.interface);
    return error;
}

void
kernel_watch_read(struct kernel_watch *watch)
{
    *watch = watcher.seen;
}

void
kernel_watch_hold(bool held)
{
    watcher.held = held;
}

void
kernel_watch_stop(void)
{
    if (watcher.attached)
        iflt_detach(watcher.filter);
}
