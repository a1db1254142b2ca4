/* SPDX-License-Identifier: BSD-2-Clause */

/* What network kexts of others import: kpi-rest.md 4.2 to 4.9. */

#include "guest.h"

#include <libkern/libkern.h>
#include <other_kpi.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <thread.h>

void *_Znwm(size_t bytes) KPI_SYMBOL(_Znwm);
void _ZdlPv(void *address) KPI_SYMBOL(_ZdlPv);

void
other_scan(void *argument)
{
    int a = 0, b = 0, n = 0;
    short half = 0;
    long wide = 0;
    char word[8] = "", rest[8] = "", letters[3] = "";

    (void)argument;
    say("count", sscanf("tun12/-7", "tun%d/%i", &a, &b));
    say("a", a);
    say("b", b);
    say("hex", sscanf("0xffZ", "%x%c", (unsigned *)&a, letters));
    say("a", a);
    say("auto", sscanf("0x10 010 10", "%i%i%hd", &a, &b, &half));
    say("sum", a * 10000 + b * 100 + half);
    say("words", sscanf(" net  work", "%3s%n%7[^k]", word, &n, rest));
    say_text(word);
    say_text(rest);
    say("n", n);
    say("skip", sscanf("5:6", "%*d:%ld", &wide));
    say("wide", wide);
    say("width", sscanf("12345", "%2d%3d", &a, &b));
    say("a", a);
    say("b", b);
    say("mismatch", sscanf("tap0", "tun%d", &a));
    say("end", sscanf("", "%d", &a));
    say("range", sscanf("abc9", "%2[a-b]", word));
    say_text(word);
}

static void
say_address(int family, const char *bytes, unsigned room)
{
    char text[64];

    say_text(inet_ntop(family, bytes, text, room) == NULL ? "none" : text);
}

void
other_addresses(void *argument)
{
    (void)argument;
    say_address(AF_INET, "\x0a\x00\x01\xff", 64);
    say_address(AF_INET, "\x0a\x00\x01\xff", 10);
    say_address(AF_INET, "\x0a\x00\x01\xff", 11);
    say_address(AF_INET6, "\x20\x01\x0d\xb8\0\0\0\0\0\x01\0\0\0\0\0\x01", 64);
    say_address(AF_INET6, "\xfe\x80\0\0\0\0\0\0\x02\0\x5e\xff\xfe\0\x53\x01", 64);
    say_address(AF_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 64);
    say_address(AF_INET6, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01", 64);
    say_address(AF_INET6, "\0\x01\0\0\0\x02\0\x03\0\x04\0\x05\0\x06\0\x07", 64);
    say_address(1, "", 64);
}

void
other_strings(void *argument)
{
    char text[8];

    (void)argument;
    memset(text, 'x', sizeof(text));
    strncpy(text, "ab", 5);
    say("padded", text[2] == 0 && text[4] == 0 && text[5] == 'x');
    strncpy(text, "abcdefgh", 3);
    say("unended", text[3] == 0 && text[2] == 'c');
    strncat(text, "wxyz", 2);
    say_text(text);
    say("found", strchr(text, 'w') == text + 3 && strchr(text, 0) == text + 5 && strchr(text, 'q') == NULL);
    say("same", strcasecmp("TaP0", "tAp0"));
    say("less", strncasecmp("tap", "tun", 2) < 0);
    say("first", strncasecmp("tap", "tun", 1));
}

void
other_memory(void *argument)
{
    unsigned char *io = IOMalloc(32), *object = _Znwm(16);
    unsigned sum = 0;

    (void)argument;
    for (int i = 0; i < 16; i++)
        sum += object[i];
    say("zeroed", sum == 0);
    say("nothing", _Znwm(0) == NULL && IOMalloc(0) == NULL);
    IOFree(io, 32);
    _ZdlPv(object);
    _ZdlPv(NULL);
}

void
other_wrong_size(void *argument)
{
    (void)argument;
    IOFree(IOMalloc(32), 16);
}

void
other_wrong_family(void *argument)
{
    (void)argument;
    _ZdlPv(IOMalloc(32));
}

void
other_waits(void *argument)
{
    static char channel;
    uint64_t before_ns = machine_now_ns();

    (void)argument;
    say("tsleep", tsleep(&channel, PZERO, "nothing", 3));
    say("ms", (long)((machine_now_ns() - before_ns) / 1000000));
    before_ns = machine_now_ns();
    IOSleep(20);
    IODelay(5000);
    say("ms", (long)((machine_now_ns() - before_ns) / 1000000));
    say("waiting", assert_wait_deadline(&channel, THREAD_UNINT, machine_now_ns() + 1000));
    say("timed out", thread_block(NULL));
    say("nobody", thread_wakeup_prim(&channel, FALSE, THREAD_AWAKENED));
    say("alive", thread_policy_set(current_thread(), (unsigned)-1, NULL, 0));
    say("none", thread_policy_set(NULL, 1, NULL, 0));
}

void
other_locks(void *argument)
{
    lck_grp_t *group = lck_grp_alloc_init("other", NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, NULL);
    lck_spin_t *spin = lck_spin_alloc_init(group, NULL);

    (void)argument;
    lck_mtx_assert(mutex, 2);
    say("taken", lck_mtx_try_lock(mutex));
    lck_mtx_assert(mutex, 1);
    lck_mtx_unlock(mutex);
    say("taken", lck_spin_try_lock(spin));
    lck_spin_unlock(spin);
    lck_spin_free(spin, group);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
}

void
other_not_owned(void *argument)
{
    lck_grp_t *group = lck_grp_alloc_init("other", NULL);

    (void)argument;
    lck_mtx_assert(lck_mtx_alloc_init(group, NULL), 1);
}

void
other_atomics(void *argument)
{
    int8_t small = 127;
    int16_t half = 5;

    (void)argument;
    say("old", OSAddAtomic8(1, &small));
    say("new", small);
    say("old", OSAddAtomic16(-7, &half));
    say("new", half);
}
