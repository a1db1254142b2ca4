/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_CDEV_H
#define TUNTAP_CDEV_H

/*
 * The character devices: tuntap_ioctls.h is the manual of what they do.
 *
 * Sources: facts kpi-rest 2 (cdevsw, devfs, open and close, select), 3 (uio), 4.5 (msleep).
 */

#include <sys/types.h>

/* Takes a major number and makes the nodes /dev/<kind>0.., root:wheel 0660. 0; ENXIO: no free
 * major number; EEXIST: a node could not be made (usually another kext has the name). Undone on
 * error. May block, no locks. */
errno_t tuntap_cdev_register(void);

/* Removes nodes and switch entry. Does not wait for threads that are inside. No locks. */
void tuntap_cdev_unregister(void);

#endif
