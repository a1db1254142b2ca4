/* SPDX-License-Identifier: BSD-2-Clause */

/* uio and copies to and from user memory: kpi-rest.md section 3. */

#include "guest.h"

#include <kern/locks.h>
#include <libkern/copyio.h>
#include <libkern/libkern.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/uio.h>
#include <system.h>

static user_addr_t
address_of(const void *memory)
{
    return (user_addr_t)(uintptr_t)memory;
}

static void
say_uio(uio_t uio)
{
    say("resid", uio_resid(uio));
    say("vectors", uio_iovcnt(uio));
    say("offset", uio_offset(uio));
}

/* Three pieces, one of them empty: a move goes across their borders. */
void
uio_walks(void *argument)
{
    char first[4] = "";
    char last[8] = "";
    uio_t uio = uio_create(3, 100, UIO_SYSSPACE, UIO_READ);

    (void)argument;
    say("add", uio_addiov(uio, address_of(first), 3));
    say("add", uio_addiov(uio, 0, 0));
    say("add", uio_addiov(uio, address_of(last), 7));
    say("full", uio_addiov(uio, address_of(last), 7));
    say_uio(uio);
    say("move", uiomove("abcde", 5, uio));
    say_uio(uio);
    say_text(first);
    say_text(last);
    say("base", uio_curriovbase(uio) == address_of(last) + 2);
    say("length", (long long)uio_curriovlen(uio));
    say("move", uiomove64((uint64_t)(uintptr_t) "fghijklmnop", 11, uio)); /* more than is left */
    say_uio(uio);
    say("more", uiomove("x", 1, uio));
    say("length", (long long)uio_curriovlen(uio));
    say("base", (long long)uio_curriovbase(uio));
    last[7] = '\0';
    say_text(last);
    uio_free(uio);
}

void
uio_kernel_space(void *argument)
{
    char from[] = "kernel";
    char to[8] = "";
    uio_t uio = uio_create(1, 0, UIO_SYSSPACE, UIO_WRITE);

    (void)argument;
    (void)uio_addiov(uio, address_of(from), 6);
    say("user", uio_isuserspace(uio));
    say("move", uiomove(to, 6, uio));
    say_text(to);
    uio_free(uio);
}

void
uio_fields(void *argument)
{
    char byte;
    user_addr_t base;
    user_size_t length;
    uio_t uio = uio_create(2, 5, UIO_USERSPACE64, UIO_READ);
    uio_t copy;

    (void)argument;
    (void)uio_addiov(uio, address_of(&byte), 10);
    say("user", uio_isuserspace(uio));
    say("rw", uio_rw(uio));
    uio_setrw(uio, UIO_WRITE);
    say("rw", uio_rw(uio));
    uio_setoffset(uio, 50);
    uio_setresid(uio, 4);
    say_uio(uio);
    say("iov", uio_getiov(uio, 0, &base, &length));
    say("length", (long long)length);
    say("iov", uio_getiov(uio, 1, &base, &length));
    copy = uio_duplicate(uio);
    uio_update(uio, 3);
    say_uio(uio);
    say_uio(copy);
    uio_reset(uio, 1, UIO_SYSSPACE, UIO_READ);
    say_uio(uio);
    uio_free(copy);
    uio_free(uio);
}

void
uio_null(void *argument)
{
    user_addr_t base;
    user_size_t length;

    (void)argument;
    say("resid", uio_resid(NULL));
    say("vectors", uio_iovcnt(NULL));
    say("offset", uio_offset(NULL));
    say("add", uio_addiov(NULL, 0, 1));
    say("iov", uio_getiov(NULL, 0, &base, &length));
    say("length", (long long)uio_curriovlen(NULL));
    say("user", uio_isuserspace(NULL));
    say("move", uiomove("x", 0, NULL));
    uio_free(NULL);
    say("many", uio_create(UIO_MAXIOV + 1, 0, UIO_SYSSPACE, UIO_READ) != NULL);
    say("less", uio_create(-1, 0, UIO_SYSSPACE, UIO_READ) != NULL);
}

void
uio_lists(void *argument)
{
    (void)argument;
    say("created", uio_create(1, 0, UIO_SYSSPACE, UIO_READ) != NULL);
}

/* The second piece faults in its middle: the first one is gone, the second is not. */
void
uio_faults(void *argument)
{
    char first[4] = "";
    char second[4] = "";
    uio_t uio = uio_create(2, 0, UIO_USERSPACE, UIO_READ);

    (void)argument;
    ksim_user_map(guest_root(), first, 3);
    ksim_user_fault_at(guest_root(), second, 3, 1);
    (void)uio_addiov(uio, address_of(first), 3);
    (void)uio_addiov(uio, address_of(second), 3);
    say("move", uiomove("abcdef", 6, uio));
    say_uio(uio);
    say_text(first);
    say_text(second); /* part of it was written all the same */
    ksim_user_unmap(guest_root(), first);
    ksim_user_unmap(guest_root(), second);
    uio_free(uio);
}

void
uio_copies(void *argument)
{
    char user[8] = "user";
    char kernel[8] = "";

    (void)argument;
    say("unmapped", copyin(address_of(user), kernel, 5));
    say("nothing", copyin(address_of(user), kernel, 0));
    ksim_user_map(guest_root(), user, 5);
    say("in", copyin(address_of(user), kernel, 5));
    say_text(kernel);
    say("out", copyout("new", address_of(user), 4));
    say_text(user);
    say("beyond", copyout("longer", address_of(user), 6));
    ksim_user_unmap(guest_root(), user);
    say("null", copyout("x", 0, 1));
}

/* With the fault "copyin" chosen, nothing or part of it arrives. */
void
uio_partial(void *argument)
{
    char user[8] = "user";
    char kernel[8] = "";

    (void)argument;
    ksim_user_map(guest_root(), user, 5);
    say("in", copyin(address_of(user), kernel, 5));
    say("out", copyout("x", address_of(user), 1));
    ksim_user_unmap(guest_root(), user);
}

void
uio_strings(void *argument)
{
    char user[8] = "name";
    char kernel[8] = "";
    size_t copied = 0;

    (void)argument;
    ksim_user_map(guest_root(), user, sizeof(user));
    say("copy", copyinstr(address_of(user), kernel, sizeof(kernel), &copied));
    say("copied", (long long)copied);
    say_text(kernel);
    say("short", copyinstr(address_of(user), kernel, 4, &copied));
    say("copy", copyinstr(address_of(user), kernel, 5, NULL));
    ksim_user_unmap(guest_root(), user);
    say("fault", copyinstr(address_of(user), kernel, sizeof(kernel), &copied));
}

/* --- misuse ------------------------------------------------------------------------------------ */

void
misuse_uio_large_in(void *argument)
{
    char byte;

    (void)argument;
    say("in", copyin(0, &byte, 64UL * 1024 * 1024));
}

void
misuse_uio_large_out(void *argument)
{
    char byte = 0;

    (void)argument;
    say("out", copyout(&byte, 0, 64UL * 1024 * 1024));
}

void
misuse_uio_lock(void *argument)
{
    char byte = 0;
    uio_t uio = uio_create(1, 0, UIO_SYSSPACE, UIO_READ);

    (void)argument;
    guest_acts(true);
    lck_mtx_lock(lck_mtx_alloc_init(lck_grp_alloc_init("uio", LCK_GRP_ATTR_NULL), LCK_ATTR_NULL));
    (void)uio_addiov(uio, address_of(&byte), 1);
    (void)uiomove("x", 1, uio);
}
