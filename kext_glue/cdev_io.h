/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_CDEV_IO_H
#define TUNTAP_CDEV_IO_H

/*
 * read and write of a device: one packet per call. The caller is inside the driver (driver.h), no
 * lock held. Results as in tuntap_ioctls.h.
 */

#include <sys/uio.h>

#include "driver.h"

/* Sleeps until a packet is there, unless io_flags or FIONBIO say not to. The packet is out of the
 * queue only when the wait is over, so a signal costs none. */
int tuntap_cdev_read(struct tuntap_unit *unit, uio_t uio, int io_flags);

/* Never sleeps except in copying. */
int tuntap_cdev_write(struct tuntap_unit *unit, uio_t uio);

#endif
