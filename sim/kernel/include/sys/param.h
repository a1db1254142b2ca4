/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_PARAM_H
#define KPI_SYS_PARAM_H

/* Sleep priorities and limits. A sleep with PCATCH also ends when a signal arrives. */

#include <sys/types.h>
#include <sys/errno.h>
#include <limits.h>

#define PSWP   0
#define PVM    4
#define PINOD  8
#define PRIBIO 16
#define PVFS   20
#define PZERO  22
#define PSOCK  24
#define PWAIT  32
#define PLOCK  36
#define PPAUSE 40
#define PUSER  50
#define MAXPRI 127

#define PRIMASK   0xff
#define PCATCH    0x100
#define PTTYBLOCK 0x200
#define PDROP     0x400
#define PSPIN     0x800

#define NBPW           4UL
#define MAXCOMLEN      16
#define NGROUPS        16
#define CMASK          18
#define MAXSYMLINKS    32
#define CBLOCK         64
#define MAXINTERP      64
#define MAXLOGNAME     255
#define MAXHOSTNAMELEN 256
#define NOFILE         256
#define MAXPATHLEN     1024

#define howmany(count, unit) (((count) + ((unit) - 1)) / (unit))
#define roundup(value, unit) ((((value) + ((unit) - 1)) / (unit)) * (unit))
#define MIN(left, right) (((left) < (right)) ? (left) : (right))
#define MAX(left, right) (((left) > (right)) ? (left) : (right))

#endif
