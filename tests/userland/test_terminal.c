/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <terminal.h>
#include <text.h>

#include <main.h>

/* Types these lines, "NAME LINE" each, and keeps what comes out between them, "|" after each line. */
struct typing {
    const char *const *lines;
    char line[128];
    struct text out;
};

static bool
type_next(void *context, struct terminal_line *line)
{
    struct typing *typing = context;
    const char *blank;

    if (typing->lines[0] == NULL)
        return false;
    text_add(&typing->out, "|");
    blank = strchr(typing->lines[0], ' ');
    memset(line->typist, 0, sizeof(line->typist));
    memcpy(line->typist, typing->lines[0], (size_t)(blank - typing->lines[0]));
    strcpy(typing->line, blank + 1);
    line->text = typing->line;
    typing->lines++;
    return true;
}

static void
type_print(void *context, const char *text, size_t length)
{
    text_add(&((struct typing *)context)->out, "%.*s", (int)length, text);
}

static void
expect(const char *const *lines, enum machine_outcome outcome, const char *out)
{
    struct typing typing = {.lines = lines};
    const struct terminal_options options = {0};
    const struct terminal_host host = {
        .next = type_next, .print = type_print, .context = &typing};

    ck_assert_int_eq(terminal_run(&options, &host), outcome);
    ck_assert_str_eq(text_bytes(&typing.out), out);
    text_free(&typing.out);
}

#define TYPE(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(nothing_typed_is_a_good_session)
{
    expect((const char *const[]){NULL}, MACHINE_OK, "");
}
END_TEST

START_TEST(the_first_open_of_a_process_gives_3)
{
    expect(TYPE("a open /dev/null rw", "a open /dev/null", "b open /dev/null"), MACHINE_OK,
           "|3\n|4\n|3\n");
}
END_TEST

START_TEST(a_foreground_command_ends_before_the_next_line_is_taken)
{
    expect(TYPE("a time sleep 2", "a echo x"), MACHINE_OK, "|real\t0m2.000s\n|x\n");
}
END_TEST

START_TEST(a_background_command_prints_with_its_typists_name)
{
    expect(TYPE("a time sleep 2 &", "b echo x", "b sleep 3"), MACHINE_OK,
           "||x\n|a: real\t0m2.000s\n");
}
END_TEST

START_TEST(each_typist_has_a_status_of_its_own)
{
    expect(TYPE("a nothing", "b echo $?", "a echo $?"), MACHINE_OK,
           "|-sh: nothing: command not found\n|0\n|127\n");
}
END_TEST

START_TEST(a_killed_typist_comes_back_as_a_new_process)
{
    expect(TYPE("a open /dev/null", "a sleep 9 &", "b kill -9 a", "a open /dev/null"), MACHINE_OK,
           "|3\n||a: Killed: 9\n|3\n");
}
END_TEST

START_TEST(what_still_runs_at_the_end_is_ended)
{
    expect(TYPE("root kextload tap.kext", "a open /dev/tap0 rw", "root ifconfig tap0 up",
                "a read 3 2048 &", "a sleep 1000 &", "root ping 10.1.1.1 &"),
           MACHINE_OK,
           "||3\n||||root: PING 10.1.1.1 (10.1.1.1): 56 data bytes\n"
           "root: ping: sendto: No route to host\n");
}
END_TEST

START_TEST(kexts_that_are_loaded_at_the_end_are_unloaded)
{
    expect(TYPE("root kextload tap.kext", "root kextload tun.kext", "root load-vendor-tun"),
           MACHINE_OK, "|||");
}
END_TEST

START_TEST(a_program_has_no_descriptor_of_who_typed_it)
{
    /* given a device that is open, and a program that runs */
    /* when the device is closed, then it can be opened again although the program still runs */
    expect(TYPE("root kextload tap.kext", "a open /dev/tap0 rw", "a tcpdump -t -i tap0 &",
                "a close 3", "a open /dev/tap0 rw"),
           MACHINE_OK,
           "||3\n|a: tcpdump: verbose output suppressed, use -v or -vv for full protocol decode\n"
           "a: listening on tap0, link-type EN10MB (Ethernet), capture size 262144 bytes\n"
           "|a: tcpdump: pcap_loop: The interface went down\na: 0 packets captured\n"
           "a: 0 packets received by filter\na: 0 packets dropped by kernel\n|3\n");
}
END_TEST

#define LEFT "read: nothing can wake it; it waits on in the background, ^C interrupts it\n"

START_TEST(a_foreground_command_that_nothing_can_wake_is_left_in_the_background)
{
    expect(TYPE("root kextload tap.kext", "a open /dev/tap0 rw", "root ifconfig tap0 up",
                "a read 3 2048", "root ifconfig tap0 down"),
           MACHINE_OK, "||3\n||" LEFT "|a: read: Input/output error\n");
}
END_TEST

START_TEST(what_a_background_command_will_wake_is_waited_for)
{
    /* given a reader, and a command in the background that wakes it in two seconds */
    expect(TYPE("root kextload tap.kext", "a open /dev/tap0 rw", "root ifconfig tap0 10.1.1.1/24 up",
                "a read -q 3 64", "root ping -q -i 2 10.1.1.9 &", "a time read -q 3 64", "a time read -q 3 64"),
           MACHINE_OK,
           "||3\n||42 bytes\n|root: PING 10.1.1.9 (10.1.1.9): 56 data bytes\n"
           "|42 bytes\nreal\t0m0.000s\n|42 bytes\nreal\t0m0.999s\n");
}
END_TEST

START_TEST(an_interrupt_is_for_the_command_that_was_left)
{
    expect(TYPE("a ^C", "root kextload tap.kext", "a open /dev/tap0 rw", "root ifconfig tap0 up",
                "a read 3 2048", "b sleep 5 &", "b ^C", "a ioctl 3 FIONREAD", "a ^C"),
           MACHINE_OK, "|||3\n||" LEFT "||a: read: Interrupted system call\n|0\n|");
}
END_TEST

START_TEST(a_command_can_be_interrupted_after_a_time)
{
    expect(TYPE("a time sleep 5 ^C 0.2505", "a sleep 1 ^C x", "a sleep 1 ^C"), MACHINE_OK,
           "|real\t0m0.250s\n|usage: sleep SECONDS\n|usage: sleep SECONDS\n");
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tests = tcase_create("terminal");

    tcase_add_test(tests, nothing_typed_is_a_good_session);
    tcase_add_test(tests, the_first_open_of_a_process_gives_3);
    tcase_add_test(tests, a_foreground_command_ends_before_the_next_line_is_taken);
    tcase_add_test(tests, a_background_command_prints_with_its_typists_name);
    tcase_add_test(tests, each_typist_has_a_status_of_its_own);
    tcase_add_test(tests, a_killed_typist_comes_back_as_a_new_process);
    tcase_add_test(tests, what_still_runs_at_the_end_is_ended);
    tcase_add_test(tests, kexts_that_are_loaded_at_the_end_are_unloaded);
    tcase_add_test(tests, a_program_has_no_descriptor_of_who_typed_it);
    tcase_add_test(tests, a_foreground_command_that_nothing_can_wake_is_left_in_the_background);
    tcase_add_test(tests, what_a_background_command_will_wake_is_waited_for);
    tcase_add_test(tests, an_interrupt_is_for_the_command_that_was_left);
    tcase_add_test(tests, a_command_can_be_interrupted_after_a_time);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
