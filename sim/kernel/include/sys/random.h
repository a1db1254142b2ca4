/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_RANDOM_H
#define KPI_SYS_RANDOM_H

/* Random bytes. */

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS

void read_random(void *buffer, u_int bytes) KPI_SYMBOL(read_random);

__END_DECLS

#endif
