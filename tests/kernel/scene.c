/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { SCENES_MAX = 128 };

void
scene_fault(const char *label, unsigned number)
{
    world_fault(label, number);
}

void
scene_answer(const char *label, unsigned choice)
{
    world_answer(label, choice);
}

static void
scene_play(const struct scene *scene, int darwin)
{
    const char *report;

    world_begin(darwin);
    world_thread(NULL, scene->name, scene_run, (void *)(uintptr_t)scene);
    if (world_run() == MACHINE_OK) {
        machine_enter(world.machine);
        ksim_audit(world.kernel);
        machine_leave(world.machine);
    }
    report = machine_report(world.machine);
    ck_assert_msg(machine_outcome(world.machine) == scene->outcome, "darwin%d: %s: %s\n%s", darwin,
                  machine_outcome_name(machine_outcome(world.machine)), report, scene_notes());
    ck_assert_msg(scene->words == NULL || strstr(report, scene->words) != NULL,
                  "darwin%d: no \"%s\" in:\n%s", darwin, scene->words, report);
    ck_assert_msg(scene_notes()[0] == '\0', "darwin%d: %s", darwin, scene_notes());
    ck_assert_msg(scene->outcome != MACHINE_OK || scene_expectations() > 0, "nothing expected");
    world_end();
}

static void
scene_test(int number)
{
    const struct scene *scene = &scenes[number];
    int last = scene->darwin_last == 0 ? scene->darwin : scene->darwin_last;

    for (int darwin = scene->darwin; darwin <= last; darwin++) {
        scene_play(scene, darwin);
    }
}

int
main(void)
{
    static TTest tests[SCENES_MAX];
    Suite *suite = suite_create(scene_suite);
    TCase *tests_case = tcase_create(scene_suite);
    SRunner *runner;
    int failed;

    for (int i = 0; scenes[i].name != NULL && i < SCENES_MAX; i++) {
        tests[i] = (TTest){.name = scenes[i].name, .fn = scene_test, .file = scene_suite, .line = i};
        tcase_add_loop_test(tests_case, &tests[i], i, i + 1);
    }
    tcase_set_timeout(tests_case, 60);
    suite_add_tcase(suite, tests_case);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
