/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_IOCTL_H
#define KPI_SYS_IOCTL_H

/* All of the ioctl headers. */

#include <sys/filio.h>
#include <sys/ioccom.h>
#include <sys/sockio.h>
#include <sys/ttycom.h>

#endif
