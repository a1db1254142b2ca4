/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_IOCCOM_H
#define KPI_SYS_IOCCOM_H

/*
 * How ioctl numbers are made: direction in bits 29-31, bytes of the argument in bits 16-28,
 * group in bits 8-15, number below.
 */

#include <sys/types.h>

#define IOCPARM_MASK 0x1fff
#define IOCPARM_MAX (IOCPARM_MASK + 1)
#define IOCPARM_LEN(command) (((command) >> 16) & IOCPARM_MASK)
#define IOCBASECMD(command) ((command) & ~(IOCPARM_MASK << 16))
#define IOCGROUP(command) (((command) >> 8) & 0xff)

#define IOC_VOID ((uint32_t)0x20000000)
#define IOC_OUT ((uint32_t)0x40000000)
#define IOC_IN ((uint32_t)0x80000000)
#define IOC_INOUT (IOC_IN | IOC_OUT)
#define IOC_DIRMASK ((uint32_t)0xe0000000)

#define _IOC(direction, group, number, length) \
    ((direction) | (((length) & IOCPARM_MASK) << 16) | ((group) << 8) | (number))
#define _IO(group, number) _IOC(IOC_VOID, (group), (number), 0)
#define _IOR(group, number, type) _IOC(IOC_OUT, (group), (number), sizeof(type))
#define _IOW(group, number, type) _IOC(IOC_IN, (group), (number), sizeof(type))
#define _IOWR(group, number, type) _IOC(IOC_INOUT, (group), (number), sizeof(type))

#endif
