/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_UIO_H
#define KSIM_UIO_H

/*
 * uio and copies to and from user memory (kpi-rest.md section 3). User addresses are host addresses
 * inside ranges that the process has: those of the running system call and those mapped for good.
 * Anything else, and the byte a range faults at, is EFAULT. Fault points: "copyin", "copyout": the
 * copy faults after a number of bytes chosen as CHOICE_PARTIAL.
 */

#include <ksim.h>
#include <sys/uio.h>
#include <thread.h>

struct uio_vector {
    uint64_t base;
    uint64_t bytes;
};

struct uio {
    struct uio_vector *vectors;
    int vector_count;    /* in use */
    int vector_capacity;
    int current;         /* the vector that the next byte goes to */
    uint64_t residual_bytes;
    off_t offset;
    int segment;         /* UIO_USERSPACE ... */
    int direction;       /* UIO_READ, UIO_WRITE */
    bool borrowed;       /* record and vectors are the caller's, not to be freed */
};

/* A uio on the caller's stack over the caller's vectors. */
void ksim_uio_initialize(struct uio *uio, struct uio_vector *vectors, int count, off_t offset,
                         int segment, int direction);

/* copyin and copyout without the KPI's entry: 0 or EFAULT. */
int ksim_copy_in(uint64_t user_address, void *kernel_address, uint64_t bytes);
int ksim_copy_out(const void *kernel_address, uint64_t user_address, uint64_t bytes);

/* Adds the caller's range record to the running thread for the length of a system call. */
void ksim_user_range_push(struct user_range *range, const void *address, uint64_t bytes);
void ksim_user_range_pop(struct user_range *range);

#endif
