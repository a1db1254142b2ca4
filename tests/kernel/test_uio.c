/* SPDX-License-Identifier: BSD-2-Clause */
/* uio, copyin and copyout, and the counts of read and write: kpi-rest.md 2.5 and section 3. */
#include "world.h"

#include <limits.h>
#include <string.h>

TEST_OF(a_move_walks_the_vectors_and_stops_at_the_end, uio_walks,
        "add=0 add=0 add=0 full=-1 resid=10 vectors=3 offset=100 move=0 resid=5 vectors=1 "
        "offset=105 abc de base=1 length=5 move=0 resid=0 vectors=0 offset=110 more=0 length=0 "
        "base=0 defghij ")
TEST_OF(kernel_memory_is_copied_without_faults, uio_kernel_space, "user=0 move=0 kernel ")
TEST_OF(the_fields_can_be_read_and_set, uio_fields,
        "user=1 rw=0 rw=1 resid=4 vectors=1 offset=50 iov=0 length=10 iov=-1 resid=1 vectors=1 "
        "offset=53 resid=4 vectors=1 offset=50 resid=0 vectors=0 offset=1 ")
TEST_OF(no_uio_is_an_empty_one, uio_null,
        "resid=0 vectors=0 offset=0 add=-1 iov=-1 length=0 user=0 move=0 many=0 less=0 ")
TEST_OF(a_piece_that_faults_is_not_consumed, uio_faults,
        "move=14 resid=3 vectors=1 offset=3 abc d ")
TEST_OF(copies_need_user_memory, uio_copies,
        "unmapped=14 nothing=0 in=0 user out=0 new beyond=14 null=14 ")
TEST_OF(strings_are_copied_with_their_end, uio_strings,
        "copy=0 copied=5 name short=63 copy=0 fault=14 ")

START_TEST(a_uio_may_not_be_had)
{
    world_fault("uio_create", 1);
    world_check(uio_lists);
    ck_assert_str_eq(said(), "created=0 ");
}
END_TEST

START_TEST(a_copy_may_fault_by_itself)
{
    world_fault("copyin", 1);
    world_check(uio_partial);
    ck_assert_str_eq(said(), "in=14 out=0 ");
    world_end();
    world_begin(0);
    world_fault("copyout", 1);
    world_check(uio_partial);
    ck_assert_str_eq(said(), "in=0 out=14 ");
}
END_TEST

TEST_MISUSE(a_copy_in_of_64_mib_panics, misuse_uio_large_in, MACHINE_PANIC, "transfer too large")
TEST_MISUSE(a_copy_out_of_64_mib_panics, misuse_uio_large_out, MACHINE_PANIC, "transfer too large")
TEST_MISUSE(a_move_under_a_lock_is_named, misuse_uio_lock, MACHINE_CONTRACT,
            "uiomove called with mutex uio#")

START_TEST(old_releases_have_no_such_limit)
{
    world_end();
    world_begin(18);
    world_check(misuse_uio_large_in);
    ck_assert_str_eq(said(), "in=14 ");
}
END_TEST

/* --- through read and write -------------------------------------------------------------------- */

static int
toy_opened(void)
{
    toy_load();
    return ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

static void
toy_done(int fd)
{
    ksim_system_close(world.root, fd);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

static void
vectors_body(void *argument)
{
    char first[3] = "";
    char second[8] = "";
    struct ksim_iovec out[2] = {{(char[]){"ab"}, 2}, {(char[]){"cde"}, 3}};
    struct ksim_iovec in[2] = {{first, 2}, {second, 7}};
    struct ksim_iovec many[10];
    int fd = toy_opened();

    (void)argument;
    say("writev", ksim_system_writev(world.root, fd, out, 2));
    say("readv", ksim_system_readv(world.root, fd, in, 2));
    say_text(first);
    say_text(second);
    for (int i = 0; i < 10; i++) {
        many[i] = (struct ksim_iovec){(char[]){"xyz"}, 1};
    }
    say("writev", ksim_system_writev(world.root, fd, many, 10));
    say("writes", toy.writes);
    say("none", ksim_system_readv(world.root, fd, in, 0));
    say("many", ksim_system_readv(world.root, fd, in, 1025));
    toy_done(fd);
}

TEST_OF(vectors_reach_the_driver_as_one_call, vectors_body,
        "writev=5 readv=5 ab cde writev=10 writes=2 none=-22 many=-22 unload=0 ")

/* One call moves at most INT_MAX, vectors together LONG_MAX. */
static void
limits_body(void *argument)
{
    char text[TOY_MESSAGE_BYTES];
    struct ksim_iovec large[2] = {{text, 8}, {text, 3UL * 1024 * 1024 * 1024}};
    struct ksim_iovec over[2] = {{text, LONG_MAX}, {text, 1}};
    int fd = toy_opened();

    (void)argument;
    say("write", ksim_system_write(world.root, fd, "abcde", 5));
    say("read", ksim_system_read(world.root, fd, text, (size_t)INT_MAX + 1));
    say("bad fd", ksim_system_read(world.root, 99, text, (size_t)INT_MAX + 1));
    say("over", ksim_system_readv(world.root, fd, over, 2));
    say("bad fd", ksim_system_readv(world.root, 99, over, 2));
    say("reads", toy.reads);
    say("readv", ksim_system_readv(world.root, fd, large, 2));
    toy_done(fd);
}

TEST_OF(read_is_capped_at_int_max_and_vectors_at_long_max, limits_body,
        "write=5 read=-22 bad fd=-9 over=-22 bad fd=-22 reads=0 readv=5 unload=0 ")

static void
short_body(void *argument)
{
    char text[4] = "";
    int fd = toy_opened();

    (void)argument;
    ksim_system_write(world.root, fd, "abcdef", 6);
    say("short", ksim_system_read(world.root, fd, text, 3));
    ksim_system_write(world.root, fd, "abcdef", 6);
    ksim_user_fault_at(world.root, text, 3, 2);
    say("fault", ksim_system_read(world.root, fd, text, 3));
    ksim_user_unmap(world.root, text);
    say("writes", toy.writes);
    ksim_user_fault_at(world.root, text, 3, 0);
    say("fault", ksim_system_write(world.root, fd, text, 3));
    say("error", toy.last_error);
    ksim_user_unmap(world.root, text);
    toy_done(fd);
}

TEST_OF(the_count_is_what_was_moved, short_body,
        "short=3 fault=-14 writes=2 fault=-14 error=14 unload=0 ")

int
main(void)
{
    const TTest *const tests[] = {
        a_move_walks_the_vectors_and_stops_at_the_end,
        kernel_memory_is_copied_without_faults,
        the_fields_can_be_read_and_set,
        no_uio_is_an_empty_one,
        a_piece_that_faults_is_not_consumed,
        copies_need_user_memory,
        strings_are_copied_with_their_end,
        a_uio_may_not_be_had,
        a_copy_may_fault_by_itself,
        a_copy_in_of_64_mib_panics,
        a_copy_out_of_64_mib_panics,
        a_move_under_a_lock_is_named,
        old_releases_have_no_such_limit,
        vectors_reach_the_driver_as_one_call,
        read_is_capped_at_int_max_and_vectors_at_long_max,
        the_count_is_what_was_moved,
        NULL,
    };

    return suite_main("uio", tests);
}
