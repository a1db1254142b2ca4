/* SPDX-License-Identifier: BSD-2-Clause */
#include "errno_map.h"

static const errno_t errno_of_verdict[TT_ERROR_COUNT] = {
    [TT_OK] = 0,
    [TT_EIO] = EIO,
    [TT_EBUSY] = EBUSY,
    [TT_ENXIO] = ENXIO,
    [TT_EINVAL] = EINVAL,
    [TT_EMSGSIZE] = EMSGSIZE,
    [TT_EAFNOSUPPORT] = EAFNOSUPPORT,
    [TT_EWOULDBLOCK] = EWOULDBLOCK,
    [TT_ENOBUFS] = ENOBUFS,
    [TT_ENOMEM] = ENOMEM,
    [TT_ENOTTY] = ENOTTY,
    [TT_EFAULT] = EFAULT,
    [TT_EINTR] = EINTR,
    [TT_EEXIST] = EEXIST,
    [TT_ENOENT] = ENOENT,
};

errno_t
tuntap_errno_from(enum tt_error error)
{
    return (unsigned)error < TT_ERROR_COUNT ? errno_of_verdict[error] : EINVAL;
}
