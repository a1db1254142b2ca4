/* SPDX-License-Identifier: BSD-2-Clause */
#include "uio.h"

#include "panic.h"
#include "process.h"
#include "profile.h"
#include "thread.h"

#include <libkern/copyio.h>
#include <libkern/libkern.h>
#include <string.h>
#include <sys/errno.h>

#define COPY_LIMIT_BYTES (64ULL * 1024 * 1024)

/* --- user memory ------------------------------------------------------------------------------- */

static const struct user_range *
range_find(const struct user_range *range, uint64_t address)
{
    while (range != NULL && (address < range->address || address - range->address >= range->bytes)) {
        range = range->next;
    }
    return range;
}

/*
 * How many of `bytes` from `address` on can be touched before a fault. A range that was told to
 * fault wins over the one of the running call, which covers the same memory.
 */
static uint64_t
user_accessible(uint64_t address, uint64_t bytes)
{
    const struct thread *thread = ksim_thread_current();
    uint64_t done = 0;

    while (done < bytes) {
        const struct user_range *range =
            range_find(ksim_process_current()->user_ranges, address + done);
        uint64_t offset;

        if (range == NULL) {
            range = range_find(thread->user_ranges, address + done);
        }
        if (range == NULL) {
            return done;
        }
        offset = address + done - range->address;
        if (offset >= range->fault_offset) {
            return done;
        }
        done += range->fault_offset - offset;
    }
    return bytes;
}

static uint64_t
copy_length(uint64_t address, uint64_t bytes, const char *name)
{
    uint64_t length = user_accessible(address, bytes);

    if (length > 0 && machine_fault(name)) {
        uint32_t choices = length > 0x10000 ? 0x10000 : (uint32_t)length;

        length = machine_choose(CHOICE_PARTIAL, choices, name);
    }
    return length;
}

static void
copy_check(uint64_t user_address, const void *kernel_address, uint64_t bytes)
{
    if (ksim_current()->profile->copy_limit && bytes >= COPY_LIMIT_BYTES) {
        ksim_panic("copyio(%p, %p, %llu) - transfer too large",
                   (void *)(uintptr_t)user_address, kernel_address, (unsigned long long)bytes);
    }
}

int
ksim_copy_in(uint64_t user_address, void *kernel_address, uint64_t bytes)
{
    uint64_t length;

    copy_check(user_address, kernel_address, bytes);
    length = copy_length(user_address, bytes, "copyin");
    machine_copy(kernel_address, (const void *)(uintptr_t)user_address, length);
    return length == bytes ? 0 : EFAULT;
}

int
ksim_copy_out(const void *kernel_address, uint64_t user_address, uint64_t bytes)
{
    uint64_t length;

    copy_check(user_address, kernel_address, bytes);
    length = copy_length(user_address, bytes, "copyout");
    machine_copy((void *)(uintptr_t)user_address, kernel_address, length);
    return length == bytes ? 0 : EFAULT;
}

void
ksim_user_range_push(struct user_range *range, const void *address, uint64_t bytes)
{
    struct thread *thread = ksim_thread_current();

    range->address = (uint64_t)(uintptr_t)address;
    range->bytes = bytes;
    range->fault_offset = bytes;
    range->next = thread->user_ranges;
    thread->user_ranges = range;
}

void
ksim_user_range_pop(struct user_range *range)
{
    ksim_thread_current()->user_ranges = range->next;
}

int
copyin(const user_addr_t from, void *to, size_t bytes)
{
    ksim_kpi_enter("copyin", KPI_CALLS_BACK);
    return ksim_copy_in(from, to, bytes);
}

int
copyout(const void *from, user_addr_t to, size_t bytes)
{
    ksim_kpi_enter("copyout", KPI_CALLS_BACK);
    return ksim_copy_out(from, to, bytes);
}

int
copyinstr(const user_addr_t from, void *to, size_t size, size_t *copied)
{
    char *text = to;

    ksim_kpi_enter("copyinstr", KPI_CALLS_BACK);
    for (size_t i = 0; i < size; i++) {
        if (ksim_copy_in(from + i, &text[i], 1) != 0) {
            return EFAULT;
        }
        if (text[i] == '\0') {
            if (copied != NULL) {
                *copied = i + 1;
            }
            return 0;
        }
    }
    return ENAMETOOLONG;
}

/* --- uio --------------------------------------------------------------------------------------- */

void
ksim_uio_initialize(struct uio *uio, struct uio_vector *vectors, int count, off_t offset,
                    int segment, int direction)
{
    machine_fill(uio, 0, sizeof(*uio));
    uio->vectors = vectors;
    uio->vector_count = count;
    uio->vector_capacity = count;
    uio->offset = offset;
    uio->segment = segment;
    uio->direction = direction;
    uio->borrowed = true;
    for (int i = 0; i < count; i++) {
        uio->residual_bytes += vectors[i].bytes;
    }
}

static bool
uio_is_user(const struct uio *uio)
{
    return uio->segment == UIO_USERSPACE || uio->segment == UIO_USERSPACE32 ||
           uio->segment == UIO_USERSPACE64;
}

uio_t
uio_create(int iovec_limit, off_t offset, int space, int direction)
{
    struct uio *uio;

    ksim_kpi_enter("uio_create", KPI_MAY_BLOCK);
    if (iovec_limit < 0 || iovec_limit > UIO_MAXIOV || machine_fault("uio_create")) {
        return NULL;
    }
    uio = machine_allocate(sizeof(*uio), "uio");
    machine_fill(uio, 0, sizeof(*uio));
    uio->vectors = machine_allocate((size_t)iovec_limit * sizeof(struct uio_vector) + 1, "uio");
    uio->vector_capacity = iovec_limit;
    uio->offset = offset;
    uio->segment = space;
    uio->direction = direction;
    return uio;
}

void
uio_reset(uio_t uio, off_t offset, int space, int direction)
{
    uio->vector_count = 0;
    uio->current = 0;
    uio->residual_bytes = 0;
    uio->offset = offset;
    uio->segment = space;
    uio->direction = direction;
}

uio_t
uio_duplicate(uio_t uio)
{
    struct uio *copy = uio_create(uio->vector_capacity, uio->offset, uio->segment, uio->direction);

    if (copy != NULL) {
        machine_copy(copy->vectors, uio->vectors,
                     (size_t)uio->vector_count * sizeof(struct uio_vector));
        copy->vector_count = uio->vector_count;
        copy->current = uio->current;
        copy->residual_bytes = uio->residual_bytes;
    }
    return copy;
}

void
uio_free(uio_t uio)
{
    ksim_kpi_enter("uio_free", KPI_MAY_BLOCK);
    if (uio == NULL) {
        return;
    }
    if (uio->borrowed) {
        machine_fail(MACHINE_CONTRACT, "uio_free of a uio that belongs to the system call");
    }
    machine_free(uio->vectors);
    machine_free(uio);
}

int
uio_addiov(uio_t uio, user_addr_t base, user_size_t length)
{
    if (uio == NULL || uio->vector_count == uio->vector_capacity) {
        return -1;
    }
    uio->vectors[uio->vector_count].base = base;
    uio->vectors[uio->vector_count].bytes = length;
    uio->vector_count++;
    uio->residual_bytes += length;
    return 0;
}

int
uio_getiov(uio_t uio, int index, user_addr_t *base, user_size_t *length)
{
    if (uio == NULL || index < 0 || index >= uio->vector_count) {
        return -1;
    }
    *base = uio->vectors[index].base;
    *length = uio->vectors[index].bytes;
    return 0;
}

void
uio_update(uio_t uio, user_size_t bytes)
{
    while (uio->current < uio->vector_count) {
        struct uio_vector *vector = &uio->vectors[uio->current];
        uint64_t piece = bytes < vector->bytes ? bytes : vector->bytes;

        vector->base += piece;
        vector->bytes -= piece;
        uio->offset += (off_t)piece;
        uio->residual_bytes -= piece < uio->residual_bytes ? piece : uio->residual_bytes;
        bytes -= piece;
        if (vector->bytes > 0) {
            return;
        }
        uio->current++;
    }
}

user_ssize_t
uio_resid(uio_t uio)
{
    return uio == NULL ? 0 : (user_ssize_t)uio->residual_bytes;
}

void
uio_setresid(uio_t uio, user_ssize_t bytes)
{
    uio->residual_bytes = (uint64_t)bytes;
}

int
uio_iovcnt(uio_t uio)
{
    return uio == NULL ? 0 : uio->vector_count - uio->current;
}

off_t
uio_offset(uio_t uio)
{
    return uio == NULL ? 0 : uio->offset;
}

void
uio_setoffset(uio_t uio, off_t offset)
{
    uio->offset = offset;
}

int
uio_rw(uio_t uio)
{
    return uio == NULL ? -1 : uio->direction;
}

void
uio_setrw(uio_t uio, int direction)
{
    uio->direction = direction;
}

int
uio_isuserspace(uio_t uio)
{
    return uio != NULL && uio_is_user(uio);
}

user_addr_t
uio_curriovbase(uio_t uio)
{
    return uio == NULL || uio->current >= uio->vector_count ? 0 : uio->vectors[uio->current].base;
}

user_size_t
uio_curriovlen(uio_t uio)
{
    return uio == NULL || uio->current >= uio->vector_count ? 0 : uio->vectors[uio->current].bytes;
}

static int
uio_copy_piece(const struct uio *uio, char *address, uint64_t base, uint64_t bytes)
{
    if (uio_is_user(uio)) {
        return uio->direction == UIO_READ ? ksim_copy_out(address, base, bytes)
                                          : ksim_copy_in(base, address, bytes);
    }
    if (uio->direction == UIO_READ) {
        machine_copy((void *)(uintptr_t)base, address, bytes);
    } else {
        machine_copy(address, (const void *)(uintptr_t)base, bytes);
    }
    return 0;
}

/* A piece that faults is not consumed, those before it are (kpi-rest.md section 3). */
static int
uio_move(char *address, int bytes, uio_t uio)
{
    while (bytes > 0 && uio->residual_bytes > 0 && uio->current < uio->vector_count) {
        const struct uio_vector *vector = &uio->vectors[uio->current];
        uint64_t piece = vector->bytes < (uint64_t)bytes ? vector->bytes : (uint64_t)bytes;
        int error;

        if (piece > uio->residual_bytes) {
            piece = uio->residual_bytes;
        }
        if (piece == 0) {
            uio->current++;
            continue;
        }
        error = uio_copy_piece(uio, address, vector->base, piece);
        if (error != 0) {
            return error;
        }
        uio_update(uio, piece);
        address += piece;
        bytes -= (int)piece;
    }
    return 0;
}

int
uiomove(const char *address, int bytes, uio_t uio)
{
    ksim_kpi_enter("uiomove", KPI_CALLS_BACK);
    return uio_move(__DECONST(char *, address), bytes, uio);
}

int
uiomove64(uint64_t address, int bytes, uio_t uio)
{
    ksim_kpi_enter("uiomove64", KPI_CALLS_BACK);
    return uio_move((char *)(uintptr_t)address, bytes, uio);
}
