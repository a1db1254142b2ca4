/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_MEDIA_H
#define KPI_NET_IF_MEDIA_H

/* Media words: type, subtype and options of a link. */

#include <sys/types.h>

#define IFM_AUTO      0x0
#define IFM_AVALID    0x1
#define IFM_MANUAL    0x1
#define IFM_ACTIVE    0x2
#define IFM_NONE      0x2
#define IFM_10_T      0x3
#define IFM_100_TX    0x6
#define IFM_1000_T    0x10
#define IFM_10G_T     0x15
#define IFM_ETHER     0x20
#define IFM_IEEE80211 0x80
#define IFM_NMASK     0xe0
#define IFM_OMASK     0xff00
#define IFM_TMASK     0xf001f
#define IFM_FDX       0x100000
#define IFM_HDX       0x200000
#define IFM_FLOW      0x400000
#define IFM_FLAG0     0x1000000
#define IFM_LOOP      0x8000000
#define IFM_GMASK     0xff00000
#define IFM_IMASK     0xf0000000U

#endif
