/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_ROUTE_H
#define KPI_NET_ROUTE_H

/* Just the metrics and flags a driver could meet. */

#include <sys/types.h>

#define RTF_UP        0x1
#define RTF_GATEWAY   0x2
#define RTF_HOST      0x4
#define RTF_REJECT    0x8
#define RTF_DYNAMIC   0x10
#define RTF_MODIFIED  0x20
#define RTF_DONE      0x40
#define RTF_CLONING   0x100
#define RTF_LLINFO    0x400
#define RTF_STATIC    0x800
#define RTF_BLACKHOLE 0x1000
#define RTF_LOCAL     0x200000
#define RTF_BROADCAST 0x400000
#define RTF_MULTICAST 0x800000
#define RTF_IFSCOPE   0x1000000

struct rt_metrics {
    uint32_t rmx_locks;
    uint32_t rmx_mtu;
    uint32_t rmx_hopcount;
    int rmx_expire;
    uint32_t rmx_recvpipe;
    uint32_t rmx_sendpipe;
    uint32_t rmx_ssthresh;
    uint32_t rmx_rtt;
    uint32_t rmx_rttvar;
    uint32_t rmx_pksent;
    uint32_t rmx_state;
    uint32_t rmx_filler[3];
};

#endif
