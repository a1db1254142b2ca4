/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another vendor's kext that owns the IPv4 plumber of the interface family TUN, and an interface of it,
 * on the same Mac: in every order of coming and going both work and neither touches the other's
 * (facts/museum.md F01, F13).
 */
#include <stdio.h>
#include <string.h>

#include "kernel_hand.h"
#include "main.h"
#include "vendor_kexts.h"
#include "wire.h"
#include "world.h"

static const char vendor_id[] = "com.vendor.tun";

static void
vendor_load(struct world *world)
{
    ck_assert_int_eq(ksim_kext_load(world->kernel, vendor_id), KSIM_KEXT_OK);
}

static void
vendor_unload(struct world *world)
{
    ck_assert_int_eq(ksim_kext_unload(world->kernel, vendor_id), KSIM_KEXT_OK);
}

static void
ours_load(struct world *world)
{
    ck_assert_int_eq(world_load(world, "tun"), KSIM_KEXT_OK);
}

static void
ours_unload(struct world *world)
{
    world_unload_patiently(world, "tun");
}

/* Our tun0 answers pings. */
static void
ours_works(struct world *world)
{
    struct wire wire;

    wire_open(&wire, world, "tun0");
    ck_assert(wire_ping(&wire, NULL, 1));
    wire_close(&wire);
    world_sleep_ms(world, WORLD_DETACH_MS);
}

/* The Mac sends through the vendor's interface. */
static void
vendor_works(struct world *world)
{
    static const uint8_t address[4] = {10, 9, 0, 1}, peer[4] = {10, 9, 0, 2};
    struct ksim_inet_address to = {.family = 4, .bytes = {10, 9, 0, 2}};
    unsigned sent = vendor_tun_sent(), plumbed = vendor_tun_plumbed_own();

    ck_assert_int_eq(ifconfig_inet(world->root, "vtun0", address, 32, peer), 0);
    ck_assert_int_eq(ifconfig_up(world->root, "vtun0"), 0);
    ck_assert_int_eq(ksim_echo_send(world->kernel, &to, 1, 1, address, sizeof(address)), 0);
    world_sleep_ms(world, 5);
    ck_assert_uint_eq(vendor_tun_sent(), sent + 1);
    ck_assert_uint_ge(vendor_tun_plumbed_own(), plumbed);
}

/* Nobody was asked to plumb what is not his. */
static void
nobody_meddled(void)
{
    ck_assert_uint_gt(vendor_tun_plumbed_own(), 0);
    ck_assert_uint_eq(vendor_tun_plumbed_foreign(), 0);
}

static void
orders_body(struct world *world)
{
    int order = *(const int *)world->argument;

    ksim_kext_register(world->kernel, &vendor_tun_image);
    for (int pass = 0; pass < 2; pass++) {
        (order & 1 ? vendor_load : ours_load)(world);
        (order & 1 ? ours_load : vendor_load)(world);
        (order & 2 ? vendor_works : ours_works)(world);
        (order & 2 ? ours_works : vendor_works)(world);
        nobody_meddled();
        if (order & 4) {
            vendor_unload(world);
            ours_works(world);
            ours_unload(world);
        } else {
            ours_unload(world);
            vendor_works(world);
            nobody_meddled();
            vendor_unload(world);
        }
    }
}

START_TEST(both_carry_packets_whoever_comes_and_goes_first)
{
    /* Not 10.6: there the vendor would have to take his own addresses back. */
    static const int releases[] = {13, 19, 24};
    int order = _i % 8;

    world_run_with(&(struct world_options){.load_by_hand = true,
                                           .darwin_major = releases[_i / 8],
                                           .argument = &order},
                   orders_body);
}
END_TEST

static void
at_once_body(struct world *world)
{
    struct wire wire;

    ksim_kext_register(world->kernel, &vendor_tun_image);
    vendor_load(world);
    wire_open(&wire, world, "tun0");
    vendor_works(world);
    ck_assert(wire_ping(&wire, NULL, 1));
    /* The vendor goes with his plumber while tun0 is plumbed: it is not his that tun0 runs on. */
    vendor_unload(world);
    ck_assert(wire_ping(&wire, NULL, 2));
    vendor_load(world);
    vendor_works(world);
    ck_assert(wire_ping(&wire, NULL, 3));
    nobody_meddled();
    wire_close(&wire);
    vendor_unload(world);
}

START_TEST(the_vendor_may_go_and_come_while_our_interface_carries_packets)
{
    world_run_seed((uint64_t)_i, at_once_body);
}
END_TEST

static void
open_vendor_body(struct world *world)
{
    ksim_kext_register(world->kernel, &vendor_tun_image);
    ours_load(world);
    vendor_load(world);
    vendor_works(world);
    /* vtun0 stays up and plumbed; that is no reason for ours to stay, and no danger when it goes. */
    ck_assert_int_eq(world_unload(world, "tun"), KSIM_KEXT_OK);
    vendor_works(world);
    ours_load(world);
    ours_works(world);
    ours_unload(world);
    vendor_unload(world);
}

START_TEST(a_foreign_interface_neither_keeps_our_kext_nor_needs_it)
{
    world_run_with(&(struct world_options){.load_by_hand = true}, open_vendor_body);
}
END_TEST

/* F13 c: what is not ours is not plumbed, whatever family it says it is of. */
static void
borrowed_family_body(struct world *world)
{
    static const uint8_t address[4] = {10, 9, 0, 1}, peer[4] = {10, 9, 0, 2};
    struct ksim_inet_address to = {.family = 4, .bytes = {10, 9, 0, 2}};
    unsigned protocols = 0;

    ksim_kext_register(world->kernel, &vendor_tun_image);
    ours_load(world);
    vendor_tun_use_family_of("net.sf.tuntaposx.tun");
    vendor_load(world);
    (void)ifconfig_inet(world->root, "vtun0", address, 32, peer);
    ck_assert_int_eq(ifconfig_up(world->root, "vtun0"), 0);
    ck_assert_int_eq(kernel_hand_protocols("vtun0", &protocols), 0);
    ck_assert_uint_eq(protocols, 0);
    ck_assert_int_ne(ksim_echo_send(world->kernel, &to, 1, 1, address, sizeof(address)), 0);
    ck_assert_uint_eq(vendor_tun_sent(), 0);
    ours_works(world);
    ours_unload(world);
    vendor_unload(world);
    vendor_tun_use_family_of(NULL);
}

START_TEST(an_interface_that_borrows_our_family_is_not_plumbed_by_us)
{
    world_run_with(&(struct world_options){.load_by_hand = true}, borrowed_family_body);
}
END_TEST

static void
refused_load_body(struct world *world)
{
    ksim_kext_register(world->kernel, &vendor_tun_image);
    ksim_kext_register(world->kernel, &vendor_nodes_image);
    vendor_load(world);
    ck_assert_int_eq(ksim_kext_load(world->kernel, "com.vendor.nodes"), KSIM_KEXT_OK);
    /* A load that fails after its plumbers were registered takes back its own only. */
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(world_load(world, "tun"), KSIM_KEXT_START_STOP);
    vendor_works(world);
    nobody_meddled();
    ck_assert_int_eq(ksim_kext_unload(world->kernel, "com.vendor.nodes"), KSIM_KEXT_OK);
    ours_load(world);
    ours_works(world);
    ours_unload(world);
    vendor_unload(world);
}

START_TEST(a_refused_load_leaves_the_vendors_plumber)
{
    world_run_with(&(struct world_options){.load_by_hand = true}, refused_load_body);
}
END_TEST

static Suite *
coexistence_suite(void)
{
    Suite *suite = suite_create("coexistence");
    TCase *cases = tcase_create("coexistence");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, both_carry_packets_whoever_comes_and_goes_first, 0, 24);
    tcase_add_loop_test(cases, the_vendor_may_go_and_come_while_our_interface_carries_packets, 0,
                        20);
    tcase_add_test(cases, a_foreign_interface_neither_keeps_our_kext_nor_needs_it);
    tcase_add_test(cases, an_interface_that_borrows_our_family_is_not_plumbed_by_us);
    tcase_add_test(cases, a_refused_load_leaves_the_vendors_plumber);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(coexistence_suite)
