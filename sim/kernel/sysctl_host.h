/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SYSCTL_HOST_H
#define KSIM_SYSCTL_HOST_H

/*
 * sysctl(3) of the emulated kernel, by name. Plain types only. The tree holds what the network answers
 * of the FAQ need, under the names and with the access rights of XNU: those of kern that name the
 * release (kern.version without date and builder), hw.ncpu, net.inet.ip, net.inet6.ip6 and
 * net.link.ether.inet. A number that was written is used
 * from the next packet on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;
struct process;

enum { KSIM_SYSCTL_TEXT_BYTES = 256 };

struct ksim_sysctl_value {
    bool is_text;
    int32_t number;
    char text[KSIM_SYSCTL_TEXT_BYTES];
};

/*
 * sysctlbyname(3): stores the old value in `old` (may be NULL) and then takes `new` (may be NULL), whose
 * kind must be the variable's. On a thread of the process. 0 or -errno: ENOENT no such name (or a
 * release that does not have it), EISDIR the name of a branch, EPERM a value that only root may write
 * or that nobody may, EINVAL a number outside the variable's range.
 */
int ksim_system_sysctl(struct process *process, const char *name, struct ksim_sysctl_value *old,
                       const struct ksim_sysctl_value *new);

/* The name of the index-th variable in the order of `sysctl -a`; NULL past the last. */
const char *ksim_sysctl_name(const struct ksim *ksim, unsigned index);

#endif
