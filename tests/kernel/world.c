/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tape.h>

struct world world;
bool world_has_ethernet;

static const char *fault_label;
static unsigned fault_countdown;
static const char *answer_label;
static unsigned answer_choice;
static uint64_t shuffle_state;
static char said_text[sizeof(world.log)];

static uint32_t
feeder_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    (void)feeder;
    if (kind == CHOICE_FAULT) {
        return fault_label != NULL && strcmp(label, fault_label) == 0 && --fault_countdown == 0;
    }
    if (answer_label != NULL && strcmp(label, answer_label) == 0) {
        return answer_choice < count ? answer_choice : count - 1;
    }
    if (kind != CHOICE_SCHEDULE || shuffle_state == 0) {
        return 0;
    }
    shuffle_state = shuffle_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(shuffle_state >> 33) % count;
}

static struct tape_feeder feeder = {feeder_next};

void
world_begin(int darwin_major)
{
    const struct machine_config config = {.feeder = &feeder, .poison_seed = 5};
    const struct ksim_options options = {.darwin_major = darwin_major,
                                         .ethernet = world_has_ethernet};
    static const struct ksim_kext_image image = {
        .bundle_id = TOY_BUNDLE,
        .version = "1.0.0",
        .kmod = &kmod_info,
        .data_begin = &toy,
        .data_bytes = sizeof(toy),
    };

    fault_label = NULL;
    answer_label = NULL;
    shuffle_state = 0;
    world.log[0] = '\0';
    memset(&toy, 0, sizeof(toy));
    world.machine = machine_create(&config);
    world.kernel = ksim_create(world.machine, &options);
    ck_assert_ptr_nonnull(world.kernel);
    machine_enter(world.machine);
    ksim_kext_register(world.kernel, &image);
    world.root = ksim_process_create(world.kernel, "root", 0);
    machine_leave(world.machine);
}

void
world_fault(const char *label, unsigned number)
{
    fault_label = label;
    fault_countdown = number;
}

void
world_answer(const char *label, unsigned choice)
{
    answer_label = label;
    answer_choice = choice;
}

void
world_shuffle(uint64_t seed)
{
    shuffle_state = seed | 1;
}

void
world_end(void)
{
    machine_destroy(world.machine);
    world.machine = NULL;
}

void
world_thread(struct process *process, const char *name, void (*body)(void *), void *argument)
{
    machine_enter(world.machine);
    ksim_thread_run(process == NULL ? world.root : process, name, body, argument);
    machine_leave(world.machine);
}

enum machine_outcome
world_run(void)
{
    return machine_run(world.machine);
}

static void
world_run_audited(void (*body)(void *))
{
    world_thread(NULL, "main", body, NULL);
    if (machine_run(world.machine) == MACHINE_OK) {
        machine_enter(world.machine);
        ksim_audit(world.kernel);
        machine_leave(world.machine);
    }
}

void
world_check(void (*body)(void *))
{
    world_run_audited(body);
    ck_assert_msg(machine_outcome(world.machine) == MACHINE_OK, "%s",
                  machine_report(world.machine));
}

void
world_expect(void (*body)(void *), enum machine_outcome outcome, const char *words)
{
    const char *report;

    world_run_audited(body);
    report = machine_report(world.machine);
    ck_assert_msg(machine_outcome(world.machine) == outcome, "%s: %s",
                  machine_outcome_name(machine_outcome(world.machine)), report);
    ck_assert_msg(strstr(report, words) != NULL, "no \"%s\" in:\n%s", words, report);
}

void
say(const char *what, long long value)
{
    size_t length = strlen(world.log);

    snprintf(world.log + length, sizeof(world.log) - length, "%s=%lld ", what, value);
}

void
say_text(const char *text)
{
    size_t length = strlen(world.log);

    snprintf(world.log + length, sizeof(world.log) - length, "%s ", text);
}

struct process *
guest_root(void)
{
    return world.root;
}

void
guest_thread(struct process *process, const char *name, guest_body *body, void *argument)
{
    ksim_thread_run(process == NULL ? world.root : process, name, body, argument);
}

const char *
said(void)
{
    memcpy(said_text, world.log, sizeof(said_text));
    world.log[0] = '\0';
    return said_text;
}

void
toy_load(void)
{
    int result = ksim_kext_load(world.kernel, TOY_BUNDLE);

    if (result != KSIM_KEXT_OK) {
        say("load", result);
    }
}

static void
setup(void)
{
    world_begin(0);
}

int
suite_main(const char *name, const TTest *const *tests)
{
    return suite_main_looped(name, tests, NULL, 0);
}

int
suite_main_looped(const char *name, const TTest *const *tests, const TTest *looped, int rounds)
{
    Suite *suite = suite_create(name);
    TCase *tests_case = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests_case, setup, world_end);
    tcase_set_timeout(tests_case, 60);
    for (; *tests != NULL; tests++) {
        tcase_add_test(tests_case, *tests);
    }
    if (looped != NULL) {
        tcase_add_loop_test(tests_case, looped, 0, rounds);
    }
    suite_add_tcase(suite, tests_case);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
