/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_PROTOCOL_H
#define KSIM_PROTOCOL_H

/*
 * Protocol plumbing (kpi-ifnet.md section 16): plumbers keyed by (protocol family, interface family),
 * the input handlers of the protocol domains, and attaching a protocol to an interface.
 */

#include <interface.h>
#include <net/kpi_protocol.h>

struct process;

/*
 * What a protocol stack (inet.h) gives to the interface layer. Any function may be NULL. The record
 * is copied. No interface lock is held in any of them unless said.
 */
struct protocol_domain {
    protocol_family_t family; /* PF_INET, PF_INET6 */

    /* proto_input and proto_inject arrive here. Owns the packets whatever it does. */
    void (*input)(protocol_family_t family, mbuf_t packets);
    bool takes_lists; /* false: called once for each packet, mbuf_nextpkt NULL */

    /*
     * The domain's control function (inet.h: in_control, in6_control): sees every interface ioctl that
     * came through a socket of the family. `caller` NULL = the kernel itself. Privilege is checked
     * already. `data` is the kernel copy of the argument. EOPNOTSUPP or ENOTSUP hands the command on
     * to the driver.
     */
    int (*control)(struct process *caller, unsigned long command, void *data, ifnet_t interface);

    /* IFF_UP was set or cleared (PRC_IFUP, PRC_IFDOWN): routes come and go. */
    void (*interface_updown)(ifnet_t interface, bool up);
    /* Attached just now; IO references work. */
    void (*interface_attached)(ifnet_t interface);
    /* Final detach, on the detacher: remove every address of the domain from the interface. */
    void (*interface_purge)(ifnet_t interface);
};

/* Boot before interfaces. */
void ksim_protocols_boot(struct ksim *kernel);
/* Reports plumbers whose kext was unloaded, naming it. */
void ksim_protocols_audit(struct ksim *kernel);

/* Registers a domain; EEXIST when the family has one. */
errno_t ksim_protocol_domain_register(const struct protocol_domain *domain);
const struct protocol_domain *ksim_protocol_domain_find(protocol_family_t family);
/* Calls a step for each domain, in order of registration. */
void ksim_protocol_domains_each(void (*step)(const struct protocol_domain *domain, void *context),
                                void *context);

/* proto_register_plumber without the KPI entry and its fault point: for the kernel's own, at boot. */
errno_t ksim_protocol_plumber_register(protocol_family_t family, ifnet_family_t interface_family,
                                       proto_plumb_handler attach, proto_unplumb_handler detach);

/*
 * Plumb and unplumb (proto_plumb, proto_unplumb): the plumber runs with proto_family_mutex held, so it
 * must neither (un)register plumbers nor plumb. ENXIO without plumber; unplumb without a detach
 * handler is ifnet_detach_protocol.
 */
errno_t ksim_protocol_plumb(protocol_family_t family, ifnet_t interface);
errno_t ksim_protocol_unplumb(protocol_family_t family, ifnet_t interface);

/*
 * ifnet_attach_protocol without the KPI entry; with `input_list` the protocol is a v2 one whose input
 * takes lists (header pointers in the pkthdrs) and `parameters->input` is not used.
 */
errno_t ksim_protocol_attach(ifnet_t interface, protocol_family_t family,
                             const struct ifnet_attach_proto_param *parameters,
                             interface_input_list_func input_list);

/* The attached protocol with a reference, or NULL. Takes the interface lock shared. */
struct interface_protocol *ksim_protocol_find(ifnet_t interface, protocol_family_t family);
/* The same while the caller holds the interface lock. */
struct interface_protocol *ksim_protocol_find_locked(ifnet_t interface, protocol_family_t family);
/* One more reference, for a caller that has one or holds the interface lock. */
void ksim_protocol_retain(struct interface_protocol *protocol);
/* Drops a reference; the last one runs `detached`, posts the event, clears IFF_UP (10.13.4 on). */
void ksim_protocol_release(struct interface_protocol *protocol);

/* Number of protocols on an interface. */
uint32_t ksim_protocol_count(ifnet_t interface);

/* Families in the order the detacher removes them: INET, INET6, VLAN, others; 0 when none is left. */
protocol_family_t ksim_protocol_next_to_detach(ifnet_t interface);

/* Domain input for one list on the calling thread; -1: no handler, the packets stay the caller's. */
errno_t ksim_protocol_input(protocol_family_t family, mbuf_t packets);

#endif
