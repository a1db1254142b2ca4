/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_H
#define KSIM_INET_H

/*
 * The peer inside the kernel: a small IPv4 and IPv6 host that owns addresses on interfaces and
 * answers ARP, ND, ICMP, UDP (echo on port 7) and refuses TCP. It receives through the domain input
 * handlers that proto_input calls (protocol.h) and through its own Ethernet protocols, and sends
 * with ifnet_output like any other part of XNU. What host code may call is in inet_host.h.
 *
 * Locks: none are held while a driver runs. The stack's tables change only between KPI calls (which
 * are the only preemption points of the emulated kernel), never across one.
 */

#include <ksim.h>
#include <net/kpi_interface.h>

#include "inet_host.h"

struct process;

/*
 * Makes the stack: registers the PF_INET and PF_INET6 domain input handlers and the plumbers of
 * both for IFNET_FAMILY_ETHERNET, and starts the timer thread (a daemon). Needs protocols, interfaces
 * and threads booted.
 */
void ksim_inet_boot(struct ksim *ksim);

/*
 * End of a run: an arrived packet without exactly one fate is a MACHINE_LEAK finding. Packets that
 * wait for a neighbour or for more fragments are freed (a run that was cut short leaves
 * some legitimately), so call it before the audit of mbufs.
 */
void ksim_inet_audit(struct ksim *ksim);

/*
 * Address ioctls of AF_INET sockets. `kernel_data` is the kernel's copy of the user's structure
 * (struct ifreq; struct ifaliasreq for SIOCAIFADDR) and receives the answer of the SIOCG commands.
 * `caller` is the process, NULL = the kernel; EPERM for all but SIOCG* unless ksim_ioctl_privileged(caller).
 * The caller holds an IO reference on ifp if its release does.
 * Handles SIOC[SGD]IFADDR, SIOCAIFADDR, SIOC[SG]IFDSTADDR, SIOC[SG]IFBRDADDR, SIOC[SG]IFNETMASK,
 * SIOCPROTOATTACH, SIOCPROTODETACH. EOPNOTSUPP for any other command: the caller then asks the driver.
 * May block and calls the driver (if_ioctl with an ifaddr_t, add_proto, check_multi, output).
 * Source: facts kpi-ifnet.md 17.1.
 */
int in_control(struct process *caller, unsigned long command, void *kernel_data, ifnet_t ifp);

/*
 * The same for AF_INET6: SIOCAIFADDR_IN6, SIOCDIFADDR_IN6, SIOCGIFADDR_IN6, SIOCGIFNETMASK_IN6,
 * SIOCGIFDSTADDR_IN6, SIOCPROTOATTACH_IN6, SIOCPROTODETACH_IN6, SIOCLL_START, SIOCGIFAFLAG_IN6. EINVAL on
 * an interface without IFF_MULTICAST (10.9 and later).
 */
int in6_control(struct process *caller, unsigned long command, void *kernel_data, ifnet_t ifp);

/* Commands of xnu's private headers (netinet/in_var.h, netinet6/in6_var.h under PRIVATE). */
#define KSIM_SIOCPROTOATTACH 0xc0206950UL      /* struct ifreq */
#define KSIM_SIOCPROTODETACH 0xc0206951UL      /* struct ifreq */
#define KSIM_SIOCPROTOATTACH_IN6 0xc080696eUL  /* struct in6_aliasreq */
#define KSIM_SIOCPROTODETACH_IN6 0xc080696fUL  /* struct in6_aliasreq */
#define KSIM_SIOCGIFDSTADDR_IN6 0xc1206922UL   /* struct in6_ifreq; absent from the KPI headers here */
#define KSIM_SIOCLL_START 0xc0806982UL         /* struct in6_aliasreq */

/*
 * The functions below and the two above reach the interface layer through the two
 * protocol_domain records that boot registers (protocol.h).
 */

/*
 * Final detach (GEN-B/C): removes every address of the family from ifp, its routes, neighbours, group
 * memberships and waiting packets. Never fails; the driver is not asked. May block.
 */
void in_purgeaddrs(ifnet_t ifp);
void in6_purgeaddrs(ifnet_t ifp);

/*
 * IFF_UP changed. Down: neighbours and waiting packets are dropped, static routes deleted, and the
 * interface's own routes vanish until it is up again.
 */
void in_ifupdown(ifnet_t ifp, bool up);
void in6_ifupdown(ifnet_t ifp, bool up);

#endif
