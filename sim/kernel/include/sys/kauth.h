/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_KAUTH_H
#define KPI_SYS_KAUTH_H

/* Credentials: just what a driver asks about its caller. */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>

__BEGIN_DECLS

/* The running thread's credential, without a reference. */
kauth_cred_t kauth_cred_get(void) KPI_SYMBOL(kauth_cred_get);
uid_t kauth_cred_getuid(kauth_cred_t credential) KPI_SYMBOL(kauth_cred_getuid);
gid_t kauth_cred_getgid(kauth_cred_t credential) KPI_SYMBOL(kauth_cred_getgid);
uid_t kauth_getuid(void) KPI_SYMBOL(kauth_getuid);
gid_t kauth_getgid(void) KPI_SYMBOL(kauth_getgid);

__END_DECLS

#endif
