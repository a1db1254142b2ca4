/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kext may not touch: a page fault is a panic with a report (kpi-rest.md 7.1). Not under memcheck, which
 * would report the accesses themselves. */
#include "world.h"

#include <string.h>

static void
access_body(const char *address)
{
    toy_load();
    toy.accesses = true;
    toy.address = address;
    ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

static void
access_member_of_nothing_body(void *argument)
{
    (void)argument;
    access_body((const char *)0x28);
}

static void
access_nowhere_body(void *argument)
{
    (void)argument;
    access_body((const char *)0x7e0000000000);
}

/* Below a page it says which member of a NULL record was meant. */
START_TEST(a_wild_access_of_a_kext_is_a_page_fault_in_it)
{
    world_expect(access_member_of_nothing_body, MACHINE_PANIC,
                 "): Kernel trap at 0xffffff8000200000, type 14=page fault, registers:\n"
                 "Fault CR2: 0x0000000000000028, in org.example.toy\n");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine),
                                 "         org.example.toy(1.0.0)@0xffffff7f80010000->"));
}
END_TEST

/* Any other address differs from run to run: it is named by what is there. */
START_TEST(an_address_of_the_host_is_not_shown)
{
    world_expect(access_nowhere_body, MACHINE_PANIC,
                 "Fault CR2: memory outside the machine, in org.example.toy\n");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {a_wild_access_of_a_kext_is_a_page_fault_in_it,
                                  an_address_of_the_host_is_not_shown, NULL};

    return suite_main("trap", tests);
}

