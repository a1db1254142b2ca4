/* SPDX-License-Identifier: BSD-2-Clause */
#include "completion.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <system.h>

#include "command.h"
#include "session_file.h"
#include "terminal.h"

enum { WORD_BYTES = 64 };

/* The word that is being typed, and who hears of those that begin like it. */
struct completion {
    const char *word;
    size_t length;
    void (*visit)(void *context, const char *word);
    void *context;
};

static void
offer(const struct completion *completion, const char *word)
{
    if (strncmp(word, completion->word, completion->length) == 0)
        completion->visit(completion->context, word);
}

size_t
completion_word(const char *line, size_t length)
{
    while (length > 0 && line[length - 1] != ' ' && line[length - 1] != '\t')
        length--;
    return length;
}

static void
offer_commands(const struct completion *completion)
{
    const struct command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        offer(completion, command->name);
}

static void
offer_devices(const struct completion *completion, struct ksim *kernel)
{
    const char *name;
    char path[WORD_BYTES];

    for (unsigned i = 0; (name = ksim_system_device_name(kernel, i)) != NULL; i++) {
        snprintf(path, sizeof(path), "/dev/%s", name);
        offer(completion, path);
    }
}

static void
offer_interfaces(const struct completion *completion, struct ksim *kernel)
{
    const char *name;
    unsigned packets;

    for (unsigned i = 0; ksim_look_interface(kernel, i, &name, &packets); i++)
        offer(completion, name);
}

/* A usage's words in small letters stand for themselves, and so does what begins with `-`. */
static void
offer_usage(const struct completion *completion, const char *usage)
{
    while (*usage != '\0') {
        size_t length = strcspn(usage, " []|()");
        char word[WORD_BYTES];

        if (length > 0 && length < sizeof(word) &&
            (usage[0] == '-' || islower((unsigned char)usage[0]))) {
            memcpy(word, usage, length);
            word[length] = '\0';
            offer(completion, word);
        }
        usage += length;
        usage += *usage != '\0';
    }
}

/* The command of a line whose last word is not it; NULL when that word is the command, or there is none. */
static const struct command *
command_of(const char *line, size_t word, bool *first)
{
    char text[256], typist[TERMINAL_NAME_BYTES];
    const char *rest = text, *name;
    char *left;

    *first = false;
    if (word >= sizeof(text))
        return NULL;
    memcpy(text, line, word);
    text[word] = '\0';
    (void)session_prompt(text, typist, &rest);
    name = strtok_r(text + (rest - text), " \t", &left);
    while (name != NULL && (strcmp(name, "time") == 0 || strcmp(name, "help") == 0))
        name = strtok_r(NULL, " \t", &left);
    *first = name == NULL;
    return name != NULL ? command_find(name) : NULL;
}

void
completion_each(struct terminal *terminal, const char *line, size_t length,
                void (*visit)(void *context, const char *word), void *context)
{
    size_t word = completion_word(line, length);
    const struct completion completion = {line + word, length - word, visit, context};
    struct ksim *kernel = terminal_kernel(terminal);
    bool first;
    const struct command *command = command_of(line, word, &first);

    if (first) {
        offer_commands(&completion);
        return;
    }
    offer_devices(&completion, kernel);
    offer_interfaces(&completion, kernel);
    if (command != NULL)
        offer_usage(&completion, command->usage);
}
