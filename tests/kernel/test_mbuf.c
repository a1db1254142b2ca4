/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The emulated mbufs beyond what the recorded vectors cover (tests/vectors): tags, checksums, the ledger,
 * and what happens to a driver that breaks a rule.
 */

#include <machine.h>
#include <stdlib.h>
#include <string.h>

#include "../quick_check.h"
#include <system.h>

#include "mbuf_guest.h"

static bool all_fail;

static uint32_t
feeder_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    (void)feeder;
    (void)count;
    return all_fail && kind == CHOICE_FAULT && strncmp(label, "mbuf_", 5) == 0;
}

static struct tape_feeder feeder = {feeder_next};
static struct machine *machine;
static mbuf_scenario *scenario;
static const char *complaint;

static void
setup_release(int darwin_major)
{
    const struct machine_config config = {.feeder = &feeder, .poison_seed = 7};
    const struct ksim_options options = {.darwin_major = darwin_major};

    all_fail = false;
    machine = machine_create(&config);
    ck_assert_ptr_nonnull(machine);
    ck_assert_ptr_nonnull(ksim_create(machine, &options));
}

static void
setup(void)
{
    setup_release(19);
}

static void
teardown(void)
{
    machine_destroy(machine);
}

static void
scenario_body(void *argument)
{
    (void)argument;
    complaint = scenario();
}

static void
audit_body(void *argument)
{
    (void)argument;
    mbuf_guest_audit();
}

/* Runs a scenario that must end well and leave nothing. */
static void
run_good(mbuf_scenario *what)
{
    scenario = what;
    complaint = NULL;
    ck_assert_msg(machine_try(machine, scenario_body, NULL), "%s", machine_report(machine));
    ck_assert_msg(complaint == NULL, "%s", complaint);
    ck_assert(machine_try(machine, audit_body, NULL));
    ck_assert_msg(machine_outcome(machine) == MACHINE_OK, "%s", machine_report(machine));
}

/* Runs one that must fail this way, at once or at the audit, with these words in the report. */
static void
run_bad(mbuf_scenario *what, enum machine_outcome outcome, const char *words)
{
    scenario = what;
    complaint = NULL;
    if (machine_try(machine, scenario_body, NULL)) {
        ck_assert_msg(complaint == NULL, "%s", complaint);
        (void)machine_try(machine, audit_body, NULL);
    }
    ck_assert_str_eq(machine_outcome_name(machine_outcome(machine)), machine_outcome_name(outcome));
    ck_assert_msg(strstr(machine_report(machine), words) != NULL, "'%s' is not in: %s", words,
                  machine_report(machine));
}

static mbuf_scenario *const good[] = {
    mbuf_guest_geometry,       mbuf_guest_allocate,         mbuf_guest_tags,
    mbuf_guest_tags_travel,    mbuf_guest_traffic_class,    mbuf_guest_tso,
    mbuf_guest_physical,       mbuf_guest_stats,            mbuf_guest_inet_cksum,
    mbuf_guest_inet6_cksum,    mbuf_guest_cksum_odd_pieces, mbuf_guest_finalize_inet,
    mbuf_guest_finalize_inet6, mbuf_guest_poison,           mbuf_guest_poison_again,
    mbuf_guest_shapes,         mbuf_guest_history,          mbuf_guest_handover_good,
    mbuf_guest_cluster_round,  mbuf_guest_attached,
};

START_TEST(scenarios_end_well)
{
    run_good(good[_i]);
}
END_TEST

START_TEST(geometry_of_each_release)
{
    teardown();
    setup_release(_i);
    run_good(mbuf_guest_geometry);
    run_good(mbuf_guest_shapes);
}
END_TEST

START_TEST(failed_allocations_have_their_errno)
{
    all_fail = true;
    run_good(mbuf_guest_failures);
}
END_TEST

static const struct {
    mbuf_scenario *what;
    enum machine_outcome outcome;
    const char *words;
} bad[] = {
    {mbuf_guest_leak_mbuf, MACHINE_LEAK, "leaked mbuf"},
    {mbuf_guest_leak_mbuf, MACHINE_LEAK, "(12 bytes): mbuf_gethdr at step"},
    {mbuf_guest_leak_mbuf, MACHINE_LEAK, "handed to nobody"},
    {mbuf_guest_leak_cluster, MACHINE_LEAK, "leaked cluster of 2048 bytes: mbuf_mclget"},
    {mbuf_guest_double_free, MACHINE_PANIC, "m_free: freeing an already freed mbuf"},
    {mbuf_guest_use_freed, MACHINE_CONTRACT, "mbuf_len: use of a freed mbuf"},
    {mbuf_guest_use_freed, MACHINE_CONTRACT, ", mbuf_freem at step"},
    {mbuf_guest_null, MACHINE_PANIC, "mbuf_len: NULL mbuf"},
    {mbuf_guest_pullup_null, MACHINE_PANIC, "mbuf_pullup: NULL mbuf"},
    {mbuf_guest_not_an_mbuf, MACHINE_CONTRACT, "is not an mbuf"},
    {mbuf_guest_overrun, MACHINE_CONTRACT, "bytes behind the buffer of an mbuf were overwritten"},
    {mbuf_guest_underrun, MACHINE_CONTRACT, "bytes before the buffer of an mbuf were overwritten"},
    {mbuf_guest_cluster_overrun, MACHINE_CONTRACT, "bytes behind the buffer of an mbuf were overwritten"},
    {mbuf_guest_freecluster_size, MACHINE_PANIC, "mbuf_freecluster: invalid size"},
    {mbuf_guest_freecluster_wrong_size, MACHINE_CONTRACT, "the cluster has 2048 bytes"},
    {mbuf_guest_freecluster_foreign, MACHINE_CONTRACT, "is not a cluster"},
    {mbuf_guest_handover_length, MACHINE_CONTRACT, "ifnet_input: the packet has a packet length"},
    {mbuf_guest_handover_nextpkt, MACHINE_CONTRACT, "ifnet_output: the packet has mbuf_nextpkt set"},
    {mbuf_guest_no_header, MACHINE_CONTRACT, "mbuf_pkthdr_setlen: the mbuf has no packet header"},
};

START_TEST(broken_rules_are_reported)
{
    run_bad(bad[_i].what, bad[_i].outcome, bad[_i].words);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("mbuf");
    TCase *behaviour = tcase_create("behaviour");
    TCase *misuse = tcase_create("misuse");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(behaviour, setup, teardown);
    tcase_add_loop_test(behaviour, scenarios_end_well, 0, (int)(sizeof(good) / sizeof(good[0])));
    tcase_add_loop_test(behaviour, geometry_of_each_release, 10, 25);
    tcase_add_test(behaviour, failed_allocations_have_their_errno);
    suite_add_tcase(suite, behaviour);
    tcase_add_checked_fixture(misuse, setup, teardown);
    tcase_add_loop_test(misuse, broken_rules_are_reported, 0, (int)(sizeof(bad) / sizeof(bad[0])));
    suite_add_tcase(suite, misuse);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
