/* SPDX-License-Identifier: BSD-2-Clause */
/* schedule, tape_fault and tape_gate: what explore puts between a strategy and a machine. */
#include "suite.h"

#include <string.h>

#include "schedule.h"
#include "tape_fault.h"
#include "tape_gate.h"

/* --- a run that shows every choice ------------------------------------------------------------ */

static void
work(void *argument)
{
    for (int turn = 0; turn < 6; turn++) {
        log_add("%s", (const char *)argument);
        if (machine_fault("operation"))
            log_add("!");
        log_add("%u", machine_choose(CHOICE_DELAY, 3, "delay"));
        machine_yield("between");
        if (turn % 3 == 2)
            machine_block("rest", NULL, machine_now_ns() + 1000);
    }
}

static const char *
run(struct tape_feeder *feeder)
{
    struct machine_config config = {.feeder = feeder};
    struct machine *machine = machine_create(&config);
    size_t start = strlen(log_text());

    machine_fiber_create(machine, "alpha", false, work, "a");
    machine_fiber_create(machine, "beta", false, work, "b");
    machine_fiber_create(machine, "gamma", false, work, "c");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    return log_text() + start;
}

static void
entry_keep(void *context, const struct schedule_entry *entry)
{
    schedule_add(context, entry);
}

static const char *
record(uint64_t seed, struct schedule *schedule)
{
    struct tape_seed tape;
    struct schedule_recorder recorder;
    const char *text;

    tape_seed_start(&tape, seed);
    tape.rate_ppm[CHOICE_FAULT] = 100000;
    schedule_recorder_start(&recorder, &tape.feeder, entry_keep, schedule);
    text = run(&recorder.feeder);
    schedule_recorder_end(&recorder);
    return text;
}

static const char *
play(const struct schedule *schedule, size_t *met)
{
    struct schedule_player player;
    const char *text;

    schedule_player_start(&player, schedule);
    text = run(&player.feeder);
    *met = player.met;
    schedule_player_end(&player);
    return text;
}

START_TEST(what_was_recorded_plays_the_same_run)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct schedule schedule = {0};
        char first[256];
        size_t met;

        strcpy(first, record(seed, &schedule));
        ck_assert_str_eq(play(&schedule, &met), first);
        ck_assert_uint_eq(met, schedule.length);
        schedule_free(&schedule);
    }
}
END_TEST

/* The second of two faults of a fiber is still that one when the first, or a switch, is left out. */
START_TEST(an_entry_keeps_its_meaning_without_the_others)
{
    struct schedule schedule = {0};
    struct schedule_entry entry = {.kind = CHOICE_FAULT, .count = 2, .value = 1, .asker = 2, .nth = 4,
                                   .label = "operation"};
    size_t met;

    schedule_add(&schedule, &entry);
    ck_assert_str_eq(play(&schedule, &met), "a0a0a0b0b0b0c0c0c0a0a0a0b!0b0b0c0c0c0");
    entry = (struct schedule_entry){.kind = CHOICE_SCHEDULE, .count = 3, .value = 2, .asker = 1,
                                    .nth = 1, .target = 2, .label = "between"};
    schedule_add(&schedule, &entry);
    ck_assert_str_eq(play(&schedule, &met), "a0b0b0b0c0c0c0a0a0b!0b0b0c0c0c0a0a0a0");
    ck_assert_uint_eq(met, 2);
    schedule_free(&schedule);
}
END_TEST

START_TEST(an_entry_that_cannot_be_met_is_counted)
{
    struct schedule schedule = {0};
    const struct schedule_entry entry = {.kind = CHOICE_SCHEDULE, .count = 3, .value = 2, .asker = 1,
                                         .nth = 1, .target = 77, .label = "between"};
    char benign[256];
    size_t met;

    strcpy(benign, run(NULL));
    schedule_add(&schedule, &entry);
    ck_assert_str_eq(play(&schedule, &met), benign);
    ck_assert_uint_eq(met, 0);
    schedule_free(&schedule);
}
END_TEST

START_TEST(entries_go_through_text)
{
    struct schedule schedule = {0};

    for (uint64_t seed = 0; seed < 20; seed++)
        record(seed, &schedule);
    ck_assert_uint_gt(schedule.length, 50);
    for (size_t i = 0; i < schedule.length; i++) {
        char line[SCHEDULE_LINE_BYTES], again[SCHEDULE_LINE_BYTES];
        struct schedule_entry entry;

        schedule_entry_text(&schedule.entries[i], line);
        ck_assert_msg(schedule_entry_parse(&entry, line), "%s", line);
        schedule_entry_text(&entry, again);
        ck_assert_str_eq(line, again);
        ck_assert_int_eq(entry.kind, schedule.entries[i].kind);
        ck_assert_uint_eq(entry.target, schedule.entries[i].target);
    }
    schedule_free(&schedule);
}
END_TEST

START_TEST(what_is_no_entry_is_refused)
{
    static const char *const lines[] = {
        "", "schedule", "fault 1 of 2", "fault 0 of 2 at \"x\" 1 by 3 (a)",
        "fault 2 of 2 at \"x\" 1 by 3 (a)", "fault 1 of 2 at \"x\" 0 by 3 (a)",
        "fault 1 of 2 at \"x\" 1 by 3", "fault 1 of 2 at \"x\" 1 by 3 (a) more",
        "fall 1 of 2 at \"x\" 1 by 3 (a)", "schedule 1 of 2 at \"x\" 1 by 3 (a)",
        "schedule 1 of 2 at \"x\" 1 by 3 (a) to 4", "schedule 1 of 2 at \"x\" 1 by 3 (a) to 0 (b)",
        "fault 1 of 2 at x 1 by 3 (a)"};
    struct schedule_entry entry;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ck_assert_msg(!schedule_entry_parse(&entry, lines[i]), "%s", lines[i]);
    ck_assert(schedule_entry_parse(&entry, "fault 1 of 2 at \"x\" 1 by 0"));
    ck_assert(schedule_entry_parse(&entry, "schedule 1 of 2 at \"x\" 1 by 3 (a) to 4 (b)"));
}
END_TEST

/* --- one fault ---------------------------------------------------------------------------------- */

START_TEST(each_single_fault_in_turn)
{
    uint32_t at = 0;
    bool hit;

    do {
        struct tape_fault fault;
        const char *text;
        unsigned failed = 0;

        tape_fault_start(&fault, NULL, at, false);
        text = run(&fault.feeder);
        for (; *text != '\0'; text++)
            failed += *text == '!';
        ck_assert_uint_eq(failed, fault.hit ? 1 : 0);
        ck_assert_uint_eq(fault.seen, 18);
        if (fault.hit)
            ck_assert_str_eq(fault.label, "operation");
        hit = fault.hit;
    } while (hit && ++at < 100);
    ck_assert_uint_eq(at, 18);
}
END_TEST

START_TEST(a_fault_that_stays)
{
    struct tape_fault fault;

    tape_fault_start(&fault, NULL, 15, true);
    ck_assert_str_eq(run(&fault.feeder), "a0a0a0b0b0b0c0c0c0a0a0a0b0b0b0c!0c!0c!0");
}
END_TEST

START_TEST(the_source_answers_all_but_faults)
{
    struct tape_seed with, alone;
    struct tape_fault fault;
    char first[256];

    tape_seed_start(&alone, 5);
    strcpy(first, run(&alone.feeder));
    tape_seed_start(&with, 5);
    with.rate_ppm[CHOICE_FAULT] = 1000000;
    tape_fault_start(&fault, &with.feeder, UINT32_MAX, false);
    ck_assert_str_eq(run(&fault.feeder), first);
}
END_TEST

/* --- the gate ----------------------------------------------------------------------------------- */

static void
open_in_the_middle(void *argument)
{
    struct tape_gate *gate = argument;

    for (int i = 0; i < 6; i++) {
        gate->open = i == 2 || i == 3;
        log_add("%d", machine_fault("operation"));
    }
}

START_TEST(a_closed_gate_answers_0_and_asks_nobody)
{
    struct tape_seed seed;
    struct tape_gate gate;
    struct machine_config config = {.feeder = &gate.feeder};
    struct machine *machine = machine_create(&config);
    size_t start = strlen(log_text());

    tape_seed_start(&seed, 1);
    seed.rate_ppm[CHOICE_FAULT] = 1000000;
    tape_gate_start(&gate, &seed.feeder);
    machine_fiber_create(machine, "a", false, open_in_the_middle, &gate);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    ck_assert_str_eq(log_text() + start, "001100");
    ck_assert_uint_eq(gate.faults, 2);
}
END_TEST

/* --- watching ----------------------------------------------------------------------------------- */

static void
watch_log(void *context, const struct fiber *fiber, enum machine_happening happening,
          const char *what, uint64_t thing)
{
    static const char letters[] = "pbreh";

    (void)context;
    log_add("%s:%c:%s", machine_fiber_name(fiber), letters[happening], what);
    log_add(thing == 0 ? " " : "#%u ", (unsigned)thing);
}

static void
yield_and_rest(void *argument)
{
    (void)argument;
    machine_yield("point");
    machine_tell_handled(7, "made");
    machine_block("rest", NULL, machine_now_ns() + 1000);
}

START_TEST(a_watcher_is_told_what_happens_to_fibers)
{
    struct tape_round_robin tape;
    struct machine_config config = {.feeder = &tape.feeder};
    struct machine *machine = machine_create(&config);
    size_t start = strlen(log_text());

    tape_round_robin_start(&tape, 1);
    machine_set_watch(machine, watch_log, NULL);
    machine_fiber_create(machine, "a", false, yield_and_rest, NULL);
    machine_fiber_create(machine, "b", false, yield_and_rest, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    ck_assert_str_eq(log_text() + start, "a:r: a:p:point b:r: b:p:point a:r: a:h:made#7 a:b:rest b:r: b:h:made#7 b:b:rest "
                                         "a:r: a:e: b:r: b:e: ");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        what_was_recorded_plays_the_same_run,
        an_entry_keeps_its_meaning_without_the_others,
        an_entry_that_cannot_be_met_is_counted,
        entries_go_through_text,
        what_is_no_entry_is_refused,
        each_single_fault_in_turn,
        a_fault_that_stays,
        the_source_answers_all_but_faults,
        a_closed_gate_answers_0_and_asks_nobody,
        a_watcher_is_told_what_happens_to_fibers,
        NULL,
    };

    return suite_run("schedule", tests);
}
