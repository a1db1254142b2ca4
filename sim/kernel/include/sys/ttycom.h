/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_TTYCOM_H
#define KPI_SYS_TTYCOM_H

/* ioctls of terminals, as far as other files get them. */

#include <sys/ioccom.h>

#define TIOCGPGRP _IOR('t', 119, int) /* the process group that is signalled */
#define TIOCSPGRP _IOW('t', 118, int)

#endif
