/* SPDX-License-Identifier: BSD-2-Clause */
/* bridge0 between tap0, en0 and tap1: kpi-ifnet.md section 19, bridge.h. */
#include "network.h"

#include <bpf_host.h>
#include <ifconfig.h>
#include <ifconfig_bridge.h>

#include <stdio.h>
#include <string.h>

static const uint8_t guest_link[6] = {0x02, 0, 0, 0, 0, 0x07};
static const uint8_t other_link[6] = {0x02, 0, 0, 0, 0, 0x08};
static const uint8_t desk_link[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x20};
static const uint8_t mac_link[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01};
static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static uint8_t frame[2048], answer[2048];

/* --- helpers ------------------------------------------------------------------------------------- */

static int tap;

/* tap0 and en0 in bridge0, all up; the guest is a program behind tap0 with guest_link, 192.168.1.50. */
static void
bridge_begin(void)
{
    char name[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge0";

    tap = network_device("tap0");
    say("create", ifconfig_bridge_create(world.root, name));
    say("addm", ifconfig_bridge_add(world.root, "bridge0", "tap0"));
    say("addm", ifconfig_bridge_add(world.root, "bridge0", "en0"));
    say("up", ifconfig_up(world.root, "tap0") + ifconfig_up(world.root, "bridge0"));
}

static void
bridge_end(void)
{
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge0"));
    ksim_system_close(world.root, tap);
    network_unload();
}

/* The guest sends; what comes to it within 5 ms is in `answer`, its length or 0. Skips multicast. */
static int64_t
hear(int device)
{
    int64_t length;

    ksim_system_sleep(world.root, 5000000);
    do {
        length = network_read(device, answer, sizeof(answer));
    } while (length > 0 && (answer[0] & 1) != 0 && answer[0] != 0xff);
    return length;
}

static void
drain(int device)
{
    ksim_system_sleep(world.root, 5000000);
    while (network_read(device, answer, sizeof(answer)) > 0) {
    }
}

static int64_t
guest_sends(size_t length)
{
    int64_t result = ksim_system_write(world.root, tap, frame, length);

    if (result != (int64_t)length) {
        say("write", result);
    }
    return hear(tap);
}

static size_t
make_ping(const uint8_t to[6], const char *to_address, uint8_t type)
{
    size_t length = network_make_echo(frame, "192.168.1.50", to_address, 64, type, 7, 20);

    return network_make_frame(frame, to, guest_link, 0x0800, frame, length);
}

/* --- frames -------------------------------------------------------------------------------------- */

static void
both_ways_body(void *argument)
{
    (void)argument;
    bridge_begin();
    drain(tap);
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.20")));
    say("from_desk", memcmp(answer + 6, desk_link, 6));
    say("reply", answer[21]);
    say("ping", guest_sends(make_ping(desk_link, "192.168.1.20", 8)));
    say("type", answer[34]);
    say("right", network_sums_are_right(answer + 14, network_get16(answer + 16)));
    say("ttl", answer[22]);
    ksim_lan_ping(world.kernel, "desk", network_address("192.168.1.50").bytes, 9, 1, 20);
    say("asked", hear(tap) > 0);
    say("type", answer[34]);
    guest_sends(make_ping(desk_link, "192.168.1.20", 0));
    say("replies", (long long)network_seen("desk").echo_replies);
    bridge_end();
}

START_TEST(frames_cross_between_tap0_and_en0_both_ways)
{
    world_check(both_ways_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 arp=60 from_desk=0 reply=2 ping=62 type=0 "
                             "right=1 ttl=64 asked=1 type=8 replies=1 destroy=0 ");
}
END_TEST

static void
mac_body(void *argument)
{
    (void)argument;
    bridge_begin();
    network_configure("en0", "192.168.1.10", 24);
    drain(tap);
    say("lan", network_ping("192.168.1.20", 56));
    drain(tap);
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.10")));
    say("from_mac", memcmp(answer + 6, mac_link, 6));
    say("ping", guest_sends(make_ping(mac_link, "192.168.1.10", 8)));
    say("type", answer[34]);
    say("desk_saw", (long long)network_seen("desk").frames_for_others);
    bridge_end();
}

START_TEST(the_guest_reaches_the_mac_by_the_address_of_en0)
{
    world_check(mac_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 lan=64 arp=42 from_mac=0 ping=62 type=0 "
                             "desk_saw=0 destroy=0 ");
}
END_TEST

static void
own_address_body(void *argument)
{
    uint8_t bridge_link[6];

    (void)argument;
    bridge_begin();
    network_configure("bridge0", "192.168.1.10", 24);
    drain(tap);
    say("lan", network_ping("192.168.1.20", 56));
    drain(tap);
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.10")));
    memcpy(bridge_link, answer + 6, 6);
    say("local", bridge_link[0]);
    say("ping", guest_sends(make_ping(bridge_link, "192.168.1.10", 8)));
    say("type", answer[34]);
    say("lan_asks", network_lan_ping("desk", "192.168.1.10", 56));
    bridge_end();
}

START_TEST(an_address_on_bridge0_is_reached_from_both_sides)
{
    world_check(own_address_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 lan=64 arp=42 local=2 ping=62 type=0 "
                             "lan_asks=64 destroy=0 ");
}
END_TEST

/* Three members: what is known goes to one, what is unknown or for all to the others. */
static void
learning_body(void *argument)
{
    struct ifconfig_bridge_address addresses[8];
    const uint8_t *payload = (const uint8_t *)"learn";
    size_t length;
    int second;

    (void)argument;
    bridge_begin();
    second = network_device("tap1");
    say("addm", ifconfig_bridge_add(world.root, "bridge0", "tap1"));
    say("up", ifconfig_up(world.root, "tap1"));
    drain(tap);
    drain(second);
    length = network_make_frame(frame, other_link, guest_link, 0x88b5, payload, 5);
    say("unknown", guest_sends(length));
    say("flooded", hear(second));
    say("desk", (long long)network_seen("desk").frames_for_others);
    length = network_make_frame(frame, guest_link, other_link, 0x88b5, payload, 5);
    say("write", ksim_system_write(world.root, second, frame, length));
    say("known", hear(tap));
    say("desk", (long long)network_seen("desk").frames_for_others);
    length = network_make_frame(frame, everybody, guest_link, 0x88b5, payload, 5);
    say("all", guest_sends(length));
    say("all", hear(second));
    say("desk", (long long)network_seen("desk").other);
    length = network_make_frame(frame, guest_link, guest_link, 0x88b5, payload, 5);
    say("same_side", guest_sends(length));
    say("count", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    say("newest", strcmp(addresses[0].member, "tap1"));
    say("expires", addresses[0].expires_seconds > 1190);
    say("flush", ifconfig_bridge_flush(world.root, "bridge0"));
    say("count", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    ksim_system_close(world.root, second);
    bridge_end();
}

START_TEST(the_bridge_learns_floods_and_forwards)
{
    world_check(learning_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 addm=0 up=0 unknown=0 flooded=19 desk=1 "
                             "write=19 known=19 desk=1 all=0 all=19 desk=1 same_side=0 count=2 "
                             "newest=0 expires=1 flush=0 count=0 destroy=0 ");
}
END_TEST

static void
aging_body(void *argument)
{
    struct ifconfig_bridge_address addresses[8];

    (void)argument;
    bridge_begin();
    drain(tap);
    guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL, "192.168.1.20"));
    say("known", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    ksim_system_sleep(world.root, 1190000000000ULL);
    say("known", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    /* 1200 s after it was heard it has expired; the pruning after that is 1500 s after up. */
    ksim_system_sleep(world.root, 250000000000ULL);
    say("known", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    say("expires", addresses[0].expires_seconds);
    ksim_system_sleep(world.root, 70000000000ULL);
    say("known", ifconfig_bridge_addresses(world.root, "bridge0", addresses, 8));
    bridge_end();
}

START_TEST(an_address_that_is_silent_is_forgotten_at_a_pruning)
{
    world_check(aging_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 known=2 known=2 known=2 expires=0 known=0 "
                             "destroy=0 ");
}
END_TEST

static void
reserved_body(void *argument)
{
    static const uint8_t reserved[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};
    static const uint8_t spanning_tree[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
    static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03};
    const uint8_t *payload = (const uint8_t *)"group";
    uint64_t before;

    (void)argument;
    bridge_begin();
    drain(tap);
    before = network_seen("desk").other;
    guest_sends(network_make_frame(frame, reserved, guest_link, 0x88cc, payload, 5));
    guest_sends(network_make_frame(frame, spanning_tree, guest_link, 0x0026, payload, 5));
    say("reserved", (long long)(network_seen("desk").other - before));
    guest_sends(network_make_frame(frame, group, guest_link, 0x88b5, payload, 5));
    say("group", (long long)(network_seen("desk").other - before));
    bridge_end();
}

START_TEST(reserved_groups_stay_on_their_segment)
{
    world_check(reserved_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 reserved=0 group=1 destroy=0 ");
}
END_TEST

static void
down_body(void *argument)
{
    (void)argument;
    bridge_begin();
    drain(tap);
    say("down", ifconfig_down(world.root, "bridge0"));
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.20")));
    say("up", ifconfig_up(world.root, "bridge0"));
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.20")));
    say("cable", 0);
    ksim_lan_cable(world.kernel, false);
    guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL, "192.168.1.20"));
    ksim_lan_cable(world.kernel, true);
    say("desk_saw", (long long)network_seen("desk").arp_requests);
    say("deletem", ifconfig_bridge_delete(world.root, "bridge0", "en0"));
    say("arp", guest_sends(network_make_arp(frame, guest_link, "192.168.1.50", NULL,
                                            "192.168.1.20")));
    bridge_end();
}

START_TEST(nothing_crosses_a_bridge_that_is_down_or_has_lost_its_member)
{
    world_check(down_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 down=0 arp=0 up=0 arp=60 cable=0 "
                             "desk_saw=1 deletem=0 arp=0 destroy=0 ");
}
END_TEST

/* How many frames the driver of en0 was handed while its cable was out: it counts each as an error. */
static unsigned long long
errors_of_en0(void)
{
    struct ksim_interface_status status;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (strcmp(status.name, "en0") == 0) {
            return status.errors_out;
        }
    }
    return 0;
}

static void
media_body(void *argument)
{
    const uint8_t *payload = (const uint8_t *)"media";

    (void)argument;
    bridge_begin();
    drain(tap);
    ksim_lan_cable(world.kernel, false);
    guest_sends(network_make_frame(frame, everybody, guest_link, 0x88b5, payload, 5));
    say("flooded", (long long)errors_of_en0());
    ksim_lan_cable(world.kernel, true);
    bridge_end();
}

START_TEST(from_darwin13_on_frames_for_all_go_only_where_the_link_is_active)
{
    world_end();
    world_begin(12);
    world_check(media_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 flooded=1 destroy=0 ");
    world_end();
    world_begin(13);
    world_check(media_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 flooded=0 destroy=0 ");
}
END_TEST

/* --- requests ------------------------------------------------------------------------------------ */

static void
create_errors_body(void *argument)
{
    char name[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge0", any[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge";
    char odd[IFCONFIG_BRIDGE_NAME_BYTES] = "bridgex", big[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge99999";
    char none[IFCONFIG_BRIDGE_NAME_BYTES] = "tap7";

    (void)argument;
    say("create", ifconfig_bridge_create(world.root, name));
    say("again", ifconfig_bridge_create(world.root, name));
    say("any", ifconfig_bridge_create(world.root, any));
    say("bridge1", strcmp(any, "bridge1"));
    say("odd", ifconfig_bridge_create(world.root, odd));
    say("big", ifconfig_bridge_create(world.root, big));
    say("none", ifconfig_bridge_create(world.root, none));
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge0"));
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge0"));
    say("destroy", ifconfig_bridge_destroy(world.root, "en0"));
    ksim_system_sleep(world.root, 1000000000);
    say("create", ifconfig_bridge_create(world.root, name));
    ksim_process_set_uid(world.root, 501);
    say("user", ifconfig_bridge_create(world.root, odd));
    say("user", ifconfig_bridge_destroy(world.root, "bridge0"));
    say("user", ifconfig_bridge_add(world.root, "bridge0", "en0"));
    ksim_process_set_uid(world.root, 0);
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge0"));
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge1"));
}

START_TEST(creating_and_destroying_say_no_in_the_right_words)
{
    world_check(create_errors_body);
    ck_assert_str_eq(said(), "create=0 again=-17 any=0 bridge1=0 odd=-22 big=-6 none=-22 destroy=0 "
                             "destroy=-6 destroy=-22 create=0 user=-1 user=-1 user=-1 destroy=0 "
                             "destroy=0 ");
}
END_TEST

static void
member_errors_body(void *argument)
{
    char first[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge0", second[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge1";
    char lines[IFCONFIG_BRIDGE_LINES_BYTES];
    int tun = network_device("tun0"), tap0 = network_device("tap0");

    (void)argument;
    ifconfig_bridge_create(world.root, first);
    ifconfig_bridge_create(world.root, second);
    say("none", ifconfig_bridge_add(world.root, "bridge0", "en7"));
    say("tun", ifconfig_bridge_add(world.root, "bridge0", "tun0"));
    say("lo0", ifconfig_bridge_add(world.root, "bridge0", "lo0"));
    say("bridge1", ifconfig_bridge_add(world.root, "bridge0", "bridge1"));
    say("no_bridge", ifconfig_bridge_add(world.root, "en0", "tap0"));
    say("add", ifconfig_bridge_add(world.root, "bridge0", "en0"));
    say("again", ifconfig_bridge_add(world.root, "bridge0", "en0"));
    say("busy", ifconfig_bridge_add(world.root, "bridge1", "en0"));
    say("mtu", ifconfig_mtu(world.root, "tap0", 1400));
    say("other_mtu", ifconfig_bridge_add(world.root, "bridge0", "tap0"));
    say("bridge_mtu", ifconfig_mtu(world.root, "bridge0", 1400));
    say("first_mtu", ifconfig_bridge_add(world.root, "bridge1", "tap0"));
    say("delete", ifconfig_bridge_delete(world.root, "bridge0", "tap0"));
    say("count", ifconfig_bridge_lines(world.root, "bridge1", lines, sizeof(lines)));
    say("delete", ifconfig_bridge_delete(world.root, "bridge1", "tap0"));
    say("moved", ifconfig_mtu(world.root, "tap0", 1500));
    say("moved", ifconfig_bridge_add(world.root, "bridge0", "tap0"));
    ifconfig_bridge_destroy(world.root, "bridge0");
    ifconfig_bridge_destroy(world.root, "bridge1");
    ksim_system_close(world.root, tap0);
    ksim_system_close(world.root, tun);
    network_unload();
}

START_TEST(adding_and_deleting_members_say_no_in_the_right_words)
{
    world_check(member_errors_body);
    ck_assert_str_eq(said(), "none=-2 tun=-22 lo0=-22 bridge1=-22 no_bridge=-102 add=0 again=-17 "
                             "busy=-16 mtu=0 other_mtu=-22 bridge_mtu=-22 first_mtu=0 delete=-2 "
                             "count=1 delete=0 moved=0 moved=0 ");
}
END_TEST

static char shown[IFCONFIG_BRIDGE_LINES_BYTES];

static void
lines_body(void *argument)
{
    (void)argument;
    bridge_begin();
    say("lines", ifconfig_bridge_lines(world.root, "bridge0", shown, sizeof(shown)));
    bridge_end();
}

START_TEST(ifconfig_shows_the_members)
{
    world_check(lines_body);
    ck_assert_str_eq(said(), "create=0 addm=0 addm=0 up=0 lines=2 destroy=0 ");
    ck_assert_str_eq(shown,
                     "\tConfiguration:\n"
                     "\t\tid 0:0:0:0:0:0 priority 0 hellotime 0 fwddelay 0\n"
                     "\t\tmaxage 0 holdcnt 0 proto stp maxaddr 100 timeout 1200\n"
                     "\t\troot id 0:0:0:0:0:0 priority 0 ifcost 0 port 0\n"
                     "\t\tipfilter disabled flags 0x0\n"
                     "\tmember: tap0 flags=3<LEARNING,DISCOVER>\n"
                     "\t        ifmaxaddr 0 port 3 priority 0 path cost 0\n"
                     "\tmember: en0 flags=3<LEARNING,DISCOVER>\n"
                     "\t        ifmaxaddr 0 port 2 priority 0 path cost 0\n");
}
END_TEST

/* --- a member goes away -------------------------------------------------------------------------- */

static bool shouting;

static void
shouter_body(void *argument)
{
    static const uint8_t payload[100];
    uint8_t shout[200];
    size_t length = network_make_frame(shout, everybody, desk_link, 0x88b5, payload, 100);

    (void)argument;
    while (shouting) {
        ksim_lan_send_frame(world.kernel, "desk", shout, length);
        ksim_system_sleep(world.root, 20000);
    }
}

static void
close_body(void *argument)
{
    struct ifconfig_bridge_member members[4];

    (void)argument;
    for (int round = 0; round < 3; round++) {
        tap = network_device("tap0");
        if (round == 0) {
            char name[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge0";

            ifconfig_bridge_create(world.root, name);
            ifconfig_bridge_add(world.root, "bridge0", "en0");
            ifconfig_up(world.root, "bridge0");
        }
        say("addm", ifconfig_bridge_add(world.root, "bridge0", "tap0"));
        ifconfig_up(world.root, "tap0");
        shouting = true;
        ksim_thread_run(world.root, "shouter", shouter_body, NULL);
        say("heard", hear(tap) > 0);
        ksim_system_close(world.root, tap);
        ksim_system_sleep(world.root, 2000000);
        shouting = false;
        ksim_system_sleep(world.root, 1000000000);
        say("left", ifconfig_bridge_members(world.root, "bridge0", members, 4));
    }
    say("destroy", ifconfig_bridge_destroy(world.root, "bridge0"));
    network_unload();
}

START_TEST(a_tap_that_is_closed_leaves_the_bridge_under_traffic)
{
    world_check(close_body);
    ck_assert_str_eq(said(), "addm=0 heard=1 left=1 addm=0 heard=1 left=1 addm=0 heard=1 left=1 "
                             "destroy=0 ");
}
END_TEST

START_TEST(a_tap_leaves_the_bridge_under_traffic_on_every_schedule_and_release)
{
    static const int releases[] = {11, 13, 17, 19, 23, 24};

    for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
        for (uint64_t seed = 1; seed <= 4; seed++) {
            world_end();
            world_begin(releases[i]);
            world_shuffle(seed);
            world_check(close_body);
            ck_assert_msg(strcmp(said(), "addm=0 heard=1 left=1 addm=0 heard=1 left=1 addm=0 "
                                         "heard=1 left=1 destroy=0 ") == 0,
                          "darwin%d, seed %d", releases[i], (int)seed);
        }
    }
}
END_TEST

START_TEST(frames_cross_on_every_release_that_has_bridges)
{
    for (int darwin = 11; darwin <= 24; darwin++) {
        world_end();
        world_begin(darwin);
        world_check(both_ways_body);
        ck_assert_msg(strstr(said(), "arp=60 from_desk=0 reply=2 ping=62 type=0 right=1 ttl=64 "
                                     "asked=1 type=8 replies=1 destroy=0 ") != NULL,
                      "darwin%d", darwin);
    }
}
END_TEST

static void
snow_leopard_body(void *argument)
{
    char name[IFCONFIG_BRIDGE_NAME_BYTES] = "bridge0";

    (void)argument;
    say("create", ifconfig_bridge_create(world.root, name));
}

START_TEST(the_tenth_release_has_no_bridges)
{
    world_end();
    world_begin(10);
    world_check(snow_leopard_body);
    ck_assert_str_eq(said(), "create=-22 ");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        frames_cross_between_tap0_and_en0_both_ways,
        the_guest_reaches_the_mac_by_the_address_of_en0,
        an_address_on_bridge0_is_reached_from_both_sides,
        the_bridge_learns_floods_and_forwards,
        an_address_that_is_silent_is_forgotten_at_a_pruning,
        reserved_groups_stay_on_their_segment,
        nothing_crosses_a_bridge_that_is_down_or_has_lost_its_member,
        from_darwin13_on_frames_for_all_go_only_where_the_link_is_active,
        creating_and_destroying_say_no_in_the_right_words,
        adding_and_deleting_members_say_no_in_the_right_words,
        ifconfig_shows_the_members,
        a_tap_that_is_closed_leaves_the_bridge_under_traffic,
        a_tap_leaves_the_bridge_under_traffic_on_every_schedule_and_release,
        frames_cross_on_every_release_that_has_bridges,
        the_tenth_release_has_no_bridges,
        NULL,
    };

    world_has_ethernet = true;
    return suite_main("bridge", tests);
}
