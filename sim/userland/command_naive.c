/* SPDX-License-Identifier: BSD-2-Clause */
/* load-naive-tap and unload-naive-tap: a tap whose author believed something about the kernel. */
#include <string.h>

#include <machine.h>
#include <system.h>

#include "command_list.h"
#include "naive_tap.h"

static const char *const names[] = {
#define BELIEF_NAME(identifier, name, meaning) name,
    NAIVE_TAP_BELIEFS(BELIEF_NAME)
#undef BELIEF_NAME
};

static const char *const meanings[] = {
#define BELIEF_MEANING(identifier, name, meaning) meaning,
    NAIVE_TAP_BELIEFS(BELIEF_MEANING)
#undef BELIEF_MEANING
};

static int
result_of(struct command_call *call, const char *what, int result)
{
    if (result == KSIM_KEXT_OK)
        return COMMAND_OK;
    command_print(call, "%s: %s %s\n", call->argv[0], what, ksim_kext_result_text(result));
    return COMMAND_FAILED;
}

static int
run_load_naive_tap(struct command_call *call)
{
    const char *bundle_id;
    int belief = 0;

    if (call->argc == 1) {
        for (int i = 0; i < NAIVE_TAP_BELIEF_COUNT; i++)
            command_print(call, "%-12s %s\n", names[i], meanings[i]);
        return COMMAND_OK;
    }
    while (belief < NAIVE_TAP_BELIEF_COUNT && strcmp(names[belief], call->argv[1]) != 0)
        belief++;
    if (call->argc != 2 || belief == NAIVE_TAP_BELIEF_COUNT)
        return command_usage(call);
    bundle_id = naive_tap_believe((enum naive_tap_belief)belief);
    return result_of(call, "failed to load -", ksim_kext_load(call->kernel, bundle_id));
}

const struct command command_load_naive_tap = {
    "load-naive-tap", "[BELIEF]", "load a tap that believes something wrong, or list the beliefs",
    run_load_naive_tap};

static int
run_unload_naive_tap(struct command_call *call)
{
    if (call->argc != 1)
        return command_usage(call);
    return result_of(call, "failed to unload -",
                     ksim_kext_unload(call->kernel, naive_tap_bundle()));
}

const struct command command_unload_naive_tap = {"unload-naive-tap", "", "unload it",
                                                 run_unload_naive_tap};
