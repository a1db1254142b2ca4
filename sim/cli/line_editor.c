/* SPDX-License-Identifier: BSD-2-Clause */
#include "line_editor.h"

#include <histedit.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY_LINES = 1000, WORD_BYTES = 256, COLUMN_BYTES = 20, COLUMNS = 4 };

struct line_editor {
    struct line_editor_options options;
    bool edits;
    EditLine *edit;
    History *history;
    char *line;
    size_t line_bytes;
};

static struct line_editor *
editor_of(EditLine *edit)
{
    void *editor = NULL;

    el_get(edit, EL_CLIENTDATA, &editor);
    return editor;
}

static char *
prompt(EditLine *edit)
{
    const struct line_editor *editor = editor_of(edit);

    return (char *)(uintptr_t)editor->options.prompt(editor->options.context);
}

/* --- keys -------------------------------------------------------------------------------------- */

/* ^C: what was typed of the line does not count. */
static unsigned char
key_interrupt(EditLine *edit, wint_t key)
{
    const LineInfo *info = el_line(edit);

    (void)key;
    el_cursor(edit, (int)(info->lastchar - info->cursor));
    el_deletestr(edit, (int)(info->lastchar - info->buffer));
    (void)el_insertstr(edit, "^C");
    fputs("^C\n", stdout);
    fflush(stdout);
    return CC_NEWLINE;
}

/* The ways in which a word may end. */
struct endings {
    unsigned count;
    char common[WORD_BYTES]; /* what all of them begin with */
    bool shows;              /* print them */
};

static void
ending_add(void *context, const char *word)
{
    struct endings *endings = context;
    size_t same = 0;

    if (endings->shows) {
        printf("%-*s%s", COLUMN_BYTES - 1, word, (endings->count + 1) % COLUMNS == 0 ? "\n" : " ");
    } else if (endings->count == 0) {
        snprintf(endings->common, sizeof(endings->common), "%s", word);
    } else {
        while (endings->common[same] != '\0' && endings->common[same] == word[same])
            same++;
        endings->common[same] = '\0';
    }
    endings->count++;
}

/* Tab: goes on as far as there is one way; shows the ways when that is no farther than here. */
static unsigned char
key_complete(EditLine *edit, wint_t key)
{
    const struct line_editor *editor = editor_of(edit);
    const struct line_editor_options *options = &editor->options;
    const LineInfo *info = el_line(edit);
    size_t length = (size_t)(info->cursor - info->buffer), word = length;
    struct endings endings = {0}, shown = {.shows = true};

    (void)key;
    while (word > 0 && info->buffer[word - 1] != ' ' && info->buffer[word - 1] != '\t')
        word--;
    options->complete(options->context, info->buffer, length, ending_add, &endings);
    if (endings.count == 0)
        return CC_REFRESH_BEEP;
    if (strlen(endings.common) > length - word || endings.count == 1) {
        (void)el_insertstr(edit, endings.common + (length - word));
        if (endings.count == 1)
            (void)el_insertstr(edit, " ");
        return CC_REFRESH;
    }
    putchar('\n');
    options->complete(options->context, info->buffer, length, ending_add, &shown);
    if (shown.count % COLUMNS != 0)
        putchar('\n');
    fflush(stdout);
    return CC_REDISPLAY;
}

/* --- life -------------------------------------------------------------------------------------- */

static void
history_open(struct line_editor *editor)
{
    HistEvent event;

    editor->history = history_init();
    history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
    history(editor->history, &event, H_SETUNIQUE, 1);
    if (editor->options.history_path != NULL)
        history(editor->history, &event, H_LOAD, editor->options.history_path);
    el_set(editor->edit, EL_HIST, history, editor->history);
}

static void
edit_open(struct line_editor *editor)
{
    editor->edit = el_init("tuntapsim", stdin, stdout, stderr);
    if (editor->edit == NULL)
        abort();
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_PROMPT, prompt);
    el_set(editor->edit, EL_EDITOR, "emacs");
    history_open(editor);
    /* Wide: of narrow names libedit makes copies that it never frees. */
    el_wset(editor->edit, EL_ADDFN, L"tuntapsim-complete", L"Complete the word", key_complete);
    el_wset(editor->edit, EL_ADDFN, L"tuntapsim-interrupt", L"Interrupt", key_interrupt);
    el_set(editor->edit, EL_BIND, "^I", "tuntapsim-complete", NULL);
    /* While a line is edited, ^C is a key. */
    el_set(editor->edit, EL_SETTY, "-d", "-isig", NULL);
    el_set(editor->edit, EL_BIND, "^C", "tuntapsim-interrupt", NULL);
    /* While a command runs it is a signal, and what the command says of it must not be flushed away. */
    el_set(editor->edit, EL_SETTY, "-x", "noflsh", NULL);
}

struct line_editor *
line_editor_create(const struct line_editor_options *options)
{
    struct line_editor *editor = calloc(1, sizeof(*editor));

    if (editor == NULL)
        abort();
    editor->options = *options;
    editor->edits = isatty(STDIN_FILENO) != 0;
    if (editor->edits)
        edit_open(editor);
    return editor;
}

void
line_editor_free(struct line_editor *editor)
{
    HistEvent event;

    if (editor->edits) {
        if (editor->options.history_path != NULL)
            history(editor->history, &event, H_SAVE, editor->options.history_path);
        history_end(editor->history);
        el_end(editor->edit);
    }
    free(editor->line);
    free(editor);
}

bool
line_editor_edits(const struct line_editor *editor)
{
    return editor->edits;
}

/* --- lines ------------------------------------------------------------------------------------- */

static void
line_keep(struct line_editor *editor, const char *line, size_t length)
{
    free(editor->line);
    editor->line = strndup(line, length);
    if (editor->line == NULL)
        abort();
}

static const char *
line_edit(struct line_editor *editor)
{
    HistEvent event;
    int count = 0;
    const char *line;

    /* Before the prompt shows, so that whoever answers it at once (^C!) finds the keys in force. */
    el_set(editor->edit, EL_PREP_TERM, 1);
    line = el_gets(editor->edit, &count);
    if (line == NULL || count <= 0) {
        putchar('\n');
        return NULL;
    }
    /* A line that a key of ours ended has no line feed behind it, only its length. */
    line_keep(editor, line, (size_t)count);
    editor->line[strcspn(editor->line, "\r\n")] = '\0';
    line = editor->line;
    if (line[0] != '\0' && strcmp(line, "^C") != 0)
        history(editor->history, &event, H_ENTER, line);
    return line;
}

const char *
line_editor_read(struct line_editor *editor)
{
    ssize_t length;

    if (editor->edits)
        return line_edit(editor);
    length = getline(&editor->line, &editor->line_bytes, stdin);
    if (length < 0)
        return NULL;
    editor->line[strcspn(editor->line, "\r\n")] = '\0';
    return editor->line;
}
