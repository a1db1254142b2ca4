/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <string.h>

#include "host_memory.h"
#include "sanitizer.h"

static struct machine *
machine_entered(uint64_t poison_seed)
{
    struct machine_config config = {.poison_seed = poison_seed};
    struct machine *machine = machine_create(&config);

    machine_enter(machine);
    return machine;
}

static void
machine_done(struct machine *machine)
{
    machine_leave(machine);
    machine_destroy(machine);
}

static void
visit_log(void *context, void *memory, size_t bytes, const char *owner)
{
    (void)context;
    (void)memory;
    log_add("%zu by %s; ", bytes, owner);
}

static void
allocate_in_fiber(void *argument)
{
    machine_yield("before");
    *(void **)argument = machine_allocate(100, "packet");
}

START_TEST(what_is_live_is_listed)
{
    struct machine *machine = machine_entered(0);
    void *first = machine_allocate(10, "packet");
    void *second = machine_allocate(20, "lock");
    void *third = NULL;

    machine_fiber_create(machine, "input", false, allocate_in_fiber, &third);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_uint_eq(machine_live_count("packet"), 2);
    ck_assert_uint_eq(machine_live_count("lock"), 1);
    ck_assert_uint_eq(machine_live_count("nothing"), 0);
    ck_assert_uint_eq(machine_live_count(NULL), 3);
    ck_assert_uint_eq(machine_allocation_bytes(second), 20);
    machine_each_live("packet", visit_log, NULL);
    ck_assert_str_eq(log_text(), "10 by host code at step 0; 100 by fiber 1 \"input\" at step 1; ");
    machine_free(first);
    machine_free(second);
    machine_free(third);
    machine_free(NULL);
    ck_assert_uint_eq(machine_live_count(NULL), 0);
    machine_done(machine);
}
END_TEST

/* Reads what the guest never wrote: wanted here, and therefore told to valgrind. */
static void
fresh_bytes(unsigned char *copy, size_t bytes)
{
    void *memory = machine_allocate(bytes, "fresh");

    machine_unpoison(memory, bytes);
    machine_copy(copy, memory, bytes);
    machine_free(memory);
}

START_TEST(fresh_memory_has_the_pattern_of_the_seed)
{
    static const unsigned char zeros[77];
    unsigned char first[77], second[77], other[77];
    struct machine *machine = machine_entered(1);

    fresh_bytes(first, sizeof(first));
    machine_done(machine);
    machine = machine_entered(1);
    fresh_bytes(second, sizeof(second));
    machine_done(machine);
    machine = machine_entered(2);
    fresh_bytes(other, sizeof(other));
    ck_assert_mem_eq(first, second, sizeof(first));
    ck_assert_mem_ne(first, other, sizeof(first));
    ck_assert_mem_ne(first, zeros, sizeof(first));
    fresh_bytes(second, sizeof(second)); /* memory that was used before */
    ck_assert_mem_ne(second, other, sizeof(second));
    machine_done(machine);
}
END_TEST

START_TEST(all_sizes_are_aligned_and_apart)
{
    static const size_t sizes[] = {0,   1,   16,   31,   32,   33,    511,
                                   512, 513, 1500, 2048, 4096, 16384, 70000};
    enum { COUNT = sizeof(sizes) / sizeof(*sizes) };
    struct machine *machine = machine_entered(3);
    unsigned char *blocks[COUNT * 4];

    for (size_t index = 0; index < COUNT * 4; index++) {
        size_t bytes = sizes[index % COUNT];

        blocks[index] = machine_allocate(bytes, "block");
        ck_assert_uint_eq((uintptr_t)blocks[index] % 16, 0);
        machine_fill(blocks[index], (int)index, bytes);
    }
    for (size_t index = 0; index < COUNT * 4; index++) {
        size_t bytes = sizes[index % COUNT];

        for (size_t offset = 0; offset < bytes; offset++)
            ck_assert_uint_eq(blocks[index][offset], index);
        ck_assert_uint_eq(machine_allocation_bytes(blocks[index]), bytes);
    }
    machine_memory_audit();
    ck_assert_int_eq(machine_outcome(machine), MACHINE_OK);
    for (size_t index = 0; index < COUNT * 4; index += 2)
        machine_free(blocks[index]);
    ck_assert_uint_eq(machine_live_count(NULL), (size_t)COUNT * 2);
    machine_done(machine); /* and the rest goes with the machine */
}
END_TEST

/*
 * Long enough that the ledger grows, and under a tool that it forgets its oldest freed addresses.
 */
START_TEST(many_allocations_come_and_go)
{
    struct machine *machine = machine_entered(0);
    static void *held[1000];
    uint32_t random = 1;

    memset(held, 0, sizeof(held));
    for (int turn = 0; turn < 60000; turn++) {
        void **slot;

        random = random * 1664525u + 1013904223u;
        slot = &held[(random >> 8) % 1000];
        machine_free(*slot);
        *slot = machine_allocate((random >> 20) % 300, "held");
    }
    for (int index = 0; index < 1000; index++)
        machine_free(held[index]);
    ck_assert_uint_eq(machine_live_count(NULL), 0);
    machine_memory_audit();
    ck_assert_int_eq(machine_outcome(machine), MACHINE_OK);
    machine_done(machine);
}
END_TEST

/* --- broken rules ----------------------------------------------------------------------------- */

static void
free_twice(void *argument)
{
    void *memory = machine_allocate(40, "packet");

    (void)argument;
    machine_yield("a");
    machine_free(memory);
    machine_yield("b");
    machine_free(memory);
    log_add("not reached");
}

START_TEST(a_double_free_names_who_freed_it)
{
    static const char expected[] = "contract: free of packet 1 (40 bytes), which fiber 1 \"sloppy\" at step 1 freed\n"
                                   "  at step 2, 200 ns, in fiber 1 \"sloppy\"\n"
                                   "  fiber 1 \"sloppy\": running\n";
    struct machine *machine = machine_entered(0);

    machine_fiber_create(machine, "sloppy", false, free_twice, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_CONTRACT);
    ck_assert_str_eq(log_text(), "");
    /* Below it stands where the fiber is, as far as this build can tell (outcome.c). */
    ck_assert_msg(strncmp(machine_report(machine), expected, strlen(expected)) == 0, "%s", machine_report(machine));
    machine_done(machine);
}
END_TEST

static void
free_inside(void *argument)
{
    machine_free((char *)argument + 8);
}

static void
free_foreign(void *argument)
{
    machine_free(argument);
}

START_TEST(only_what_was_allocated_can_be_freed)
{
    struct machine *machine = machine_entered(0);
    void *memory = machine_allocate(40, "packet");
    int local = 0;

    ck_assert(!machine_try(machine, free_inside, memory));
    ck_assert_ptr_nonnull(strstr(machine_report(machine), "no allocation begins at: packet 1+8\n"));
    machine_done(machine);
    machine = machine_entered(0);
    ck_assert(!machine_try(machine, free_foreign, &local));
    ck_assert_ptr_nonnull(
        strstr(machine_report(machine), "begins at: memory outside the machine\n"));
    machine_done(machine);
}
END_TEST

static void
free_overrun(void *argument)
{
    unsigned char *memory = machine_allocate(33, "packet");

    (void)argument;
    memory[33] = 0;
    machine_free(memory);
}

START_TEST(an_overrun_is_found)
{
    struct machine *machine = machine_entered(0);
    unsigned char *memory;

    /* A tool would end the process, which is right, but no test. */
    if (!sanitizer_watches_memory()) {
        ck_assert(!machine_try(machine, free_overrun, NULL));
        ck_assert_ptr_nonnull(strstr(machine_report(machine),
                                     "contract: packet 1 (33 bytes, made by host code at "
                                     "step 0) was written outside its bounds\n"));
        machine_done(machine);
        machine = machine_entered(0);
        memory = machine_allocate(64, "packet");
        memory[-1] = 0;
        machine_memory_audit();
        ck_assert_int_eq(machine_outcome(machine), MACHINE_CONTRACT);
    }
    machine_done(machine);
}
END_TEST

static void
allocate_again(void *argument)
{
    (void)argument;
    machine_allocate(50, "other");
}

START_TEST(a_write_after_free_is_found)
{
    struct machine *machine = machine_entered(0);

    if (!sanitizer_watches_memory()) {
        unsigned char *memory = machine_allocate(50, "packet");

        machine_free(memory);
        ck_assert_uint_eq(memory[3], 0xf4); /* freed memory is poisoned */
        memory[49] = 1;
        machine_memory_audit();
        ck_assert_int_eq(machine_outcome(machine), MACHINE_CONTRACT);
        ck_assert(!machine_try(machine, allocate_again, NULL));
        ck_assert_ptr_nonnull(strstr(machine_report(machine),
                                     "contract: packet 1 (50 bytes) was written after host code at "
                                     "step 0 freed it\n"));
    }
    machine_done(machine);
}
END_TEST

START_TEST(each_byte_of_a_freed_block_is_watched)
{
    enum { BYTES = 61 }; /* of a block of 64 */

    for (size_t at = 0; at < BYTES && !sanitizer_watches_memory(); at++) {
        struct machine *machine = machine_entered(0);
        unsigned char *memory = machine_allocate(BYTES, "packet");

        machine_free(memory);
        machine_memory_audit();
        ck_assert_int_eq(machine_outcome(machine), MACHINE_OK);
        memory[at] ^= 1;
        machine_memory_audit();
        ck_assert_int_eq(machine_outcome(machine), MACHINE_CONTRACT);
        machine_done(machine);
    }
}
END_TEST

START_TEST(addresses_have_names)
{
    struct machine *machine = machine_entered(0);
    char *memory = machine_allocate(40, "packet");
    char words[64];

    machine_describe(words, sizeof(words), memory + 16);
    ck_assert_str_eq(words, "packet 1+16");
    machine_describe(words, sizeof(words), memory + 40); /* whose that is, the host decides */
    ck_assert_str_eq(words, "memory outside the machine");
    machine_describe(words, sizeof(words), words);
    ck_assert_str_eq(words, "memory outside the machine");
    machine_describe(words, sizeof(words), NULL);
    ck_assert_str_eq(words, "NULL");
    machine_done(machine);
}
END_TEST

START_TEST(copy_fill_and_compare)
{
    char bytes[] = "abcdef";

    machine_copy(bytes + 1, bytes, 4); /* overlapping */
    ck_assert_str_eq(bytes, "aabcdf");
    machine_fill(bytes, 'x', 2);
    ck_assert_str_eq(bytes, "xxbcdf");
    ck_assert_int_eq(machine_compare(bytes, "xxb", 3), 0);
    ck_assert_int_lt(machine_compare(bytes, "xxc", 3), 0);
    ck_assert_int_eq(machine_compare(NULL, NULL, 0), 0);
    machine_copy(NULL, NULL, 0);
    machine_fill(NULL, 0, 0);
}
END_TEST

static void
nothing(void *argument)
{
    (void)argument;
}

START_TEST(what_machines_hold_of_the_host_is_counted)
{
    size_t before = host_memory_high_water_restart(), with_fiber;
    struct machine *machine = machine_entered(1);

    machine_fiber_release(machine_fiber_create(machine, "fiber", false, nothing, NULL));
    with_fiber = host_memory_high_water_bytes();
    ck_assert_uint_ge(with_fiber, before + 64 * 1024);
    machine_done(machine);
    ck_assert_uint_eq(host_memory_high_water_bytes(), with_fiber);
    ck_assert_uint_eq(host_memory_high_water_restart(), before);
    ck_assert_uint_eq(host_memory_high_water_bytes(), before);
}
END_TEST

START_TEST(chunks_come_back_by_their_size)
{
    char *small, *large;

    if (sanitizer_watches_memory()) {
        return; /* nothing is pooled then */
    }
    small = host_chunk_take(20000);
    large = host_chunk_take(40000);
    host_chunk_give(small, 20000);
    host_chunk_give(large, 40000);
    ck_assert_ptr_eq(host_chunk_take(20000), small);
    ck_assert_ptr_eq(host_chunk_take(40000), large);
    small[19999] = large[39999] = 1;
    host_chunk_give(large, 40000);
    host_chunk_give(small, 20000);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {what_is_live_is_listed,
                                  fresh_memory_has_the_pattern_of_the_seed,
                                  all_sizes_are_aligned_and_apart,
                                  many_allocations_come_and_go,
                                  a_double_free_names_who_freed_it,
                                  only_what_was_allocated_can_be_freed,
                                  an_overrun_is_found,
                                  a_write_after_free_is_found,
                                  each_byte_of_a_freed_block_is_watched,
                                  addresses_have_names,
                                  copy_fill_and_compare,
                                  what_machines_hold_of_the_host_is_counted,
                                  chunks_come_back_by_their_size,
                                  NULL};

    return suite_run("machine.memory", tests);
}
