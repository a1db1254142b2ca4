/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory: kpi-rest.md 4.8. */
#include "world.h"

#include <sanitizer.h>
#include <string.h>

TEST_OF(osmalloc_does_not_zero, memory_contents, "zeroed=0 kept=1 ")
TEST_OF(a_freed_tag_lives_as_long_as_its_blocks, memory_tags, "second=1 ")
TEST_OF(pageable_memory_cannot_be_had_at_once, memory_pageable,
        "waited=1 nowait=1 noblock=1 nowait=0 noblock=0 ")
TEST_OF(malloc_zeroes_when_asked, memory_zeroed, "zeroed=1 raw=0 ")
TEST_OF(malloc_of_nothing_is_null_and_free_of_null_nothing, memory_empty, "empty=0 ")

START_TEST(each_allocation_can_fail_alone)
{
    static const char *const labels[] = {"OSMalloc", "OSMalloc_nowait", "OSMalloc_noblock",
                                         "_MALLOC"};
    static const char *const expected[] = {"got=0 got=1 got=1 got=1 ", "got=1 got=0 got=1 got=1 ",
                                           "got=1 got=1 got=0 got=1 ", "got=1 got=1 got=1 got=0 "};

    world_fault(labels[_i], 1);
    world_check(memory_fails);
    ck_assert_str_eq(said(), expected[_i]);
}
END_TEST

START_TEST(a_wait_that_fails_is_null_only_when_allowed)
{
    world_fault("_MALLOC", 1);
    world_check(misuse_memory_wait_fails);
    ck_assert_str_eq(said(), "null=1 ");
}
END_TEST

static void
toy_body(void *argument)
{
    (void)argument;
    toy_load();
}

START_TEST(a_driver_without_memory_does_not_start)
{
    world_fault("OSMalloc", 2);
    world_check(toy_body);
    ck_assert_str_eq(said(), "load=-603946985 ");
    ck_assert_int_eq(KSIM_KEXT_START_STOP, -603946985);
}
END_TEST

TEST_MISUSE(a_free_of_the_wrong_size_is_named, misuse_memory_size, MACHINE_CONTRACT,
            "OSFree: 100 bytes with tag size were allocated, 101 with tag size are freed")
TEST_MISUSE(a_free_with_the_wrong_tag_is_named, misuse_memory_tag, MACHINE_CONTRACT,
            "100 bytes with tag right were allocated, 100 with tag wrong are freed")
TEST_MISUSE(a_double_free_panics_like_the_zone_allocator, misuse_memory_twice, MACHINE_PANIC,
            "zfree: freeing invalid pointer")
TEST_MISUSE(a_free_of_foreign_memory_panics, misuse_memory_foreign, MACHINE_PANIC,
            "_FREE: never allocated, or freed before")
TEST_MISUSE(a_free_by_the_wrong_family_is_named, misuse_memory_family, MACHINE_CONTRACT,
            "_FREE of memory that came from OSMalloc")
TEST_MISUSE(a_tag_freed_twice_panics, misuse_memory_tag_twice, MACHINE_PANIC,
            "OSMalloc_Tagfree():'twice' has bad state 0xDEAB0001")
TEST_MISUSE(a_tag_that_is_gone_is_named, misuse_memory_tag_freed, MACHINE_CONTRACT,
            "does not exist (freed?)")
TEST_MISUSE(no_tag_is_a_page_fault, misuse_memory_tag_null, MACHINE_PANIC, "in OSMalloc")
TEST_MISUSE(an_unknown_type_panics, misuse_memory_type, MACHINE_PANIC, "_malloc TYPE")
TEST_MISUSE(an_allocation_that_waits_under_a_spin_lock_is_named, misuse_memory_under_spin,
            MACHINE_CONTRACT, "OSMalloc: thread main may block here while it holds a spin lock")

START_TEST(a_write_past_the_end_is_found)
{
    /* A tool would end the process, which is right, but no test. */
    if (!sanitizer_watches_memory()) {
        world_expect(misuse_memory_overrun, MACHINE_CONTRACT, "was written outside its bounds");
    }
}
END_TEST

static void
wait_fails_body(void *argument)
{
    (void)argument;
    memory_zeroed(NULL);
}

START_TEST(a_wait_that_fails_otherwise_panics)
{
    world_fault("_MALLOC", 1);
    world_expect(wait_fails_body, MACHINE_PANIC,
                 "_MALLOC: kalloc returned NULL (potential leak), size 128");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        osmalloc_does_not_zero,
        a_freed_tag_lives_as_long_as_its_blocks,
        pageable_memory_cannot_be_had_at_once,
        malloc_zeroes_when_asked,
        malloc_of_nothing_is_null_and_free_of_null_nothing,
        a_wait_that_fails_is_null_only_when_allowed,
        a_driver_without_memory_does_not_start,
        a_free_of_the_wrong_size_is_named,
        a_free_with_the_wrong_tag_is_named,
        a_double_free_panics_like_the_zone_allocator,
        a_free_of_foreign_memory_panics,
        a_free_by_the_wrong_family_is_named,
        a_tag_freed_twice_panics,
        a_tag_that_is_gone_is_named,
        no_tag_is_a_page_fault,
        an_unknown_type_panics,
        a_write_past_the_end_is_found,
        an_allocation_that_waits_under_a_spin_lock_is_named,
        a_wait_that_fails_otherwise_panics,
        NULL,
    };

    return suite_main_looped("memory", tests, each_allocation_can_fail_alone, 4);
}
