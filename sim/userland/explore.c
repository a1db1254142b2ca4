/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore.h"

#include "run_trace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CAUSES_MAX = 256, POLL_MS = 100, CLOCK_EVERY = 8 };

/* What a worker and the one who watches it share. */
struct page {
    struct explore_plan plan;
    uint64_t runs, failed_runs, steps, first_failure_run;
    bool complete, stop;
    uint64_t causes[CAUSES_MAX]; /* hashes of those that were reported */
    unsigned cause_count;
};

struct worker {
    struct page *page;
    pid_t process;
    int pipe; /* -1 = it is over */
    struct text inbox;
};

struct crew {
    const struct explore_options *options;
    struct explore_result *result;
    struct worker workers[EXPLORE_JOBS_MAX];
    unsigned count;
    uint64_t begin_ns;
};

/* --- in a worker ------------------------------------------------------------------------------------ */

static uint64_t
cause_hash(const char *cause)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *cause != '\0'; cause++)
        hash = (hash ^ (uint8_t)*cause) * UINT64_C(1099511628211);
    return hash;
}

static bool
cause_is_new(struct page *page, const char *cause)
{
    uint64_t hash = cause_hash(cause);

    for (unsigned i = 0; i < page->cause_count; i++) {
        if (page->causes[i] == hash)
            return false;
    }
    if (page->cause_count < CAUSES_MAX)
        page->causes[page->cause_count++] = hash;
    return true;
}

/* A message is a text that ends with NUL: a tape, or the bare cause of one more failure. */
static void
message_write(int pipe, const char *text)
{
    size_t left = strlen(text) + 1;

    while (left > 0) {
        ssize_t written = write(pipe, text, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(EXIT_FAILURE);
        text += written;
        left -= (size_t)written;
    }
}

static void
outcome_write(int pipe, const struct explore_outcome *outcome)
{
    struct text text = {0};

    run_tape_text(&outcome->tape, NULL, &text);
    message_write(pipe, text.bytes);
    text_free(&text);
}

static void
failure_tell(const struct crew *crew, struct page *page, const struct workload_result *result,
             int pipe)
{
    struct explore_outcome outcome;
    char cause[CAUSE_BYTES];

    page->failed_runs++;
    if (page->first_failure_run == 0)
        page->first_failure_run = page->runs;
    run_cause(result->outcome, text_bytes(&result->report), cause);
    if (cause_is_new(page, cause)) {
        explore_record(&crew->options->job, explore_plan_feeder(&page->plan), &outcome);
        outcome_write(pipe, &outcome);
        explore_outcome_free(&outcome);
    } else {
        message_write(pipe, cause);
    }
    if (crew->options->stop_at_first)
        page->stop = true;
}

static bool
time_is_over(const struct crew *crew, const struct page *page)
{
    return crew->options->for_ns != 0 && page->runs % CLOCK_EVERY == 0 &&
           crew->options->clock_ns() - crew->begin_ns >= crew->options->for_ns;
}

/* Made again, now that it is known to end; so a machine that forgot nothing of the first time shows here. */
static void
run_log(const struct crew *crew, struct page *page, const struct workload_result *result)
{
    struct run_trace trace = {0};
    struct explore_outcome outcome;
    struct text text = {0};

    run_trace_record(&trace, &crew->options->job, explore_plan_feeder(&page->plan), &outcome);
    page->plan.diverged = page->plan.diverged || outcome.hash != result->hash;
    text_add(&text, "%s: run %llu\n", crew->options->job.workload->name, (unsigned long long)page->runs);
    run_trace_text(&trace, true, &text);
    text_add(&text, "%s\n%s\n%s: %llu steps, hash %016llx\n", text_bytes(&outcome.console),
             text_bytes(&outcome.report), outcome.tape.cause, (unsigned long long)outcome.steps,
             (unsigned long long)outcome.hash);
    fputs(text_bytes(&text), crew->options->log);
    fflush(crew->options->log); /* a worker ends without */
    text_free(&text);
    run_trace_free(&trace);
    explore_outcome_free(&outcome);
}

static void
run_once(const struct crew *crew, struct page *page, int pipe)
{
    const struct explore_job *job = &crew->options->job;
    const struct workload_options options = {.darwin_major = job->darwin_major,
                                             .faults = job->faults,
                                             .feeder = explore_plan_feeder(&page->plan)};
    struct workload_result result;

    workload_run(job->workload, &options, &result);
    if (explore_plan_counts(&page->plan)) {
        page->runs++;
        page->steps += result.steps;
        if (result.outcome != MACHINE_OK)
            failure_tell(crew, page, &result, pipe);
        if (crew->options->log != NULL)
            run_log(crew, page, &result);
    }
    page->complete =
        !explore_plan_next(&page->plan, result.schedule_choices, result.fault_choices);
    workload_result_free(&result);
}

static _Noreturn void
worker_main(const struct crew *crew, struct page *page, int pipe)
{
    while (!page->complete && !page->stop && !time_is_over(crew, page))
        run_once(crew, page, pipe);
    _exit(EXIT_SUCCESS);
}

/* --- the crew --------------------------------------------------------------------------------------- */

static bool
worker_start(struct crew *crew, struct worker *worker)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    worker->process = fork();
    if (worker->process == 0) {
        close(ends[0]);
        worker_main(crew, worker->page, ends[1]);
    }
    close(ends[1]);
    worker->pipe = ends[0];
    if (worker->process > 0)
        return true;
    close(ends[0]);
    worker->pipe = -1;
    return false;
}

static struct explore_failure *
failure_find(struct explore_result *result, const char *cause)
{
    for (unsigned i = 0; i < result->failure_count; i++) {
        if (strcmp(result->failures[i].tape.cause, cause) == 0)
            return &result->failures[i];
    }
    return NULL;
}

static void
failure_add(struct explore_result *result, const struct run_tape *tape)
{
    struct explore_failure *failure = failure_find(result, tape->cause);

    if (failure == NULL && result->failure_count < EXPLORE_FAILURES_MAX) {
        failure = &result->failures[result->failure_count++];
        run_tape_copy(&failure->tape, tape);
    }
    if (failure != NULL)
        failure->count++;
}

static void
message_read(struct explore_result *result, const char *text)
{
    char error[RUN_TAPE_ERROR_BYTES];
    struct run_tape tape;
    struct explore_failure *failure = failure_find(result, text);

    if (failure != NULL) {
        failure->count++;
    } else if (run_tape_parse(&tape, text, error)) {
        failure_add(result, &tape);
        run_tape_free(&tape);
    }
}

static void
inbox_read(struct crew *crew, struct worker *worker)
{
    struct text *inbox = &worker->inbox;
    size_t begin = 0;

    for (size_t i = 0; i < inbox->length; i++) {
        if (inbox->bytes[i] == '\1') {
            inbox->bytes[i] = '\0';
            message_read(crew->result, inbox->bytes + begin);
            begin = i + 1;
        }
    }
    memmove(inbox->bytes, inbox->bytes + begin, inbox->length - begin);
    inbox->length -= begin;
}

/* The run that is due killed its process: recorded in another one, then passed over. */
static void
crash_record(struct crew *crew, struct page *page)
{
    struct explore_outcome outcome;

    explore_record_apart(&crew->options->job, explore_plan_feeder(&page->plan), &outcome);
    page->runs++;
    page->failed_runs++;
    if (page->first_failure_run == 0)
        page->first_failure_run = page->runs;
    failure_add(crew->result, &outcome.tape);
    explore_outcome_free(&outcome);
    page->complete = !explore_plan_next(&page->plan, 0, 0);
    if (crew->options->stop_at_first)
        page->stop = true;
}

static void
worker_ended(struct crew *crew, struct worker *worker)
{
    int status = 0;

    close(worker->pipe);
    worker->pipe = -1;
    while (waitpid(worker->process, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return;
    crash_record(crew, worker->page);
    if (!worker->page->complete && !worker->page->stop && !worker_start(crew, worker))
        perror("tuntapsim: explore");
}

static void
worker_hear(struct crew *crew, struct worker *worker)
{
    char block[4096];
    ssize_t got = read(worker->pipe, block, sizeof(block));

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        worker_ended(crew, worker);
        return;
    }
    for (ssize_t i = 0; i < got; i++) {
        if (block[i] == '\0')
            block[i] = '\1'; /* a text cannot hold NUL */
    }
    text_add(&worker->inbox, "%.*s", (int)got, block);
    inbox_read(crew, worker);
}

static void
progress_tell(const struct crew *crew)
{
    struct explore_progress progress = {.causes = crew->result->failure_count};

    if (crew->options->progress == NULL)
        return;
    for (unsigned i = 0; i < crew->count; i++) {
        progress.runs += crew->workers[i].page->runs;
        progress.failures += crew->workers[i].page->failed_runs;
    }
    progress.ns = crew->options->clock_ns() - crew->begin_ns;
    crew->options->progress(crew->options->context, &progress);
}

static void
stop_together(struct crew *crew)
{
    if (!crew->options->stop_at_first || crew->result->failure_count == 0)
        return;
    for (unsigned i = 0; i < crew->count; i++)
        crew->workers[i].page->stop = true;
}

static void
crew_watch(struct crew *crew)
{
    for (;;) {
        struct pollfd ends[EXPLORE_JOBS_MAX];
        unsigned alive = 0;

        for (unsigned i = 0; i < crew->count; i++) {
            ends[i] = (struct pollfd){.fd = crew->workers[i].pipe, .events = POLLIN};
            alive += crew->workers[i].pipe >= 0;
        }
        if (alive == 0)
            return;
        if (poll(ends, crew->count, POLL_MS) > 0) {
            for (unsigned i = 0; i < crew->count; i++) {
                if (ends[i].fd >= 0 && ends[i].revents != 0)
                    worker_hear(crew, &crew->workers[i]);
            }
        }
        stop_together(crew);
        progress_tell(crew);
    }
}

static void
crew_sum(struct crew *crew)
{
    struct explore_result *result = crew->result;

    result->complete = true;
    for (unsigned i = 0; i < crew->count; i++) {
        const struct page *page = crew->workers[i].page;

        result->runs += page->runs;
        result->failed_runs += page->failed_runs;
        result->steps += page->steps;
        result->complete = result->complete && page->complete;
        result->diverged = result->diverged || page->plan.diverged;
        result->overflowed = result->overflowed || page->plan.overflowed;
        if (page->plan.fault_points > result->fault_points)
            result->fault_points = page->plan.fault_points;
        if (crew->options->settings.faults == EXPLORE_FAULTS_EACH) {
            if (page->plan.schedules_most > result->schedules_most)
                result->schedules_most = page->plan.schedules_most;
        } else {
            result->schedules_most = result->runs;
        }
        if (page->first_failure_run != 0 && (result->first_failure_run == 0 ||
                                             page->first_failure_run < result->first_failure_run))
            result->first_failure_run = page->first_failure_run;
    }
    result->ns = crew->options->clock_ns() - crew->begin_ns;
}

bool
explore(const struct explore_options *options, struct explore_result *result)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    bool good = crew != NULL;

    memset(result, 0, sizeof(*result));
    if (crew == NULL)
        goto failed;
    crew->options = options;
    crew->result = result;
    crew->begin_ns = options->clock_ns();
    for (unsigned i = 0; i < EXPLORE_JOBS_MAX; i++)
        crew->workers[i].pipe = -1;
    for (; crew->count < options->jobs && good; crew->count++) {
        struct worker *worker = &crew->workers[crew->count];
        struct explore_settings settings = options->settings;

        worker->page = mmap(NULL, sizeof(*worker->page), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (worker->page == MAP_FAILED) {
            good = false;
            break;
        }
        settings.parts = options->jobs;
        settings.part = crew->count;
        worker->page->complete = !explore_plan_start(&worker->page->plan, &settings);
        good = worker_start(crew, worker);
    }
    crew_watch(crew);
    crew_sum(crew);
    for (unsigned i = 0; i < crew->count; i++) {
        text_free(&crew->workers[i].inbox);
        munmap(crew->workers[i].page, sizeof(*crew->workers[i].page));
    }

failed:
    if (!good)
        perror("tuntapsim: explore");
    free(crew);
    return good;
}

void
explore_result_free(struct explore_result *result)
{
    for (unsigned i = 0; i < result->failure_count; i++)
        run_tape_free(&result->failures[i].tape);
    memset(result, 0, sizeof(*result));
}
