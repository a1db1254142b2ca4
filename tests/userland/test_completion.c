/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <completion.h>
#include <terminal.h>
#include <text.h>

#include <main.h>

/* Types the lines, then asks how `question` may go on. */
struct asker {
    struct terminal *terminal;
    const char *const *lines;
    const char *question;
    struct text answer;
};

static void
add_word(void *context, const char *word)
{
    text_add(&((struct asker *)context)->answer, "%s ", word);
}

static void
keep_terminal(void *context, struct terminal *terminal)
{
    ((struct asker *)context)->terminal = terminal;
}

static bool
ask_next(void *context, struct terminal_line *line)
{
    struct asker *asker = context;

    if (*asker->lines == NULL) {
        completion_each(asker->terminal, asker->question, strlen(asker->question), add_word, asker);
        return false;
    }
    strcpy(line->typist, "root");
    line->text = *asker->lines++;
    return true;
}

static void
print_nothing(void *context, const char *text, size_t length)
{
    (void)context;
    (void)text;
    (void)length;
}

static void
expect(const char *question, const char *words)
{
    static const char *const lines[] = {"kextload tap.kext", "open /dev/tap7", "open /dev/tap12", NULL};
    struct asker asker = {.lines = lines, .question = question};
    const struct terminal_options options = {0};
    const struct terminal_host host = {
        .next = ask_next, .print = print_nothing, .context = &asker, .begun = keep_terminal};

    ck_assert_int_eq(terminal_run(&options, &host), MACHINE_OK);
    ck_assert_str_eq(text_bytes(&asker.answer), words);
    text_free(&asker.answer);
}

START_TEST(the_first_word_is_a_command)
{
    expect("kext", "kextload kextstat kextunload ");
    expect("vpn$ rea", "read readv ");
    expect("root# time kexts", "kextstat ");
    expect("help thr", "threads ");
    expect("nothing", "");
}
END_TEST

START_TEST(nodes_of_dev_and_interfaces_are_those_that_exist)
{
    expect("open /dev/tap1", "/dev/tap1 /dev/tap10 /dev/tap11 /dev/tap12 /dev/tap13 /dev/tap14 /dev/tap15 ");
    expect("ifconfig ta", "tap7 tap12 ");
    expect("close tap7", "tap7 ");
}
END_TEST

START_TEST(a_commands_usage_offers_its_words)
{
    expect("signal INT re", "restart ");
    expect("tape --", "--save ");
    expect("vpn$ signal INT b", "block ");
    expect("nothing re", "");
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("completion");
    TCase *tests = tcase_create("completion");

    tcase_add_test(tests, the_first_word_is_a_command);
    tcase_add_test(tests, nodes_of_dev_and_interfaces_are_those_that_exist);
    tcase_add_test(tests, a_commands_usage_offers_its_words);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
