/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_KPI_PROTOCOL_H
#define KPI_NET_KPI_PROTOCOL_H

/* How IP and IPv6 come to be attached to interfaces of a family: plumbers. */

#include <net/kpi_interface.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>

typedef errno_t (*proto_plumb_handler)(ifnet_t interface, protocol_family_t protocol);
typedef void (*proto_unplumb_handler)(ifnet_t interface, protocol_family_t protocol);

__BEGIN_DECLS

/* The packet is the stack's when 0 is returned, the caller's otherwise. */
errno_t proto_input(protocol_family_t protocol, mbuf_t packet) KPI_SYMBOL(proto_input);
errno_t proto_inject(protocol_family_t protocol, mbuf_t packet) KPI_SYMBOL(proto_inject);
/* EEXIST when the pair of family and protocol is taken. */
errno_t proto_register_plumber(protocol_family_t protocol, ifnet_family_t family,
    proto_plumb_handler plumb, proto_unplumb_handler unplumb) KPI_SYMBOL(proto_register_plumber);
void proto_unregister_plumber(protocol_family_t protocol, ifnet_family_t family)
    KPI_SYMBOL(proto_unregister_plumber);

__END_DECLS

#endif
