/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MISCFS_DEVFS_DEVFS_H
#define KPI_MISCFS_DEVFS_DEVFS_H

/* Nodes below /dev. */

#include <sys/cdefs.h>
#include <sys/types.h>

#define DEVFS_CHAR        0
#define DEVFS_CLONE_FREE  0
#define DEVFS_BLOCK       1
#define DEVFS_CLONE_ALLOC 1

#define GID_WHEEL        0x0
#define UID_ROOT         0x0
#define GID_KMEM         0x2
#define UID_BIN          0x3
#define GID_TTY          0x4
#define GID_OPERATOR     0x5
#define GID_BIN          0x7
#define GID_GAMES        0xd
#define UID_UUCP         0x42
#define GID_DIALER       0x44
#define GID_WINDOWSERVER 0x58
#define GID_LOGD         0x110
#define UID_LOGD         0x110

__BEGIN_DECLS

/*
 * Make /dev/<name>. `char_or_block` is DEVFS_CHAR or DEVFS_BLOCK, `permissions` an octal mode.
 * Returns the handle for devfs_remove, or NULL. May block.
 */
void *devfs_make_node(dev_t device, int char_or_block, uid_t uid, gid_t gid, int permissions,
    const char *format, ...) KPI_SYMBOL(devfs_make_node) __printflike(6, 7);
void *devfs_make_node_clone(dev_t device, int char_or_block, uid_t uid, gid_t gid, int permissions,
    int (*clone)(dev_t device, int action), const char *format, ...)
    KPI_SYMBOL(devfs_make_node_clone) __printflike(7, 8);

/* Remove the node. Files that are open on it stay open. */
void devfs_remove(void *handle) KPI_SYMBOL(devfs_remove);

__END_DECLS

#endif
