/* SPDX-License-Identifier: BSD-2-Clause */
/* /dev/null, the kernel's own device: bsd/dev/mem.c. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

static void
null_body(void *argument)
{
    struct ksim_device_status status;
    struct ksim_fd_set read = {{1}}, write = {{1}};
    char text[8] = "keep";
    int on = 1;
    int fd;

    (void)argument;
    say("there", ksim_system_device_status(world.kernel, "/dev/null", &status));
    say("major", status.major);
    say("minor", status.minor);
    say("mode", status.mode & 0777);
    say("owner", status.uid + status.gid);
    ksim_process_set_uid(world.root, 501);
    fd = ksim_system_open(world.root, "/dev/null", KSIM_O_RDWR);
    say("fd", fd);
    say("read", ksim_system_read(world.root, fd, text, sizeof(text)));
    say("kept", strcmp(text, "keep") == 0);
    say("write", ksim_system_write(world.root, fd, text, sizeof(text)));
    say("none", ksim_system_write(world.root, fd, text, 0));
    say("select", ksim_system_select(world.root, 1, &read, &write, NULL, 0));
    say("nonblock", ksim_system_ioctl(world.root, fd, 0x8004667eUL, &on));
    say("ioctl", ksim_system_ioctl(world.root, fd, TOY_GET_NUMBER, &on));
    say("close", ksim_system_close(world.root, fd));
}

START_TEST(null_swallows_everything_and_gives_nothing)
{
    world_check(null_body);
    ck_assert_str_eq(said(), "there=1 major=3 minor=2 mode=438 owner=0 fd=0 read=0 kept=1 write=8 "
                             "none=0 select=2 nonblock=0 ioctl=-19 close=0 ");
}
END_TEST

static void
unmapped_body(void *argument)
{
    struct ksim_iovec vectors[2];
    char *memory = malloc(32);
    int fd;

    (void)argument;
    fd = ksim_system_open(world.root, "/dev/null", KSIM_O_WRONLY);
    ksim_user_fault_at(world.root, memory, 32, 0);
    vectors[0] = (struct ksim_iovec){memory, 16};
    vectors[1] = (struct ksim_iovec){memory + 16, 5};
    say("writev", ksim_system_writev(world.root, fd, vectors, 2));
    ksim_user_unmap(world.root, memory);
    ksim_system_close(world.root, fd);
    free(memory);
}

START_TEST(null_never_looks_at_what_is_written)
{
    world_check(unmapped_body);
    ck_assert_str_eq(said(), "writev=21 ");
}
END_TEST

START_TEST(null_is_there_on_the_oldest_and_the_newest_release)
{
    world_end();
    world_begin(10);
    world_check(null_body);
    world_end();
    world_begin(24);
    world_check(null_body);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        null_swallows_everything_and_gives_nothing,
        null_never_looks_at_what_is_written,
        null_is_there_on_the_oldest_and_the_newest_release,
        NULL,
    };

    return suite_main("null_device", tests);
}
