/* SPDX-License-Identifier: BSD-2-Clause */
#include <system.h>

#include "workload_run.h"

/* What the manual lets a call answer at some time. Ended by 0. */
static const int *
errors_of(enum workload_act act)
{
    /* ENODEV: an opener found the node, and a kextunload emptied its switch before it came there (XNU's eno_opcl). */
    static const int open[] = {KSIM_EBUSY, KSIM_ENXIO, KSIM_ENOENT, KSIM_ENODEV, 0},
                     read[] = {KSIM_EIO, KSIM_EWOULDBLOCK, KSIM_EINTR, KSIM_ENXIO, KSIM_EBADF, 0},
                     bad_read[] = {KSIM_EIO, KSIM_EWOULDBLOCK, KSIM_EINTR, KSIM_ENXIO, KSIM_EBADF, KSIM_EFAULT, 0},
                     write[] = {KSIM_EIO, KSIM_ENXIO, KSIM_EBADF, 0}, bad_write[] = {KSIM_EIO, KSIM_ENXIO, KSIM_EBADF, KSIM_EFAULT, 0},
                     ioctl[] = {KSIM_ENXIO, KSIM_EBADF, 0},
                     send[] = {KSIM_EHOSTUNREACH, KSIM_ENETDOWN,  KSIM_EADDRNOTAVAIL,
                               KSIM_ENXIO,        KSIM_EHOSTDOWN, 0},
                     /* EOPNOTSUPP: the interface was found and then detached (XNU's ifnet_ioctl). */
                     interface[] = {KSIM_ENXIO, KSIM_EOPNOTSUPP, 0},
                     /* The one or the other by release when somebody else detaches already (kpi-ifnet 4.1). */
                     detach[] = {KSIM_ENXIO, KSIM_EINVAL, 0}, wait[] = {KSIM_EINTR, 0}, dup[] = {KSIM_EBADF, 0},
                     select[] = {KSIM_EBADF, KSIM_EINTR, 0},
                     kill[] = {KSIM_ESRCH, 0}, none[] = {0};

    switch (act) {
    case WORKLOAD_OPEN:
    case WORKLOAD_OPEN_NONBLOCK:
        return open;
    case WORKLOAD_READ:
    case WORKLOAD_READ_TO_END:
        return read;
    case WORKLOAD_READ_FAULT:
        return bad_read;
    case WORKLOAD_WRITE:
    case WORKLOAD_FILL:
        return write;
    case WORKLOAD_WRITE_FAULT:
        return bad_write;
    case WORKLOAD_NONBLOCK:
    case WORKLOAD_ASYNC:
    case WORKLOAD_HEAD:
    case WORKLOAD_READABLE:
    case WORKLOAD_OWNER:
        return ioctl;
    case WORKLOAD_SEND:
        return send;
    case WORKLOAD_WAIT:
        return wait;
    case WORKLOAD_DETACH:
        return detach;
    case WORKLOAD_CLOSE:
    case WORKLOAD_ADDRESSES:
    case WORKLOAD_USER:
        return none;
    case WORKLOAD_SELECT_READ:
    case WORKLOAD_SELECT_WRITE:
        return select;
    case WORKLOAD_DUP:
        return dup;
    case WORKLOAD_SIGNAL:
    case WORKLOAD_KILL:
    case WORKLOAD_FORK:
        return kill;
    default:
        return interface;
    }
}

static bool
is_among(const int *errors, int64_t result)
{
    while (*errors != 0 && result != -*errors)
        errors++;
    return *errors != 0;
}

/* When operations fail, a call that needs memory or a copy may say so; close never does. */
static bool
fault_allows(enum workload_act act, int64_t result)
{
    static const int device[] = {KSIM_ENOMEM, KSIM_ENOBUFS, KSIM_EFAULT, KSIM_EAFNOSUPPORT, 0};

    if (act == WORKLOAD_CLOSE)
        return false;
    return !workload_needs_descriptor(act) && act != WORKLOAD_OPEN && act != WORKLOAD_OPEN_NONBLOCK
               ? true
               : is_among(device, result);
}

bool
workload_is_kext_call(enum workload_act act)
{
    return act == WORKLOAD_LOAD || act == WORKLOAD_UNLOAD;
}

bool
workload_answer_is_allowed(const struct workload_run *run, const struct workload_step *step, bool head,
                           int64_t result)
{
    const bool faults = run->options->faults && run->gate.faults > 0;

    if (workload_is_kext_call(step->act)) {
        if (result == KSIM_KEXT_OK)
            return true;
        if (step->act == WORKLOAD_UNLOAD)
            return result == KSIM_KEXT_START_STOP || result == KSIM_KEXT_NOT_FOUND;
        return faults && result == KSIM_KEXT_START_STOP;
    }
    if (faults && result < 0 && fault_allows(step->act, result))
        return true;
    if (head && result == -KSIM_EAFNOSUPPORT && (step->act == WORKLOAD_WRITE || step->act == WORKLOAD_WRITE_FAULT))
        return true;
    if (faults || step->expect == 0)
        return result >= 0 || is_among(errors_of(step->act), result);
    return step->expect == WORKLOAD_GOOD ? result >= 0 : result == -step->expect;
}
