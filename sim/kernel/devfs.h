/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_DEVFS_H
#define KSIM_DEVFS_H

/*
 * /dev (kpi-rest.md 2.2). Nodes are unique by name, not by number. Removal takes the name away at
 * once; open files keep the number and go on through the switch. Fault point: "devfs_make_node".
 */

#include <device.h>

struct devfs_node {
    struct devfs_node *next;
    char name[256]; /* without "/dev/" */
    dev_t device;
    int type; /* DEVFS_CHAR or DEVFS_BLOCK */
    uint32_t uid, gid, mode;
    uint64_t made_ns;
    const char *owner;         /* bundle id or NULL */
    struct device_vnode *vnode; /* the live vnode of the name, or NULL (file.h) */
};

/* The node of "/dev/tap0" or "tap0", or NULL. */
struct devfs_node *ksim_devfs_find(const char *path);

#endif
