/* SPDX-License-Identifier: BSD-2-Clause */
/* Who types: processes by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>

#include "terminal_internal.h"

static struct typist *
typist_find(struct terminal *terminal, const char *name)
{
    struct typist *typist = terminal->typists;

    while (typist != NULL && strcmp(typist->name, name) != 0)
        typist = typist->next;
    return typist;
}

static struct typist *
typist_add(struct terminal *terminal, const char *name, struct process *process)
{
    struct typist **link = &terminal->typists;
    struct typist *typist = calloc(1, sizeof(*typist));

    if (typist == NULL)
        abort();
    snprintf(typist->name, sizeof(typist->name), "%s", name);
    typist->process = process;
    while (*link != NULL)
        link = &(*link)->next;
    *link = typist;
    return typist;
}

struct typist *
typist_get(struct terminal *terminal, const char *name)
{
    struct typist *typist = typist_find(terminal, name);

    if (typist == NULL)
        return typist_add(terminal, name, ksim_process_create(terminal->kernel, name, 0));
    /* A process that was killed: the next line under its name is typed in a new one. */
    if (ksim_process_exited(typist->process, NULL)) {
        typist->process = ksim_process_create(terminal->kernel, name, 0);
        typist->has_descriptors = false;
    }
    return typist;
}

struct process *
terminal_process(struct terminal *terminal, const char *name)
{
    const struct typist *typist = typist_find(terminal, name);
    struct process *program = NULL;

    if (typist != NULL)
        return typist->process;
    for (const struct job *job = terminal->jobs; job != NULL; job = job->next) {
        if (command_is_program(job->command) && !job->ended && strcmp(job->command->name, name) == 0)
            program = job->call.process;
    }
    return program;
}

bool
terminal_adopt(struct terminal *terminal, const char *name, struct process *process)
{
    struct typist *typist = typist_find(terminal, name);

    if (typist != NULL && !ksim_process_exited(typist->process, NULL))
        return false;
    if (typist == NULL)
        typist = typist_add(terminal, name, process);
    typist->process = process;
    typist->has_descriptors = true;
    return true;
}

void
terminal_each_process(struct terminal *terminal,
                      void (*visit)(void *context, const char *name, struct process *process),
                      void *context)
{
    for (struct typist *typist = terminal->typists; typist != NULL; typist = typist->next)
        visit(context, typist->name, typist->process);
}

void
typists_free(struct terminal *terminal)
{
    while (terminal->typists != NULL) {
        struct typist *typist = terminal->typists;

        terminal->typists = typist->next;
        free(typist);
    }
}
