/* SPDX-License-Identifier: BSD-2-Clause */
/* What network kexts of others import: kpi-rest.md 4.2 to 4.9. */
#include "world.h"

TEST_OF(sscanf_converts_as_in_c, other_scan,
        "count=2 a=12 b=-7 hex=2 a=255 auto=3 sum=160810 words=2 net   wor n=4 skip=1 wide=6 width=2 a=12 b=345 "
        "mismatch=0 end=-1 range=1 ab ")
TEST_OF(addresses_are_written_as_people_do, other_addresses,
        "10.0.1.255 none 10.0.1.255 2001:db8::1:0:0:1 fe80::200:5eff:fe00:5301 ::1 ::ffff:10.0.0.1 "
        "1:0:2:3:4:5:6:7 none ")
TEST_OF(strings_as_in_c, other_strings, "padded=1 unended=1 abcwx found=1 same=0 less=1 first=0 ")
TEST_OF(new_memory_is_zeroed_and_nothing_is_null, other_memory, "zeroed=1 nothing=1 ")
TEST_OF(waits_last_what_they_say, other_waits,
        "tsleep=35 ms=30 ms=25 waiting=-1 timed out=1 nobody=48 alive=4 none=4 ")
TEST_OF(locks_can_be_tried, other_locks, "taken=1 taken=1 ")
TEST_OF(small_atomics_wrap, other_atomics, "old=127 new=-128 old=5 new=-2 ")

TEST_MISUSE(memory_is_freed_with_its_size, other_wrong_size, MACHINE_CONTRACT,
            "IOFree: 32 bytes were allocated, 16 are freed")
TEST_MISUSE(memory_is_freed_by_its_own_function, other_wrong_family, MACHINE_CONTRACT,
            "operator delete of memory that came from IOMalloc")
TEST_MISUSE(a_mutex_that_is_not_owned_panics, other_not_owned, MACHINE_PANIC, "not owned")

int
main(void)
{
    const TTest *const tests[] = {
        sscanf_converts_as_in_c,
        addresses_are_written_as_people_do,
        strings_as_in_c,
        new_memory_is_zeroed_and_nothing_is_null,
        waits_last_what_they_say,
        locks_can_be_tried,
        small_atomics_wrap,
        memory_is_freed_with_its_size,
        memory_is_freed_by_its_own_function,
        a_mutex_that_is_not_owned_panics,
        NULL,
    };

    return suite_main("other kpi", tests);
}
