/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MBUF_GUEST_H
#define MBUF_GUEST_H

/*
 * What test_mbuf.c runs on a machine; compiled against the kernel headers. A scenario returns NULL when all
 * was as it should be, else the expectation that failed. Scenarios of misuse do not return.
 */

#include <stddef.h>

typedef const char *mbuf_scenario(void);

mbuf_scenario mbuf_guest_geometry, mbuf_guest_allocate, mbuf_guest_tags, mbuf_guest_tags_travel,
    mbuf_guest_traffic_class, mbuf_guest_tso, mbuf_guest_physical, mbuf_guest_stats, mbuf_guest_inet_cksum,
    mbuf_guest_inet6_cksum, mbuf_guest_cksum_odd_pieces, mbuf_guest_finalize_inet,
    mbuf_guest_finalize_inet6, mbuf_guest_poison, mbuf_guest_poison_again, mbuf_guest_shapes,
    mbuf_guest_history, mbuf_guest_handover_good, mbuf_guest_cluster_round, mbuf_guest_attached;

/* With every allocation failing. */
mbuf_scenario mbuf_guest_failures;

/* They leave something behind, or break a rule. */
mbuf_scenario mbuf_guest_leak_mbuf, mbuf_guest_leak_cluster, mbuf_guest_double_free, mbuf_guest_use_freed,
    mbuf_guest_null, mbuf_guest_overrun, mbuf_guest_underrun, mbuf_guest_cluster_overrun,
    mbuf_guest_freecluster_size, mbuf_guest_freecluster_foreign, mbuf_guest_freecluster_wrong_size,
    mbuf_guest_handover_length, mbuf_guest_handover_nextpkt, mbuf_guest_no_header,
    mbuf_guest_not_an_mbuf, mbuf_guest_pullup_null;

/* What is left; also the audit of a kernel. */
void mbuf_guest_audit(void);

#endif
