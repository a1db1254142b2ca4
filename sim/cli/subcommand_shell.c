/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <completion.h>
#include <session_run.h>
#include <terminal.h>

#include "kernel_option.h"
#include "line_editor.h"
#include "number_text.h"
#include "subcommand.h"

enum { OPTION_KERNEL = 1000, OPTION_SEED, OPTION_SAVE, OPTION_HELP, INTERRUPTS_MAX = 3,
       EXIT_STATUS_SIGNAL = 128 };

static const struct option long_options[] = {
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"save", required_argument, NULL, OPTION_SAVE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct shell {
    struct line_editor *editor;
    struct terminal *terminal;
    char typist[TERMINAL_NAME_BYTES]; /* whose lines have no prompt of their own */
    char prompt[TERMINAL_NAME_BYTES + 2];
};

static void
print_help(void)
{
    puts("usage: tuntapsim shell [--kernel darwinN] [--seed N] [--save FILE.session]\n"
         "\n"
         "Types at an emulated Mac. `help` lists the commands; `as NAME` makes NAME the one who types, and\n"
         "`NAME$ COMMAND` (or `root# COMMAND`) types one line as somebody. ^C interrupts, `exit` and ^D end.\n"
         "\n"
         "  --kernel darwinN  the release to boot, darwin10 to darwin24; default darwin19\n"
         "  --seed N          schedules and delays of that seed\n"
         "  --save FILE       write the session there at its end, for tuntapsim run\n"
         "\n"
         "Exit status: 0 ended, 1 the emulated machine failed, 2 bad use.");
}

/* --- ^C ---------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupts; /* not yet taken */

/* A machine that never looks (a thread that runs for ever) is ended by the third. */
static void
on_interrupt(int signal)
{
    if (++interrupts >= INTERRUPTS_MAX)
        _exit(EXIT_STATUS_SIGNAL + signal);
}

static bool
take_interrupt(void *context)
{
    bool wanted = interrupts > 0;

    (void)context;
    interrupts = 0;
    return wanted;
}

/* --- lines ------------------------------------------------------------------------------------- */

static const char *
shell_prompt(void *context)
{
    struct shell *shell = context;

    snprintf(shell->prompt, sizeof(shell->prompt), "%s%s ", shell->typist,
             strcmp(shell->typist, "root") == 0 ? "#" : "$");
    return shell->prompt;
}

static void
shell_complete(void *context, const char *line, size_t length,
               void (*visit)(void *visit_context, const char *word), void *visit_context)
{
    completion_each(((struct shell *)context)->terminal, line, length, visit, visit_context);
}

/* `as NAME`. False: the line is another one. */
static bool
shell_as(struct shell *shell, const char *line)
{
    char text[TERMINAL_NAME_BYTES + 4], name[TERMINAL_NAME_BYTES];
    const char *rest;

    if (strcmp(line, "as") == 0) {
        puts(shell->typist);
        return true;
    }
    if (strncmp(line, "as ", 3) != 0)
        return false;
    line += 3 + strspn(line + 3, " \t");
    snprintf(text, sizeof(text), "%.*s$ ", TERMINAL_NAME_BYTES, line);
    if (session_prompt(text, name, &rest) && *rest == '\0')
        memcpy(shell->typist, name, sizeof(name));
    else
        printf("as: %s: a name is small letters, digits, - and _, and begins with a letter\n", line);
    return true;
}

/* The next line that is for the Mac, or NULL. */
static const char *
shell_read(struct shell *shell)
{
    const char *text;

    do {
        fflush(stdout);
        text = line_editor_read(shell->editor);
        if (text != NULL)
            text += strspn(text, " \t");
        if (text == NULL || strcmp(text, "exit") == 0)
            return NULL;
    } while (text[0] == '\0' || text[0] == '#' || shell_as(shell, text));
    return text;
}

static bool
shell_next(void *context, struct terminal_line *line)
{
    struct shell *shell = context;
    const char *text = shell_read(shell);

    if (text == NULL)
        return false;
    if (!session_prompt(text, line->typist, &line->text)) {
        memcpy(line->typist, shell->typist, sizeof(line->typist));
        line->text = text;
    }
    interrupts = 0;
    return true;
}

static void
shell_print(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stdout);
}

static void
shell_begun(void *context, struct terminal *terminal)
{
    ((struct shell *)context)->terminal = terminal;
}

/* --- the shell --------------------------------------------------------------------------------- */

static bool
parse_seed(const char *text, uint64_t *seed)
{
    if (number_text_parse(text, 0, UINT64_MAX, seed))
        return true;
    fprintf(stderr, "tuntapsim: shell: --seed: not a number: %s\n", text);
    return false;
}

enum parse_result { PARSE_RUN, PARSE_HELP, PARSE_BAD };

static enum parse_result
parse_arguments(int argc, char **argv, struct terminal_options *options)
{
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return PARSE_HELP;
        if (option == OPTION_SAVE)
            options->save_path = optarg;
        else if (option == OPTION_KERNEL && kernel_option_parse("shell", optarg, &options->darwin_major))
            options->names_kernel = true;
        else if (option != OPTION_SEED || !parse_seed(optarg, &options->seed))
            return PARSE_BAD;
    }
    if (optind == argc)
        return PARSE_RUN;
    fprintf(stderr, "tuntapsim: shell: %s: no file is wanted; see --help\n", argv[optind]);
    return PARSE_BAD;
}

static int
shell_run(struct terminal_options *options)
{
    struct shell shell = {.typist = "root"};
    const struct line_editor_options editing = {shell_prompt, shell_complete, &shell,
                                                getenv("TUNTAPSIM_HISTORY")};
    const struct terminal_host host = {.next = shell_next,
                                       .print = shell_print,
                                       .context = &shell,
                                       .begun = shell_begun,
                                       .interrupted = take_interrupt};
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    enum machine_outcome outcome;

    shell.editor = line_editor_create(&editing);
    if (line_editor_edits(shell.editor)) {
        sigaction(SIGINT, &action, NULL);
        options->max_steps = UINT64_MAX;
        puts("An emulated Mac. `help` lists what can be typed, `as NAME` makes NAME type; ^D ends.");
    }
    outcome = terminal_run(options, &host);
    line_editor_free(shell.editor);
    fflush(stdout);
    return outcome == MACHINE_OK ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

int
subcommand_shell(int argc, char **argv)
{
    struct terminal_options options = {.any_file = true};
    char captures[SESSION_FOLDER_BYTES];

    switch (parse_arguments(argc, argv, &options)) {
    case PARSE_HELP:
        print_help();
        return EXIT_STATUS_OK;
    case PARSE_BAD:
        return EXIT_STATUS_BAD_INPUT;
    case PARSE_RUN:
        break;
    }
    if (session_captures_find("here", captures))
        options.captures = captures;
    return shell_run(&options);
}
