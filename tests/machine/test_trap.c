/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Guests here trap on purpose: what would report it first looks away. */
#define TRAPS __attribute__((no_sanitize("address", "undefined", "thread"), noinline))

static bool is_guest;

static bool
trap_wanted(void *argument)
{
    (void)argument;
    return is_guest;
}

static void
trapped(void *argument, enum machine_trap trap, const void *address)
{
    char place[64];

    machine_describe(place, sizeof(place), address);
    machine_fail(MACHINE_PANIC, "%s: trap %d at %s", (const char *)argument, (int)trap, place);
}

static struct machine *
machine_trapping(void)
{
    static char name[] = "hook";
    struct machine_config config = {0};
    struct machine *machine = machine_create(&config);

    is_guest = true;
    machine_set_trap_hooks(machine, trap_wanted, trapped, name);
    return machine;
}

/* Runs one guest; afterwards its machine is gone and the host goes on. */
static void
guest_runs(void (*body)(void *), enum machine_outcome outcome, const char *words)
{
    struct machine *machine = machine_trapping();

    machine_enter(machine);
    machine_fiber_create(machine, "guest", false, body, NULL);
    machine_leave(machine);
    ck_assert_int_eq(machine_run(machine), outcome);
    if (strstr(machine_report(machine), words) == NULL)
        ck_abort_msg("no \"%s\" in: %s", words, machine_report(machine));
    machine_destroy(machine);
}

TRAPS static void
guest_reads_nothing(void *argument)
{
    const volatile char *nothing = argument;

    log_add("%d", *nothing);
}

START_TEST(a_null_pointer_ends_the_machine_and_not_the_process)
{
    guest_runs(guest_reads_nothing, MACHINE_PANIC, "panic: hook: trap 0 at NULL\n");
    guest_runs(guest_reads_nothing, MACHINE_PANIC, "in fiber 1 \"guest\"");
}
END_TEST

TRAPS static void
guest_follows_poison(void *argument)
{
    const volatile uint64_t words[] = {0xf4eef4eef4eef4eeu};

    (void)argument;
    log_add("%d", *(const volatile char *)(uintptr_t)words[0]);
}

START_TEST(a_pointer_from_freed_memory_is_one_that_no_memory_can_have)
{
#if defined(__x86_64__)
    guest_runs(guest_follows_poison, MACHINE_PANIC, "trap 1 at NULL");
#else
    guest_runs(guest_follows_poison, MACHINE_PANIC, "trap ");
#endif
}
END_TEST

TRAPS static void
guest_is_no_instruction(void *argument)
{
    (void)argument;
#if defined(__x86_64__)
    __asm__ volatile("ud2");
#else
    __asm__ volatile("udf #0");
#endif
}

START_TEST(an_undefined_instruction_is_one)
{
    guest_runs(guest_is_no_instruction, MACHINE_PANIC, "trap 2");
}
END_TEST

TRAPS static int
guest_recurses(volatile int depth)
{
    volatile char frame[512];

    frame[depth % 512] = (char)depth;
    if (depth == INT_MAX)
        return 0;
    return guest_recurses(depth + 1) + frame[depth % 512];
}

TRAPS static void
guest_fills_its_stack(void *argument)
{
    (void)argument;
    log_add("%d", guest_recurses(0));
}

/* The hook has the stack to itself then, from its beginning. */
START_TEST(a_stack_that_is_used_up_is_one)
{
    guest_runs(guest_fills_its_stack, MACHINE_PANIC, "trap 0 at memory outside the machine");
}
END_TEST

START_TEST(the_next_machine_is_as_good_as_new)
{
    for (int round = 0; round < 100; round++)
        guest_runs(guest_reads_nothing, MACHINE_PANIC, "trap 0 at NULL");
}
END_TEST

static void
host_traps(void)
{
    struct machine *machine = machine_trapping();

    is_guest = false;
    machine_enter(machine);
    machine_fiber_create(machine, "kernel", false, guest_reads_nothing, NULL);
    machine_run(machine);
}

/* A mistake of the emulator is no result of a guest: the process dies of it, as without the hook. */
START_TEST(a_trap_that_nobody_wants_is_the_host_programs_own)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        fclose(stderr); /* what a sanitizer says of it */
        host_traps();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {a_null_pointer_ends_the_machine_and_not_the_process,
                                  a_pointer_from_freed_memory_is_one_that_no_memory_can_have,
                                  an_undefined_instruction_is_one,
                                  a_stack_that_is_used_up_is_one,
                                  the_next_machine_is_as_good_as_new,
                                  a_trap_that_nobody_wants_is_the_host_programs_own,
                                  NULL};

    return suite_run("trap", tests);
}
