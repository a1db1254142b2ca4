/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tape.h"

/* --- a workload whose log depends on every choice --------------------------------------------- */

static void
choose_and_say(void *argument)
{
    for (int turn = 0; turn < 20; turn++) {
        log_add("%s", (const char *)argument);
        if (machine_fault("operation"))
            log_add("!");
        log_add("%u%u", machine_choose(CHOICE_DELAY, 4, "delay"),
                machine_choose(CHOICE_WORKLOAD, 10, "what next"));
        machine_yield("between");
        if (turn % 5 == 4)
            machine_block("rest", NULL, machine_now_ns() + 50 * (uint64_t)(turn + 1));
    }
}

static void
workload_run(struct tape_feeder *feeder)
{
    struct machine_config config = {.feeder = feeder};
    struct machine *machine = machine_create(&config);

    machine_fiber_create(machine, "a", false, choose_and_say, "a");
    machine_fiber_create(machine, "b", false, choose_and_say, "b");
    machine_fiber_create(machine, "c", false, choose_and_say, "c");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    log_add(" %llu\n", (unsigned long long)machine_steps(machine));
    machine_destroy(machine);
}

/* The log that was added since `start`. */
static char *
log_since(size_t start)
{
    size_t bytes = strlen(log_text() + start) + 1;

    return memcpy(malloc(bytes), log_text() + start, bytes);
}

static char *
seed_log(uint64_t seed)
{
    struct tape_seed tape;
    size_t start = strlen(log_text());

    tape_seed_start(&tape, seed);
    tape.rate_ppm[CHOICE_FAULT] = 200000;
    workload_run(&tape.feeder);
    return log_since(start);
}

START_TEST(the_same_seed_gives_the_same_bytes)
{
    char *first = seed_log(42), *second = seed_log(42), *other = seed_log(43);

    ck_assert_str_eq(first, second);
    ck_assert_str_ne(first, other);
    ck_assert_ptr_nonnull(strchr(first, '!'));
    free(first);
    free(second);
    free(other);
}
END_TEST

/* The generator is fixed for ever: recorded seeds must mean the same in every version. */
START_TEST(the_generator_is_xoshiro)
{
    struct tape_seed tape;

    tape_seed_start(&tape, 0);
    ck_assert_uint_eq(tape.state[0], 0xe220a8397b1dcdafu);
    ck_assert_uint_eq(tape.state[1], 0x6e789e6aa1b965f4u);
    ck_assert_uint_eq(tape_seed_bits(&tape), 0x99ec5f36cb75f2b4u);
}
END_TEST

START_TEST(a_seed_faults_only_when_told)
{
    struct tape_seed tape;
    int faults = 0, switches = 0;

    tape_seed_start(&tape, 7);
    for (int index = 0; index < 10000; index++) {
        faults += tape.feeder.next(&tape.feeder, CHOICE_FAULT, 2, "f") != 0;
        switches += tape.feeder.next(&tape.feeder, CHOICE_SCHEDULE, 5, "s") != 0;
        ck_assert_uint_lt(tape.feeder.next(&tape.feeder, CHOICE_WORKLOAD, 3, "w"), 3);
    }
    ck_assert_int_eq(faults, 0);
    ck_assert_int_gt(switches, 800);
    ck_assert_int_lt(switches, 1200);
    tape.rate_ppm[CHOICE_FAULT] = 1000000;
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_FAULT, 2, "f"), 1);
}
END_TEST

/* --- record and replay ------------------------------------------------------------------------ */

static char *
record(struct tape *tape, uint64_t seed)
{
    struct tape_seed source;
    struct tape_recorder recorder;
    size_t start = strlen(log_text());

    tape_seed_start(&source, seed);
    source.rate_ppm[CHOICE_FAULT] = 200000;
    tape_recorder_start(&recorder, &source.feeder, tape);
    workload_run(&recorder.feeder);
    return log_since(start);
}

static char *
replay(struct tape_replay *player, const struct tape *tape)
{
    size_t start = strlen(log_text());

    tape_replay_start(player, tape);
    workload_run(&player->feeder);
    return log_since(start);
}

START_TEST(a_replay_is_the_recorded_run)
{
    struct tape tape = {0};
    struct tape_replay player;
    char *recorded = record(&tape, 5), *replayed = replay(&player, &tape);

    ck_assert_str_eq(recorded, replayed);
    ck_assert_uint_eq(player.diverged_at, SIZE_MAX);
    ck_assert_uint_eq(player.position, tape.length);
    ck_assert_uint_gt(tape.length, 150);
    free(recorded);
    free(replayed);
    tape_free(&tape);
    ck_assert_ptr_null(tape.choices);
}
END_TEST

START_TEST(a_tape_survives_as_text_and_file)
{
    struct tape tape = {0}, again = {0};
    struct tape_replay player;
    char *recorded = record(&tape, 6), *replayed, *first, *second;
    char error[128] = "", path[64];

    machine_format(path, sizeof(path), "/tmp/test_tape.%d", (int)getpid());
    ck_assert_msg(tape_save(&tape, path, error, sizeof(error)), "%s", error);
    ck_assert_msg(tape_load(&again, path, error, sizeof(error)), "%s", error);
    remove(path);
    first = tape_text(&tape, NULL);
    second = tape_text(&again, NULL);
    ck_assert_str_eq(first, second);
    replayed = replay(&player, &again);
    ck_assert_str_eq(recorded, replayed);
    ck_assert_uint_eq(player.diverged_at, SIZE_MAX);
    free(recorded);
    free(replayed);
    tape_text_free(first);
    tape_text_free(second);
    tape_free(&tape);
    tape_free(&again);
}
END_TEST

START_TEST(a_replay_notices_another_run)
{
    struct tape tape = {0};
    struct tape_replay player;

    tape_append(&tape, CHOICE_FAULT, 2, 1, "here");
    tape_append(&tape, CHOICE_WORKLOAD, 9, 8, "there");
    tape_replay_start(&player, &tape);
    ck_assert_uint_eq(player.feeder.next(&player.feeder, CHOICE_FAULT, 2, "here"), 1);
    ck_assert_uint_eq(player.feeder.next(&player.feeder, CHOICE_WORKLOAD, 5, "there"), 0);
    ck_assert_uint_eq(player.diverged_at, 1);
    ck_assert_uint_eq(player.feeder.next(&player.feeder, CHOICE_FAULT, 2, "behind the end"), 0);
    ck_assert_uint_eq(player.diverged_at, 1);
    tape_free(&tape);
}
END_TEST

/* --- text ------------------------------------------------------------------------------------- */

START_TEST(the_text_is_lines)
{
    struct tape tape = {0};
    size_t length;
    char *text;

    tape_append(&tape, CHOICE_SCHEDULE, 3, 2, "mbuf get");
    tape_append(&tape, CHOICE_PARTIAL, 4000000000u, 3999999999u, "");
    text = tape_text(&tape, &length);
    ck_assert_str_eq(text, "tuntap tape 1\n"
                           "schedule 3 2 mbuf get\n"
                           "partial 4000000000 3999999999 \n"
                           "end 2\n");
    ck_assert_uint_eq(length, strlen(text));
    tape_text_free(text);
    tape_free(&tape);
}
END_TEST

static const struct {
    const char *text;
    const char *error;
} bad_texts[] = {
    {"", "line 1: the tape ends before its \"end\" line"},
    {"tuntap tape 1", "line 1: the line has no line feed"},
    {"tuntap tape 2\n", "line 1: not a tape: it does not begin with \"tuntap tape 1\""},
    {"tuntap tape 1\n", "line 2: the tape ends before its \"end\" line"},
    {"tuntap tape 1\nfault 2 1 x\n", "line 3: the tape ends before its \"end\" line"},
    {"tuntap tape 1\nguess 2 1 x\nend 1\n",
     "line 2: no kind of choice (schedule, fault, delay, partial, workload) at its start"},
    {"tuntap tape 1\nfault 1 0 x\nend 1\n",
     "line 2: the number of possibilities is not a number from 2 to 4294967295"},
    {"tuntap tape 1\nfault 4294967296 0 x\nend 1\n",
     "line 2: the number of possibilities is not a number from 2 to 4294967295"},
    {"tuntap tape 1\nfault 2 2 x\nend 1\n",
     "line 2: the value is not a number below the number of possibilities"},
    {"tuntap tape 1\nfault 2 -1 x\nend 1\n",
     "line 2: the value is not a number below the number of possibilities"},
    {"tuntap tape 1\nfault 2 1 x\nend 2\n",
     "line 3: the number behind \"end\" is not the number of choices"},
    {"tuntap tape 1\nend 0\nfault 2 1 x\n", "line 3: something follows the \"end\" line"},
};

START_TEST(bad_text_is_one_clear_line)
{
    for (size_t index = 0; index < sizeof(bad_texts) / sizeof(*bad_texts); index++) {
        struct tape tape = {0};
        char error[128] = "";

        ck_assert(!tape_parse(&tape, bad_texts[index].text, strlen(bad_texts[index].text), error,
                              sizeof(error)));
        ck_assert_str_eq(error, bad_texts[index].error);
        ck_assert_ptr_null(tape.choices);
        ck_assert_ptr_null(tape.words);
    }
}
END_TEST

START_TEST(bad_files_are_one_clear_line)
{
    struct tape tape = {0};
    char error[128] = "";

    ck_assert(!tape_load(&tape, "/nowhere/tape", error, sizeof(error)));
    ck_assert_str_eq(error, "/nowhere/tape: No such file or directory");
    ck_assert(!tape_save(&tape, "/nowhere/tape", error, sizeof(error)));
    ck_assert_str_eq(error, "/nowhere/tape: No such file or directory");
    ck_assert(!tape_load(&tape, "/dev/null", error, sizeof(error)));
    ck_assert_str_eq(error, "/dev/null: line 1: the tape ends before its \"end\" line");
}
END_TEST

/* --- bytes ------------------------------------------------------------------------------------ */

START_TEST(bytes_are_choices)
{
    static const uint8_t bytes[] = {7, 0x34, 0x12, 1, 0, 0, 0x80, 9};
    struct tape_bytes tape;

    tape_bytes_start(&tape, bytes, sizeof(bytes));
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_FAULT, 2, "a"), 1);
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_WORKLOAD, 0x10000, "b"), 0x1234);
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_WORKLOAD, 0x90000000u, "c"),
                      0x80000001u);
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_WORKLOAD, 0x10000, "d"), 9);
    ck_assert_uint_eq(tape.feeder.next(&tape.feeder, CHOICE_WORKLOAD, 256, "e"), 0);
    tape_bytes_start(&tape, bytes, sizeof(bytes));
    workload_run(&tape.feeder);
    ck_assert_uint_eq(tape.position, sizeof(bytes));
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {the_same_seed_gives_the_same_bytes,
                                  the_generator_is_xoshiro,
                                  a_seed_faults_only_when_told,
                                  a_replay_is_the_recorded_run,
                                  a_tape_survives_as_text_and_file,
                                  a_replay_notices_another_run,
                                  the_text_is_lines,
                                  bad_text_is_one_clear_line,
                                  bad_files_are_one_clear_line,
                                  bytes_are_choices,
                                  NULL};

    return suite_run("machine.tape", tests);
}
