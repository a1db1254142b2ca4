/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that can fail fails: a workload through both kexts is run once for each operation of the
 * kernel that may fail, with exactly that one failing, and again with it and all later ones failing.
 * No run may end in anything but well-defined errors; afterwards, without faults, all works.
 */
#include <stdio.h>
#include <string.h>

#include "feeders.h"
#include "main.h"
#include "wire.h"
#include "world.h"

struct sweep {
    struct feeder_fault fault;
    const char *kind; /* "tun", "tap" */
    char unit[8];
    int opens, loads;
};

/* Which errno an open has to pass on, by what failed; 0: none, open does without. */
static int
open_errno(const char *label)
{
    static const struct {
        const char *label;
        int error;
    } passed_on[] = {{"ifnet_allocate", KSIM_ENOMEM}, {"ifnet_attach", KSIM_ENOBUFS},
                   {"ifnet_attach late", KSIM_ENOBUFS}};

    for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++) {
        if (strcmp(label, passed_on[i].label) == 0)
            return passed_on[i].error;
    }
    return 0;
}

static bool
one_of(int64_t result, const int *errors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (result == -errors[i])
            return true;
    }
    return false;
}

#define CHECK_RESULT(result, ...)                                                                  \
    do {                                                                                           \
        const int errors_[] = {__VA_ARGS__};                                                       \
        int64_t result_ = (result);                                                                \
                                                                                                   \
        ck_assert_msg(result_ >= 0 || one_of(result_, errors_, sizeof(errors_) / sizeof(int)),     \
                      "%s: %s (fault %u, %s)", #result, ksim_error_text((int)-result_),            \
                      sweep->fault.at, sweep->fault.label);                                        \
    } while (0)

static int
open_unit(struct world *world, struct sweep *sweep)
{
    bool broken_before = sweep->fault.broken;
    char path[16];
    int fd;

    snprintf(path, sizeof(path), "/dev/%s", sweep->unit);
    fd = ksim_system_open(world->root, path, KSIM_O_RDWR | KSIM_O_NONBLOCK);
    if (!broken_before && sweep->fault.broken) {
        int error = open_errno(sweep->fault.label);

        ck_assert_msg(error == 0 ? fd >= 0 : fd == -error, "open, %s failed: %d",
                      sweep->fault.label, fd);
    } else if (broken_before && sweep->fault.for_good) {
        ck_assert_int_eq(fd, -KSIM_ENOMEM); /* ifnet_allocate is the first to be asked */
    } else {
        ck_assert_int_ge(fd, 0);
    }
    return fd;
}

static size_t
make_packet(const struct sweep *sweep, uint8_t *packet, uint16_t sequence)
{
    return strcmp(sweep->kind, "tun") == 0
               ? world_echo_request(packet, sequence, 56)
               : world_echo_frame(packet, wire_broadcast, sequence, 56);
}

static void
use_unit(struct world *world, struct sweep *sweep, int fd)
{
    static const uint8_t ours[4] = {10, 7, 0, 1}, peer[4] = {10, 7, 0, 2}, ip6[16] = {0xfd, 7, [15] = 1};
    bool tun = strcmp(sweep->kind, "tun") == 0;
    struct ksim_fd_set readable = {{UINT64_C(1) << fd}}, writable = readable;
    char status[IFCONFIG_STATUS_BYTES];
    uint8_t packet[2048];
    int value = 1;

    (void)ifconfig_inet(world->root, sweep->unit, ours, tun ? 32 : 24, tun ? peer : NULL);
    (void)ifconfig_inet6(world->root, sweep->unit, ip6, 64);
    (void)ifconfig_mtu(world->root, sweep->unit, 1400);
    (void)ifconfig_up(world->root, sweep->unit);
    if (tun)
        CHECK_RESULT(world_ioctl_int(world, fd, WORLD_TUNSIFHEAD, &value), KSIM_EFAULT);
    value = 0;
    if (tun)
        CHECK_RESULT(world_ioctl_int(world, fd, WORLD_TUNSIFHEAD, &value), KSIM_EFAULT);
    for (uint16_t i = 0; i < 2; i++) {
        size_t length = make_packet(sweep, packet, i);

        /* EAFNOSUPPORT: the mode could not be set back, an IP header is no family word. */
        CHECK_RESULT(world_write(world, fd, packet, length), KSIM_EIO, KSIM_EFAULT, KSIM_ENOBUFS,
                     KSIM_EAFNOSUPPORT);
    }
    world_sleep_ms(world, 5);
    CHECK_RESULT(world_ioctl_int(world, fd, WORLD_FIONREAD, &value), KSIM_EFAULT);
    ck_assert_int_ge(ksim_system_select(world->root, fd + 1, &readable, &writable, NULL, 0), 1);
    for (int i = 0; i < 20; i++)
        CHECK_RESULT(world_read(world, fd, packet, sizeof(packet)), KSIM_EIO, KSIM_EFAULT,
                     KSIM_EWOULDBLOCK);
    (void)ifconfig_status(world->root, sweep->unit, status);
}

static void
faulty_round(struct world *world, struct sweep *sweep)
{
    bool broken_before = sweep->fault.broken;
    int result = world_load(world, sweep->kind);
    int fd;

    if (result != KSIM_KEXT_OK) {
        ck_assert_int_eq(result, KSIM_KEXT_START_STOP);
        ck_assert(!broken_before && sweep->fault.broken);
        return;
    }
    sweep->loads++;
    for (int session = 0; session < 2; session++) {
        fd = open_unit(world, sweep);
        if (fd >= 0) {
            sweep->opens++;
            use_unit(world, sweep, fd);
            world_close(world, fd);
            world_sleep_ms(world, WORLD_DETACH_MS);
        }
    }
}

/*
 * 10.6 does not remove addresses of an interface that goes, and when there is no memory for the
 * driver to do it either the stack remembers them: then it takes the same address for present.
 */
static bool
ghost_possible(const struct world *world, const struct sweep *sweep)
{
    return ksim_darwin_major(world->kernel) == 10 &&
           (sweep->fault.for_good || strcmp(sweep->fault.label, "sock_socket") == 0 ||
            strcmp(sweep->fault.label, "ifnet_get_address_list") == 0);
}

static void
benign_session(struct world *world, const struct sweep *sweep, const char *unit)
{
    uint8_t lladdr[6];
    struct wire wire;

    wire_open(&wire, world, unit);
    if (!ghost_possible(world, sweep)) {
        ck_assert(strcmp(sweep->kind, "tun") == 0 || wire_resolve(&wire, lladdr));
        ck_assert(wire_ping(&wire, lladdr, 7));
    }
    wire_close(&wire);
    world_sleep_ms(world, WORLD_DETACH_MS);
}

/*
 * The unit is as good as new, in this load if there is one, and in the next. Except that XNU from
 * 10.13 on gives away an interface record again that it had left half made.
 */
static void
benign_rounds(struct world *world, const struct sweep *sweep)
{
    bool half_made = strcmp(sweep->fault.label, "ifnet_attach late") == 0;

    if (sweep->loads > 0) {
        benign_session(world, sweep, sweep->unit);
        world_unload_patiently(world, sweep->kind);
    }
    ck_assert_int_eq(world_load(world, sweep->kind), KSIM_KEXT_OK);
    if (!half_made || ksim_darwin_major(world->kernel) < 17)
        benign_session(world, sweep, sweep->unit);
    world_unload_patiently(world, sweep->kind);
}

static void
sweep_body(struct world *world)
{
    struct sweep *sweep = world->argument;

    sweep->fault.armed = true;
    faulty_round(world, sweep);
    sweep->fault.armed = false;
    benign_rounds(world, sweep);
}

/* One run; the fault, if any, is sweep->fault's. */
static void
sweep_run(struct sweep *sweep, const char *kind, int darwin_major)
{
    struct world_options options = {.load_by_hand = true,
                                    .feeder = &sweep->fault.feeder,
                                    .darwin_major = darwin_major,
                                    .argument = sweep};
    enum machine_outcome outcome;
    char *report;

    sweep->kind = kind;
    sweep->loads = 0;
    snprintf(sweep->unit, sizeof(sweep->unit), "%s1", kind);
    outcome = world_outcome(&options, sweep_body, &report);
    ck_assert_msg(outcome == MACHINE_OK, "%s, fault %u (%s)%s: %s\n%s", kind, sweep->fault.at,
                  sweep->fault.label, sweep->fault.for_good ? " and all later ones" : "",
                  machine_outcome_name(outcome), report);
    free(report);
}

static const char *const kinds[] = {"tun", "tap"};

/* How many operations of a run without faults may fail. */
static uint32_t
operations(const char *kind)
{
    struct sweep sweep = {.opens = 0};

    feeder_fault_start(&sweep.fault, UINT32_MAX, false);
    sweep_run(&sweep, kind, 0);
    ck_assert_int_eq(sweep.opens, 2);
    return sweep.fault.seen;
}

START_TEST(each_single_fault_is_survived)
{
    uint32_t count = operations(kinds[_i]);
    struct sweep sweep = {.opens = 0};

    ck_assert_uint_gt(count, 100);
    for (uint32_t at = 0; at < count; at++) {
        feeder_fault_start(&sweep.fault, at, false);
        sweep_run(&sweep, kinds[_i], 0);
        ck_assert(sweep.fault.broken);
    }
    /* Nearly all of them happened after the load, in sessions that went on. */
    ck_assert_int_gt(sweep.opens, (int)count);
}
END_TEST

START_TEST(a_fault_that_stays_is_survived_wherever_it_begins)
{
    uint32_t count = operations(kinds[_i]);
    struct sweep sweep = {.opens = 0};

    for (uint32_t at = 0; at < count; at++) {
        feeder_fault_start(&sweep.fault, at, true);
        sweep_run(&sweep, kinds[_i], 0);
        ck_assert(sweep.fault.broken);
    }
    ck_assert_int_gt(sweep.opens, (int)count / 2);
}
END_TEST

/* The same with threads cutting in and late detachers, on kernels of each generation; a sample. */
START_TEST(faults_are_survived_on_every_schedule_and_release)
{
    static const int releases[] = {10, 13, 24};
    uint32_t count = operations(kinds[_i % 2]);

    for (uint64_t seed = 0; seed < 25; seed++) {
        struct sweep sweep = {.opens = 0};
        struct tape_seed tape;

        tape_seed_start(&tape, seed + 100 * (uint64_t)_i);
        feeder_fault_start(&sweep.fault, (uint32_t)(tape_seed_bits(&tape) % count), seed % 2 == 1);
        sweep.fault.base = &tape.feeder;
        sweep_run(&sweep, kinds[_i % 2], releases[_i / 2]);
    }
}
END_TEST

static Suite *
faults_suite(void)
{
    Suite *suite = suite_create("faults");
    TCase *cases = tcase_create("faults");

    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, each_single_fault_is_survived, 0, 2);
    tcase_add_loop_test(cases, a_fault_that_stays_is_survived_wherever_it_begins, 0, 2);
    tcase_add_loop_test(cases, faults_are_survived_on_every_schedule_and_release, 0, 6);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(faults_suite)
