/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_FILIO_H
#define KPI_SYS_FILIO_H

/* ioctls of any file. */

#include <sys/ioccom.h>

#define FIOCLEX _IO('f', 1)
#define FIONCLEX _IO('f', 2)
#define FIONREAD _IOR('f', 127, int) /* bytes ready to read */
#define FIONBIO _IOW('f', 126, int) /* 1: do not block */
#define FIOASYNC _IOW('f', 125, int) /* 1: send SIGIO */
#define FIOSETOWN _IOW('f', 124, int)
#define FIOGETOWN _IOR('f', 123, int)
#define FIODTYPE _IOR('f', 122, int) /* D_TAPE, D_DISK or D_TTY */

#endif
