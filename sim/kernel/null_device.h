/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_NULL_DEVICE_H
#define KSIM_NULL_DEVICE_H

/*
 * /dev/null, crw-rw-rw- root wheel 3, 2: reads are at the end of file, writes take all bytes without
 * looking at them, select finds it ready, FIONBIO and FIOASYNC are accepted and any other ioctl
 * is ENODEV. Source: bsd/dev/mem.c (mmrw, mmioctl), bsd/dev/i386/conf.c.
 */

#include <ksim.h>

/* Fills the slot of major 3, which is occupied on every release, and makes the node. After devices. */
void ksim_null_device_boot(struct ksim *kernel);

#endif
