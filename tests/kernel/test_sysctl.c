/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl by name: sysctl_host.h. */
#include "network.h"

#include <sysctl_host.h>

#include <string.h>

static struct ksim_sysctl_value old;

static int
number_write(const char *name, int number)
{
    const struct ksim_sysctl_value new = {.number = number};

    return ksim_system_sysctl(world.root, name, &old, &new);
}

static char texts[5][KSIM_SYSCTL_TEXT_BYTES];

static void
texts_body(void *argument)
{
    static const char *const names[] = {"kern.ostype", "kern.osrelease", "kern.version",
                                        "kern.osversion", "kern.osproductversion"};

    (void)argument;
    for (int i = 0; i < 5; i++) {
        say("read", ksim_system_sysctl(world.root, names[i], &old, NULL));
        strcpy(texts[i], old.is_text ? old.text : "number");
    }
}

START_TEST(the_names_of_the_release_are_those_of_the_profile)
{
    world_check(texts_body);
    ck_assert_str_eq(said(), "read=0 read=0 read=0 read=0 read=0 ");
    ck_assert_str_eq(texts[0], "Darwin");
    ck_assert_str_eq(texts[1], "19.6.0");
    ck_assert_str_eq(texts[2], "Darwin Kernel Version 19.6.0");
    ck_assert_str_eq(texts[3], "19H2");
    ck_assert_str_eq(texts[4], "10.15.7");
    world_end();
    world_begin(16);
    world_check(texts_body);
    ck_assert_str_eq(said(), "read=0 read=0 read=0 read=0 read=-2 ");
    ck_assert_str_eq(texts[1], "16.7.0");
}
END_TEST

static void
numbers_body(void *argument)
{
    (void)argument;
    say("write", number_write("net.inet.ip.forwarding", 1));
    say("was", old.number);
    say("write", number_write("net.inet.ip.forwarding", 0));
    say("was", old.number);
    say("ttl", number_write("net.inet.ip.ttl", 0));
    say("ttl", number_write("net.inet.ip.ttl", 256));
    say("constant", number_write("hw.ncpu", 2));
    say("text", number_write("kern.ostype", 2));
    say("none", number_write("net.inet.ip.none", 1));
    say("branch", ksim_system_sysctl(world.root, "net.inet.ip", &old, NULL));
    say("empty", ksim_system_sysctl(world.root, "", &old, NULL));
    ksim_process_set_uid(world.root, 501);
    say("user", number_write("net.inet.ip.forwarding", 1));
    say("user_reads", ksim_system_sysctl(world.root, "net.inet.ip.forwarding", &old, NULL));
    say("still", old.number);
}

START_TEST(only_root_writes_and_only_what_can_be_written)
{
    world_check(numbers_body);
    ck_assert_str_eq(said(), "write=0 was=0 write=0 was=1 ttl=-22 ttl=-22 constant=-1 text=-1 none=-2 "
                             "branch=-21 empty=-2 user=-1 user_reads=0 still=0 ");
}
END_TEST

static void
effect_body(void *argument)
{
    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("ping", network_ping("192.168.1.20", 10));
    say("ttl", network_seen("desk").last_hop_limit);
    say("write", number_write("net.inet.ip.ttl", 9));
    say("ping", network_ping("192.168.1.20", 10));
    say("ttl", network_seen("desk").last_hop_limit);
    say("write", number_write("net.link.ether.inet.max_age", 5));
    ksim_lan_ping(world.kernel, "desk", network_address("192.168.1.10").bytes, 1, 1, 1);
    ksim_system_sleep(world.root, 10000000);
    say("asked", (long long)network_seen("desk").arp_requests);
    say("write", number_write("net.link.ether.inet.maxtries", 2));
    say("nobody", network_ping("192.168.1.99", 10));
    ksim_system_sleep(world.root, 1500000000);
    say("dead", network_ping("192.168.1.99", 10));
}

START_TEST(a_number_is_used_from_the_next_packet_on)
{
    struct ksim_inet_statistics statistics;

    world_check(effect_body);
    ck_assert_str_eq(said(), "ping=64 ttl=64 write=0 ping=64 ttl=9 write=0 asked=1 write=0 nobody=0 "
                             "dead=-65 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_SENT_ARP_REQUEST], 3);
}
END_TEST

START_TEST(every_name_that_is_listed_can_be_read_once)
{
    const char *name;
    unsigned count = 0;

    machine_enter(world.machine);
    while ((name = ksim_sysctl_name(world.kernel, count)) != NULL) {
        for (unsigned i = 0; i < count; i++) {
            ck_assert_str_ne(name, ksim_sysctl_name(world.kernel, i));
        }
        count++;
    }
    machine_leave(world.machine);
    ck_assert_uint_eq(count, 13);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        the_names_of_the_release_are_those_of_the_profile,
        only_root_writes_and_only_what_can_be_written,
        a_number_is_used_from_the_next_packet_on,
        every_name_that_is_listed_can_be_read_once,
        NULL,
    };

    world_has_ethernet = true;
    return suite_main("sysctl", tests);
}
