/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_UIO_H
#define KPI_SYS_UIO_H

/* The description of a read or write: where the caller's bytes are and how many are left. */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>

enum uio_rw { UIO_READ, UIO_WRITE };

#define UIO_USERSPACE 0
#define UIO_SYSSPACE 2
#define UIO_USERSPACE32 5
#define UIO_USERSPACE64 8
#define UIO_SYSSPACE32 11

#define UIO_MAXIOV 1024
#define UIO_SMALLIOV 8

struct iovec {
    void *iov_base;
    size_t iov_len;
};

__BEGIN_DECLS

/* NULL when there is no memory or the arguments make no sense. Freed with uio_free. */
uio_t uio_create(int iovec_limit, off_t offset, int space, int direction) KPI_SYMBOL(uio_create);
void uio_reset(uio_t uio, off_t offset, int space, int direction) KPI_SYMBOL(uio_reset);
uio_t uio_duplicate(uio_t uio) KPI_SYMBOL(uio_duplicate);
void uio_free(uio_t uio) KPI_SYMBOL(uio_free);
int uio_addiov(uio_t uio, user_addr_t base, user_size_t length) KPI_SYMBOL(uio_addiov);
int uio_getiov(uio_t uio, int index, user_addr_t *base, user_size_t *length) KPI_SYMBOL(uio_getiov);
void uio_update(uio_t uio, user_size_t bytes) KPI_SYMBOL(uio_update);

user_ssize_t uio_resid(uio_t uio) KPI_SYMBOL(uio_resid);
void uio_setresid(uio_t uio, user_ssize_t bytes) KPI_SYMBOL(uio_setresid);
int uio_iovcnt(uio_t uio) KPI_SYMBOL(uio_iovcnt);
off_t uio_offset(uio_t uio) KPI_SYMBOL(uio_offset);
void uio_setoffset(uio_t uio, off_t offset) KPI_SYMBOL(uio_setoffset);
int uio_rw(uio_t uio) KPI_SYMBOL(uio_rw);
void uio_setrw(uio_t uio, int direction) KPI_SYMBOL(uio_setrw);
int uio_isuserspace(uio_t uio) KPI_SYMBOL(uio_isuserspace);
user_addr_t uio_curriovbase(uio_t uio) KPI_SYMBOL(uio_curriovbase);
user_size_t uio_curriovlen(uio_t uio) KPI_SYMBOL(uio_curriovlen);

/*
 * Copy up to `bytes` between `address` and the uio, in its direction, and advance it. 0 or EFAULT;
 * bytes copied before a fault stay accounted for. May block.
 */
int uiomove(const char *address, int bytes, uio_t uio) KPI_SYMBOL(uiomove);
int uiomove64(uint64_t address, int bytes, uio_t uio) KPI_SYMBOL(uiomove64);

__END_DECLS

#endif
