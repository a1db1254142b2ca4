/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load and unload: when unloading is refused, what a refused load leaves (nothing), who may come in
 * while it happens (facts/museum.md A09 to A11, A16, F02 to F06, F10).
 */
#include <stdio.h>
#include <string.h>

#include "feeders.h"
#include "kernel_hand.h"
#include "main.h"
#include "vendor_kexts.h"
#include "wire.h"
#include "world.h"

static const char *const kinds[] = {"tun", "tap"};
static const char *const units[] = {"tun0", "tap0"};

static void
run_by_hand(world_body body, struct tape_feeder *feeder, void *argument)
{
    world_run_with(&(struct world_options){.load_by_hand = true,
                                           .feeder = feeder,
                                           .argument = argument},
                   body);
}

/* --- refused ----------------------------------------------------------------------------------- */

static void
refuse_and_carry_on(struct world *world, int kind)
{
    char bundle_id[64];

    snprintf(bundle_id, sizeof(bundle_id), "net.sf.tuntaposx.%s", kinds[kind]);
    ck_assert_int_eq(world_unload(world, kinds[kind]), KSIM_KEXT_START_STOP);
    ck_assert(ksim_kext_is_loaded(world->kernel, bundle_id));
}

static void
open_unit_body(struct world *world)
{
    uint8_t lladdr[6];
    struct wire wire;

    for (int kind = 0; kind < 2; kind++) {
        wire_open(&wire, world, units[kind]);
        refuse_and_carry_on(world, kind);
        /* Nothing has changed: packets pass, another unit can be opened. */
        ck_assert(kind == 0 || wire_resolve(&wire, lladdr));
        ck_assert(wire_ping(&wire, lladdr, 1));
        world_close(world, world_open(world, kind == 0 ? "tun9" : "tap9"));
        wire_close(&wire);
    }
}

START_TEST(unload_is_refused_while_a_unit_is_open_and_changes_nothing)
{
    world_run(open_unit_body);
}
END_TEST

static void
reader_inside_body(struct world *world)
{
    for (int kind = 0; kind < 2; kind++) {
        int fd = world_open_up(world, units[kind]);
        struct world_thread reader = {
            .world = world, .process = world->root, .body = world_thread_read, .fd = fd};

        world_sleep_ms(world, 100);
        world_thread_start(&reader, "reader");
        refuse_and_carry_on(world, kind);
        world_sleep_ms(world, 10);
        refuse_and_carry_on(world, kind);
        ck_assert_int_eq(ifconfig_down(world->root, units[kind]), 0);
        world_thread_join(&reader);
        world_close(world, fd);
    }
}

START_TEST(unload_is_refused_while_a_reader_sleeps_on_every_schedule)
{
    world_run_seed((uint64_t)_i, reader_inside_body);
}
END_TEST

static void
detach_pending_body(struct world *world)
{
    for (int kind = 0; kind < 2; kind++) {
        world_close(world, world_open_up(world, units[kind]));
        refuse_and_carry_on(world, kind);
        world_sleep_ms(world, WORLD_DETACH_MS);
        ck_assert_int_eq(world_unload(world, kinds[kind]), KSIM_KEXT_OK);
        ck_assert_int_eq(world_load(world, kinds[kind]), KSIM_KEXT_OK);
    }
}

START_TEST(unload_is_refused_while_a_detach_is_pending)
{
    struct feeder_late late;

    feeder_late_start(&late);
    world_run_with(&(struct world_options){.feeder = &late.feeder}, detach_pending_body);
}
END_TEST

/* --- racing ------------------------------------------------------------------------------------ */

struct race {
    bool stop;
    int unloads;
    int visits;
};

/* Opens, writes, selects and closes as fast as it can until told to stop. */
static void
visitor_body(struct world_thread *thread)
{
    const struct race *race = thread->world->argument;
    uint8_t packet[WIRE_ECHO_BYTES];
    size_t length = world_echo_request(packet, 1, 56);

    while (!race->stop) {
        int fd = ksim_system_open(thread->process, "/dev/tun0", KSIM_O_RDWR);

        if (fd >= 0) {
            struct ksim_fd_set readable = {{UINT64_C(1) << fd}};

            ck_assert_int_eq(ksim_system_write(thread->process, fd, packet, length), -KSIM_EIO);
            ck_assert_int_eq(
                ksim_system_select(thread->process, fd + 1, &readable, NULL, NULL, 0), 1);
            ck_assert_int_eq(ksim_system_close(thread->process, fd), 0);
            thread->result++;
        } else {
            /* ENODEV: the node was found, and its driver was gone from the kernel's table then. */
            ck_assert_msg(fd == -KSIM_EBUSY || fd == -KSIM_ENXIO || fd == -KSIM_ENOENT ||
                              fd == -KSIM_ENODEV,
                          "open of a kext that comes and goes: %s", ksim_error_text(-fd));
        }
        ksim_system_sleep(thread->process, 3000);
    }
}

static void
race_body(struct world *world)
{
    struct race *race = world->argument;
    struct world_thread visitors[2];

    race->stop = false;
    for (int i = 0; i < 2; i++) {
        visitors[i] = (struct world_thread){
            .world = world,
            .process = ksim_process_create(world->kernel, "visitor", 0),
            .body = visitor_body};
        world_thread_start(&visitors[i], "visitor");
    }
    for (int round = 0; round < 30; round++) {
        ck_assert_int_eq(world_load(world, "tun"), KSIM_KEXT_OK);
        ksim_system_sleep(world->root, (uint64_t)round * 1500);
        for (int tries = 0, result = KSIM_KEXT_START_STOP; tries < 5 && result != 0; tries++) {
            result = world_unload(world, "tun");
            ck_assert(result == KSIM_KEXT_OK || result == KSIM_KEXT_START_STOP);
            race->unloads += result == KSIM_KEXT_OK;
        }
    }
    race->stop = true;
    for (int i = 0; i < 2; i++) {
        world_thread_join(&visitors[i]);
        race->visits += (int)visitors[i].result;
    }
    world_sleep_ms(world, WORLD_DETACH_MS);
    if (ksim_kext_is_loaded(world->kernel, "net.sf.tuntaposx.tun"))
        world_unload_patiently(world, "tun");
}

/* A11, A16: whoever is in the door when the kext comes or goes gets a unit, or is turned away. */
START_TEST(openers_race_load_and_unload_on_every_schedule)
{
    struct race race = {.unloads = 0};

    for (uint64_t seed = 0; seed < 40; seed++) {
        struct tape_seed tape;

        tape_seed_start(&tape, seed);
        run_by_hand(race_body, &tape.feeder, &race);
    }
    ck_assert_int_gt(race.unloads, 20);
    ck_assert_int_gt(race.visits, 40);
}
END_TEST

struct parked {
    struct feeder_preempt preempt;
    int opened;
    int unloaded;
};

static void
parked_opener(struct world_thread *thread)
{
    struct parked *parked = thread->world->argument;

    parked->preempt.armed = true;
    thread->result = ksim_system_open(thread->process, "/dev/tap0", KSIM_O_RDWR);
    parked->preempt.armed = false;
    if (thread->result >= 0)
        ck_assert_int_eq(ksim_system_close(thread->process, (int)thread->result), 0);
}

static void
unloader(struct world_thread *thread)
{
    thread->result = world_unload(thread->world, "tap");
}

static void
parked_body(struct world *world)
{
    struct parked *parked = world->argument;
    struct world_thread opener = {.world = world,
                                  .process = ksim_process_create(world->kernel, "opener", 0),
                                  .body = parked_opener};
    struct world_thread kextunload = {
        .world = world, .process = world->root, .body = unloader};

    ck_assert_int_eq(world_load(world, "tap"), KSIM_KEXT_OK);
    world_thread_start(&opener, "opener");
    /* Runs when the opener is preempted, or has done. */
    world_thread_start(&kextunload, "kextunload");
    world_thread_join(&opener);
    world_thread_join(&kextunload);
    parked->unloaded = (int)kextunload.result;
    parked->opened = (int)opener.result;
    if (parked->unloaded == KSIM_KEXT_OK) {
        /* A descriptor: it was closed again by then. */
        ck_assert(parked->opened == -KSIM_ENXIO || parked->opened == -KSIM_ENOENT ||
                  parked->opened == -KSIM_ENODEV || parked->opened >= 0);
    } else {
        ck_assert_int_eq(parked->unloaded, KSIM_KEXT_START_STOP);
        ck_assert_int_ge(parked->opened, 0);
        world_unload_patiently(world, "tap");
    }
}

START_TEST(an_opener_parked_anywhere_is_turned_away_or_keeps_the_kext)
{
    bool refused = false, turned_away = false;
    struct parked parked;
    uint32_t at = 0;

    do {
        feeder_preempt_start(&parked.preempt, at);
        run_by_hand(parked_body, &parked.preempt.feeder, &parked);
        refused |= parked.unloaded == KSIM_KEXT_START_STOP;
        turned_away |= parked.opened < 0;
    } while (at++ < parked.preempt.seen);
    ck_assert(refused);
    ck_assert(turned_away);
}
END_TEST

/* --- again and again --------------------------------------------------------------------------- */

static void
fifty_body(struct world *world)
{
    struct ksim_device_status first, status;

    for (int round = 0; round < 50; round++) {
        for (int kind = 0; kind < 2; kind++)
            ck_assert_int_eq(world_load(world, kinds[kind]), KSIM_KEXT_OK);
        ck_assert(ksim_system_device_status(world->kernel, "/dev/tap0", &status));
        if (round == 0)
            first = status;
        /* No major number is lost on the way. */
        ck_assert_uint_eq(status.major, first.major);
        world_close(world, world_open_up(world, units[round % 2]));
        for (int kind = 0; kind < 2; kind++)
            world_unload_patiently(world, kinds[(kind + round) % 2]);
        ck_assert(!ksim_system_device_status(world->kernel, "/dev/tap0", &status));
    }
}

START_TEST(fifty_loads_and_unloads_leave_nothing)
{
    run_by_hand(fifty_body, NULL, NULL);
}
END_TEST

static void
taken_body(struct world *world)
{
    struct ksim_device_status status;

    ksim_kext_register(world->kernel, &vendor_nodes_image);
    ck_assert_int_eq(ksim_kext_load(world->kernel, "com.vendor.nodes"), KSIM_KEXT_OK);
    for (int kind = 0; kind < 2; kind++) {
        char path[16];

        for (int tries = 0; tries < 60; tries++)
            ck_assert_int_eq(world_load(world, kinds[kind]), KSIM_KEXT_START_STOP);
        snprintf(path, sizeof(path), "/dev/%s0", kinds[kind]);
        ck_assert(!ksim_system_device_status(world->kernel, path, &status));
        ck_assert_int_eq(world_open(world, units[kind]), -KSIM_ENOENT);
        /* What is the vendor's stays the vendor's. */
        snprintf(path, sizeof(path), "/dev/%s3", kinds[kind]);
        ck_assert(ksim_system_device_status(world->kernel, path, &status));
        ck_assert_uint_eq(status.mode & 07777, 0600);
        ck_assert_int_eq(world_unload(world, kinds[kind]), KSIM_KEXT_NOT_FOUND);
    }
    ck_assert_int_eq(ksim_kext_unload(world->kernel, "com.vendor.nodes"), KSIM_KEXT_OK);
    for (int kind = 0; kind < 2; kind++) {
        ck_assert_int_eq(world_load(world, kinds[kind]), KSIM_KEXT_OK);
        ck_assert_int_eq(world_unload(world, kinds[kind]), KSIM_KEXT_OK);
    }
}

/* 60 failures: more than there are major numbers. */
START_TEST(a_node_that_exists_refuses_the_load_and_costs_nothing)
{
    run_by_hand(taken_body, NULL, NULL);
}
END_TEST

static void
stolen_body(struct world *world)
{
    struct ksim_device_status status;
    const char *console;

    ck_assert_int_eq(world_load(world, "tap"), KSIM_KEXT_OK);
    ck_assert(ksim_system_device_status(world->kernel, "/dev/tap0", &status));
    ck_assert_uint_ge(status.major, 24);
    kernel_hand_major_steal(status.major);
    ck_assert_int_eq(world_unload(world, "tap"), KSIM_KEXT_OK);
    console = machine_console_text(world->machine);
    ck_assert_ptr_nonnull(strstr(console, "was taken over by somebody else"));
    /* The thief keeps it; we find another. */
    ck_assert_int_eq(world_load(world, "tap"), KSIM_KEXT_OK);
    world_close(world, world_open_up(world, "tap0"));
    world_unload_patiently(world, "tap");
}

START_TEST(a_stolen_major_number_is_left_to_the_thief)
{
    run_by_hand(stolen_body, NULL, NULL);
}
END_TEST

static void
faulty_load_body(struct world *world)
{
    struct feeder_fault *fault = world->argument;

    fault->armed = true;
    for (int kind = 0; kind < 2; kind++) {
        int result = world_load(world, kinds[kind]);

        ck_assert_int_eq(result, fault->broken ? KSIM_KEXT_START_STOP : KSIM_KEXT_OK);
        if (result == KSIM_KEXT_OK)
            world_unload_patiently(world, kinds[kind]);
        else
            ck_assert_int_eq(world_unload(world, kinds[kind]), KSIM_KEXT_NOT_FOUND);
        if (fault->broken)
            break;
    }
    fault->armed = false;
    for (int kind = 0; kind < 2; kind++) {
        ck_assert_int_eq(world_load(world, kinds[kind]), KSIM_KEXT_OK);
        world_close(world, world_open_up(world, units[kind]));
        world_unload_patiently(world, kinds[kind]);
    }
}

/* F10, A09, A10: every operation of a load fails in turn, once, or for good with all that follow. */
START_TEST(a_load_that_fails_anywhere_leaves_nothing_and_the_next_one_works)
{
    struct feeder_fault fault;
    uint32_t at = 0;

    do {
        feeder_fault_start(&fault, at, _i == 1);
        run_by_hand(faulty_load_body, &fault.feeder, &fault);
    } while (fault.broken && ++at < 1000);
    /* Both loads: group, spin lock, 16 mutexes, plumbing, major and 16 nodes. */
    ck_assert_uint_ge(at, 2 * (1 + 1 + 16 + 1 + 16) + 3);
    ck_assert_uint_lt(at, 1000);
}
END_TEST

static Suite *
kext_suite(void)
{
    Suite *suite = suite_create("kext");
    TCase *cases = tcase_create("kext");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, unload_is_refused_while_a_unit_is_open_and_changes_nothing);
    tcase_add_loop_test(cases, unload_is_refused_while_a_reader_sleeps_on_every_schedule, 0, 20);
    tcase_add_test(cases, unload_is_refused_while_a_detach_is_pending);
    tcase_add_test(cases, openers_race_load_and_unload_on_every_schedule);
    tcase_add_test(cases, an_opener_parked_anywhere_is_turned_away_or_keeps_the_kext);
    tcase_add_test(cases, fifty_loads_and_unloads_leave_nothing);
    tcase_add_test(cases, a_node_that_exists_refuses_the_load_and_costs_nothing);
    tcase_add_test(cases, a_stolen_major_number_is_left_to_the_thief);
    tcase_add_loop_test(cases, a_load_that_fails_anywhere_leaves_nothing_and_the_next_one_works, 0,
                        2);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(kext_suite)
