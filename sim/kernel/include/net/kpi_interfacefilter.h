/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_KPI_INTERFACEFILTER_H
#define KPI_NET_KPI_INTERFACEFILTER_H

/* Filters that see the packets of an interface. */

#include <net/kpi_interface.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>

struct kev_msg;

/* EJUSTRETURN: the filter took the packet; another error: it is freed. */
typedef errno_t (*iff_input_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
    mbuf_t *packet, char **frame);
typedef errno_t (*iff_output_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
    mbuf_t *packet);
typedef void (*iff_event_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
    const struct kev_msg *event);
typedef errno_t (*iff_ioctl_func)(void *cookie, ifnet_t interface, protocol_family_t protocol,
    unsigned long command, void *argument);
typedef void (*iff_detached_func)(void *cookie, ifnet_t interface);

struct iff_filter {
    void *iff_cookie;
    const char *iff_name;
    uint32_t iff_protocol;
    iff_input_func iff_input;
    iff_output_func iff_output;
    iff_event_func iff_event;
    iff_ioctl_func iff_ioctl;
    iff_detached_func iff_detached;
};

__BEGIN_DECLS

errno_t iflt_attach(ifnet_t interface, const struct iff_filter *filter,
    interface_filter_t *reference) KPI_SYMBOL(iflt_attach);
void iflt_detach(interface_filter_t reference) KPI_SYMBOL(iflt_detach);

__END_DECLS

#endif
