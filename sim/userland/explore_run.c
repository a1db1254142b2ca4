/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DARWIN_DEFAULT = 19 };

void
explore_outcome_free(struct explore_outcome *outcome)
{
    run_tape_free(&outcome->tape);
    text_free(&outcome->report);
    text_free(&outcome->console);
    memset(outcome, 0, sizeof(*outcome));
}

/* --- a run -------------------------------------------------------------------------------------- */

/* What a run needs besides a feeder. */
struct attempt {
    const struct workload *workload;
    struct workload_options options;
    struct tape_feeder *feeder;
    void (*entry)(void *context, const struct schedule_entry *entry);
    void *entry_context;
    const struct explore_witness *witness; /* NULL = nobody */
};

static void
attempt_run(const struct attempt *attempt, struct workload_result *result)
{
    struct workload_options options = attempt->options;
    struct schedule_recorder recorder;

    schedule_recorder_start(&recorder, attempt->feeder, attempt->entry, attempt->entry_context);
    options.feeder = &recorder.feeder;
    workload_run(attempt->workload, &options, result);
    schedule_recorder_end(&recorder);
}

/* Into the outcome, and to the witness. */
struct keeper {
    struct schedule *schedule;
    const struct explore_witness *witness;
};

static void
entry_keep(void *context, const struct schedule_entry *entry)
{
    const struct keeper *keeper = context;

    schedule_add(keeper->schedule, entry);
    if (keeper->witness != NULL && keeper->witness->choice != NULL)
        keeper->witness->choice(keeper->witness->context, entry);
}

static void
outcome_fill(struct explore_outcome *outcome, const struct workload_result *result)
{
    outcome->tape.outcome = result->outcome;
    run_cause(result->outcome, text_bytes(&result->report), outcome->tape.cause);
    text_add(&outcome->report, "%s", text_bytes(&result->report));
    text_add(&outcome->console, "%s", text_bytes(&result->console));
    outcome->hash = result->hash;
    outcome->steps = result->steps;
}

static void
attempt_here(struct attempt *attempt, struct explore_outcome *outcome)
{
    struct keeper keeper = {&outcome->tape.schedule, attempt->witness};
    struct workload_result result;

    attempt->entry = entry_keep;
    attempt->entry_context = &keeper;
    attempt_run(attempt, &result);
    outcome_fill(outcome, &result);
    workload_result_free(&result);
}

/* --- in a child ----------------------------------------------------------------------------------- */

enum message { MESSAGE_ENTRY, MESSAGE_RESULT, MESSAGE_REPORT };

/* No gap in what goes through the pipe: nobody ever wrote to it. */
struct message_head {
    uint64_t kind, bytes;
};

static void
write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t written = write(fd, at, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(EXIT_FAILURE);
        at += written;
        length -= (size_t)written;
    }
}

static void
message_send(int fd, enum message kind, const void *bytes, size_t length)
{
    const struct message_head head = {.kind = kind, .bytes = length};

    write_all(fd, &head, sizeof(head));
    write_all(fd, bytes, length);
}

/* At once, not when the run is over: it may never be. */
static void
entry_send(void *context, const struct schedule_entry *entry)
{
    /* Behind the end of a name stands what was there before. */
    struct schedule_entry sent;

    memset(&sent, 0, sizeof(sent));
    sent.kind = entry->kind;
    sent.count = entry->count;
    sent.value = entry->value;
    sent.asker = entry->asker;
    sent.nth = entry->nth;
    sent.target = entry->target;
    memcpy(sent.label, entry->label, strlen(entry->label));
    memcpy(sent.asker_name, entry->asker_name, strlen(entry->asker_name));
    memcpy(sent.target_name, entry->target_name, strlen(entry->target_name));
    message_send(*(int *)context, MESSAGE_ENTRY, &sent, sizeof(sent));
}

struct summary {
    uint64_t outcome, hash, steps;
};

static _Noreturn void
child_run(struct attempt *attempt, int fd)
{
    struct workload_result result;
    struct summary summary = {0};

    attempt->entry = entry_send;
    attempt->entry_context = &fd;
    attempt_run(attempt, &result);
    summary.outcome = result.outcome;
    summary.hash = result.hash;
    summary.steps = result.steps;
    message_send(fd, MESSAGE_RESULT, &summary, sizeof(summary));
    message_send(fd, MESSAGE_REPORT, text_bytes(&result.report), result.report.length);
    _exit(EXIT_SUCCESS);
}

static bool
read_all(int fd, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t got = read(fd, at, length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

static bool
message_take(int fd, const struct message_head *head, struct explore_outcome *outcome)
{
    struct schedule_entry entry;
    struct summary summary;
    char *report;

    switch (head->kind) {
    case MESSAGE_ENTRY:
        if (!read_all(fd, &entry, sizeof(entry)))
            return false;
        schedule_add(&outcome->tape.schedule, &entry);
        return true;
    case MESSAGE_RESULT:
        if (!read_all(fd, &summary, sizeof(summary)))
            return false;
        outcome->tape.outcome = (enum machine_outcome)summary.outcome;
        outcome->hash = summary.hash;
        outcome->steps = summary.steps;
        return true;
    case MESSAGE_REPORT:
        report = calloc(1, head->bytes + 1);
        if (report == NULL || !read_all(fd, report, head->bytes)) {
            free(report);
            return false;
        }
        text_add(&outcome->report, "%s", report);
        free(report);
        return true;
    }
    return false;
}

static void
crashed(struct explore_outcome *outcome, int status)
{
    outcome->tape.crashed = true;
    outcome->tape.outcome = MACHINE_OK;
    if (WIFSIGNALED(status))
        snprintf(outcome->tape.cause, sizeof(outcome->tape.cause), "crash: signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(outcome->tape.cause, sizeof(outcome->tape.cause), "crash: exit status %d",
                 WEXITSTATUS(status));
    text_free(&outcome->report);
    text_add(&outcome->report, "%s\n", outcome->tape.cause);
}

static void
attempt_apart(struct attempt *attempt, struct explore_outcome *outcome)
{
    struct message_head head;
    int ends[2], status = 0;
    pid_t child;

    if (pipe(ends) != 0 || (child = fork()) < 0) {
        perror("tuntapsim: fork");
        exit(EXIT_FAILURE);
    }
    if (child == 0) {
        close(ends[0]);
        child_run(attempt, ends[1]);
    }
    close(ends[1]);
    while (read_all(ends[0], &head, sizeof(head)) && message_take(ends[0], &head, outcome))
        continue;
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
        crashed(outcome, status);
    else
        run_cause(outcome->tape.outcome, text_bytes(&outcome->report), outcome->tape.cause);
}

/* --- recording and playing ------------------------------------------------------------------------ */

static void
job_begin(const struct explore_job *job, struct tape_feeder *feeder, struct attempt *attempt,
          struct explore_outcome *outcome)
{
    struct run_tape *tape = &outcome->tape;

    memset(outcome, 0, sizeof(*outcome));
    strcpy(tape->workload, job->workload->name);
    tape->darwin_major = job->darwin_major != 0 ? job->darwin_major : DARWIN_DEFAULT;
    snprintf(tape->driver, sizeof(tape->driver), "%s", job->driver);
    tape->faults = job->faults;
    *attempt = (struct attempt){
        .workload = job->workload,
        .options = {.darwin_major = tape->darwin_major, .faults = job->faults},
        .feeder = feeder};
}

void
explore_record(const struct explore_job *job, struct tape_feeder *feeder,
               struct explore_outcome *outcome)
{
    struct attempt attempt;

    job_begin(job, feeder, &attempt, outcome);
    attempt_here(&attempt, outcome);
}

static void
attempt_watch(struct attempt *attempt, const struct explore_witness *witness)
{
    attempt->options.watch = witness->watch;
    attempt->options.note = witness->note;
    attempt->options.context = witness->context;
    attempt->witness = witness;
}

void
explore_record_watched(const struct explore_job *job, struct tape_feeder *feeder,
                       const struct explore_witness *witness, struct explore_outcome *outcome)
{
    struct attempt attempt;

    job_begin(job, feeder, &attempt, outcome);
    attempt_watch(&attempt, witness);
    attempt_here(&attempt, outcome);
}

void
explore_record_apart(const struct explore_job *job, struct tape_feeder *feeder,
                     struct explore_outcome *outcome)
{
    struct attempt attempt;

    job_begin(job, feeder, &attempt, outcome);
    attempt_apart(&attempt, outcome);
}

static void
tape_begin(const struct workload *workload, const struct run_tape *tape,
           struct schedule_player *player, struct attempt *attempt, struct explore_outcome *outcome)
{
    memset(outcome, 0, sizeof(*outcome));
    run_tape_copy(&outcome->tape, tape);
    outcome->tape.schedule.length = 0;
    outcome->tape.crashed = false;
    schedule_player_start(player, &tape->schedule);
    *attempt = (struct attempt){.workload = workload,
                                .options = {.darwin_major = tape->darwin_major,
                                            .faults = tape->faults,
                                            .skips = tape->skips,
                                            .skip_count = tape->skip_count},
                                .feeder = &player->feeder};
}

void
explore_play_apart(const struct workload *workload, const struct run_tape *tape,
                   struct explore_outcome *outcome)
{
    struct schedule_player player;
    struct attempt attempt;

    tape_begin(workload, tape, &player, &attempt, outcome);
    attempt_apart(&attempt, outcome);
    /* The player that met them is the child's; what it met it also sent. */
    outcome->unmet = tape->schedule.length > outcome->tape.schedule.length
                         ? tape->schedule.length - outcome->tape.schedule.length
                         : 0;
    schedule_player_end(&player);
}

void
explore_play(const struct workload *workload, const struct run_tape *tape,
             const struct explore_witness *witness, struct explore_outcome *outcome)
{
    struct schedule_player player;
    struct attempt attempt;

    tape_begin(workload, tape, &player, &attempt, outcome);
    attempt_watch(&attempt, witness);
    attempt_here(&attempt, outcome);
    outcome->unmet = tape->schedule.length - player.met;
    schedule_player_end(&player);
}
