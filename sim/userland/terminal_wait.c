/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal does while a command runs: it waits, hears of ^C, sees that nothing can happen any more. */
#include <stdio.h>
#include <string.h>

#include <system.h>

#include "terminal_internal.h"

/* --- waiting ----------------------------------------------------------------------------------- */

static void
terminal_idle(void *argument, bool for_ever)
{
    struct terminal *terminal = argument;

    if (terminal->foreground == NULL)
        return;
    if (terminal->host.interrupted != NULL && terminal->host.interrupted(terminal->host.context))
        terminal->interrupt = true;
    else if (for_ever)
        terminal->stuck = true;
    else
        return;
    machine_wake(terminal->fiber);
}

void
terminal_watch_idle(struct terminal *terminal)
{
    machine_set_idle_hook(terminal->machine, terminal_idle, terminal);
}

static void
job_leave(struct terminal *terminal, struct job *job)
{
    char text[160];

    snprintf(text, sizeof(text),
             "%s: nothing can wake it; it waits on in the background, ^C interrupts it\n",
             job->command->name);
    terminal_print(terminal, text, strlen(text));
    job->left = true;
    job->background = true;
}

/*
 * An interrupt comes when nothing can run at this moment and the clock has not yet jumped. A session that says
 * `^C SECONDS` comes to the same place by a deadline at that time.
 */
void
terminal_await(struct terminal *terminal, struct job *job)
{
    terminal->foreground = job;
    while (!job->background && !job->ended) {
        bool woken = machine_block("terminal", NULL, job->interrupt_ns);

        if (terminal->interrupt)
            session_record_interrupt(&terminal->record, machine_now_ns() - job->typed_ns);
        if (terminal->stuck)
            job_leave(terminal, job);
        else if ((terminal->interrupt || !woken) && !job->ended) {
            job->interrupt_ns = 0;
            job_interrupt(job);
        }
        terminal->interrupt = terminal->stuck = false;
    }
    terminal->foreground = NULL;
}

void
terminal_interrupt_left(struct terminal *terminal)
{
    struct job *left = NULL;

    for (struct job *job = terminal->jobs; job != NULL; job = job->next) {
        if (job->left && !job->ended)
            left = job;
    }
    if (left != NULL)
        job_interrupt(left);
}

/* --- stepping ---------------------------------------------------------------------------------- */

static void
point_print(void *context, struct fiber *fiber, const char *where)
{
    struct text text = {0};
    char who[128];

    ksim_look_fiber(fiber, who, sizeof(who));
    text_add(&text, "%llu ns  %-36s %s\n", (unsigned long long)machine_now_ns(), who, where);
    terminal_print(context, text_bytes(&text), text.length);
    text_free(&text);
}

void
terminal_step(struct terminal *terminal, uint32_t points)
{
    static const char done[] = "no thread can run now\n";

    if (machine_step_points(points, point_print, terminal) < points)
        terminal_print(terminal, done, strlen(done));
}
