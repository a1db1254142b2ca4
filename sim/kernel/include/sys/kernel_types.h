/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_KERNEL_TYPES_H
#define KPI_SYS_KERNEL_TYPES_H

/* Handles of the kernel's objects. All are opaque to a kernel extension. */

#include <stdint.h>
#include <sys/types.h>

typedef int64_t daddr64_t;

typedef struct __ifnet *ifnet_t;
typedef struct __ifaddr *ifaddr_t;
typedef struct __ifmultiaddr *ifmultiaddr_t;
typedef struct __ifnet_filter *interface_filter_t;
typedef struct __mbuf *mbuf_t;
typedef struct __pkthdr *pkthdr_t;
typedef struct __rtentry *route_t;
typedef struct __socket *socket_t;
typedef struct __sockopt *sockopt_t;
typedef struct buf *buf_t;
typedef struct file *file_t;
typedef struct mount *mount_t;
typedef struct proc *proc_t;
typedef struct uio *uio_t;
typedef struct vfs_context *vfs_context_t;
typedef struct vnode *vnode_t;
typedef struct ucred *kauth_cred_t;

#endif
