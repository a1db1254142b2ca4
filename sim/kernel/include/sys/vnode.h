/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_VNODE_H
#define KPI_SYS_VNODE_H

/* Flags of one read or write, as a driver sees them in its last argument. */

#include <sys/types.h>

#define IO_UNIT 0x0001
#define IO_APPEND 0x0002
#define IO_SYNC 0x0004
#define IO_NDELAY 0x0010 /* the descriptor does not block now */
#define IO_REVOKE 0x0020 /* in the flags of close: the file was revoked */

#endif
