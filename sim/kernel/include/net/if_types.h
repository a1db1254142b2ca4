/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_TYPES_H
#define KPI_NET_IF_TYPES_H

/* Interface types of SNMP's MIB. */

#define IFT_OTHER         0x1
#define IFT_ETHER         0x6
#define IFT_PPP           0x17
#define IFT_LOOP          0x18
#define IFT_SLIP          0x1c
#define IFT_GIF           0x37
#define IFT_STF           0x39
#define IFT_L2VLAN        0x87
#define IFT_IEEE8023ADLAG 0x88
#define IFT_BRIDGE        0xd1
#define IFT_CELLULAR      0xff
#define IFT_PDP           0xff

#endif
