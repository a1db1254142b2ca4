/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_IOCTL_H
#define KSIM_IOCTL_H

/*
 * ioctl on a socket, group 'i' (kpi-ifnet.md section 17): the commands of ifconfig.
 */

#include <interface.h>

struct process;

/*
 * ifioctl. `caller` NULL = the kernel (privileged); `domain` is the socket's (AF_INET, AF_INET6, AF_UNSPEC).
 * `data` is a kernel copy of the argument, in and out, as long as the command's IOCPARM_LEN. EPERM
 * for what only root may do; ENXIO when there is no such interface. May block in the driver.
 */
int ksim_ifioctl(struct process *caller, int domain, unsigned long command, void *data);

/*
 * SIOCGIFCONF without its user pointer: writes up to `bytes` of struct ifreq, the same layout as
 * the command; returns how many bytes all of them take.
 */
uint32_t ksim_ifconf(struct ifreq *requests, uint32_t bytes);

/* True when the caller may configure interfaces: the kernel or effective user 0. */
bool ksim_ioctl_privileged(struct process *caller);

#endif
