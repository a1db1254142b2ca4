/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <tape.h>
#include <workload.h>

#include "main.h"

enum { SEEDS = 3 };

static const char *const devices[] = {"tun", "tap"};
static const int releases[] = {10, 13, 19, 24};

/* The name of the index-th workload of a device; false: there is none, or not for this device. */
static bool
workload_of(struct workload *workload, unsigned index, const char *device)
{
    char name[WORKLOAD_NAME_BYTES], error[WORKLOAD_ERROR_BYTES];
    const char *shape, *summary;
    bool core;

    if (!workload_list(index, &shape, &summary, &core))
        return false;
    snprintf(name, sizeof(name), "%s-%s", device, shape);
    return workload_find(workload, name, error);
}

static unsigned
workload_count(void)
{
    const char *name, *summary;
    unsigned count = 0;
    bool core;

    while (workload_list(count, &name, &summary, &core))
        count++;
    return count;
}

static uint64_t
hash_of(const struct workload *workload, int darwin_major, struct tape_feeder *feeder)
{
    const struct workload_options options = {.darwin_major = darwin_major, .feeder = feeder};
    struct workload_result result;
    uint64_t hash;

    workload_run(workload, &options, &result);
    ck_assert_msg(result.outcome == MACHINE_OK, "%s on darwin%d: %s", workload->name, darwin_major,
                  text_bytes(&result.report));
    hash = result.hash;
    workload_result_free(&result);
    return hash;
}

START_TEST(each_workload_ends_well_on_every_generation_of_kernels)
{
    struct workload workload;

    for (unsigned index = 0; index < workload_count(); index++) {
        if (!workload_of(&workload, index, devices[_i]))
            continue;
        for (size_t release = 0; release < 4; release++) {
            if (workload_is_for(&workload, releases[release]))
                hash_of(&workload, releases[release], NULL);
        }
        workload_end(&workload);
    }
}
END_TEST

/* Everything that can be observed, compared by its hash. */
START_TEST(the_same_choices_are_the_same_run_in_everything)
{
    struct workload workload;
    unsigned differing = 0, pairs = 0;

    for (unsigned index = 0; index < workload_count(); index++) {
        uint64_t first[SEEDS];

        if (!workload_of(&workload, index, devices[_i]))
            continue;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct tape_seed tape;

            tape_seed_start(&tape, seed);
            first[seed] = hash_of(&workload, 19, &tape.feeder);
            tape_seed_start(&tape, seed);
            ck_assert_uint_eq(hash_of(&workload, 19, &tape.feeder), first[seed]);
        }
        differing += first[0] != first[1];
        pairs++;
        workload_end(&workload);
    }
    ck_assert_uint_gt(differing, pairs / 2);
}
END_TEST

START_TEST(a_step_that_is_left_out_is_not_done)
{
    const struct workload_skip skip = {1, 0}; /* the only step of "ifconfig" */
    struct workload_options options = {.skips = &skip, .skip_count = 1};
    char error[WORKLOAD_ERROR_BYTES];
    struct workload_result result;
    struct workload workload;

    ck_assert(workload_find(&workload, "tun-reader-down", error));
    ck_assert_uint_eq(workload_thread_count(&workload), 3);
    ck_assert_str_eq(workload_thread_name(&workload, 1), "ifconfig");
    ck_assert_str_eq(workload_step_name(&workload, 1, 0), "ifconfig down");
    ck_assert(workload_step_wakes(&workload, 1, 0));
    workload_run(&workload, &options, &result);
    ck_assert_int_eq(result.outcome, MACHINE_HANG); /* nobody wakes the reader */
    ck_assert_ptr_nonnull(strstr(text_bytes(&result.report), "\"reader\""));
    workload_result_free(&result);
}
END_TEST

static uint32_t
always_fail(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    (void)feeder;
    (void)count;
    (void)label;
    return kind == CHOICE_FAULT;
}

/* The oracle has teeth: an open that says ENOMEM is no answer where nothing can fail. */
START_TEST(what_the_manual_does_not_allow_is_a_contract_failure)
{
    struct tape_feeder feeder = {always_fail};
    struct workload_options options = {.feeder = &feeder};
    char error[WORKLOAD_ERROR_BYTES];
    struct workload_result result;
    struct workload workload;

    ck_assert(workload_find(&workload, "tun-life", error));
    workload_run(&workload, &options, &result);
    ck_assert_int_eq(result.outcome, MACHINE_CONTRACT);
    ck_assert_ptr_nonnull(strstr(text_bytes(&result.report), "workload: open answered: Cannot allocate memory"));
    ck_assert_uint_gt(result.fault_choices, 0);
    workload_result_free(&result);
    options.faults = true;
    workload_run(&workload, &options, &result);
    ck_assert_int_eq(result.outcome, MACHINE_OK);
    workload_result_free(&result);
}
END_TEST

START_TEST(what_is_no_workload_is_one_clear_line)
{
    static const char *const names[] = {"", "life", "tun", "tun-", "tun-frob", "tap-head", "en0-life",
                                        "/no/such/file.session"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char error[WORKLOAD_ERROR_BYTES] = "";
        struct workload workload;

        ck_assert_msg(!workload_find(&workload, names[i], error), "%s", names[i]);
        ck_assert_uint_gt(strlen(error), 0);
        ck_assert_ptr_null(strchr(error, '\n'));
    }
}
END_TEST

static Suite *
workload_suite(void)
{
    Suite *suite = suite_create("workload");
    TCase *cases = tcase_create("workload");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, each_workload_ends_well_on_every_generation_of_kernels, 0, 2);
    tcase_add_loop_test(cases, the_same_choices_are_the_same_run_in_everything, 0, 2);
    tcase_add_test(cases, a_step_that_is_left_out_is_not_done);
    tcase_add_test(cases, what_the_manual_does_not_allow_is_a_contract_failure);
    tcase_add_test(cases, what_is_no_workload_is_one_clear_line);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(workload_suite)
